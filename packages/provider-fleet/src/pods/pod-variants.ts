import type { NodeSelectorTerm, PodSpec, Toleration } from '@plimsoll/core';
import { goSortBy } from '../provisioning/go-sort.ts';
import { requirement } from '../requirements/requirement.ts';
import { type RequirementSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { normalised } from '../requirements/well-known.ts';

/** A pod as one attempt sees it: with the preferences that are still upheld. */
export interface PodView {
  readonly requirements: RequirementSet;
  readonly tolerations: readonly Toleration[];
}

/** Tolerates every PreferNoSchedule taint. */
const PREFER_NO_SCHEDULE: Toleration = { operator: 'Exists', effect: 'PreferNoSchedule' };

/**
 * A pod with all its preferences, then as it is after each relaxation, in the order of the real program: first the required
 * terms but the last, then preferred node affinity from the heaviest on, last a toleration of PreferNoSchedule where a NodePool
 * has such a taint. Relaxations of pod affinity and of topology spread stand between them and change nothing here.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/preferences.go`.
 */
export function podViews(spec: PodSpec, ignorePreferences: boolean, relaxTaints: boolean): readonly PodView[] {
  const required = [...(spec.nodeAffinity?.required ?? [])];
  const preferred = ignorePreferences ? [] : [...(spec.nodeAffinity?.preferred ?? [])];
  goSortBy(preferred, (a, b) => a.weight > b.weight);
  const tolerations = spec.tolerations ?? [];
  const views: PodView[] = [];
  const look = (tolerated: readonly Toleration[]): void => {
    views.push({ requirements: requirementsOf(spec, preferred[0]?.preference, required[0]), tolerations: tolerated });
  };
  look(tolerations);
  while (required.length > 1) {
    required.shift();
    look(tolerations);
  }
  while (preferred.length > 0) {
    preferred.shift();
    look(tolerations);
  }
  if (relaxTaints) look([...tolerations, PREFER_NO_SCHEDULE]);
  return views;
}

function requirementsOf(
  spec: PodSpec,
  preferred: NodeSelectorTerm | undefined,
  required: NodeSelectorTerm | undefined,
): RequirementSet {
  const selector = spec.nodeSelector ?? {};
  let set = requirementSet(Object.keys(selector).map((key) => ({ key, operator: 'In', values: [selector[key]] }) as const));
  for (const term of [preferred, required]) {
    const expressions = term?.matchExpressions ?? [];
    set = withAll(
      set,
      expressions.map(({ key, operator, values }) => requirement(normalised(key), operator, values)),
    );
  }
  return set;
}
