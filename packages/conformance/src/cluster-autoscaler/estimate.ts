import { estimateAlone } from '@plimsoll/provider-nodegroup';
import type { EstimateInput } from './input.ts';
import { qualified, shapeOf, specOf } from './objects.ts';
import { optionsFor } from './options.ts';
import { GoldenWorld } from './world.ts';

/** Asks the estimator alone, as a case of kind `estimate` does. */
export function answerEstimate({ options, template, templatePods, group, similar, nodes, pods }: EstimateInput): unknown {
  const world = new GoldenWorld({
    kind: 'loop',
    loops: 0,
    intervalMs: 10_000,
    nodeGroups: [{ id: 'g0', min: 0, max: group.max, template, provisionMs: 0, ...(templatePods && { templatePods }) }],
    ...(nodes && { nodes }),
    pods,
  });
  world.begin();
  const used: number[] = [];
  for (const pod of templatePods ?? []) {
    world.classes.pod(specOf(pod)).requests.forEach((amount, r) => {
      used[r] = (used[r] ?? 0) + amount;
    });
  }
  const room = [group, ...(similar ?? [])].reduce((sum, { max, target }) => sum + Math.max(0, max - target), 0);
  const pending = world.pods.filter(({ row }) => world.cluster.pods.unschedulable[row] === 1).map(({ row }) => row);
  const answer = estimateAlone(
    { view: world.view, scheduling: world.filters },
    {
      flags: optionsFor(options).flags,
      nodeClass: world.classes.node(shapeOf(template)).id,
      used,
      groupRoom: room,
      pods: Int32Array.from(pending),
    },
  );
  const byBase: Record<string, number> = {};
  for (const pod of answer.packed) {
    const { namespace, base } = world.pods[pod];
    const key = qualified(namespace, base);
    byBase[key] = (byBase[key] ?? 0) + 1;
  }
  return {
    nodes: answer.nodes,
    packed: answer.packed.length,
    ...(answer.packed.length > 0 && { pods: byBase }),
    groups: answer.groups,
  };
}
