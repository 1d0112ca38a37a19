import { type PodSpec, type Taint, tolerates } from '@plimsoll/core';
import { type LabelLookup, matchesTerm, termAsksForName } from '../filters/static.ts';

/**
 * How many of a node's PreferNoSchedule taints a pod does not tolerate. Only tolerations of that effect, or of every effect, count.
 *
 * Source: kube-scheduler v1.36.2, `plugins/tainttoleration/taint_toleration.go` (countIntolerableTaintsPreferNoSchedule).
 */
export function intolerableTaints(spec: PodSpec, taints: readonly Taint[]): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect !== 'PreferNoSchedule') continue;
    if (!(spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint))) count++;
  }
  return count;
}

/**
 * The weights of the preferred node affinity terms that hold on a node, summed. A term without requirements adds nothing.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeaffinity/node_affinity.go` (Score).
 */
export function preferredWeight(spec: PodSpec, label: LabelLookup, nodeName: string): number {
  let sum = 0;
  for (const { weight, preference } of spec.nodeAffinity?.preferred ?? []) {
    if (matchesTerm(preference, label, nodeName)) sum += weight;
  }
  return sum;
}

/** Whether a pod's preferences read a node's name, so that they differ within a node class. */
export function prefersByName(spec: PodSpec): boolean {
  return (spec.nodeAffinity?.preferred ?? []).some(({ preference }) => termAsksForName(preference));
}
