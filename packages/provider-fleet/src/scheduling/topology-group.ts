import {
  compareText,
  firstUntolerated,
  LABEL,
  type LabelSelector,
  type Labels,
  matchesSelector,
  type PodAffinityTerm,
  type PodSpec,
  type Taint,
  type Toleration,
  type TopologySpread,
} from '@plimsoll/core';
import { allows, type Requirement, requirement } from '../requirements/requirement.ts';
import { labelSet, withAll } from '../requirements/requirement-set.ts';
import type { NamespaceObject } from '../state/objects.ts';
import type { DomainUniverse } from './domains.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';
import { termSet } from './pod-shape.ts';

export type GroupKind = 'topology-spread' | 'pod-affinity' | 'pod-anti-affinity';

/** Which nodes count for a spread constraint. */
interface NodeFilter {
  /** Alternatives of what a node must serve; undefined where affinity does not count. */
  readonly alternatives: readonly KnownSet[] | undefined;
  /** Tolerations of the pod that made the group, where taints count. */
  readonly tolerations: readonly Toleration[] | undefined;
}

/** A rule about how pods that a selector picks spread over the domains of a key; pods with the same rule share its counts. */
export interface GroupRule {
  readonly kind: GroupKind;
  readonly key: string;
  readonly namespaces: readonly string[];
  /** The selector as it is written. Absent, it selects nothing, but every pod that runs already counts at first. */
  readonly selector: LabelSelector | undefined;
  readonly maxSkew: number;
  readonly minDomains: number | undefined;
  readonly filter: NodeFilter | undefined;
  /** Whether taints bound the domains at first. */
  readonly domainTolerations: readonly Toleration[] | undefined;
  /** Rules with the same text share a group. */
  readonly identity: string;
}

/** Largest skew: affinity terms have no bound of their own. */
const NO_SKEW = 2 ** 31 - 1;

/**
 * The rules of spread constraints and affinity terms.
 *
 * Two rules are one where the real program's hashes agree. That hash reads of a node filter only the keys of each alternative, the policies
 * and the tolerations, and alternatives or tolerations that are alike cancel each other in pairs.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/topology.go`, `topologygroup.go`, `topologynodefilter.go`.
 */
export class GroupRules {
  readonly #sets: KnownSets;
  readonly #namespaces: readonly NamespaceObject[];
  readonly #respectPreferences: boolean;
  readonly #owned = new Map<PodSpec, readonly GroupRule[]>();
  readonly #inverse = new Map<PodSpec, readonly GroupRule[]>();

  constructor(sets: KnownSets, namespaces: readonly NamespaceObject[], respectPreferences: boolean) {
    this.#sets = sets;
    this.#namespaces = namespaces;
    this.#respectPreferences = respectPreferences;
  }

  /** The rules that a pod is bound by. The same object for the same spec. */
  owned(spec: PodSpec): readonly GroupRule[] {
    let rules = this.#owned.get(spec);
    if (rules === undefined) this.#owned.set(spec, (rules = this.#ownedBy(spec)));
    return rules;
  }

  /** The rules that a pod lays upon others: its required anti-affinity, seen from the other side. The same object for the same spec. */
  inverse(spec: PodSpec): readonly GroupRule[] {
    let rules = this.#inverse.get(spec);
    if (rules === undefined) {
      rules = (spec.podAntiAffinity?.required ?? []).map((term) => this.#term('pod-anti-affinity', spec, term));
      this.#inverse.set(spec, rules);
    }
    return rules;
  }

  #ownedBy(spec: PodSpec): readonly GroupRule[] {
    const soft = this.#respectPreferences;
    const spreads = (spec.topologySpread ?? []).filter((c) => soft || c.whenUnsatisfiable === 'DoNotSchedule');
    const terms = (which: PodSpec['podAffinity']): readonly PodAffinityTerm[] => [
      ...(which?.required ?? []),
      ...(soft ? (which?.preferred ?? []).map(({ term }) => term) : []),
    ];
    return [
      ...spreads.map((constraint) => this.#spread(spec, constraint)),
      ...terms(spec.podAffinity).map((term) => this.#term('pod-affinity', spec, term)),
      ...terms(spec.podAntiAffinity).map((term) => this.#term('pod-anti-affinity', spec, term)),
    ];
  }

  #spread(spec: PodSpec, constraint: TopologySpread): GroupRule {
    const { topologyKey: key, maxSkew, minDomains, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
    const tolerations = spec.tolerations ?? [];
    const selected = labelSet(spec.nodeSelector ?? {});
    const required = spec.nodeAffinity?.required;
    const alternatives =
      required === undefined
        ? [this.#sets.of(selected)]
        : required.map((term) => this.#sets.of(withAll(selected, termSet(term).values())));
    const selector = withLabelKeys(constraint, spec.labels);
    const honoured = nodeTaintsPolicy === 'Honor' ? tolerations : undefined;
    return {
      kind: 'topology-spread',
      key,
      namespaces: [spec.namespace],
      selector,
      maxSkew,
      minDomains,
      filter: { alternatives: nodeAffinityPolicy === 'Honor' ? alternatives : undefined, tolerations: honoured },
      domainTolerations: nodeTaintsPolicy === 'Ignore' ? undefined : tolerations,
      identity: JSON.stringify([
        'topology-spread',
        key,
        [spec.namespace],
        maxSkew,
        selectorText(selector),
        unpaired(alternatives.map(keysOf)),
        nodeTaintsPolicy,
        nodeAffinityPolicy,
        unpaired(tolerations.map((t) => JSON.stringify([t.key, t.operator, t.value, t.effect, t.tolerationSeconds]))),
      ]),
    };
  }

  #term(kind: GroupKind, spec: PodSpec, term: PodAffinityTerm): GroupRule {
    const namespaces = this.#namespacesOf(spec.namespace, term);
    return {
      kind,
      key: term.topologyKey,
      namespaces,
      selector: term.labelSelector,
      maxSkew: NO_SKEW,
      minDomains: undefined,
      filter: undefined,
      domainTolerations: spec.tolerations ?? [],
      identity: JSON.stringify([kind, term.topologyKey, namespaces, selectorText(term.labelSelector)]),
    };
  }

  #namespacesOf(own: string, { namespaces = [], namespaceSelector }: PodAffinityTerm): readonly string[] {
    if (namespaceSelector === undefined) return namespaces.length === 0 ? [own] : [...new Set(namespaces)].sort(compareText);
    const selected = this.#namespaces.filter(({ labels }) => matchesSelector(labels, namespaceSelector)).map(({ name }) => name);
    return [...new Set([...selected, ...namespaces])].sort(compareText);
  }
}

/** How many pods that a rule picks there are in each domain of its key. */
export class TopologyGroup {
  readonly rule: GroupRule;
  /** Pods by domain. Host names stand here only once they have pods. */
  readonly counts = new Map<string, number>();
  readonly isHost: boolean;
  /** Domains with pods. */
  #occupied = 0;
  readonly #sets: KnownSets;

  constructor(rule: GroupRule, universe: DomainUniverse, sets: KnownSets) {
    this.rule = rule;
    this.isHost = rule.key === LABEL.hostname;
    this.#sets = sets;
    if (this.isHost) return;
    for (const domain of universe.reachable(rule.key, rule.domainTolerations)) this.counts.set(domain, 0);
  }

  /** Makes a domain known. */
  register(domain: string): void {
    if (!this.counts.has(domain)) this.counts.set(domain, 0);
  }

  /** Counts a pod in a domain. */
  record(domain: string): void {
    const count = this.counts.get(domain) ?? 0;
    if (count === 0) this.#occupied++;
    this.counts.set(domain, count + 1);
  }

  /** Whether its selector picks pods with some labels. */
  selects({ labels, namespace }: PodSpec): boolean {
    return this.rule.namespaces.includes(namespace) && matchesSelector(labels, this.rule.selector);
  }

  /** Whether a pod that runs already is picked at first: without a selector every one is. */
  lists({ labels, namespace }: PodSpec): boolean {
    const { namespaces, selector } = this.rule;
    return namespaces.includes(namespace) && (selector === undefined || matchesSelector(labels, selector));
  }

  /** Whether a machine counts. */
  includes(taints: readonly Taint[], set: KnownSet, hostName: string): boolean {
    const { filter } = this.rule;
    if (filter === undefined) return true;
    const { alternatives, tolerations } = filter;
    if (alternatives !== undefined && alternatives.length > 0) {
      if (!alternatives.some((asked) => this.#sets.serves(set, hostName, asked))) return false;
    }
    return tolerations === undefined || firstUntolerated(taints, tolerations, () => true) === undefined;
  }

  /** Whether the rule lets a pod onto one host; `podHost` is what the pod itself asks of the host name. */
  allowsHost(selected: boolean, podHost: Requirement | undefined, hostName: string): boolean {
    const count = this.counts.get(hostName) ?? 0;
    switch (this.rule.kind) {
      case 'topology-spread':
        // A new host can always be had, so the smallest count is zero.
        return count + (selected ? 1 : 0) <= this.rule.maxSkew;
      case 'pod-affinity':
        if (podHost !== undefined && !allows(podHost, hostName)) return false;
        if (count > 0) return true;
        return selected && (this.#occupied === 0 || !this.#anyOccupied(podHost));
      case 'pod-anti-affinity':
        return count === 0;
    }
  }

  /** The domains that the rule leaves a pod, given what pod and machine allow of the key; empty where it may not come. */
  domains(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    switch (this.rule.kind) {
      case 'topology-spread':
        return this.#leastFull(selected, pod, machine);
      case 'pod-affinity':
        return this.#near(selected, pod, machine);
      case 'pod-anti-affinity': {
        const out: string[] = [];
        for (const [domain, count] of this.counts) {
          if (count === 0 && allowed(machine, domain) && allowed(pod, domain)) out.push(domain);
        }
        return out;
      }
    }
  }

  #leastFull(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    const { maxSkew } = this.rule;
    const least = this.#leastCount(pod);
    const own = selected ? 1 : 0;
    let best: string | undefined;
    let bestCount = Infinity;
    for (const [domain, count] of this.counts) {
      if (count + own - least > maxSkew || !allowed(machine, domain)) continue;
      if (count > bestCount || (count === bestCount && best !== undefined && compareText(best, domain) < 0)) continue;
      best = domain;
      bestCount = count;
    }
    return best === undefined ? [] : [best];
  }

  #leastCount(pod: Requirement | undefined): number {
    const { minDomains } = this.rule;
    let least = NO_SKEW;
    let supported = 0;
    for (const [domain, count] of this.counts) {
      if (!allowed(pod, domain)) continue;
      supported++;
      if (count < least) least = count;
    }
    return minDomains !== undefined && supported < minDomains ? 0 : least;
  }

  #near(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    const out: string[] = [];
    for (const [domain, count] of this.counts) {
      if (count > 0 && allowed(pod, domain) && allowed(machine, domain)) out.push(domain);
    }
    if (out.length > 0 || !selected || (this.#occupied > 0 && this.#anyOccupied(pod))) return out;
    // The first pod may choose: a domain that the machine has too, and besides, picked on its own, one that the pod allows.
    const first = (test: (domain: string) => boolean): string | undefined => {
      let found: string | undefined;
      for (const domain of this.counts.keys()) {
        if (test(domain) && (found === undefined || compareText(domain, found) < 0)) found = domain;
      }
      return found;
    };
    const common = first((domain) => allowed(pod, domain) && allowed(machine, domain));
    const any = first((domain) => allowed(pod, domain));
    return [...new Set([common, any].filter((domain) => domain !== undefined))];
  }

  #anyOccupied(pod: Requirement | undefined): boolean {
    for (const [domain, count] of this.counts) if (count > 0 && allowed(pod, domain)) return true;
    return false;
  }
}

/** `key In [domains]`, as a rule's answer narrows a machine. */
export function inDomains(key: string, domains: readonly string[]): Requirement {
  return requirement(key, 'In', domains);
}

function allowed(r: Requirement | undefined, domain: string): boolean {
  return r === undefined || allows(r, domain);
}

/** The selector with an expression for each label key that the pod has. */
function withLabelKeys({ labelSelector, matchLabelKeys = [] }: TopologySpread, labels: Labels): LabelSelector | undefined {
  const present = matchLabelKeys.filter((key) => labels[key] !== undefined);
  if (present.length === 0) return labelSelector;
  const added = present.map((key) => ({ key, operator: 'In' as const, values: [labels[key]] }));
  return { ...labelSelector, matchExpressions: [...(labelSelector?.matchExpressions ?? []), ...added] };
}

function selectorText(selector: LabelSelector | undefined): unknown {
  if (selector === undefined) return null;
  const { matchExpressions = [], matchLabels = {} } = selector;
  const expressions = matchExpressions.map(({ key, operator, values = [] }) =>
    JSON.stringify([key, operator, unpaired([...values])]),
  );
  const labels = Object.keys(matchLabels).sort(compareText);
  return [[...new Set(expressions)].sort(compareText), labels.map((key) => [key, matchLabels[key]])];
}

/** Keys of a set, as the hash reads it. */
function keysOf({ host, set }: KnownSet): string {
  const keys = [...set.keys(), ...(host === undefined ? [] : [host.key])];
  return JSON.stringify(keys.sort(compareText));
}

/** What is left when equal texts cancel in pairs, in text order. */
function unpaired(texts: readonly string[]): readonly string[] {
  const left = new Set<string>();
  for (const text of texts) if (!left.delete(text)) left.add(text);
  return [...left].sort(compareText);
}
