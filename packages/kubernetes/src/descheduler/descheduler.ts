import type { DeschedulerCluster, DeschedulerPod } from './cluster.ts';
import { isEvictable, PodEvictor, passesNodeFit, type RequestEviction } from './evictor.ts';
import type { DeschedulerPolicy, Strategy } from './policy.ts';
import { removeDuplicates } from './strategies/duplicates.ts';
import { removeFailedPods } from './strategies/failed-pods.ts';
import { removePodsViolatingInterPodAntiAffinity } from './strategies/inter-pod-anti-affinity.ts';
import { removePodsViolatingNodeAffinity } from './strategies/node-affinity.ts';
import { removePodsViolatingNodeTaints } from './strategies/node-taints.ts';
import { highNodeUtilization, lowNodeUtilization } from './strategies/node-utilization.ts';
import { removeOldPods } from './strategies/pod-life-time.ts';
import type { MapOrder, StrategyContext } from './strategies/strategy.ts';
import { removePodsHavingTooManyRestarts } from './strategies/too-many-restarts.ts';
import { removePodsViolatingTopologySpread } from './strategies/topology-spread.ts';

/**
 * One cycle of the descheduler: all Deschedule plug-ins of all profiles, then all Balance plug-ins, over the ready nodes. With fewer than
 * two of them nothing is done.
 *
 * Source: descheduler v0.36.0, `pkg/descheduler/descheduler.go` (runProfiles).
 * @param request asks the API for an eviction; an accepted one is seen by the strategies that follow
 * @param order of what the real program keeps in maps; default: as met
 */
export function runDescheduler(
  cluster: DeschedulerCluster,
  policy: DeschedulerPolicy,
  request: RequestEviction,
  order: MapOrder = (items) => items,
): void {
  const nodes = cluster.readyNodes;
  if (nodes.length < 2) return;
  const evictor = new PodEvictor(cluster, policy, request);
  for (const point of ['deschedule', 'balance'] as const) {
    for (const profile of policy.profiles) {
      for (const strategy of profile[point]) {
        const evictable = (pod: DeschedulerPod): boolean => isEvictable(pod, profile.evictor, cluster);
        const passes = (pod: DeschedulerPod): boolean => passesNodeFit(pod, profile.evictor, cluster);
        const evict: StrategyContext['evict'] = (pod) => evictor.evict(pod, strategy.name, profile.name);
        run(strategy, { cluster, nodes, evictable, passes, evict, order });
      }
    }
  }
}

function run(strategy: Strategy, context: StrategyContext): void {
  switch (strategy.name) {
    case 'RemoveFailedPods':
      removeFailedPods(context, strategy.args);
      break;
    case 'RemovePodsHavingTooManyRestarts':
      removePodsHavingTooManyRestarts(context, strategy.args);
      break;
    case 'RemovePodsViolatingInterPodAntiAffinity':
      removePodsViolatingInterPodAntiAffinity(context, strategy.args);
      break;
    case 'RemovePodsViolatingNodeAffinity':
      removePodsViolatingNodeAffinity(context, strategy.args);
      break;
    case 'RemovePodsViolatingNodeTaints':
      removePodsViolatingNodeTaints(context, strategy.args);
      break;
    case 'PodLifeTime':
      removeOldPods(context, strategy.args);
      break;
    case 'RemoveDuplicates':
      removeDuplicates(context, strategy.args);
      break;
    case 'RemovePodsViolatingTopologySpreadConstraint':
      removePodsViolatingTopologySpread(context, strategy.args);
      break;
    case 'LowNodeUtilization':
      lowNodeUtilization(context, strategy.args);
      break;
    case 'HighNodeUtilization':
      highNodeUtilization(context, strategy.args);
      break;
  }
}
