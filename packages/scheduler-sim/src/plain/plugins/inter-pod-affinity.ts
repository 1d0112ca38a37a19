import { type Labels, matchesSelector } from '@plimsoll/core';
import type { NodeInfo } from '../node-info.ts';
import { type ClusterObjects, namespaceLabels } from '../objects.ts';
import type { CycleContext, FilterPlugin, FilterState, ScorePlugin } from '../plugin.ts';
import { type AffinityTerm, hasAffinity, type PodInfo, termMatches } from '../pod-info.ts';
import { unresolvable, unschedulable } from '../status.ts';

const NAME = 'InterPodAffinity';

/** Counts by topology key and value. */
class TopologyCounts {
  readonly byKey: Map<string, Map<string, number>>;

  constructor(byKey = new Map<string, Map<string, number>>()) {
    this.byKey = byKey;
  }

  get empty(): boolean {
    return this.byKey.size === 0;
  }

  get(key: string, value: string): number {
    return this.byKey.get(key)?.get(value) ?? 0;
  }

  /** Adds where a node has the key. A count that comes to nothing is as if it had never been. */
  add({ node }: NodeInfo, key: string, by: number, keepZero = false): void {
    const value = node.labels[key];
    if (value === undefined) return;
    let values = this.byKey.get(key);
    if (values === undefined) this.byKey.set(key, (values = new Map()));
    const count = (values.get(value) ?? 0) + by;
    if (count !== 0 || keepZero) values.set(value, count);
    else values.delete(value);
    if (values.size === 0) this.byKey.delete(key);
  }

  clone(): TopologyCounts {
    return new TopologyCounts(new Map([...this.byKey].map(([key, values]) => [key, new Map(values)])));
  }
}

/**
 * The terms of the pod to be placed, with the namespaces that their selectors choose written out. The selector itself is then tried on
 * no labels at all; one that holds there reaches every namespace.
 *
 * Source: kube-scheduler v1.36.2, `plugins/interpodaffinity/plugin.go` (mergeAffinityTermNamespacesIfNotEmpty).
 */
function incomingTerms(terms: readonly AffinityTerm[], objects: ClusterObjects): AffinityTerm[] {
  return terms.map((term) => {
    const { namespaceSelector } = term;
    if (namespaceSelector === undefined) return term;
    const chosen = [...objects.namespaces.keys()].filter((name) =>
      matchesSelector(namespaceLabels(objects, name), namespaceSelector),
    );
    return { ...term, namespaces: new Set([...term.namespaces, ...chosen]) };
  });
}

const NO_LABELS: Labels = {};

const matchesAll = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.length > 0 && terms.every((term) => termMatches(term, pod, NO_LABELS));

/**
 * Required affinity of the pod, its anti-affinity, and the anti-affinity of pods that are there.
 *
 * Source: kube-scheduler v1.36.2, `plugins/interpodaffinity/filtering.go`.
 */
export const interPodAffinityFilter: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, snapshot, objects }) => {
    const state = new AffinityState(
      pod,
      incomingTerms(pod.affinity, objects),
      incomingTerms(pod.antiAffinity, objects),
      namespaceLabels(objects, pod.pod.namespace),
    );
    for (const node of snapshot.nodes) for (const other of node.pods) state.podAdded(other, node);
    return state.idle ? { is: 'skip' } : { is: 'ready', state };
  },
};

class AffinityState implements FilterState {
  readonly #pod: PodInfo;
  readonly #affinity: readonly AffinityTerm[];
  readonly #antiAffinity: readonly AffinityTerm[];
  readonly #namespaceLabels: Labels;
  #wanted = new TopologyCounts();
  #unwanted = new TopologyCounts();
  #refusing = new TopologyCounts();

  constructor(
    pod: PodInfo,
    affinity: readonly AffinityTerm[],
    antiAffinity: readonly AffinityTerm[],
    podNamespaceLabels: Labels,
  ) {
    this.#pod = pod;
    this.#affinity = affinity;
    this.#antiAffinity = antiAffinity;
    this.#namespaceLabels = podNamespaceLabels;
  }

  get idle(): boolean {
    return this.#affinity.length + this.#antiAffinity.length === 0 && this.#refusing.empty;
  }

  filter({ node }: NodeInfo) {
    const { labels } = node;
    if (!this.#satisfiesAffinity(labels)) return unresolvable(NAME, "node(s) didn't match pod affinity rules");
    for (const { topologyKey } of this.#antiAffinity) {
      if (labels[topologyKey] !== undefined && this.#unwanted.get(topologyKey, labels[topologyKey]) > 0) {
        return unschedulable(NAME, "node(s) didn't match pod anti-affinity rules");
      }
    }
    for (const key of this.#refusing.byKey.keys()) {
      if (labels[key] !== undefined && this.#refusing.get(key, labels[key]) > 0) {
        return unschedulable(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");
      }
    }
    return undefined;
  }

  podAdded(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, 1);
  }

  podRemoved(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, -1);
  }

  clone(): AffinityState {
    const copy = new AffinityState(this.#pod, this.#affinity, this.#antiAffinity, this.#namespaceLabels);
    copy.#wanted = this.#wanted.clone();
    copy.#unwanted = this.#unwanted.clone();
    copy.#refusing = this.#refusing.clone();
    return copy;
  }

  #satisfiesAffinity(labels: Labels): boolean {
    let found = true;
    for (const { topologyKey } of this.#affinity) {
      if (labels[topologyKey] === undefined) return false;
      if (this.#wanted.get(topologyKey, labels[topologyKey]) <= 0) found = false;
    }
    // The first pod of a set that wants its own kind near it must start somewhere.
    return found || (this.#wanted.empty && matchesAll(this.#affinity, this.#pod));
  }

  #change(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const term of other.antiAffinity) {
      if (termMatches(term, this.#pod, this.#namespaceLabels)) this.#refusing.add(node, term.topologyKey, by);
    }
    if (matchesAll(this.#affinity, other)) {
      for (const { topologyKey } of this.#affinity) this.#wanted.add(node, topologyKey, by);
    }
    for (const term of this.#antiAffinity) {
      if (termMatches(term, other, NO_LABELS)) this.#unwanted.add(node, term.topologyKey, by);
    }
  }
}

/**
 * Preferences for and against other pods, of the pod and of those that are there.
 *
 * Source: kube-scheduler v1.36.2, `plugins/interpodaffinity/scoring.go`.
 */
export const interPodAffinityScore: ScorePlugin = {
  name: NAME,
  prepare: (context) => {
    const { pod, config } = context;
    const prefers = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0;
    if (config.podAffinity.ignorePreferredOfExisting && !prefers) return undefined;
    const sums = preferenceSums(context, prefers);
    if (sums.empty) return undefined;
    return {
      score: ({ node }) => {
        let score = 0;
        for (const [key, values] of sums.byKey) {
          const value = node.labels[key];
          if (value !== undefined) score += values.get(value) ?? 0;
        }
        return score;
      },
      normalise: (scores) => {
        const min = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
        const max = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
        for (let i = 0; i < scores.length; i++) scores[i] = max > min ? Math.trunc(100 * ((scores[i] - min) / (max - min))) : 0;
      },
    };
  },
};

function preferenceSums({ pod, snapshot, objects, config }: CycleContext, prefers: boolean): TopologyCounts {
  const sums = new TopologyCounts();
  const likes = incomingTerms(pod.preferredAffinity, objects);
  const dislikes = incomingTerms(pod.preferredAntiAffinity, objects);
  const ownLabels = namespaceLabels(objects, pod.pod.namespace);
  const add = (terms: readonly AffinityTerm[], about: PodInfo, labels: Labels, node: NodeInfo, sign: number, weight?: number) => {
    for (const term of terms) {
      if (termMatches(term, about, labels)) sums.add(node, term.topologyKey, sign * (weight ?? term.weight), true);
    }
  };
  for (const node of snapshot.nodes) {
    if (Object.keys(node.node.labels).length === 0) continue;
    for (const other of node.pods) {
      if (!prefers && !hasAffinity(other)) continue;
      add(likes, other, NO_LABELS, node, 1);
      add(dislikes, other, NO_LABELS, node, -1);
      const { hardWeight } = config.podAffinity;
      if (hardWeight > 0) add(other.affinity, pod, ownLabels, node, 1, hardWeight);
      add(other.preferredAffinity, pod, ownLabels, node, 1);
      add(other.preferredAntiAffinity, pod, ownLabels, node, -1);
    }
  }
  return sums;
}
