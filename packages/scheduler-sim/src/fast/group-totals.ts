import { ln } from '@plimsoll/core';
import type { SchedulerConfig } from '../plain/config.ts';
import { normalised } from '../scores/normalise.ts';
import type { PodConstraints } from '../topology/constraints.ts';
import { NO_DOMAIN } from '../topology/domain-sums.ts';
import type { Groups } from './groups.ts';

/**
 * What every score that is normalised comes to for each group, given how many nodes of each group may take the pod. Groups without
 * such a node have no part in it.
 */
export function groupTotals(
  groups: Groups,
  counts: readonly number[],
  { scoreWeights }: SchedulerConfig,
  constraints: PodConstraints,
): number[] {
  const totals: number[] = [];
  let mostTaints = 0;
  let mostAffinity = 0;
  for (let group = 0; group < groups.count; group++) {
    totals.push(0);
    if (!counts[group]) continue;
    mostTaints = Math.max(mostTaints, groups.taints[group]);
    mostAffinity = Math.max(mostAffinity, groups.affinity[group]);
  }
  const taintWeight = scoreWeights.TaintToleration ?? 0;
  const affinityWeight = scoreWeights.NodeAffinity ?? 0;
  for (let group = 0; group < totals.length; group++) {
    if (!counts[group]) continue;
    totals[group] =
      taintWeight * normalised(groups.taints[group], mostTaints, true) +
      affinityWeight * normalised(groups.affinity[group], mostAffinity, false);
  }
  if (constraints.soft.length > 0) addSpread(totals, groups, counts, scoreWeights.PodTopologySpread ?? 0, constraints);
  if (constraints.preferences.length > 0) {
    addPreferences(totals, groups, counts, scoreWeights.InterPodAffinity ?? 0, constraints);
  }
  return totals;
}

/** Source: kube-scheduler v1.36.2, `plugins/podtopologyspread/scoring.go`; the plain form is `podTopologySpreadScore`. */
function addSpread(
  totals: number[],
  groups: Groups,
  counts: readonly number[],
  weight: number,
  { soft, softNeedsKeys }: PodConstraints,
): void {
  const scored: number[] = [];
  let nodes = 0;
  const domains = soft.map(() => new Set<number>());
  for (let group = 0; group < totals.length; group++) {
    if (!counts[group]) continue;
    groups.at = group;
    if (softNeedsKeys && soft.some(({ sums }) => groups.domainOf(sums) === NO_DOMAIN)) continue;
    scored.push(group);
    nodes += counts[group];
    for (let i = 0; i < soft.length; i++) domains[i].add(groups.domainOf(soft[i].sums));
  }
  const factors = soft.map(({ sums }, i) => logOf((sums.key.byHost ? nodes : domains[i].size) + 2));
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  const raw = scored.map((group) => {
    groups.at = group;
    let score = 0;
    for (let i = 0; i < soft.length; i++) {
      const { sums, tally, constraint } = soft[i];
      if (groups.domainOf(sums) === NO_DOMAIN) continue;
      const count = sums.key.byHost ? groups.onNode(tally) : groups.sumAt(sums);
      score += count * factors[i] + (constraint.maxSkew - 1);
    }
    const rounded = Math.round(score);
    min = Math.min(min, rounded);
    max = Math.max(max, rounded);
    return rounded;
  });
  for (let i = 0; i < scored.length; i++) {
    totals[scored[i]] += weight * (max === 0 ? 100 : Math.trunc((100 * (max + min - raw[i])) / max));
  }
}

/** Source: kube-scheduler v1.36.2, `plugins/interpodaffinity/scoring.go`; the plain form is `interPodAffinityScore`. */
function addPreferences(
  totals: number[],
  groups: Groups,
  counts: readonly number[],
  weight: number,
  { preferences }: PodConstraints,
): void {
  const raw: number[] = [];
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let group = 0; group < totals.length; group++) {
    if (!counts[group]) continue;
    groups.at = group;
    let score = 0;
    for (let i = 0; i < preferences.length; i++) {
      if (groups.domainOf(preferences[i]) !== NO_DOMAIN) score += groups.sumAt(preferences[i]);
    }
    raw[group] = score;
    min = Math.min(min, score);
    max = Math.max(max, score);
  }
  if (!(max > min)) return;
  for (let group = 0; group < totals.length; group++) {
    if (counts[group]) totals[group] += weight * Math.trunc(100 * ((raw[group] - min) / (max - min)));
  }
}

const LOGS: number[] = [];

/** The natural logarithm of a whole number, remembered. */
function logOf(value: number): number {
  return (LOGS[value] ??= ln(value));
}
