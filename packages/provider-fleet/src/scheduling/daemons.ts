import {
  addLists,
  effectiveRequests,
  firstUntolerated,
  type HostPort,
  type PodSpec,
  type ResourceList,
  type Taint,
} from '@plimsoll/core';
import { type Bits, setBit } from '../catalogue/bits.ts';
import { conflict, incompatibility, type RequirementSet } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import type { DaemonSetObject, PodObject } from '../state/objects.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';
import { hostPorts, podRequirements } from './pod-shape.ts';
import type { TypeTable } from './type-table.ts';

/** Types of a template on which the same daemons run. */
export interface OverheadGroup {
  readonly types: Bits;
  /** What the daemons ask for together; undefined without daemons. */
  readonly overhead: ResourceList | undefined;
  readonly ports: readonly HostPort[];
}

/** Tolerates what a daemon need not respect. */
const PREFER_NO_SCHEDULE = { operator: 'Exists', effect: 'PreferNoSchedule' } as const;

/** A daemon's pod. Asking whether it runs somewhere may change it for good: see {@link Daemons}. */
interface Daemon {
  spec: PodSpec;
  /** The set that its first required term gives; worked out anew when a term was dropped. */
  strict: RequirementSet;
  known: KnownSet;
  readonly ports: readonly HostPort[];
  readonly requests: ResourceList;
  /** Whether a toleration of PreferNoSchedule was added. */
  tolerant: boolean;
}

/**
 * The pods of DaemonSets, and where they run.
 *
 * The real program asks type after type of pool after pool, and changes the pods as it goes: a required term that failed once stays
 * dropped, and a toleration of PreferNoSchedule stays added. So the order of questions matters, and existing nodes are asked last.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go` (buildDaemonOverheadGroups, isDaemonPodCompatible,
 * getCompatibleDaemonPods), `pkg/controllers/provisioning/provisioner.go` (getDaemonSetPods).
 */
export class Daemons {
  readonly #daemons: readonly Daemon[];
  readonly #sets: KnownSets;

  constructor(daemonSets: readonly DaemonSetObject[], pods: readonly PodObject[], sets: KnownSets) {
    this.#sets = sets;
    this.#daemons = daemonSets.flatMap((daemonSet) => {
      const found = newestPod(daemonSet, pods);
      if (found?.hasResourceClaims === true) return [];
      return this.#daemon(withTemplateAffinity(found?.spec ?? daemonSet.template, daemonSet.template));
    });
  }

  get none(): boolean {
    return this.#daemons.length === 0;
  }

  /** The groups of a template's types, in the order of their first types. */
  groups(requirements: RequirementSet, taints: readonly Taint[], table: TypeTable, rows: readonly number[]): OverheadGroup[] {
    const groups = new Map<string, OverheadGroup>();
    for (const row of rows) {
      const running = this.#daemons.filter((daemon) => this.#runsOn(daemon, requirements, taints, table.types[row].requirements));
      const key = running.map((daemon) => this.#daemons.indexOf(daemon)).join(',');
      let group = groups.get(key);
      if (group === undefined) {
        group = {
          types: table.none(),
          overhead: running.length === 0 ? undefined : requestsOf(running),
          ports: running.flatMap(({ ports }) => ports),
        };
        groups.set(key, group);
      }
      setBit(group.types, row);
    }
    return [...groups.values()];
  }

  /** What the daemons of a node ask for together, by the labels and taints that it has. */
  requestsOn(set: KnownSet, hostName: string, taints: readonly Taint[]): ResourceList {
    const running = this.#daemons.filter(
      ({ known, spec }) =>
        firstUntolerated(taints, spec.tolerations ?? [], () => true) === undefined && this.#sets.serves(set, hostName, known),
    );
    return requestsOf(running);
  }

  #daemon(spec: PodSpec): Daemon {
    const strict = podRequirements(spec, undefined);
    return {
      spec,
      strict,
      known: this.#sets.of(strict),
      ports: hostPorts(spec),
      requests: { ...effectiveRequests(spec), pods: 1 },
      tolerant: false,
    };
  }

  #runsOn(daemon: Daemon, template: RequirementSet, taints: readonly Taint[], type: RequirementSet): boolean {
    if (!daemon.tolerant) {
      daemon.tolerant = true;
      daemon.spec = { ...daemon.spec, tolerations: [...(daemon.spec.tolerations ?? []), PREFER_NO_SCHEDULE] };
    }
    if (firstUntolerated(taints, daemon.spec.tolerations ?? [], () => true) !== undefined) return false;
    for (;;) {
      const { strict } = daemon;
      if (incompatibility(template, strict, WELL_KNOWN) === undefined && conflict(type, strict) === undefined) return true;
      const required = daemon.spec.nodeAffinity?.required ?? [];
      if (required.length <= 1) return false;
      daemon.spec = { ...daemon.spec, nodeAffinity: { ...daemon.spec.nodeAffinity, required: required.slice(1) } };
      daemon.strict = podRequirements(daemon.spec, undefined);
      daemon.known = this.#sets.of(daemon.strict);
    }
  }
}

/** What is least asked for over the groups whose types are left. */
export function leastOverhead(groups: readonly OverheadGroup[], isLeft: (group: OverheadGroup) => boolean): ResourceList {
  let least: ResourceList = {};
  for (const group of groups) {
    if (!isLeft(group)) continue;
    const { overhead = {} } = group;
    // While nothing is held the next group's is taken as it is: an empty one is replaced again.
    if (Object.keys(least).length === 0) {
      least = overhead;
      continue;
    }
    const common: Record<string, number> = {};
    for (const name of Object.keys(least)) {
      if (overhead[name] !== undefined) common[name] = Math.min(least[name], overhead[name]);
    }
    least = common;
  }
  return least;
}

function requestsOf(daemons: readonly Daemon[]): ResourceList {
  return { ...addLists(...daemons.map(({ requests }) => requests)), pods: daemons.length };
}

/** The newest pod that a DaemonSet controls, whatever its state. */
function newestPod({ namespace, uid }: DaemonSetObject, pods: readonly PodObject[]): PodObject | undefined {
  let newest: PodObject | undefined;
  for (const pod of pods) {
    if (pod.spec.namespace !== namespace || !pod.owners.some((owner) => owner.controller && owner.uid === uid)) continue;
    if (newest === undefined || pod.createdAt > newest.createdAt) newest = pod;
  }
  return newest;
}

/** A pod with the template's required node affinity: the DaemonSet controller writes another into the pods that it makes. */
function withTemplateAffinity(spec: PodSpec, template: PodSpec): PodSpec {
  const required = template.nodeAffinity?.required;
  return required === undefined ? spec : { ...spec, nodeAffinity: { ...spec.nodeAffinity, required } };
}
