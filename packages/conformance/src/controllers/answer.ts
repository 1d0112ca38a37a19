import { Json } from '../kube-scheduler/json.ts';
import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import { answerAutoscaling, sameEvents, sameQuantity } from './autoscaling.ts';
import { answerBudgets } from './budgets.ts';
import { answerNodes } from './node-lifecycle.ts';
import { answerReplicaSet } from './replicaset.ts';
import { answerCronJob } from './world/cronjob.ts';
import { answerDaemonSet } from './world/daemonset.ts';
import { answerDeployment } from './world/deployment.ts';
import { answerJob } from './world/job.ts';
import { answerStatefulSet } from './world/statefulset.ts';

/** The controllers of Kubernetes, as `pnpm parity` asks them. */
export const controllersAnswerer: Answerer = {
  oracle: 'kube-controller-manager',
  answer: ({ input, kind }) => answerControllers(input, kind as string),
  compare: comparing({
    deleted: 'set',
    'synced.*.disruptedPods': 'set',
    'after.*.disruptedPods': 'set',
    'evictions[].synced.*.disruptedPods': 'set',
    pods: sameList,
    'status.active': sameActive,
    'instants[].status.active': sameActive,
    'status.conditions': 'set',
    'instants[].status.conditions': 'set',
    'steps[].status.conditions.*.message': 'ignored',
    'steps[].status.currentMetrics[].resource.current.averageValue': sameQuantity,
    'steps[].status.currentMetrics[].containerResource.current.averageValue': sameQuantity,
    'steps[].events': sameEvents,
    // The text is informative, that there is one is not.
    'steps[].error': (expected, got) => typeof expected === typeof got,
  }),
};

function answerWorld(input: Json): unknown {
  if (input.at('deployment').present) return answerDeployment(input);
  if (input.at('daemonSet').present) return answerDaemonSet(input);
  if (input.at('cronJob').present) return answerCronJob(input);
  if (input.at('job').present) return answerJob(input);
  if (input.at('statefulSet').present) return answerStatefulSet(input);
  throw new Error('cases of this workload are not modelled');
}

function answerControllers(input: unknown, kind: string): unknown {
  switch (kind) {
    case 'world':
      return answerWorld(new Json(input));
    case 'nodes':
      return answerNodes(new Json(input));
    case 'hpa':
      return answerAutoscaling(input);
    case 'replicaset':
      return answerReplicaSet(input);
    case 'pdb':
      return answerBudgets(input);
    default:
      throw new Error(`cases of kind ${kind} are not modelled`);
  }
}

/** Jobs that run, as a set; a Job has their number. */
function sameActive(expected: unknown, got: unknown): boolean {
  return expected === got || (typeof expected !== 'number' && sameList(expected, got));
}

/** Lists as sets, where nothing stands for an empty one. */
function sameList(expected: unknown, got: unknown): boolean {
  const sorted = (list: unknown): string => JSON.stringify([...((list as string[] | null | undefined) ?? [])].sort());
  return sorted(expected) === sorted(got);
}
