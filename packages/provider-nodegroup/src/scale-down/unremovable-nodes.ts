import type { JsonValue } from '@plimsoll/core';
import type { Unremovable } from '../loop/status.ts';

/**
 * Nodes that could not go, why, and those of them that are left alone for a while. Source: Cluster Autoscaler 1.37,
 * `core/scaledown/unremovable/nodes.go`.
 */
export class UnremovableNodes {
  readonly #timeout: number;
  readonly #until = new Map<number, number>();
  #reasons = new Map<number, Unremovable>();
  /** 1 at the rows of the nodes that are left alone. */
  #is = new Uint8Array(256);

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Why nodes cannot be removed, as the last look found. */
  get reasons(): ReadonlyMap<number, Unremovable> {
    return this.#reasons;
  }

  /** Notes why a node cannot go. */
  note(node: number, why: Unremovable): void {
    this.#reasons.set(node, why);
  }

  /** Notes it and leaves the node alone for a while. */
  add(node: number, now: number, why: Unremovable): void {
    this.#until.set(node, now + this.#timeout);
    this.#mark(node);
    this.note(node, why);
  }

  /** Whether a node is left alone. */
  has(node: number): boolean {
    return node < this.#is.length && this.#is[node] === 1;
  }

  /** A new look begins: forgets reasons, and nodes whose time is over or that are not there any more. Returns whether there were any. */
  begin(now: number, isThere: (node: number) => boolean): boolean {
    if (this.#reasons.size > 0) this.#reasons = new Map();
    let changed = false;
    for (const [node, until] of this.#until) {
      if (until > now && isThere(node)) continue;
      this.#until.delete(node);
      this.#is[node] = 0;
      changed = true;
    }
    return changed;
  }

  /** When the next node is forgotten. */
  get changesAt(): number {
    let first = Infinity;
    for (const until of this.#until.values()) if (until < first) first = until;
    return first;
  }

  snapshot(): JsonValue {
    return [...this.#until];
  }

  restore(value: JsonValue): void {
    for (const [node, until] of value as [number, number][]) {
      this.#until.set(node, until);
      this.#mark(node);
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
