import { type Classes, canonical, firstUntolerated, LABEL, type Labels, type PodSpec } from '@plimsoll/core';
import { asksForName, labelsOf, matchesNodeSelection } from '../filters/static.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { constraintsOf, type SpreadConstraint } from '../plain/plugins/spread-constraints.ts';
import { type AffinityTerm, type PodInfo, podInfo, termMatches } from '../plain/pod-info.ts';
import { simulatedObjects, simulatedPod } from '../plain/simulated-objects.ts';
import { type CountedNodes, type DomainSums, EVERY_NODE } from './domain-sums.ts';
import type { Tally } from './tally.ts';
import type { Topology } from './topology.ts';

/** A spread constraint with the pods that it counts. */
export interface CountedSpread {
  readonly constraint: SpreadConstraint;
  readonly tally: Tally;
  readonly sums: DomainSums;
  /** 1 where a pod of the class counts for its own constraint. */
  readonly self: number;
}

/** Everything that the places of other pods mean to a pod class. */
export interface PodConstraints {
  /** How many classes with terms about other pods there were when this was worked out: more may concern the class. */
  readonly version: number;
  readonly hard: readonly CountedSpread[];
  readonly soft: readonly CountedSpread[];
  /** Whether nodes without some key of the soft constraints are left out of their score. */
  readonly softNeedsKeys: boolean;
  /** By required affinity term: the pods that match all terms. */
  readonly wanted: readonly DomainSums[];
  /** Whether a pod of the class matches all of its own required terms, so that the first may go anywhere. */
  readonly wantsItself: boolean;
  /** By required anti-affinity term: the pods that match it. */
  readonly unwanted: readonly DomainSums[];
  /** By topology key: anti-affinity of pods that are there against pods of the class. */
  readonly refusing: readonly DomainSums[];
  /** By topology key: preferences, the pod's own and those of pods that are there, summed. */
  readonly preferences: readonly DomainSums[];
  /** Whether any of this can reject a node, or tell two nodes apart. */
  readonly filters: boolean;
  readonly scores: boolean;
}

/** Works out, once per pod class, what has to be counted for its constraints. */
export class ConstraintTable {
  readonly #classes: Classes;
  readonly #topology: Topology;
  readonly #config: SchedulerConfig;
  readonly #infos: PodInfo[] = [];
  readonly #known: PodConstraints[] = [];
  /** Classes with terms about other pods, of those looked at so far. */
  readonly #opinionated: number[] = [];
  #looked = 0;

  constructor(classes: Classes, topology: Topology, config: SchedulerConfig) {
    this.#classes = classes;
    this.#topology = topology;
    this.#config = config;
  }

  of(podClass: number): PodConstraints {
    if (this.#looked < this.#classes.pods.length) this.#look();
    const known = this.#known[podClass];
    if (known !== undefined && known.version === this.#opinionated.length) return known;
    return (this.#known[podClass] = this.#workOut(podClass));
  }

  /** Takes in the classes that appeared since. */
  #look(): void {
    const { pods } = this.#classes;
    for (; this.#looked < pods.length; this.#looked++) {
      const { podAffinity, podAntiAffinity } = pods[this.#looked].spec;
      if (podAffinity !== undefined || podAntiAffinity !== undefined) this.#opinionated.push(this.#looked);
    }
  }

  #info(podClass: number): PodInfo {
    return (this.#infos[podClass] ??= podInfo(simulatedPod(this.#classes.pods[podClass].spec, String(podClass))));
  }

  #workOut(podClass: number): PodConstraints {
    const pod = this.#info(podClass);
    const { filters, scoreWeights } = this.#config;
    const [spreads, near] = [filters.includes('PodTopologySpread'), filters.includes('InterPodAffinity')];
    const hard = spreads ? this.#spread(pod, 'DoNotSchedule') : [];
    const soft = 'PodTopologySpread' in scoreWeights ? this.#spread(pod, 'ScheduleAnyway') : [];
    const wanted = near ? this.#wanted(pod) : [];
    const unwanted = near ? this.#unwanted(pod) : [];
    const refusing = near ? this.#refusing(pod) : [];
    const preferences = 'InterPodAffinity' in scoreWeights ? this.#preferences(pod) : [];
    return {
      version: this.#opinionated.length,
      hard,
      soft,
      softNeedsKeys: this.#needsKeys(pod.pod.spec, 'ScheduleAnyway'),
      wanted,
      wantsItself: pod.affinity.every((term) => reaches(term, pod)),
      unwanted,
      refusing,
      preferences,
      filters: hard.length + wanted.length + unwanted.length + refusing.length > 0,
      scores: soft.length + preferences.length > 0,
    };
  }

  #needsKeys(spec: PodSpec, action: 'DoNotSchedule' | 'ScheduleAnyway'): boolean {
    return action === 'DoNotSchedule' || (spec.topologySpread ?? []).length > 0 || this.#config.spread.defaults !== 'System';
  }

  #spread(pod: PodInfo, action: 'DoNotSchedule' | 'ScheduleAnyway'): CountedSpread[] {
    const { spec } = pod.pod;
    const constraints = constraintsOf(pod, this.#config, simulatedObjects([spec]), action);
    const keys = this.#needsKeys(spec, action) ? constraints.map(({ topologyKey }) => topologyKey) : [];
    return constraints.map((constraint, i) => {
      const own = spec.topologySpread?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)[i];
      const tally = this.#topology.tally({
        id: canonical(['spread', spec.namespace, own === undefined ? ['labels', spec.labels] : ['selector', own.labelSelector]]),
        weight: (podClass) => {
          const other = this.#info(podClass);
          const counts = !constraint.countsNothing && other.pod.namespace === spec.namespace && constraint.matches(other.labels);
          return counts ? 1 : 0;
        },
        withTerminating: false,
      });
      const nodes = this.#countedNodes(constraint, spec, keys);
      const sums = this.#topology.sums(tally, constraint.topologyKey, nodes, action === 'DoNotSchedule');
      return { constraint, tally, sums, self: constraint.matches(pod.labels) ? 1 : 0 };
    });
  }

  #countedNodes({ honourAffinity, honourTaints }: SpreadConstraint, spec: PodSpec, keys: readonly string[]): CountedNodes {
    const selection = honourAffinity ? [spec.nodeSelector, spec.nodeAffinity?.required] : [];
    const tolerations = honourTaints ? (spec.tolerations ?? []) : undefined;
    return {
      id: canonical([keys, selection, tolerations]),
      includes: (nodeClass, nodeName) => {
        const { shape } = this.#classes.nodes[nodeClass];
        if (!keys.every((key) => key === LABEL.hostname || shape.labels[key] !== undefined)) return false;
        if (honourAffinity && !matchesNodeSelection(spec, labelsOf(shape, nodeName), nodeName)) return false;
        return tolerations === undefined || firstUntolerated(shape.taints, tolerations) === undefined;
      },
      byName: honourAffinity && asksForName(spec),
    };
  }

  #wanted(pod: PodInfo): DomainSums[] {
    if (pod.affinity.length === 0) return [];
    const tally = this.#tally(['wanted', pod.affinity.map(termKey)], (other) =>
      pod.affinity.every((term) => reaches(term, other)) ? 1 : 0,
    );
    return pod.affinity.map(({ topologyKey }) => this.#topology.sums(tally, topologyKey, EVERY_NODE));
  }

  #unwanted(pod: PodInfo): DomainSums[] {
    return pod.antiAffinity.map((term) => {
      const tally = this.#tally(['unwanted', termKey(term)], (other) => (reaches(term, other) ? 1 : 0));
      return this.#topology.sums(tally, term.topologyKey, EVERY_NODE);
    });
  }

  #refusing(pod: PodInfo): DomainSums[] {
    const ownLabels = labelsOfNamespace(pod);
    return this.#keysOf(({ antiAffinity }) => antiAffinity, pod).map((key) => {
      const tally = this.#tally(['refusing', key, pod.pod.namespace, pod.labels], ({ antiAffinity }) => {
        let terms = 0;
        for (const term of antiAffinity) if (term.topologyKey === key && termMatches(term, pod, ownLabels)) terms++;
        return terms;
      });
      return this.#topology.sums(tally, key, EVERY_NODE);
    });
  }

  #preferences(pod: PodInfo): DomainSums[] {
    const { hardWeight, ignorePreferredOfExisting } = this.#config.podAffinity;
    const own = [...pod.preferredAffinity, ...pod.preferredAntiAffinity];
    if (ignorePreferredOfExisting && own.length === 0) return [];
    const theirs = this.#keysOf(
      (other) => [...(hardWeight > 0 ? other.affinity : []), ...other.preferredAffinity, ...other.preferredAntiAffinity],
      pod,
    );
    const ownLabels = labelsOfNamespace(pod);
    const id = [pod.pod.namespace, pod.labels, pod.preferredAffinity.map(termKey), pod.preferredAntiAffinity.map(termKey)];
    return [...new Set([...own.map(({ topologyKey }) => topologyKey), ...theirs])].map((key) => {
      const sum = (terms: readonly AffinityTerm[], holds: (term: AffinityTerm) => boolean, weight?: number): number =>
        terms.reduce((total, term) => (term.topologyKey === key && holds(term) ? total + (weight ?? term.weight) : total), 0);
      const tally = this.#tally(['preferences', key, id], (other) => {
        const mine = (term: AffinityTerm): boolean => reaches(term, other);
        const ofOther = (term: AffinityTerm): boolean => termMatches(term, pod, ownLabels);
        return (
          sum(pod.preferredAffinity, mine) -
          sum(pod.preferredAntiAffinity, mine) +
          (hardWeight > 0 ? sum(other.affinity, ofOther, hardWeight) : 0) +
          sum(other.preferredAffinity, ofOther) -
          sum(other.preferredAntiAffinity, ofOther)
        );
      });
      return this.#topology.sums(tally, key, EVERY_NODE);
    });
  }

  /** Topology keys of the terms that some class has about a pod. */
  #keysOf(termsOf: (other: PodInfo) => readonly AffinityTerm[], pod: PodInfo): string[] {
    const keys = new Set<string>();
    const ownLabels = labelsOfNamespace(pod);
    for (const podClass of this.#opinionated) {
      for (const term of termsOf(this.#info(podClass))) if (termMatches(term, pod, ownLabels)) keys.add(term.topologyKey);
    }
    return [...keys];
  }

  /** A tally over pods that are there, on their way out or not. */
  #tally(id: unknown, weight: (other: PodInfo) => number): Tally {
    return this.#topology.tally({
      id: canonical(id),
      weight: (podClass) => weight(this.#info(podClass)),
      withTerminating: true,
    });
  }
}

const NO_LABELS: Labels = {};

function labelsOfNamespace({ pod }: PodInfo): Labels {
  return { 'kubernetes.io/metadata.name': pod.namespace };
}

/**
 * Whether a term of a pod to be placed means another pod. A namespace selector is tried on the labels of the other's namespace, and then
 * on none: see the plain InterPodAffinity.
 */
function reaches(term: AffinityTerm, other: PodInfo): boolean {
  return termMatches(term, other, labelsOfNamespace(other)) || termMatches(term, other, NO_LABELS);
}

function termKey({ topologyKey, selector, namespaces, namespaceSelector, weight }: AffinityTerm): unknown {
  return [topologyKey, selector, [...namespaces].sort(), namespaceSelector, weight];
}
