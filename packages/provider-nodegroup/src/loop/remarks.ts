import type { ProviderContext, ProviderRemark } from '@plimsoll/core';
import type { NodeGroups } from '../groups/node-groups.ts';
import type { LoopStatus, RemainingPods } from './status.ts';

/**
 * Says of a loop what the real program's events say of pods, and what its logs say of nodes that cannot go. Source: Cluster Autoscaler 1.37,
 * `processors/status/eventing_scale_up_processor.go`. Reasons stand sorted, where the real program has them in the order of a Go map.
 */
export function remarkOn(
  status: LoopStatus,
  groups: NodeGroups,
  workload: ProviderContext['workload'],
  remark: (remark: ProviderRemark) => void,
): void {
  const { scaleUp, increases, remaining, triggeredPods, unremovable } = status;
  if (scaleUp !== 'Successful' && scaleUp !== 'Error') {
    for (const left of remaining) {
      const why = scaleUp === 'LimitedByMaxNodesTotal' ? 'max total nodes in cluster reached' : reasonsOf(left);
      const message = `pod didn't trigger scale-up: ${why}`;
      for (const subject of left.pods) remark({ about: 'pod', subject, code: 'NotTriggerScaleUp', message });
    }
  }
  if (increases.size > 0) {
    const grown = [...increases].map(([group, more]) => {
      const to = groups.target[group];
      return `{${groups.name(group)} ${to - more}->${to} (max: ${groups.max[group]})}`;
    });
    const message = `pod triggered scale-up: [${grown.join(' ')}]`;
    for (const subject of triggeredPods) remark({ about: 'pod', subject, code: 'TriggeredScaleUp', message });
  }
  for (const [subject, { reason, blocking }] of unremovable) {
    const message = blocking === undefined ? '' : `${workload.podName(blocking.pod)}: ${blocking.reason}`;
    remark({ about: 'node', subject, code: reason, message });
  }
}

/** How many groups gave each reason: `2 Insufficient cpu, 1 max node group size reached`. */
function reasonsOf({ rejected, skipped }: RemainingPods): string {
  const counts = new Map<string, number>();
  for (const reason of [...Object.values(rejected).flat(), ...Object.values(skipped)]) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
