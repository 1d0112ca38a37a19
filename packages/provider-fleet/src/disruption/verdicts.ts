import type { Planner } from '../planner.ts';
import type { PodKind } from '../pods/pod-kinds.ts';
import type { Candidate } from './candidates.ts';

/** A number of candidates that were tried together in vain, and when. */
interface Attempt {
  readonly candidates: readonly Candidate[];
  readonly at: number;
}

/** When single candidates were tried in vain. */
class Singles {
  readonly #candidates: Candidate[] = [];
  readonly #at: number[] = [];

  /** The moment, or -1. */
  at(candidate: Candidate): number {
    return this.#candidates[candidate.node] === candidate ? this.#at[candidate.node] : -1;
  }

  set(candidate: Candidate, moment: number): void {
    this.#candidates[candidate.node] = candidate;
    this.#at[candidate.node] = moment;
  }
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
  /** Attempts while no pod waited, and while some did. */
  readonly #single: readonly Singles[] = [new Singles(), new Singles()];
  /** Nodes whose pods are stuck, whatever waits. */
  readonly #stuck = new Singles();
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

  /** Whether a node alone cannot go, as far as is known. */
  isHopeless(candidate: Candidate): boolean {
    if (!this.#enabled) return false;
    const stuckAt = this.#stuck.at(candidate);
    if (stuckAt >= this.#pricesSince && this.#stands(candidate, stuckAt)) return true;
    const at = this.#single[this.#row()].at(candidate);
    return at >= this.#allSince() && this.#stands(candidate, at);
  }

  /** The pods of a node are stuck on it, whatever waits. */
  stuck(candidate: Candidate): void {
    this.#stuck.set(candidate, this.#planner.existing.moment);
  }

  /** A node alone was tried in vain. */
  failed(candidate: Candidate): void {
    this.#single[this.#row()].set(candidate, this.#planner.existing.moment);
  }

  /** Whether some nodes cannot go together, as far as is known. */
  areHopeless(candidates: readonly Candidate[]): boolean {
    if (!this.#enabled) return false;
    const last = this.#together[this.#row()][candidates.length];
    if (last === undefined || last.at < this.#allSince() || !equal(last.candidates, candidates)) return false;
    for (const candidate of candidates) if (!this.#stands(candidate, last.at)) return false;
    return true;
  }

  /** Some nodes were tried together in vain. */
  failedTogether(candidates: readonly Candidate[]): void {
    this.#together[this.#row()][candidates.length] = { candidates, at: this.#planner.existing.moment };
  }

  #row(): number {
    return this.#planner.waiting.pods.length > 0 ? 1 : 0;
  }

  #stands({ kinds }: Candidate, at: number): boolean {
    const { changes } = this.#planner.existing;
    for (const kind of kinds) if (changes.lastOf(kind) > at) return false;
    return true;
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
