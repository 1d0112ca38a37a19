import {
  compareText,
  type LabelSelector,
  type Labels,
  matchesSelector,
  type PodAffinityTerm,
  type PodSpec,
  type Toleration,
  type TopologySpread,
} from '@plimsoll/core';
import { labelSet, withAll } from '../requirements/requirement-set.ts';
import type { NamespaceObject } from '../state/objects.ts';
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
export const NO_SKEW = 2 ** 31 - 1;

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
