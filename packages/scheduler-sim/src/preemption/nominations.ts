import { NONE } from '@plimsoll/core';

/** Pods that wait with their nodes, and pods that go for them. */
export interface SavedNominations {
  readonly waiting: [pod: number, node: number][];
  readonly victims: number[];
}

/** Which pods wait for which node while room is made for them there, and which pods were asked to go for that. */
export class Nominations {
  /** Pods on their way out that were evicted for a more important one. */
  readonly victims = new Set<number>();
  readonly #nodeOf = new Map<number, number>();
  readonly #podsOn = new Map<number, number[]>();
  /** Grows with every change. */
  version = 0;

  get size(): number {
    return this.#nodeOf.size;
  }

  /** Nodes that some pod waits for. */
  get nodes(): Iterable<number> {
    return this.#podsOn.keys();
  }

  /** The node that a pod waits for, or NONE. */
  of(pod: number): number {
    return this.#nodeOf.get(pod) ?? NONE;
  }

  /** The pods that wait for a node, in the order in which they came. */
  on(node: number): readonly number[] {
    return this.#podsOn.get(node) ?? [];
  }

  set(pod: number, node: number): void {
    this.clear(pod);
    this.version++;
    this.#nodeOf.set(pod, node);
    const pods = this.#podsOn.get(node);
    if (pods === undefined) this.#podsOn.set(node, [pod]);
    else pods.push(pod);
  }

  clear(pod: number): void {
    const node = this.#nodeOf.get(pod);
    if (node === undefined) return;
    this.version++;
    this.#nodeOf.delete(pod);
    const left = this.on(node).filter((other) => other !== pod);
    if (left.length === 0) this.#podsOn.delete(node);
    else this.#podsOn.set(node, left);
  }

  snapshot(): SavedNominations {
    return { waiting: [...this.#nodeOf], victims: [...this.victims] };
  }

  restore({ waiting, victims }: SavedNominations): void {
    this.#nodeOf.clear();
    this.#podsOn.clear();
    this.victims.clear();
    for (const [pod, node] of waiting) this.set(pod, node);
    for (const pod of victims) this.victims.add(pod);
  }
}
