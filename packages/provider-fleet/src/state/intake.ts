import type { ClusterState } from './cluster-state.ts';
import type { PodObject } from './objects.ts';
import { isCurrentlyReschedulable, isProvisionable } from './pod-state.ts';
import { PodVolumes } from './pod-volumes.ts';
import { podProblem } from './validate.ts';

/** Which pods are planned for at one moment. */
export interface Intake {
  /** Pending ones, in the order of the API. */
  readonly pending: readonly PodObject[];
  /** Unbound ones that wait for something else than capacity. */
  readonly notProvisionable: readonly PodObject[];
  /** Pending ones that ask for what Karpenter may not serve. */
  readonly invalid: readonly PodObject[];
  /** Those on machines that are being deleted. */
  readonly leaving: readonly PodObject[];
}

/**
 * Which pods are planned for.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/provisioner.go` (GetPendingPods, Schedule).
 */
export function intake(state: ClusterState, now: number): Intake {
  const { budgets, pods } = state.objects;
  const volumes = new PodVolumes(state.objects);
  const unbound = pods.filter(({ nodeName }) => nodeName === undefined);
  const waiting = unbound.filter(isProvisionable);
  const isValid = (pod: PodObject): boolean => podProblem(pod.spec) === undefined && volumes.problem(pod) === undefined;
  return {
    pending: waiting.filter(isValid),
    notProvisionable: unbound.filter((pod) => !isProvisionable(pod)),
    invalid: waiting.filter((pod) => !isValid(pod)),
    leaving: state.nodes
      .filter((node) => node.markedForDeletion)
      .flatMap(({ node }) => (node === undefined ? [] : state.podsOn(node.name)))
      .filter((pod) => isCurrentlyReschedulable(pod, budgets, now)),
  };
}
