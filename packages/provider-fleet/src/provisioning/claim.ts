import type { HostPort } from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import { type Bits, isEmpty, keepCommon, rowsOf } from '../catalogue/bits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSet, CompiledSets } from '../catalogue/compiled-sets.ts';
import type { PodKind, PodVariant } from '../pods/pod-kinds.ts';
import { portsConflict } from '../scheduling/host-ports.ts';
import { type ClaimTemplate, lackingKey } from './templates.ts';

/** What claims are made of. */
export interface ClaimParts {
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly sets: CompiledSets;
}

/** A machine that a plan would buy, as those see it who buy it. */
export interface PlanClaim {
  readonly template: ClaimTemplate;
  readonly requirements: CompiledSet;
  /** Types that it may be. */
  readonly types: Bits;
  /** Pod rows in the order in which they were added. */
  readonly pods: readonly number[];
  /** What the pods ask for together, by resource. */
  readonly totals: readonly number[];
}

/**
 * A machine that a plan would buy. It starts with every type of its pool and keeps all that can still hold its pods: the set
 * only shrinks, price plays no part.
 *
 * The set depends on the requirements and the totals alone, and totals only grow. So a claim that refuses a variant refuses it for
 * ever, and the largest type of an older, larger set bounds the room that is left: two compares refuse most
 * pods before any set is touched.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/nodeclaim.go`.
 */
export class Claim implements PlanClaim {
  readonly template: ClaimTemplate;
  /** Row of the template. */
  readonly row: number;
  /** Which claim of its plan. */
  readonly id: number;
  requirements: CompiledSet;
  types: Bits;
  /** Pod rows in the order in which they were added. */
  readonly pods: number[] = [];
  /** What the pods ask for together, by resource. */
  readonly totals: number[] = [];
  readonly #parts: ClaimParts;
  /** At least as much as the largest remaining type has left, by resource; NaN where not known. */
  readonly #room: number[] = [];
  readonly #refused: Uint8Array;
  #ports: HostPort[] = [];

  constructor(
    parts: ClaimParts,
    template: ClaimTemplate,
    requirements: CompiledSet,
    types: Bits,
    variants: number,
    row: number,
    id: number,
  ) {
    this.row = row;
    this.id = id;
    this.#parts = parts;
    this.template = template;
    this.requirements = requirements;
    this.types = types;
    this.#refused = new Uint8Array(variants);
  }

  /** Adds the pod that the claim was opened for; its types hold the pod already. */
  first(pod: number, kind: PodKind): void {
    this.#add(pod, kind);
  }

  /** Adds a pod if a type is left that holds all of them. */
  tryAdd(pod: number, kind: PodKind, variant: PodVariant, tolerated: boolean, scratch: Bits): boolean {
    const { resources, amounts } = kind;
    for (let k = 0; k < resources.length; k++) if (amounts[k] > this.#room[resources[k]]) return false;
    if (this.#refused[variant.id] === 1) return false;
    if (tolerated && this.#narrow(kind, variant, scratch)) {
      this.types.set(scratch);
      this.#add(pod, kind);
      return true;
    }
    this.#refused[variant.id] = 1;
    const { catalogue } = this.#parts;
    for (let k = 0; k < resources.length; k++) {
      const resource = resources[k];
      this.#room[resource] = catalogue.largest(resource, this.types) - (this.totals[resource] ?? 0);
    }
    return false;
  }

  /** Whether types remain once a pod is added; leaves them in `scratch` and takes over the requirements. */
  #narrow(kind: PodKind, variant: PodVariant, scratch: Bits): boolean {
    const { availability, catalogue, sets } = this.#parts;
    if (kind.ports.length > 0 && portsConflict(this.#ports, kind.ports)) return false;
    const merged = sets.merge(this.requirements, variant.requirements);
    if (merged === undefined) return false;
    scratch.set(this.types);
    if (merged !== this.requirements) {
      if (!keepCommon(scratch, merged.types)) return false;
      if (!keepCommon(scratch, availability.types(merged.markets))) return false;
    }
    const { resources, amounts } = kind;
    for (let k = 0; k < resources.length; k++) {
      const enough = catalogue.atLeast(resources[k], (this.totals[resources[k]] ?? 0) + amounts[k]);
      if (enough === undefined || !keepCommon(scratch, enough)) return false;
    }
    if (merged.minValueKeys.length > 0 && lackingKey(catalogue, merged, rowsOf(scratch)) !== undefined) return false;
    this.requirements = merged;
    return true;
  }

  #add(pod: number, { resources, amounts, ports }: PodKind): void {
    this.pods.push(pod);
    for (let k = 0; k < resources.length; k++) {
      const resource = resources[k];
      this.totals[resource] = (this.totals[resource] ?? 0) + amounts[k];
      const room = this.#room[resource];
      this.#room[resource] = room === undefined ? Number.NaN : room - amounts[k];
    }
    if (ports.length > 0) this.#ports = [...this.#ports, ...ports];
  }
}

/** Types that a new claim of a template may be, for one pod and before limits; undefined where there is none. */
export function openTypes(
  { availability, catalogue }: ClaimParts,
  requirements: CompiledSet,
  { resources, amounts }: PodKind,
): Bits | undefined {
  const types = requirements.types.slice();
  keepCommon(types, availability.types(requirements.markets));
  for (let k = 0; k < resources.length; k++) {
    const enough = catalogue.atLeast(resources[k], amounts[k]);
    if (enough === undefined) return undefined;
    keepCommon(types, enough);
  }
  return isEmpty(types) ? undefined : types;
}
