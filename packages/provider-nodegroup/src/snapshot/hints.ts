import { type JsonValue, NONE } from '@plimsoll/core';

/**
 * Where pods found a place in the last run, and in this one. A hint is used in the run after the one that gave or used it, and forgotten
 * otherwise. Source: Cluster Autoscaler 1.37, `simulator/scheduling/hints.go`.
 */
export class Hints {
  #node = new Int32Array(1024).fill(NONE);
  /** The run that gave or used the hint of a pod last. */
  #run = new Int32Array(1024);
  #current = 1;
  /** How many hints this run gave or used, and how many the last one did. */
  #used = 0;
  #usedBefore = 0;
  #changed = false;

  /** The node hinted for a pod, or NONE. */
  of(pod: number): number {
    return pod < this.#run.length && this.#run[pod] >= this.#current - 1 ? this.#node[pod] : NONE;
  }

  set(pod: number, node: number): void {
    if (pod >= this.#run.length) this.#grow(pod);
    if (this.of(pod) !== node) this.#changed = true;
    if (this.#run[pod] !== this.#current) this.#used++;
    this.#node[pod] = node;
    this.#run[pod] = this.#current;
  }

  /** Ends a run. Returns whether the next run meets other hints than this one did. */
  endRun(): boolean {
    const changed = this.#changed || this.#used !== this.#usedBefore;
    this.#current++;
    this.#usedBefore = this.#used;
    this.#used = 0;
    this.#changed = false;
    return changed;
  }

  /** The hints that the next run meets: pod and node in turn. */
  snapshot(): JsonValue {
    const out: number[] = [];
    for (let pod = 0; pod < this.#run.length; pod++) if (this.of(pod) !== NONE) out.push(pod, this.#node[pod]);
    return out;
  }

  restore(value: JsonValue): void {
    const saved = value as readonly number[];
    for (let i = 0; i < saved.length; i += 2) {
      if (saved[i] >= this.#run.length) this.#grow(saved[i]);
      this.#node[saved[i]] = saved[i + 1];
      this.#run[saved[i]] = this.#current - 1;
    }
    this.#usedBefore = saved.length / 2;
  }

  #grow(pod: number): void {
    const length = Math.max(pod + 1, this.#run.length * 2);
    const node = new Int32Array(length).fill(NONE);
    node.set(this.#node);
    this.#node = node;
    const run = new Int32Array(length);
    run.set(this.#run);
    this.#run = run;
  }
}
