import type { CompiledSets } from '../catalogue/compiled-sets.ts';
import { SIMULATED_LABELS } from '../scheduling/ground.ts';
import type { OpenClaim } from '../scheduling/open-claim.ts';
import { schedule } from '../scheduling/schedule.ts';
import type { PlanClaim } from './claim.ts';
import { LEAVING, type LiveParts, LiveWorld } from './live-world.ts';
import type { PoolRoom } from './pool-room.ts';
import { ORIGIN, type PlanInput, UNPLACED } from './solver.ts';
import type { ClaimTemplate } from './templates.ts';

/** What a whole plan is made from. */
export interface WholeParts extends LiveParts {
  readonly sets: CompiledSets;
  readonly templates: readonly ClaimTemplate[];
  readonly room: PoolRoom;
}

/**
 * Plans by the whole model of Karpenter's scheduler, which recorded decisions judge: with topology, preferences about other pods and the
 * overhead of daemons. The fast {@link Solver} decides the same where none of these is in play.
 */
export class WholeSolver {
  readonly room: PoolRoom;
  claims: PlanClaim[] = [];
  placements = new Int32Array(0);
  planned = 0;
  plannedPods: ArrayLike<number> = [];
  abandoned = false;
  readonly #parts: WholeParts;
  readonly #world: LiveWorld;

  constructor(parts: WholeParts) {
    this.#parts = parts;
    this.#world = new LiveWorld(parts);
    this.room = parts.room;
  }

  /** Makes a plan; answers stand in `claims`, `placements` and `abandoned`. */
  plan({ claimsMax = Infinity, count, excluded, origins, pods }: PlanInput): void {
    const world = this.#world;
    const cluster = world.look();
    const rows = Array.from({ length: count }, (_, i) => pods[i]);
    const objects = rows.map((row, i) => world.waiting(row, origins[i]));
    const { closed } = this.#parts.existing;
    const result = schedule(cluster, {
      pods: objects,
      nodes: excluded === undefined ? world.machines : world.machines.filter(({ index }) => excluded[index] !== 1),
      reserved: claimsMax === Infinity ? 'strict' : 'fallback',
      closed: new Set(world.machines.filter(({ index }) => closed[index] === 1)),
      leaving: LEAVING_NODES,
    });
    const at = new Map(objects.map((object, i) => [object, i]));
    this.planned = count;
    this.plannedPods = rows;
    this.placements = new Int32Array(count).fill(UNPLACED);
    // Claims are named in the order in which they were opened.
    const claims = [...result.claims].sort((a, b) => a.number - b.number);
    this.claims = claims.map((claim, id) => {
      const own = claim.pods.map((pod) => at.get(pod) as number);
      for (const i of own) this.placements[i] = -2 - id;
      return this.#planClaim(
        claim,
        own.map((i) => rows[i]),
      );
    });
    for (const { facts, pods: placed } of result.existing) {
      for (const pod of placed) this.placements[at.get(pod) as number] = facts.state.index;
    }
    this.abandoned = claimsMax !== Infinity && this.#isUseless(origins, claimsMax);
  }

  /** Whether a consolidation could do nothing with the plan. */
  #isUseless(origins: ArrayLike<number>, claimsMax: number): boolean {
    if (this.claims.length > claimsMax) return true;
    const { initialized } = this.#parts.existing;
    for (let i = 0; i < this.planned; i++) {
      const placement = this.placements[i];
      if (placement === UNPLACED && origins[i] !== ORIGIN.pending) return true;
      if (placement >= 0 && origins[i] === ORIGIN.moved && initialized[placement] === 0) return true;
    }
    return false;
  }

  #planClaim({ set, template, totals, types }: OpenClaim, pods: readonly number[]): PlanClaim {
    const { sets, templates } = this.#parts;
    const requirements = new Map(set.set);
    for (const key of Object.keys(SIMULATED_LABELS)) requirements.delete(key);
    return {
      template: templates.find(({ nodePool }) => nodePool.name === template.pool.name) as ClaimTemplate,
      requirements: sets.of(requirements),
      types,
      pods,
      totals,
    };
  }
}

const LEAVING_NODES: ReadonlySet<string> = new Set([LEAVING]);
