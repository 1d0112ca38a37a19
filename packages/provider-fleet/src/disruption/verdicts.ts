import type { Planner } from '../planner.ts';
import type { PodKind } from '../pods/pod-kinds.ts';
import type { Candidate } from './candidates.ts';

/** A number of candidates that were tried together in vain, and when. */
interface Attempt {
  readonly candidates: readonly Candidate[];
  readonly at: number;
}

/** Pod kinds that stand together on some node, and the last moment at which something changed for one of them. */
export interface KindSet {
  readonly kinds: readonly PodKind[];
  /** The last moment, as it was known at another. */
  last: number;
  asOf: number;
}

/** Moments at which a node was tried alone in vain; -1 for never. */
export interface Tries {
  /** When its pods were stuck, whatever waits. */
  stuckAt: number;
  /** When it was tried while no pod waited, and while some did. */
  idleAt: number;
  waitingAt: number;
}

/**
 * What was tried in vain, and would be again. Whether nodes can go depends on the pods that they hold and on those that wait, on
 * the nodes that could take one of them, on prices, and on the limits of pools: as long as all that stands, so does the answer.
 *
 * Candidates are the same objects as long as their pods are the same.
 */
export class Verdicts {
  readonly #planner: Planner;
  readonly #enabled: boolean;
  readonly #kindSets = new Map<string, KindSet>();
  /** Attempts while no pod waited, and while some did. */
  readonly #together: readonly (Attempt | undefined)[][] = [[], []];
  /** Since when prices and limits stand, and the pods that wait. */
  #pricesSince = 0;
  #worldSince = 0;
  #waitingSince = 0;
  #availability = -1;
  #room = -1;
  #pods: readonly number[] = [];
  #origins: readonly number[] = [];
  /** Since when nothing has changed for all pods that wait; -1 where that was not asked at this moment. */
  #since = -1;

  /** @param enabled whether anything is remembered at all */
  constructor(planner: Planner, enabled: boolean) {
    this.#planner = planner;
    this.#enabled = enabled;
  }

  /** A moment was captured. */
  capture(): void {
    const { availability, existing, solver, waiting } = this.#planner;
    const { moment } = existing;
    this.#since = -1;
    if (availability.version !== this.#availability) this.#pricesSince = moment;
    if (availability.version !== this.#availability || solver.room.version !== this.#room) {
      this.#availability = availability.version;
      this.#room = solver.room.version;
      this.#worldSince = moment;
    }
    if (waiting.pods.length === 0) return;
    if (!equal(waiting.pods, this.#pods) || !equal(waiting.origins, this.#origins)) this.#waitingSince = moment;
    this.#pods = waiting.pods;
    this.#origins = waiting.origins;
  }

  /** Some kinds together: one object for all nodes that hold the same. */
  kindSet(kinds: Iterable<PodKind>): KindSet {
    const sorted = [...kinds].sort((a, b) => a.id - b.id);
    const text = sorted.map(({ id }) => id).join();
    let set = this.#kindSets.get(text);
    if (set === undefined) {
      set = { kinds: sorted, last: 0, asOf: -1 };
      this.#kindSets.set(text, set);
    }
    return set;
  }

  /** Whether a node alone cannot go, as far as is known. */
  isHopeless(candidate: Candidate): boolean {
    if (!this.#enabled || this.#planner.entangled) return false;
    const { stuckAt, idleAt, waitingAt } = candidate.tries;
    if (stuckAt >= this.#pricesSince && this.#lastOf(candidate) <= stuckAt) return true;
    const at = this.#row() === 0 ? idleAt : waitingAt;
    return at >= this.#allSince() && this.#lastOf(candidate) <= at;
  }

  /** The pods of a node are stuck on it, whatever waits. */
  stuck(candidate: Candidate): void {
    candidate.tries.stuckAt = this.#planner.existing.moment;
  }

  /** A node alone was tried in vain. */
  failed(candidate: Candidate): void {
    const { moment } = this.#planner.existing;
    if (this.#row() === 0) candidate.tries.idleAt = moment;
    else candidate.tries.waitingAt = moment;
  }

  /** Whether some nodes cannot go together, as far as is known. */
  areHopeless(candidates: readonly Candidate[]): boolean {
    if (!this.#enabled || this.#planner.entangled) return false;
    const last = this.#together[this.#row()][candidates.length];
    if (last === undefined || last.at < this.#allSince() || !equal(last.candidates, candidates)) return false;
    for (const candidate of candidates) if (this.#lastOf(candidate) > last.at) return false;
    return true;
  }

  /** Some nodes were tried together in vain. */
  failedTogether(candidates: readonly Candidate[]): void {
    this.#together[this.#row()][candidates.length] = { candidates, at: this.#planner.existing.moment };
  }

  #row(): number {
    return this.#planner.waiting.pods.length > 0 ? 1 : 0;
  }

  /** The last moment at which something changed for a pod of a node. */
  #lastOf({ kinds }: Candidate): number {
    const { changes, moment } = this.#planner.existing;
    if (kinds.asOf !== moment) {
      kinds.asOf = moment;
      kinds.last = 0;
      for (const kind of kinds.kinds) kinds.last = Math.max(kinds.last, changes.lastOf(kind));
    }
    return kinds.last;
  }

  #allSince(): number {
    if (this.#since < 0) {
      const { existing, pods, view, waiting } = this.#planner;
      let since = this.#worldSince;
      if (waiting.pods.length > 0) {
        since = Math.max(since, this.#waitingSince);
        const seen = new Set<PodKind>();
        for (const pod of waiting.pods) seen.add(pods.of(view.pods.class[pod]));
        for (const kind of seen) since = Math.max(since, existing.changes.lastOf(kind));
      }
      this.#since = since;
    }
    return this.#since;
  }
}

function equal<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
