import {
  CPU,
  effectiveRequests,
  goSortBy,
  type HostPort,
  MEMORY,
  type NodeSelectorTerm,
  type PodAffinityTerms,
  type PodSpec,
  type ResourceList,
  type ResourceNames,
  type Toleration,
} from '@plimsoll/core';
import { requirement } from '../requirements/requirement.ts';
import { type RequirementSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { normalised } from '../requirements/well-known.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';

/** A pod as one attempt sees it: with the preferences that are still upheld. Views have rows of their own. */
export interface PodView {
  readonly id: number;
  /** The spec with what was given up left out. */
  readonly spec: PodSpec;
  /** What a machine must serve: node selector, heaviest preferred term, first required term. */
  readonly requirements: KnownSet;
  /** The same without the preferred term: what topology reads as the pod's own domains. */
  readonly strict: KnownSet;
  readonly tolerations: readonly Toleration[];
}

/** Everything about a pod that its spec decides. */
export interface PodShape {
  readonly id: number;
  readonly spec: PodSpec;
  /** What it asks for, itself counted as one pod: by name, by resource row, and row by row where it is more than nothing. */
  readonly requests: ResourceList;
  readonly asked: readonly number[];
  readonly resources: Int32Array;
  readonly amounts: Float64Array;
  readonly cpu: number;
  readonly memory: number;
  readonly ports: readonly HostPort[];
  /** With all preferences first, more relaxed after; views are made as they are needed. */
  readonly views: PodView[];
}

/** Tolerates every PreferNoSchedule taint. */
const PREFER_NO_SCHEDULE: Toleration = { operator: 'Exists', effect: 'PreferNoSchedule' };

/** How pods are read, the same for all of a cluster. */
export interface ShapeRules {
  /** Whether preferences count until they cannot be met. */
  readonly respectPreferences: boolean;
  /** Whether a pool has a PreferNoSchedule taint, so that relaxing may tolerate it. */
  readonly relaxTaints: boolean;
}

/**
 * The shapes of pods, one for each spec object, and the steps of their relaxation.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/preferences.go`, `pkg/scheduling/requirements.go`.
 */
export class PodShapes {
  /** How many views there are. */
  viewCount = 0;
  readonly #sets: KnownSets;
  readonly #names: ResourceNames;
  readonly #rules: ShapeRules;
  readonly #shapes = new Map<PodSpec, PodShape>();

  constructor(sets: KnownSets, names: ResourceNames, rules: ShapeRules) {
    this.#sets = sets;
    this.#names = names;
    this.#rules = rules;
  }

  of(spec: PodSpec): PodShape {
    let shape = this.#shapes.get(spec);
    if (shape === undefined) {
      const requests = { ...effectiveRequests(spec), pods: 1 };
      const vector = this.#names.vector(requests);
      const resources: number[] = [];
      vector.forEach((amount, resource) => {
        if (amount > 0) resources.push(resource);
      });
      shape = {
        id: this.#shapes.size,
        spec,
        requests,
        asked: vector,
        resources: Int32Array.from(resources),
        amounts: Float64Array.from(resources, (resource) => vector[resource]),
        cpu: vector[CPU],
        memory: vector[MEMORY],
        ports: hostPorts(spec),
        views: [],
      };
      shape.views.push(this.#view(spec));
      this.#shapes.set(spec, shape);
    }
    return shape;
  }

  /** The view after so many steps of relaxation; undefined where there is nothing more to give up. */
  view(shape: PodShape, step: number): PodView | undefined {
    const { views } = shape;
    if (step === views.length) {
      const relaxed = relax(views[step - 1].spec, this.#rules.relaxTaints);
      if (relaxed === undefined) return undefined;
      views.push(this.#view(relaxed));
    }
    return views[step];
  }

  #view(spec: PodSpec): PodView {
    const preferred = spec.nodeAffinity?.preferred ?? [];
    // Finding the heaviest sorts the list for good.
    const sorted = goSortBy([...preferred], (a, b) => a.weight > b.weight);
    const strict = this.#sets.of(podRequirements(spec, undefined));
    const heaviest = this.#rules.respectPreferences ? sorted[0]?.preference : undefined;
    return {
      id: this.viewCount++,
      spec: preferred.length > 1 ? { ...spec, nodeAffinity: { ...spec.nodeAffinity, preferred: sorted } } : spec,
      requirements: heaviest === undefined ? strict : this.#sets.of(podRequirements(spec, heaviest)),
      strict,
      tolerations: spec.tolerations ?? [],
    };
  }
}

/** Host ports of a pod's containers. Ports of init containers do not count. */
export function hostPorts(spec: PodSpec): readonly HostPort[] {
  return spec.containers.flatMap((container) => container.ports ?? []);
}

/** Node selector, a preferred term where one is given, and the first required term. */
export function podRequirements(spec: PodSpec, preferred: NodeSelectorTerm | undefined): RequirementSet {
  const selector = spec.nodeSelector ?? {};
  let set = requirementSet(Object.keys(selector).map((key) => ({ key, operator: 'In', values: [selector[key]] }) as const));
  for (const term of [preferred, spec.nodeAffinity?.required?.[0]]) {
    if (term !== undefined) set = withAll(set, termSet(term).values());
  }
  return set;
}

/** What a term's expressions ask for together. */
export function termSet(term: NodeSelectorTerm): RequirementSet {
  const expressions = term.matchExpressions ?? [];
  return withAll(
    new Map(),
    expressions.map(({ key, operator, values }) => requirement(normalised(key), operator, values)),
  );
}

/** The spec with one thing less to ask for, in the real program's order; undefined where nothing is left to give up. */
function relax(spec: PodSpec, relaxTaints: boolean): PodSpec | undefined {
  const { nodeAffinity, podAffinity, podAntiAffinity, tolerations = [], topologySpread = [] } = spec;
  const required = nodeAffinity?.required ?? [];
  if (required.length > 1) return { ...spec, nodeAffinity: { ...nodeAffinity, required: required.slice(1) } };
  const affinity = withoutHeaviest(podAffinity);
  if (affinity !== undefined) return { ...spec, podAffinity: affinity };
  const antiAffinity = withoutHeaviest(podAntiAffinity);
  if (antiAffinity !== undefined) return { ...spec, podAntiAffinity: antiAffinity };
  const preferred = nodeAffinity?.preferred ?? [];
  if (preferred.length > 0) {
    return { ...spec, nodeAffinity: { ...nodeAffinity, preferred: byWeight(preferred).slice(1) } };
  }
  const soft = topologySpread.findIndex((constraint) => constraint.whenUnsatisfiable === 'ScheduleAnyway');
  if (soft >= 0) {
    // The last constraint takes the place of the one that is dropped.
    const left = [...topologySpread];
    left[soft] = left[left.length - 1];
    left.pop();
    return { ...spec, topologySpread: left };
  }
  const tolerated = tolerations.some(
    ({ effect, key, operator, value }) =>
      key === undefined && value === undefined && operator === 'Exists' && effect === 'PreferNoSchedule',
  );
  if (!relaxTaints || tolerated) return undefined;
  return { ...spec, tolerations: [...tolerations, PREFER_NO_SCHEDULE] };
}

function withoutHeaviest(terms: PodAffinityTerms | undefined): PodAffinityTerms | undefined {
  const preferred = terms?.preferred ?? [];
  return preferred.length === 0 ? undefined : { ...terms, preferred: byWeight(preferred).slice(1) };
}

/** Heaviest first; equals keep their order. */
function byWeight<T extends { readonly weight: number }>(terms: readonly T[]): T[] {
  return [...terms].sort((a, b) => b.weight - a.weight);
}
