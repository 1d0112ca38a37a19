import { type ClusterView, firstUntolerated } from '@plimsoll/core';
import type { Bits } from '../catalogue/bits.ts';
import { rowsOf } from '../catalogue/bits.ts';
import type { ExistingNodes } from '../nodes/existing-nodes.ts';
import type { PodKind, PodKinds, PodVariant } from '../pods/pod-kinds.ts';
import { Claim, type ClaimParts, openTypes } from './claim.ts';
import { ClaimOrder } from './claim-order.ts';
import { PoolRoom } from './pool-room.ts';
import { type ClaimTemplate, lackingKey } from './templates.ts';

/** Where a pod that is planned for comes from. */
export const ORIGIN = {
  /** It is pending. */
  pending: 0,
  /** It runs on a node that is being deleted. */
  deleting: 1,
  /** It runs on a node that a consolidation would take away. */
  moved: 2,
} as const;

/** Where a planned pod went: the index of an existing node, −2 − the index of a claim, or nowhere. */
export const UNPLACED = -1;

/** What a plan is made from. Pods stand in queue order. */
export interface PlanInput {
  readonly pods: ArrayLike<number>;
  readonly origins: ArrayLike<number>;
  readonly count: number;
  /** Indices of existing nodes that the plan does without. */
  readonly excluded?: Uint8Array;
  /** What those nodes gave back to their pools' limits. */
  readonly without?: readonly { readonly pool: number; readonly capacity: readonly number[] }[];
  /**
   * Ends the plan as soon as it is useless for a consolidation: more new claims than this, or a pod that is not pending left over or
   * put on a node that is not initialized.
   */
  readonly claimsMax?: number;
}

/**
 * Karpenter's scheduler: pods one by one, each to the first existing node that takes it, else to the in-flight claim with fewest
 * pods that can still hold it, else to a new claim of the first NodePool that serves it; a pod that fails is relaxed step by step,
 * and queued again as long as others are being placed.
 *
 * What is fast: a variant that was refused once by everything is refused for the rest of the plan; existing nodes are walked once
 * per variant; claims refuse by bounds. `test/reference/plain-solver.ts` does the same the long way.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go`, `queue.go`.
 */
export class Solver {
  /** Claims in the order in which they were opened. */
  readonly claims: Claim[] = [];
  /** Where each pod of the input went. */
  placements = new Int32Array(0);
  /** How many pods the last input had. */
  planned = 0;
  /** Those pods, in the order of `placements`. */
  plannedPods: ArrayLike<number> = [];
  /** Whether the plan was ended early as useless. */
  abandoned = false;
  readonly room: PoolRoom;
  readonly #view: ClusterView;
  readonly #parts: ClaimParts;
  readonly #existing: ExistingNodes;
  readonly #pods: PodKinds;
  readonly #templates: readonly ClaimTemplate[];
  readonly #order = new ClaimOrder();
  readonly #tolerated: Int8Array[];
  readonly #opened = new Map<number, Bits | undefined>();
  readonly #scratch: Bits;
  #openedVersion = -1;
  #failedIn = new Int32Array(0);
  #plan = 0;
  #queue = new Int32Array(0);
  #lengthAt = new Int32Array(0);

  constructor(
    view: ClusterView,
    parts: ClaimParts,
    existing: ExistingNodes,
    pods: PodKinds,
    templates: readonly ClaimTemplate[],
  ) {
    this.#view = view;
    this.#parts = parts;
    this.#existing = existing;
    this.#pods = pods;
    this.#templates = templates;
    this.#tolerated = templates.map(() => new Int8Array(0));
    this.#scratch = new Int32Array(parts.catalogue.words);
    this.room = new PoolRoom(parts.catalogue, templates);
  }

  /** Makes a plan; answers stand in `claims`, `placements` and `abandoned`. */
  plan(input: PlanInput): void {
    const { pods, count } = input;
    const podClass = this.#view.pods.class;
    for (let i = 0; i < count; i++) this.#pods.of(podClass[pods[i]]);
    this.#begin(input);
    this.plannedPods = pods;
    this.abandoned = !this.#placeAll(input);
  }

  /** Works the queue off. Returns false as soon as the plan is useless. */
  #placeAll({ pods, origins, count, excluded, claimsMax = Infinity }: PlanInput): boolean {
    const podClass = this.#view.pods.class;
    const strict = claimsMax !== Infinity;
    const size = this.#queue.length;
    let head = 0;
    let length = count;
    for (let i = 0; i < count; i++) this.#queue[i] = i;
    while (length > 0) {
      const i = this.#queue[head];
      // It was put back when the queue was as long as now: nothing was placed since.
      if (this.#lengthAt[i] === length) break;
      head = head + 1 === size ? 0 : head + 1;
      length--;
      const pod = pods[i];
      const kind = this.#pods.of(podClass[pod]);
      const moved = origins[i] === ORIGIN.moved;
      const placement = this.#place(pod, kind, moved, excluded);
      this.placements[i] = placement;
      if (placement === UNPLACED) {
        if (strict && origins[i] !== ORIGIN.pending) return false;
        const tail = head + length;
        this.#queue[tail >= size ? tail - size : tail] = i;
        length++;
        this.#lengthAt[i] = length;
      } else if (strict) {
        if (this.claims.length > claimsMax) return false;
        if (placement >= 0 && moved && this.#existing.initialized[placement] === 0) return false;
      }
    }
    if (!strict) return true;
    for (let i = 0; i < count; i++) {
      if (this.placements[i] === UNPLACED && origins[i] !== ORIGIN.pending) return false;
    }
    return true;
  }

  #begin({ count, without }: PlanInput): void {
    const { variantCount } = this.#pods;
    this.#plan++;
    this.planned = count;
    this.abandoned = false;
    this.claims.length = 0;
    this.#order.clear();
    this.#existing.begin(variantCount);
    this.room.begin(without ?? []);
    if (this.#failedIn.length < variantCount * 2) this.#failedIn = new Int32Array(variantCount * 4);
    if (this.#queue.length < count) {
      this.#queue = new Int32Array(count * 2);
      this.#lengthAt = new Int32Array(count * 2);
      this.placements = new Int32Array(count * 2);
    }
    this.#lengthAt.fill(-1, 0, count);
    if (this.#openedVersion !== this.#parts.availability.version) {
      this.#openedVersion = this.#parts.availability.version;
      this.#opened.clear();
    }
  }

  #place(pod: number, kind: PodKind, moved: boolean, excluded: Uint8Array | undefined): number {
    for (const variant of kind.variants) {
      const slot = variant.id * 2 + (moved ? 1 : 0);
      if (this.#failedIn[slot] === this.#plan) continue;
      const index = this.#existing.firstFit(kind, variant, moved, excluded);
      if (index >= 0) {
        this.#existing.place(index, kind);
        return index;
      }
      const claim = this.#join(pod, kind, variant) ?? this.#open(pod, kind, variant);
      if (claim !== undefined) return -2 - claim;
      this.#failedIn[slot] = this.#plan;
    }
    return UNPLACED;
  }

  #join(pod: number, kind: PodKind, variant: PodVariant): number | undefined {
    const order = this.#order;
    order.sort();
    const { list } = order;
    for (let place = 0; place < list.length; place++) {
      const claim = list[place];
      if (claim.tryAdd(pod, kind, variant, this.#tolerates(claim.row, variant), this.#scratch)) {
        order.grew(place);
        return claim.id;
      }
    }
    return undefined;
  }

  #open(pod: number, kind: PodKind, variant: PodVariant): number | undefined {
    for (let row = 0; row < this.#templates.length; row++) {
      const template = this.#templates[row];
      if (!this.#tolerates(row, variant)) continue;
      const requirements = this.#parts.sets.merge(template.requirements, variant.requirements);
      if (requirements === undefined) continue;
      let types = this.#openTypes(row, kind, variant);
      if (types === undefined) continue;
      const limited = PoolRoom.isLimited(template);
      if (limited) types = this.room.within(row, types);
      if (types === undefined) continue;
      if (requirements.minValueKeys.length > 0 && lackingKey(this.#parts.catalogue, requirements, rowsOf(types)) !== undefined)
        continue;
      const claim = new Claim(
        this.#parts,
        template,
        requirements,
        types.slice(),
        this.#pods.variantCount,
        row,
        this.claims.length,
      );
      claim.first(pod, kind);
      if (limited) this.room.take(row, types);
      this.claims.push(claim);
      this.#order.push(claim);
      return claim.id;
    }
    return undefined;
  }

  #openTypes(row: number, kind: PodKind, variant: PodVariant): Bits | undefined {
    const key = variant.id * this.#templates.length + row;
    let types = this.#opened.get(key);
    if (types === undefined && !this.#opened.has(key)) {
      const requirements = this.#parts.sets.merge(this.#templates[row].requirements, variant.requirements);
      types = requirements === undefined ? undefined : openTypes(this.#parts, requirements, kind);
      this.#opened.set(key, types);
    }
    return types;
  }

  /** Whether a variant tolerates every taint of a pool's nodes; PreferNoSchedule counts until it is relaxed. */
  #tolerates(row: number, variant: PodVariant): boolean {
    let known = this.#tolerated[row];
    if (known.length <= variant.id) {
      known = new Int8Array(Math.max(64, variant.id * 2));
      known.set(this.#tolerated[row]);
      this.#tolerated[row] = known;
    }
    if (known[variant.id] === 0) {
      const { taints } = this.#templates[row].nodePool;
      known[variant.id] = firstUntolerated(taints, variant.tolerations, () => true) === undefined ? 1 : -1;
    }
    return known[variant.id] === 1;
  }
}
