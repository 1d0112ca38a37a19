import { firstUntolerated, type HostPort, LABEL, type ResourceList, type Taint } from '@plimsoll/core';
import { type Bits, isEmpty, rowsOf } from '../catalogue/bits.ts';
import { requirement } from '../requirements/requirement.ts';
import type { RequirementSet } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import type { NodePoolObject, PodObject } from '../state/objects.ts';
import type { OverheadGroup } from './daemons.ts';
import type { Failure, TypeFailure } from './failure.ts';
import { clashText, minValuesText, taintsText, topologyText, typesText } from './failure-text.ts';
import { portsConflict } from './host-ports.ts';
import { allowsHost, type KnownSet, type KnownSets } from './known-sets.ts';
import type { PodShape, PodView } from './pod-shape.ts';
import type { Reservations } from './reservations.ts';
import type { Topology } from './topology.ts';
import { TopologyGroup } from './topology-group.ts';
import type { TypeTable } from './type-table.ts';

/** What a new claim of a NodePool starts from. */
export interface Template {
  readonly row: number;
  readonly pool: NodePoolObject;
  readonly set: KnownSet;
  readonly table: TypeTable;
  /** Types that meet the pool's requirements and are to be had. */
  readonly types: Bits;
  readonly groups: readonly ClaimGroup[];
  /** Whether the claim opened last lowered `minValues`: claims of a pool share the annotation that tells it. */
  readonly relaxed: { minValues: boolean };
}

/** An overhead group with its overhead by resource row. */
export interface ClaimGroup extends OverheadGroup {
  readonly overheads: readonly number[];
}

/** What claims need of the simulation that they are part of. */
export interface ClaimWorld {
  readonly sets: KnownSets;
  readonly topology: Topology;
  readonly reservations: Reservations;
  /** What happens to claims that lose their reservations: `strict` refuses the pod, `fallback` goes on, `off` knows no reservations. */
  readonly reserved: 'strict' | 'fallback' | 'off';
}

/** A pod that is being placed. */
export interface Waiting {
  readonly pod: PodObject;
  readonly shape: PodShape;
  /** Alternatives of where its volumes can be; undefined where they do not matter. */
  readonly volumes: readonly KnownSet[] | undefined;
}

/** What a claim becomes with one more pod. */
interface Outcome {
  readonly set: KnownSet;
  readonly types: Bits;
  readonly reservations: ReadonlySet<string>;
}

/** How a claim answered: it will hold the pod; it may later; or never. */
const NEVER = 1;
const LATER = 2;
const WANTS_RESERVATION = 3;

const NO_RESERVATIONS: ReadonlySet<string> = new Set();

/**
 * A machine that would be bought. It starts with every type of its pool and keeps all that can still hold its pods: the set only
 * shrinks, price plays no part.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/nodeclaim.go`.
 */
export class OpenClaim {
  readonly template: Template;
  /** Which claim of its plan, from 1. */
  readonly number: number;
  /** A host name that no node has. */
  readonly hostName: string;
  set: KnownSet;
  types: Bits;
  readonly pods: PodObject[] = [];
  /** What each of them is. */
  readonly shapes: PodShape[] = [];
  /** What its pods ask for, by resource. */
  readonly totals: number[] = [];
  /** Reservations that it holds. */
  reservations: ReadonlySet<string> = NO_RESERVATIONS;
  readonly #world: ClaimWorld;
  #ports: readonly HostPort[] = [];
  /** At least as much as the largest remaining type has left, by resource; undefined where not known. */
  readonly #room: number[] = [];
  /** Views that it will never hold. */
  #never = new Uint8Array(64);
  #answer = 0;
  /** Keys whose `minValues` were lowered when it was opened. */
  #relaxed: ReadonlyMap<string, number> | undefined;

  constructor(template: Template, types: Bits, number: number, world: ClaimWorld) {
    this.template = template;
    this.types = types;
    this.number = number;
    this.hostName = `hostname-placeholder-${number}`;
    this.set = template.set;
    this.#world = world;
  }

  /** Adds a pod if a type is left that holds all of them. */
  tryAdd(waiting: Waiting, view: PodView): boolean {
    const { resources, amounts } = waiting.shape;
    const room = this.#room;
    for (let k = 0; k < resources.length; k++) if (amounts[k] > room[resources[k]]) return false;
    const { id } = view;
    if (id < this.#never.length && this.#never[id] === 1) return false;
    const outcome = this.#outcome(waiting, view, false);
    if (outcome === undefined) {
      if (this.#answer === NEVER && waiting.volumes === undefined) this.#refuse(id);
      return false;
    }
    this.add(waiting, outcome);
    return true;
  }

  /**
   * Adds the pod that the claim is opened for. `relaxMinValues` lowers `minValues` to what can be had.
   *
   * @returns whether it holds the pod
   */
  tryOpen(waiting: Waiting, view: PodView, relaxMinValues: boolean): boolean {
    const outcome = this.#outcome(waiting, view, relaxMinValues);
    if (outcome === undefined) return false;
    this.add(waiting, outcome);
    return true;
  }

  /** Whether the last refusal was for want of reserved capacity. */
  get wantsReservation(): boolean {
    return this.#answer === WANTS_RESERVATION;
  }

  /** Whether opening it lowered some `minValues`. */
  get minValuesRelaxed(): boolean {
    return this.#relaxed !== undefined;
  }

  add({ pod, shape }: Waiting, { reservations, set, types }: Outcome): void {
    const { reservations: manager, topology } = this.#world;
    const { amounts, ports, resources } = shape;
    this.set = set;
    this.types = types;
    this.pods.push(pod);
    this.shapes.push(shape);
    for (let k = 0; k < resources.length; k++) {
      const resource = resources[k];
      this.totals[resource] = (this.totals[resource] ?? 0) + amounts[k];
      if (this.#room[resource] !== undefined) this.#room[resource] -= amounts[k];
    }
    if (ports.length > 0) this.#ports = [...this.#ports, ...ports];
    topology.record(shape, { set, hostName: this.hostName, taints: this.#taints });
    if (reservations !== this.reservations) {
      manager.hold(this, this.reservations, reservations);
      this.reservations = reservations;
    }
  }

  /** Why it refuses a pod. It must refuse it. `hosts` are the host names that topology knows. */
  failure(waiting: Waiting, view: PodView, relaxMinValues: boolean, hosts: () => readonly string[]): Failure {
    const { sets } = this.#world;
    if (!this.#tolerated(view)) return { kind: 'taints', text: () => taintsText(this.#taints, view.tolerations) };
    const merged = sets.merge(this.set, view.requirements, false);
    if (merged === undefined || !allowsHost(view.requirements, this.hostName)) {
      const text = (): string => `incompatible requirements, ${clashText(this.#whole(this.set), whole(view.requirements))}`;
      return { kind: 'requirements', text };
    }
    let failure: Failure | undefined;
    for (const volume of waiting.volumes ?? [undefined]) {
      const withVolume = volume === undefined ? merged : sets.merge(merged, volume, false);
      if (withVolume === undefined || (volume !== undefined && !allowsHost(volume, this.hostName))) {
        const text = (): string =>
          `incompatible volume requirements, ${clashText(this.#whole(merged), whole(volume as KnownSet))}`;
        failure = { kind: 'volume', text };
      } else failure = this.#failureAt(waiting, view, withVolume, relaxMinValues, hosts);
    }
    return failure as Failure;
  }

  #failureAt(
    { shape }: Waiting,
    view: PodView,
    merged: KnownSet,
    relaxMinValues: boolean,
    hosts: () => readonly string[],
  ): Failure {
    const { sets, topology } = this.#world;
    const place = { set: merged, hostName: this.hostName, taints: this.#taints };
    const picks = topology.require(shape, view, place);
    if (picks instanceof TopologyGroup) {
      const { key } = picks.rule;
      const [pod, machine] = [whole(view.strict).get(key), this.#whole(merged).get(key)];
      const text = (): string => topologyText(picks, pod, machine, picks.isHost ? hosts() : []);
      return { kind: 'topology', groups: topology.refusing(shape, view, place), text };
    }
    const narrowed = picks.length === 0 ? merged : sets.narrow(merged, picks);
    if (picks.length > 0 && sets.merge(merged, narrowed, false) === undefined) {
      const unknown = picks.some(({ key }) => !merged.set.has(key) && !WELL_KNOWN.has(key));
      return { kind: unknown ? 'requirements' : 'badKey', text: () => clashText(merged.set, narrowed.set) };
    }
    const types = this.#filter(narrowed, shape);
    const asked = { requirements: narrowed.set, requests: shape.requests, overheads: this.#overheads(shape) };
    if (isEmpty(types)) {
      const missing = this.#missing(narrowed, shape);
      return { kind: 'types', missing, text: () => typesText(missing, asked) };
    }
    const lacking = this.#lacking(narrowed, types);
    if (!relaxMinValues && lacking !== undefined) {
      return { kind: 'minValues', text: () => minValuesText([...lacking.keys()], asked) };
    }
    return { kind: 'reserved', text: () => RESERVED_OUT };
  }

  /** What daemons ask for, group by group, where no host port stands in the way. */
  #overheads({ ports }: PodShape): ResourceList[] {
    return this.template.groups.flatMap(({ overhead, ports: taken }) =>
      overhead === undefined || portsConflict(taken, ports) ? [] : [overhead],
    );
  }

  /** A set with the claim's own host name. */
  #whole({ set }: KnownSet): RequirementSet {
    return new Map([...set, [LABEL.hostname, requirement(LABEL.hostname, 'In', [this.hostName])]]);
  }

  get #taints(): readonly Taint[] {
    return this.template.pool.taints;
  }

  #tolerated({ tolerations }: PodView): boolean {
    return firstUntolerated(this.#taints, tolerations, () => true) === undefined;
  }

  #outcome(waiting: Waiting, view: PodView, relaxMinValues: boolean): Outcome | undefined {
    const { sets } = this.#world;
    const { requirements } = view;
    this.#answer = NEVER;
    if (!this.#tolerated(view)) return undefined;
    const merged = sets.merge(this.set, requirements, false);
    if (merged === undefined || !allowsHost(requirements, this.hostName)) {
      if (requirements.fickle) this.#answer = LATER;
      return undefined;
    }
    if (waiting.volumes === undefined) return this.#narrowed(waiting, view, merged, relaxMinValues);
    for (const volume of waiting.volumes) {
      const withVolume = sets.merge(merged, volume, false);
      if (withVolume === undefined || !allowsHost(volume, this.hostName)) continue;
      const outcome = this.#narrowed(waiting, view, withVolume, relaxMinValues);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #narrowed({ shape }: Waiting, view: PodView, merged: KnownSet, relaxMinValues: boolean): Outcome | undefined {
    const { sets, topology } = this.#world;
    const picks = topology.require(shape, view, { set: merged, hostName: this.hostName, taints: this.#taints });
    if (picks instanceof TopologyGroup) {
      this.#answer = topology.isFinal(picks) ? NEVER : LATER;
      return undefined;
    }
    let set = merged;
    if (picks.length > 0) {
      // What is picked now may be another domain later.
      this.#answer = LATER;
      set = sets.narrow(merged, picks);
      if (sets.merge(merged, set, false) === undefined) return undefined;
    }
    const types = this.#filter(set, shape);
    if (isEmpty(types)) {
      this.#measure(shape);
      return undefined;
    }
    if (set.minValueKeys.length > 0) {
      const lacking = this.#lacking(set, types);
      if (lacking !== undefined) {
        if (!relaxMinValues) return undefined;
        set = sets.of(
          new Map([...set.set].map(([key, r]) => [key, lacking.has(key) ? { ...r, minValues: lacking.get(key) } : r])),
        );
        this.#relaxed = lacking;
      }
    }
    const reservations = this.#reservable(set, types);
    if (reservations === undefined) {
      this.#answer = WANTS_RESERVATION;
      return undefined;
    }
    return { set, types, reservations };
  }

  /** Types that are left with a pod more. */
  #filter(set: KnownSet, shape: PodShape): Bits {
    const { groups, table } = this.template;
    const out = table.of(set).slice();
    for (let w = 0; w < out.length; w++) out[w] &= this.types[w];
    if (shape.ports.length > 0 && portsConflict(this.#ports, shape.ports)) return out.fill(0);
    if (groups.length === 1 && groups[0].overhead === undefined) {
      this.#keepFitting(out, groups[0], shape);
      return out;
    }
    const allowed = out.slice();
    out.fill(0);
    for (const group of groups) {
      if (shape.ports.length > 0 && portsConflict(group.ports, shape.ports)) continue;
      const fitting = allowed.slice();
      for (let w = 0; w < out.length; w++) fitting[w] &= group.types[w];
      this.#keepFitting(fitting, group, shape);
      for (let w = 0; w < out.length; w++) out[w] |= fitting[w];
    }
    return out;
  }

  /** Keeps the types that have room for the claim's pods, one more, and a group's daemons. */
  #keepFitting(types: Bits, { overheads }: ClaimGroup, { asked }: PodShape): void {
    const { table } = this.template;
    const { totals } = this;
    const count = Math.max(totals.length, asked.length, overheads.length);
    for (let resource = 0; resource < count; resource++) {
      const wanted = (totals[resource] ?? 0) + (asked[resource] ?? 0) + (overheads[resource] ?? 0);
      if (wanted === 0) continue;
      const enough = table.atLeast(resource, wanted);
      if (enough === undefined) {
        types.fill(0);
        return;
      }
      for (let w = 0; w < types.length; w++) types[w] &= enough[w];
    }
  }

  /** Keys of which the types have too few values between them, with how many they have; undefined where there is none. */
  #lacking(set: KnownSet, types: Bits): ReadonlyMap<string, number> | undefined {
    let lacking: Map<string, number> | undefined;
    for (const key of set.minValueKeys) {
      const distinct = this.template.table.distinct(key, types);
      if (distinct >= (set.set.get(key)?.minValues ?? 0)) continue;
      lacking ??= new Map();
      lacking.set(key, distinct);
    }
    return lacking;
  }

  /** Reservations that the claim would hold; undefined where it has to wait for one. */
  #reservable(set: KnownSet, types: Bits): ReadonlySet<string> | undefined {
    const { reservations, reserved } = this.#world;
    const { table } = this.template;
    if (reserved === 'off' || !table.hasReservations) return NO_RESERVATIONS;
    let compatible = false;
    const ids = new Set<string>();
    for (const id of table.reservations(set, types)) {
      compatible = true;
      if (reservations.canHold(this, id)) ids.add(id);
    }
    if (reserved === 'strict' && ids.size === 0 && (compatible || this.reservations.size > 0)) return undefined;
    return ids;
  }

  /** Why no type is left. */
  #missing(set: KnownSet, shape: PodShape): TypeFailure {
    const { groups, table } = this.template;
    const [admitted, offered] = [table.admitted(set), table.offered(set)];
    const met = { requirements: false, resources: false, offering: false };
    const lacks = { requirements: false, resources: false, offering: false };
    for (const group of groups) {
      if (shape.ports.length > 0 && (portsConflict(group.ports, shape.ports) || portsConflict(this.#ports, shape.ports)))
        continue;
      const fitting = table.sound.slice();
      this.#keepFitting(fitting, group, shape);
      for (const row of rowsOf(this.types)) {
        const has = (bits: Bits): boolean => (bits[row >>> 5] & (1 << (row & 31))) !== 0;
        if (!has(group.types)) continue;
        const [requirements, offering] = [has(admitted), has(offered)];
        // A type counts as large enough only where it is to be had as well.
        const resources = has(fitting) && offering;
        met.requirements ||= requirements;
        met.resources ||= resources;
        met.offering ||= offering;
        lacks.offering ||= requirements && resources && !offering;
        lacks.resources ||= requirements && offering && !resources;
        lacks.requirements ||= resources && offering && !requirements;
      }
    }
    const names = ['requirements', 'resources', 'offering'] as const;
    const none = names.filter((name) => !met[name]);
    if (none.length > 0) return ['none', ...none];
    if (lacks.offering) return ['pair', 'offering'];
    if (lacks.requirements) return ['pair', 'requirements'];
    return lacks.resources ? ['pair', 'resources'] : ['tuple'];
  }

  /** Notes how much room the largest type has left. */
  #measure({ resources }: PodShape): void {
    for (let k = 0; k < resources.length; k++) {
      const resource = resources[k];
      this.#room[resource] = this.template.table.largest(resource, this.types) - (this.totals[resource] ?? 0);
    }
  }

  #refuse(view: number): void {
    if (view >= this.#never.length) {
      const wider = new Uint8Array(view * 2 + 64);
      wider.set(this.#never);
      this.#never = wider;
    }
    this.#never[view] = 1;
  }
}

const RESERVED_OUT = 'one or more instance types with compatible reserved offerings are available, but could not be reserved';

/** A set with what it asks of the host name. */
function whole({ host, set }: KnownSet): RequirementSet {
  return host === undefined ? set : new Map([...set, [host.key, host]]);
}
