import { type PodSpec, type PreferredNodeTerm, type Taint, tolerates } from '@plimsoll/core';
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
 * The weights of preferred node affinity terms that hold on a node, summed. A term without requirements adds nothing.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeaffinity/node_affinity.go` (Score).
 */
export function preferredWeight(terms: readonly PreferredNodeTerm[], label: LabelLookup, nodeName: string): number {
  let sum = 0;
  for (const { weight, preference } of terms) {
    if (matchesTerm(preference, label, nodeName)) sum += weight;
  }
  return sum;
}

/** Whether preferences read a node's name, so that they differ within a node class. */
export function preferByName(terms: readonly PreferredNodeTerm[]): boolean {
  return terms.some(({ preference }) => termAsksForName(preference));
}
