import { ln } from '@plimsoll/core';
import type { NodeInfo } from '../node-info.ts';
import type { CycleContext, FilterPlugin, FilterState, ScorePlugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { unresolvable, unschedulable } from '../status.ts';
import { constraintsOf, countOn, hasKeys, isCounted, type SpreadConstraint } from './spread-constraints.ts';

const NAME = 'PodTopologySpread';
const HOSTNAME = 'kubernetes.io/hostname';
const NO_DOMAIN = 2 ** 31 - 1;

/**
 * Hard constraints: no domain may have more than `maxSkew` pods above the emptiest one.
 *
 * Source: kube-scheduler v1.36.2, `plugins/podtopologyspread/filtering.go`.
 */
export const podTopologySpreadFilter: FilterPlugin = {
  name: NAME,
  prepare: (context) => {
    const constraints = constraintsOf(context.pod, context.config, context.objects, 'DoNotSchedule');
    if (constraints.length === 0) return { is: 'skip' };
    const counts = constraints.map(() => new Map<string, number>());
    const { pod } = context.pod;
    for (const node of context.snapshot.nodes) {
      if (!hasKeys(node.node, constraints)) continue;
      constraints.forEach((constraint, i) => {
        if (!isCounted(constraint, pod.spec, node.node)) return;
        const domain = node.node.labels[constraint.topologyKey];
        counts[i].set(domain, (counts[i].get(domain) ?? 0) + countOn(node, constraint, pod.namespace));
      });
    }
    return { is: 'ready', state: new SpreadState(context.pod, constraints, counts) };
  },
};

class SpreadState implements FilterState {
  readonly #pod: PodInfo;
  readonly #constraints: readonly SpreadConstraint[];
  readonly #counts: readonly Map<string, number>[];

  constructor(pod: PodInfo, constraints: readonly SpreadConstraint[], counts: readonly Map<string, number>[]) {
    this.#pod = pod;
    this.#constraints = constraints;
    this.#counts = counts;
  }

  filter({ node }: NodeInfo) {
    for (let i = 0; i < this.#constraints.length; i++) {
      const { topologyKey, maxSkew, minDomains, matches } = this.#constraints[i];
      const domain = node.labels[topologyKey];
      const counts = this.#counts[i];
      if (domain === undefined) {
        return unresolvable(NAME, "node(s) didn't match pod topology spread constraints (missing required label)");
      }
      let least = NO_DOMAIN;
      for (const count of counts.values()) least = Math.min(least, count);
      if (counts.size < minDomains) least = 0;
      const self = matches(this.#pod.labels) ? 1 : 0;
      if ((counts.get(domain) ?? 0) + self - least > maxSkew) {
        return unschedulable(NAME, "node(s) didn't match pod topology spread constraints");
      }
    }
    return undefined;
  }

  podAdded(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, 1);
  }

  podRemoved(pod: PodInfo, node: NodeInfo): void {
    this.#change(pod, node, -1);
  }

  clone(): SpreadState {
    return new SpreadState(
      this.#pod,
      this.#constraints,
      this.#counts.map((counts) => new Map(counts)),
    );
  }

  /** Unlike in the first count, pods that are being deleted count here. */
  #change(pod: PodInfo, { node }: NodeInfo, by: 1 | -1): void {
    if (pod.pod.namespace !== this.#pod.pod.namespace || !hasKeys(node, this.#constraints)) return;
    this.#constraints.forEach((constraint, i) => {
      if (!constraint.matches(pod.labels) || !isCounted(constraint, this.#pod.pod.spec, node)) return;
      const domain = node.labels[constraint.topologyKey];
      this.#counts[i].set(domain, (this.#counts[i].get(domain) ?? 0) + by);
    });
  }
}

/**
 * Soft constraints: the fewer matching pods the domains of a node have, the better. Constraints with few domains count more per pod.
 *
 * Source: kube-scheduler v1.36.2, `plugins/podtopologyspread/scoring.go`.
 */
export const podTopologySpreadScore: ScorePlugin = {
  name: NAME,
  prepare: (context, feasible) => {
    const { pod, config, objects } = context;
    const constraints = constraintsOf(pod, config, objects, 'ScheduleAnyway');
    if (constraints.length === 0) return undefined;
    const needsAllKeys = (pod.pod.spec.topologySpread ?? []).length > 0 || config.spread.defaults !== 'System';
    const ignored = new Set(needsAllKeys ? feasible.filter(({ node }) => !hasKeys(node, constraints)) : []);
    const scored = feasible.filter((node) => !ignored.has(node));
    const counts = domainCounts(context, constraints, scored, needsAllKeys);
    const weights = constraints.map(({ topologyKey }, i) => ln((topologyKey === HOSTNAME ? scored.length : counts[i].size) + 2));
    return {
      score: (node) => {
        if (ignored.has(node)) return 0;
        let score = 0;
        constraints.forEach((constraint, i) => {
          const domain = node.node.labels[constraint.topologyKey];
          if (domain === undefined) return;
          const count =
            constraint.topologyKey === HOSTNAME
              ? countOn(node, constraint, pod.pod.namespace)
              : (counts[i].get(domain) as number);
          score += count * weights[i] + (constraint.maxSkew - 1);
        });
        return Math.round(score);
      },
      normalise: (scores, nodes) => normaliseSpread(scores, nodes, ignored),
    };
  },
};

/** Matching pods by domain, for the domains that some scored node lies in. The host name is not counted by domain. */
function domainCounts(
  { pod, snapshot }: CycleContext,
  constraints: readonly SpreadConstraint[],
  scored: readonly NodeInfo[],
  needsAllKeys: boolean,
): Map<string, number>[] {
  const counts = constraints.map(({ topologyKey }) => {
    if (topologyKey === HOSTNAME) return new Map<string, number>();
    return new Map(scored.map(({ node }) => [node.labels[topologyKey] ?? '', 0]));
  });
  for (const node of snapshot.nodes) {
    if (needsAllKeys && !hasKeys(node.node, constraints)) continue;
    constraints.forEach((constraint, i) => {
      const domain = node.node.labels[constraint.topologyKey] ?? '';
      const count = counts[i].get(domain);
      if (count === undefined || !isCounted(constraint, pod.pod.spec, node.node)) return;
      counts[i].set(domain, count + countOn(node, constraint, pod.pod.namespace));
    });
  }
  return counts;
}

function normaliseSpread(scores: number[], nodes: readonly NodeInfo[], ignored: ReadonlySet<NodeInfo>): void {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  scores.forEach((score, i) => {
    if (ignored.has(nodes[i])) return;
    min = Math.min(min, score);
    max = Math.max(max, score);
  });
  for (let i = 0; i < scores.length; i++) {
    if (ignored.has(nodes[i])) scores[i] = 0;
    else scores[i] = max === 0 ? 100 : Math.trunc((100 * (max + min - scores[i])) / max);
  }
}
