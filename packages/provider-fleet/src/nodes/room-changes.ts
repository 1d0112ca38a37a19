import type { PodKind } from '../pods/pod-kinds.ts';
import type { NodeKind, NodeKinds } from './node-kinds.ts';

/** With more changes than this it forgets them all, and lets everything have changed. */
const CHANGES_MAX = 4096;

/** What is known about one pod kind: up to which change was looked, and the moment of the last one that concerns it. */
interface Looked {
  next: number;
  last: number;
}

/**
 * Which pod kinds may find another place than before. A plan asks of a node only whether it admits and holds the kinds at hand; so
 * a node that could take a kind neither before nor after it changed makes no difference to any plan for that kind.
 */
export class RoomChanges {
  readonly #kinds: NodeKinds;
  readonly #nodes: NodeKind[] = [];
  readonly #free: number[] = [];
  readonly #moments: number[] = [];
  readonly #looked: (Looked | undefined)[] = [];
  /** Changes are numbered on when earlier ones are forgotten. */
  #first = 0;
  #forgottenAt = 0;
  #stride = 0;

  constructor(kinds: NodeKinds) {
    this.#kinds = kinds;
  }

  /** A node had, or has from this moment on, some room: `stride` numbers from `base` on. */
  add(moment: number, node: NodeKind, free: Float64Array, base: number, stride: number): void {
    if (this.#moments.length >= CHANGES_MAX || stride !== this.#stride) this.forget(moment, stride);
    for (let r = 0; r < stride; r++) if (free[base + r] < 0) return;
    this.#nodes.push(node);
    this.#moments.push(moment);
    for (let r = 0; r < stride; r++) this.#free.push(free[base + r]);
  }

  /** Lets everything have changed at this moment. */
  forget(moment: number, stride: number): void {
    this.#first += this.#moments.length;
    this.#nodes.length = 0;
    this.#free.length = 0;
    this.#moments.length = 0;
    this.#stride = stride;
    this.#forgottenAt = moment;
  }

  /** The last moment at which something changed for a kind; Infinity where that cannot be told. */
  lastOf(kind: PodKind): number {
    if (kind.constrained || kind.ports.length > 0) return Infinity;
    let looked = this.#looked[kind.id];
    if (looked === undefined) {
      looked = { next: 0, last: 0 };
      this.#looked[kind.id] = looked;
    }
    const end = this.#moments.length;
    for (let i = Math.max(0, looked.next - this.#first); i < end; i++) {
      if (this.#moments[i] > looked.last && this.#takes(i, kind)) looked.last = this.#moments[i];
    }
    looked.next = this.#first + end;
    return Math.max(looked.last, this.#forgottenAt);
  }

  #takes(change: number, { resources, amounts, variants }: PodKind): boolean {
    const base = change * this.#stride;
    for (let k = 0; k < resources.length; k++) {
      if (resources[k] >= this.#stride || amounts[k] > this.#free[base + resources[k]]) return false;
    }
    for (const variant of variants) if (this.#kinds.admits(this.#nodes[change], variant)) return true;
    return false;
  }
}
