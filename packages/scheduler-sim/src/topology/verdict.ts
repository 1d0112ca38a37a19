import type { Rejection } from '@plimsoll/core';
import { FILTER } from '../filters/plugins.ts';
import type { PodConstraints } from './constraints.ts';
import { type DomainSums, NO_DOMAIN } from './domain-sums.ts';

/** What constraints about other pods say of a node. */
export const VERDICT = { accepted: 0, keyMissing: 1, skewed: 2, unaffine: 3, antiAffine: 4, refused: 5 } as const;

const WORDS: readonly (readonly [reason: string, unresolvable: boolean])[] = [
  ['', false],
  ["node(s) didn't match pod topology spread constraints (missing required label)", true],
  ["node(s) didn't match pod topology spread constraints", false],
  ["node(s) didn't match pod affinity rules", true],
  ["node(s) didn't match pod anti-affinity rules", false],
  ["node(s) didn't satisfy existing pods anti-affinity rules", false],
];

/** The filter that a verdict comes from. */
export function filterOf(verdict: number): number {
  return verdict <= VERDICT.skewed ? FILTER.PodTopologySpread : FILTER.InterPodAffinity;
}

/** A verdict in the filter's words. */
export function rejectionOf(verdict: number): Rejection {
  const [reason, unresolvable] = WORDS[verdict];
  const plugin = verdict <= VERDICT.skewed ? 'PodTopologySpread' : 'InterPodAffinity';
  return { plugin, reasons: [reason], unresolvable };
}

/** How a node, or a group of nodes that are alike, answers: its domain for a sum, and the sum there. */
export interface Place {
  domainOf(sums: DomainSums): number;
  sumAt(sums: DomainSums): number;
}

/** The skew that no domain at all leaves room for. */
const NO_LEAST = 2 ** 31 - 1;

/**
 * The filters about other pods, in the real order, from what was counted.
 *
 * Source: kube-scheduler v1.36.2, `plugins/podtopologyspread/filtering.go` and `plugins/interpodaffinity/filtering.go`.
 */
export function verdictOn({ hard, wanted, wantsItself, unwanted, refusing }: PodConstraints, place: Place): number {
  for (let i = 0; i < hard.length; i++) {
    const { constraint, sums, self } = hard[i];
    if (place.domainOf(sums) === NO_DOMAIN) return VERDICT.keyMissing;
    const least = sums.domains < constraint.minDomains ? 0 : Math.min(sums.least(), NO_LEAST);
    if (place.sumAt(sums) + self - least > constraint.maxSkew) return VERDICT.skewed;
  }
  let found = true;
  let any = false;
  for (let i = 0; i < wanted.length; i++) {
    if (place.domainOf(wanted[i]) === NO_DOMAIN) return VERDICT.unaffine;
    if (place.sumAt(wanted[i]) <= 0) found = false;
    if (wanted[i].total > 0) any = true;
  }
  // The first pod of a set that wants its own kind near it must start somewhere.
  if (!found && (any || !wantsItself)) return VERDICT.unaffine;
  for (let i = 0; i < unwanted.length; i++) {
    if (place.domainOf(unwanted[i]) !== NO_DOMAIN && place.sumAt(unwanted[i]) > 0) return VERDICT.antiAffine;
  }
  for (let i = 0; i < refusing.length; i++) {
    if (place.domainOf(refusing[i]) !== NO_DOMAIN && place.sumAt(refusing[i]) > 0) return VERDICT.refused;
  }
  return VERDICT.accepted;
}
