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

/** How many pods of a kind there are: on each node, where the topology keeps it, and by domain. */
export class Tally {
  readonly kind: PodKind;
  /** Place among the counts of a node. */
  readonly index: number;
  readonly sums: DomainSums[] = [];
  readonly #byId = new Map<string, DomainSums>();

  constructor(kind: PodKind, index: number) {
    this.kind = kind;
    this.index = index;
  }

  find(key: string, nodes: CountedNodes): DomainSums | undefined {
    return this.#byId.get(`${key} ${nodes.id}`);
  }

  add(sums: DomainSums): void {
    this.#byId.set(`${sums.key.key} ${sums.nodes.id}`, sums);
    this.sums.push(sums);
  }
}
