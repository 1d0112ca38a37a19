import type { Room } from '../cycle/cycle.ts';
import type { NodeOrder } from '../cycle/node-order.ts';
import type { Preemption } from '../plain/preemption.ts';

/** What a preemption over objects means for the rows that they were made from. Of several nodes as good, the first is taken. */
export function roomOf({ status, nominated, clears }: Preemption, order: NodeOrder): Room | undefined {
  if (status === 'ok') {
    const [{ node, victims }] = nominated;
    const asked = victims.filter(({ pod }) => pod.deleting !== true).map(({ pod }) => Number(pod.name));
    return { node: order.find(node), victims: asked };
  }
  return clears ? { node: -1, victims: [] } : undefined;
}
