import { type ClusterView, MINUTE, NODE } from '@plimsoll/core';
import type { NodePool } from '../options/node-pool.ts';

/** A machine that has not registered by then is given up. Source: Karpenter 1.14.1, `pkg/controllers/nodeclaim/lifecycle/liveness.go`. */
const REGISTRATION = 15 * MINUTE;

/** Machines in order of age, and how far down that order everything has gone or was told to. */
interface Line {
  readonly rows: number[];
  head: number;
}

/** What a machine's age asks for: its end when it never registers, and when it expires. Each pool's machines expire in order of age. */
export class ClaimAges {
  readonly #view: ClusterView;
  readonly #pools: readonly NodePool[];
  readonly #unregistered: Line = { rows: [], head: 0 };
  readonly #ageing: readonly Line[];

  constructor(view: ClusterView, pools: readonly NodePool[]) {
    this.#view = view;
    this.#pools = pools;
    this.#ageing = pools.map(() => ({ rows: [], head: 0 }));
  }

  /** A machine was ordered. */
  add(node: number): void {
    this.#unregistered.rows.push(node);
    this.#ageing[this.#view.nodes.group[node]]?.rows.push(node);
  }

  /** When the next machine is too old, as far as is known. */
  get nextAt(): number {
    let next = this.#dueIn(this.#unregistered, REGISTRATION, true);
    this.#pools.forEach(({ expireAfterMs }, pool) => {
      next = Math.min(next, this.#dueIn(this.#ageing[pool], expireAfterMs, false));
    });
    return next;
  }

  /** Calls with each machine that is due now, once. */
  step(now: number, end: (node: number, code: 'RegistrationTimeout' | 'Expired') => void): void {
    while (this.#dueIn(this.#unregistered, REGISTRATION, true) <= now) {
      end(this.#unregistered.rows[this.#unregistered.head++], 'RegistrationTimeout');
    }
    this.#pools.forEach(({ expireAfterMs }, pool) => {
      const line = this.#ageing[pool];
      while (this.#dueIn(line, expireAfterMs, false) <= now) end(line.rows[line.head++], 'Expired');
    });
  }

  /** Lines up what exists after a restore. Machines that were told to end are ending. */
  restore(): void {
    const { state } = this.#view.nodes;
    for (let node = 0; node < this.#view.nodeCount; node++) if (state[node] !== NODE.gone) this.add(node);
  }

  #dueIn(line: Line, age: number, unregisteredOnly: boolean): number {
    if (age === Infinity) return Infinity;
    const { orderedAt, state, terminating } = this.#view.nodes;
    for (; line.head < line.rows.length; line.head++) {
      const node = line.rows[line.head];
      if (state[node] === NODE.gone || terminating[node] === 1) continue;
      if (unregisteredOnly && state[node] !== NODE.ordered && state[node] !== NODE.running) continue;
      return orderedAt[node] + age;
    }
    return Infinity;
  }
}
