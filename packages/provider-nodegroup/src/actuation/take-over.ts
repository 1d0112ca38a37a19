import { type Decision, NONE, type ProviderContext, TAINT } from '@plimsoll/core';
import type { NodeList } from '../groups/node-list.ts';
import type { Flags } from '../options/flags.ts';
import type { UnneededNodes } from '../scale-down/unneeded-nodes.ts';
import { SOFT_TAINT } from './soft-taints.ts';

/**
 * What a process does with the taints that an earlier one left: nodes marked not long ago go on being unneeded since then, where
 * `--node-deletion-candidate-ttl` says so; taints of nodes being deleted are taken away, and soft ones where they are not used. Source: Cluster
 * Autoscaler 1.37, `core/static_autoscaler.go` (cleanUpIfRequired) and `core/scaledown/unneeded/nodes.go`. The value of a soft taint is the time at
 * which it was put there, whole seconds since the start of the run.
 */
export function takeOver(
  { view }: ProviderContext,
  flags: Flags,
  list: NodeList,
  unneeded: UnneededNodes,
  now: number,
  decisions: Decision[],
): void {
  const ttl = flags['node-deletion-candidate-ttl'];
  const because = { code: 'ClusterAutoscalerCleanup', message: 'left by an earlier process' };
  for (let i = 0; i < list.count; i++) {
    const node = list.row[i];
    const { taints } = view.classes.nodes[view.nodes.class[node]].shape;
    const soft = taints.find(({ key }) => key === SOFT_TAINT);
    const markedAt = Number(soft?.value ?? Number.NaN) * 1000;
    if (ttl > 0 && markedAt + ttl >= now) unneeded.load(node, markedAt);
    if (list.group[i] !== NONE && taints.some(({ key }) => key === TAINT.toBeDeleted)) {
      const cordoned = flags['cordon-node-before-terminating'];
      decisions.push({
        kind: 'cordon',
        node,
        change: { removeTaints: [{ key: TAINT.toBeDeleted }], ...(cordoned && { unschedulable: false }) },
        because,
      });
    }
    const stale = soft !== undefined && flags['max-bulk-soft-taint-count'] === 0 && !(markedAt + ttl >= now);
    if (stale) decisions.push({ kind: 'cordon', node, change: { removeTaints: [{ key: SOFT_TAINT }] }, because });
  }
}
