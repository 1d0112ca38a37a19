import type { ClusterView } from '@plimsoll/core';
import type { DomainSums } from './domain-sums.ts';
import type { Topology } from './topology.ts';
import type { Place } from './verdict.ts';

/** One node of a cluster as a place; the object is used again for the next. */
export class NodePlace implements Place {
  readonly #view: ClusterView;
  readonly #topology: Topology;
  #nodeClass = 0;
  #slot = 0;

  constructor(view: ClusterView, topology: Topology) {
    this.#view = view;
    this.#topology = topology;
  }

  at(node: number): this {
    this.#nodeClass = this.#view.nodes.class[node];
    this.#slot = this.#topology.slotOf(node);
    return this;
  }

  domainOf({ key }: DomainSums): number {
    return key.domainOf(this.#nodeClass, this.#slot);
  }

  sumAt(sums: DomainSums): number {
    return sums.of(sums.key.domainOf(this.#nodeClass, this.#slot));
  }
}
