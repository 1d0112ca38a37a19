import {
  type Classes,
  CPU,
  type HostPort,
  LABEL,
  MEMORY,
  type PodClass,
  type PodSpec,
  parseDuration,
  type Toleration,
  tolerates,
} from '@plimsoll/core';
import type { CompiledSet, CompiledSets } from '../catalogue/compiled-sets.ts';
import { evictionCost } from '../disruption/eviction-cost.ts';
import { operatorOf } from '../requirements/requirement.ts';
import { isRestricted } from '../requirements/well-known.ts';
import { podViews } from './pod-variants.ts';

/** One step of a pod's relaxation, with a row of its own: what is remembered about it is remembered by that row. */
export interface PodVariant {
  readonly id: number;
  readonly requirements: CompiledSet;
  readonly tolerations: readonly Toleration[];
}

/** What Karpenter needs to know about a pod class. */
export interface PodKind {
  readonly id: number;
  readonly daemon: boolean;
  /** Controlled by a StatefulSet: it is planned for again even while it terminates. */
  readonly stateful: boolean;
  /** Rejected before scheduling: it asks for what Karpenter may not serve. */
  readonly invalid: boolean;
  /** Pod affinity, spread or volumes: what already runs is asked through the scheduler's filters. */
  readonly constrained: boolean;
  /** Resources that it asks for, and how much of each. */
  readonly resources: Int32Array;
  readonly amounts: Float64Array;
  readonly cpu: number;
  readonly memory: number;
  readonly ports: readonly HostPort[];
  /** With all preferences first, most relaxed last. */
  readonly variants: readonly PodVariant[];
  readonly evictionCost: number;
  /** Milliseconds after its start during which it must not be disrupted: 0 for never, Infinity for always. */
  readonly protectedMs: number;
  /** 0 ordinary, 2 critical; plus 1 for daemons: the order in which a drain takes pods. */
  readonly drainGroup: number;
  readonly toleratesDisruption: boolean;
}

/** The taint of a node that is being disrupted. */
export const DISRUPTED = { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' } as const;

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';
/** From this priority on a pod is critical: that of system-cluster-critical. */
const CRITICAL_PRIORITY = 2_000_000_000;

/** The kinds of a run's pod classes, made when first met. */
export class PodKinds {
  /** How many variants there are. */
  variantCount = 0;
  readonly #classes: Classes;
  readonly #sets: CompiledSets;
  readonly #ignorePreferences: boolean;
  readonly #relaxTaints: boolean;
  readonly #kinds: PodKind[] = [];
  #ranks: Int32Array | undefined;

  constructor(classes: Classes, sets: CompiledSets, ignorePreferences: boolean, relaxTaints: boolean) {
    this.#classes = classes;
    this.#sets = sets;
    this.#ignorePreferences = ignorePreferences;
    this.#relaxTaints = relaxTaints;
  }

  of(podClass: number): PodKind {
    let kind = this.#kinds[podClass];
    if (kind === undefined) {
      kind = this.#make(this.#classes.pods[podClass]);
      this.#kinds[podClass] = kind;
      this.#ranks = undefined;
    }
    return kind;
  }

  /** Place of a class in the queue: more CPU first, then more memory. Equal requests share a place. */
  rank(podClass: number): number {
    this.of(podClass);
    this.#ranks ??= this.#rankAll();
    return this.#ranks[podClass];
  }

  #rankAll(): Int32Array {
    // All classes that there are get their kind first, so that ranks are settled anew only when there are others.
    for (const { id } of this.#classes.pods) this.of(id);
    const known = this.#kinds.filter((kind) => kind !== undefined);
    known.sort((a, b) => b.cpu - a.cpu || b.memory - a.memory);
    const ranks = new Int32Array(this.#kinds.length);
    known.forEach((kind, index) => {
      const before = known[index - 1];
      const equal = before !== undefined && before.cpu === kind.cpu && before.memory === kind.memory;
      ranks[kind.id] = equal ? ranks[before.id] : index;
    });
    return ranks;
  }

  #make({ id, spec, requests, priority }: PodClass): PodKind {
    const resources: number[] = [];
    requests.forEach((amount, resource) => {
      if (amount > 0) resources.push(resource);
    });
    const views = podViews(spec, this.#ignorePreferences, this.#relaxTaints);
    const variants = views.map(({ requirements, tolerations }): PodVariant => {
      return { id: this.variantCount++, requirements: this.#sets.of(requirements), tolerations };
    });
    const daemon = spec.controller === 'DaemonSet';
    const critical = priority >= CRITICAL_PRIORITY;
    return {
      id,
      daemon,
      stateful: spec.controller === 'StatefulSet',
      invalid: daemon || isInvalid(spec),
      constrained: isConstrained(spec),
      resources: Int32Array.from(resources),
      amounts: Float64Array.from(resources, (resource) => requests[resource]),
      cpu: requests[CPU] ?? 0,
      memory: requests[MEMORY] ?? 0,
      ports: spec.containers.flatMap((container) => container.ports ?? []),
      variants,
      evictionCost: evictionCost(spec.annotations, priority),
      protectedMs: protectedMs(spec.annotations[DO_NOT_DISRUPT]),
      drainGroup: (critical ? 2 : 0) + (daemon ? 1 : 0),
      toleratesDisruption: (spec.tolerations ?? []).some((toleration) => tolerates(toleration, DISRUPTED)),
    };
  }
}

/** `"true"` protects for ever, a positive duration for that long after the pod's start; anything else does not. */
function protectedMs(annotation: string | undefined): number {
  if (annotation === undefined) return 0;
  if (annotation === 'true') return Infinity;
  return /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(annotation) ? parseDuration(annotation) : 0;
}

/** Source: Karpenter 1.14.1, `pkg/controllers/provisioning/provisioner.go` (Validate). */
function isInvalid(spec: PodSpec): boolean {
  const terms = [...(spec.nodeAffinity?.required ?? []), ...(spec.nodeAffinity?.preferred ?? []).map((p) => p.preference)];
  if (terms.some((term) => (term.matchFields ?? []).length > 0)) return true;
  const keys = [...Object.keys(spec.nodeSelector ?? {}), ...terms.flatMap((t) => (t.matchExpressions ?? []).map((e) => e.key))];
  if (keys.some(isRestricted)) return true;
  const [view] = podViews(spec, false, false);
  const pool = view.requirements.get(LABEL.nodePool);
  return pool !== undefined && operatorOf(pool) === 'DoesNotExist';
}

function isConstrained(spec: PodSpec): boolean {
  return (
    (spec.topologySpread ?? []).length > 0 ||
    (spec.podAffinity?.required ?? []).length > 0 ||
    (spec.podAntiAffinity?.required ?? []).length > 0 ||
    (spec.volumes ?? []).some((volume) => volume.kind === 'persistentVolumeClaim' || volume.kind === 'ephemeral')
  );
}
