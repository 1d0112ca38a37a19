import type { NodeSelectorTerm, PodSpec, PreferredNodeTerm } from '@plimsoll/core';
import { REASON } from '../../filters/plugins.ts';
import { matchesNodeSelection, matchesTerm } from '../../filters/static.ts';
import type { SchedulerConfig } from '../config.ts';
import type { NodeObject } from '../objects.ts';
import type { FilterPlugin, ScorePlugin } from '../plugin.ts';
import { CycleError, unresolvable } from '../status.ts';
import { normaliseByLargest } from './normalise-by-largest.ts';

const NAME = 'NodeAffinity';

/** Whether a pod's node selector and required terms hold on a node. */
export function matchesRequired(spec: PodSpec, node: NodeObject): boolean {
  return matchesNodeSelection(spec, (key) => node.labels[key], node.name);
}

const holds = (term: NodeSelectorTerm, node: NodeObject): boolean => matchesTerm(term, (key) => node.labels[key], node.name);

/**
 * Node selector, required terms, and those that the configuration adds for every pod.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeaffinity/node_affinity.go`.
 */
export const nodeAffinityFilter: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, config }) => {
    const { spec } = pod.pod;
    const added = config.nodeAffinity.addedRequired;
    const required = spec.nodeAffinity?.required;
    if (required === undefined && added === undefined && spec.nodeSelector === undefined) return { is: 'skip' };
    const nodeNames = required === undefined ? undefined : namedNodes(required);
    if (nodeNames?.size === 0) return { is: 'refused', status: unresolvable(NAME, 'pod affinity terms conflict') };
    return {
      is: 'ready',
      ...(nodeNames && { nodeNames }),
      state: {
        filter: ({ node }) => {
          if (added !== undefined && !added.some((term) => holds(term, node))) {
            return unresolvable(NAME, REASON.addedAffinity);
          }
          return matchesRequired(spec, node) ? undefined : unresolvable(NAME, REASON.NodeAffinity);
        },
      },
    };
  },
};

/**
 * The only nodes that terms leave, by name; undefined where some term names none, and for no terms at all.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeaffinity/node_affinity.go` (PreFilter).
 */
export function namedNodes(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const all = new Set<string>();
  for (const term of terms) {
    let named: Set<string> | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      named = new Set(named === undefined ? values : values.filter((value) => (named as Set<string>).has(value)));
    }
    if (named === undefined) return undefined;
    for (const name of named) all.add(name);
  }
  return all;
}

/**
 * Weights of the preferred terms that hold, the configuration's included.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeaffinity/node_affinity.go` (PreScore, Score).
 */
export const nodeAffinityScore: ScorePlugin = {
  name: NAME,
  prepare: ({ pod, config }) => {
    const own = pod.pod.spec.nodeAffinity?.preferred;
    const added = config.nodeAffinity.addedPreferred;
    if (own === undefined && added === undefined) return undefined;
    const terms = [...(added ?? []), ...(own ?? [])];
    checkNumbers(terms);
    return {
      score: ({ node }) => terms.reduce((sum, { weight, preference }) => (holds(preference, node) ? sum + weight : sum), 0),
      normalise: (scores) => normaliseByLargest(scores, false),
    };
  },
};

/** A preference that compares with what is no 64-bit number ends the cycle; in a required term it only never holds. */
function checkNumbers(terms: readonly PreferredNodeTerm[]): void {
  const wrong = wrongNumbers(terms);
  if (wrong.length > 0) throw new CycleError(`running PreScore plugin "${NAME}": ${wrong.join(', ')}`);
}

function wrongNumbers(terms: readonly PreferredNodeTerm[]): string[] {
  const wrong: string[] = [];
  terms.forEach(({ preference }, t) => {
    (preference.matchExpressions ?? []).forEach(({ operator, values = [] }, e) => {
      if ((operator !== 'Gt' && operator !== 'Lt') || isNumber(values[0] ?? '')) return;
      const at = `[${t}].matchExpressions[${e}].values[0]`;
      wrong.push(`${at}: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`);
    });
  });
  return wrong;
}

/** Whether what a pod prefers can be read. */
export function readsNumbers(spec: PodSpec, { nodeAffinity, preScores }: SchedulerConfig): boolean {
  const own = spec.nodeAffinity?.preferred;
  if ((own === undefined && nodeAffinity.addedPreferred === undefined) || !preScores.includes(NAME)) return true;
  return wrongNumbers([...(nodeAffinity.addedPreferred ?? []), ...(own ?? [])]).length === 0;
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace(/^[+]/, ''))) === BigInt(text.replace(/^[+]/, ''));
}
