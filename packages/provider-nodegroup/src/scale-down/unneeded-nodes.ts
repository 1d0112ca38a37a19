import type { JsonValue } from '@plimsoll/core';

/**
 * Since when each node has been removable without a break. A loop in which a node was not found removable, for whatever reason, forgets it.
 * Source: Cluster Autoscaler 1.37, `core/scaledown/unneeded/nodes.go`.
 */
export class UnneededNodes {
  /** Nodes in the order in which the last loop found them. */
  rows = new Int32Array(64);
  /** By position in {@link rows}: what was found of the node, as bits. */
  facts = new Uint8Array(64);
  count = 0;
  #since = new Float64Array(256).fill(Number.NaN);

  /** Since when a node has been unneeded; NaN where it is needed. */
  since(node: number): number {
    return node < this.#since.length ? this.#since[node] : Number.NaN;
  }

  has(node: number): boolean {
    return !Number.isNaN(this.since(node));
  }

  /** Takes over what a loop found. Returns whether the set or its order changed. */
  update(now: number, rows: Int32Array, facts: Uint8Array, count: number): boolean {
    let changed = count !== this.count;
    for (let i = 0; i < count && !changed; i++) changed = rows[i] !== this.rows[i] || facts[i] !== this.facts[i];
    if (!changed) return false;
    const kept = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const since = this.since(rows[i]);
      kept[i] = Number.isNaN(since) ? now : since;
    }
    this.clear();
    if (this.rows.length < count) {
      this.rows = new Int32Array(count * 2);
      this.facts = new Uint8Array(count * 2);
    }
    for (let i = 0; i < count; i++) this.#put(rows[i], facts[i], kept[i]);
    return true;
  }

  /** Starts with a node that was unneeded before the process began. */
  load(node: number, since: number): void {
    if (this.count === this.rows.length) {
      const rows = new Int32Array(this.count * 2);
      rows.set(this.rows);
      this.rows = rows;
      const facts = new Uint8Array(this.count * 2);
      facts.set(this.facts);
      this.facts = facts;
    }
    this.#put(node, 0, since);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#since[this.rows[i]] = Number.NaN;
    this.count = 0;
  }

  snapshot(): JsonValue {
    const out: number[] = [];
    for (let i = 0; i < this.count; i++) out.push(this.rows[i], this.facts[i], this.#since[this.rows[i]]);
    return out;
  }

  restore(value: JsonValue): void {
    const saved = value as readonly number[];
    this.rows = new Int32Array(Math.max(64, saved.length));
    this.facts = new Uint8Array(Math.max(64, saved.length));
    for (let i = 0; i < saved.length; i += 3) this.#put(saved[i], saved[i + 1], saved[i + 2]);
  }

  #put(node: number, facts: number, since: number): void {
    if (node >= this.#since.length) {
      const wider = new Float64Array(node * 2).fill(Number.NaN);
      wider.set(this.#since);
      this.#since = wider;
    }
    this.rows[this.count] = node;
    this.facts[this.count++] = facts;
    this.#since[node] = since;
  }
}
