import type { CountedNodes, DomainSums } from './domain-sums.ts';

/** A kind of pods to count. */
export interface PodKind {
  /** Equal texts mean equal kinds. */
  readonly id: string;
  /** What a pod of a class counts for; 0 for most. */
  readonly weight: (podClass: number) => number;
  /** Whether pods that are being deleted count. */
  readonly withTerminating: boolean;
}

/** How many pods of a kind each node has, by the slot of the node, and what that comes to by domain. */
export class Tally {
  readonly kind: PodKind;
  onSlot: Int32Array;
  readonly sums: DomainSums[] = [];
  readonly #byId = new Map<string, DomainSums>();

  constructor(kind: PodKind, slots: number) {
    this.kind = kind;
    this.onSlot = new Int32Array(slots);
  }

  find(key: string, nodes: CountedNodes): DomainSums | undefined {
    return this.#byId.get(`${key} ${nodes.id}`);
  }

  add(sums: DomainSums): void {
    this.#byId.set(`${sums.key.key} ${sums.nodes.id}`, sums);
    this.sums.push(sums);
  }

  reserve(slots: number): void {
    const wider = new Int32Array(slots);
    wider.set(this.onSlot);
    this.onSlot = wider;
  }
}
