import type { Classes, ResourceVector } from '@plimsoll/core';

/** Allocatable amounts of node classes as one dense matrix: resource r of class c stands at `c * width + r`. */
export class NodeTable {
  amounts = new Float64Array(0);
  width = 0;
  readonly #classes: Classes;
  #count = 0;

  constructor(classes: Classes) {
    this.#classes = classes;
  }

  /** Takes in classes and resource names that appeared since. Cheap where there are none. */
  sync(): void {
    const { nodes, resources } = this.#classes;
    if (nodes.length === this.#count && resources.count === this.width) return;
    if (resources.count !== this.width || nodes.length * this.width > this.amounts.length) {
      this.width = resources.count;
      this.amounts = new Float64Array(Math.max(16, nodes.length * 2) * this.width);
      this.#count = 0;
    }
    for (; this.#count < nodes.length; this.#count++) this.#fill(this.#count, nodes[this.#count].allocatable);
  }

  #fill(nodeClass: number, allocatable: ResourceVector): void {
    for (let r = 0; r < allocatable.length; r++) this.amounts[nodeClass * this.width + r] = allocatable[r];
  }
}
