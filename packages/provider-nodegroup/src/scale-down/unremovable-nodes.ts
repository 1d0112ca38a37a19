import type { JsonValue } from '@plimsoll/core';

/** Nodes that could not go and are left alone for a while. Source: Cluster Autoscaler 1.37, `core/scaledown/unremovable/nodes.go`. */
export class UnremovableNodes {
  readonly #timeout: number;
  readonly #until = new Map<number, number>();
  readonly #why = new Map<number, string>();
  /** 1 at the rows of the nodes. */
  #is = new Uint8Array(256);

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  add(node: number, now: number, why: string): void {
    this.#until.set(node, now + this.#timeout);
    this.#mark(node);
    this.#why.set(node, why);
  }

  has(node: number): boolean {
    return node < this.#is.length && this.#is[node] === 1;
  }

  /** Forgets nodes whose time is over. Returns whether there were any. */
  expire(now: number): boolean {
    let changed = false;
    for (const [node, until] of this.#until) {
      if (until >= now) continue;
      this.#until.delete(node);
      this.#is[node] = 0;
      this.#why.delete(node);
      changed = true;
    }
    return changed;
  }

  /** When the next node is forgotten. */
  get changesAt(): number {
    let first = Infinity;
    for (const until of this.#until.values()) if (until < first) first = until;
    return first + 1;
  }

  snapshot(): JsonValue {
    return [...this.#until].map(([node, until]) => [node, until, this.#why.get(node) ?? '']);
  }

  restore(value: JsonValue): void {
    for (const [node, until, why] of value as [number, number, string][]) {
      this.#until.set(node, until);
      this.#mark(node);
      this.#why.set(node, why);
    }
  }

  #mark(node: number): void {
    if (node >= this.#is.length) {
      const wider = new Uint8Array(node * 2);
      wider.set(this.#is);
      this.#is = wider;
    }
    this.#is[node] = 1;
  }
}
