import type { ClusterView } from '@plimsoll/core';
import { type Bits, rowsOf } from '../catalogue/bits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FleetNodes } from '../nodes/fleet-nodes.ts';
import type { NodeKinds } from '../nodes/node-kinds.ts';
import type { ClaimTemplate } from './templates.ts';

/**
 * What each NodePool's limits leave. Nodes marked for deletion do not count. A new claim takes the most that any of its types
 * could have, and nothing is given back when its types shrink: a batch near its limit may need several plans.
 *
 * Quirks kept: a claim does not lower the node limit within a plan, and a node limit overdrawn already refuses every type.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go` (filterByRemainingResources, subtractMax).
 */
export class PoolRoom {
  readonly #catalogue: Catalogue;
  readonly #templates: readonly ClaimTemplate[];
  readonly #left: number[][] = [];
  readonly #nodesLeft: number[] = [];
  readonly #leftNow: number[][] = [];
  readonly #nodesLeftNow: number[] = [];
  /** Moves on when limits leave something else than before. */
  version = 0;
  #text = '';

  constructor(catalogue: Catalogue, templates: readonly ClaimTemplate[]) {
    this.#catalogue = catalogue;
    this.#templates = templates;
  }

  /** Whether a pool has limits at all. */
  static isLimited(template: ClaimTemplate): boolean {
    return template.limits.length > 0 || template.nodeLimit !== undefined;
  }

  /** Takes the nodes as they are now. */
  capture(view: ClusterView, fleet: FleetNodes, kinds: NodeKinds): void {
    const limited = this.#templates.some(PoolRoom.isLimited);
    this.#templates.forEach((template, row) => {
      this.#left[row] = [...template.limits];
      this.#nodesLeft[row] = template.nodeLimit ?? Infinity;
    });
    if (!limited) return;
    for (const node of fleet.byName) {
      const row = this.#templates.findIndex((template) => template.pool === view.nodes.group[node]);
      if (row < 0 || fleet.isMarked(node)) continue;
      const { capacity } = kinds.of(node);
      this.#templates[row].limitedResources.forEach((resource, k) => {
        this.#left[row][k] -= capacity[resource] ?? 0;
      });
      this.#nodesLeft[row]--;
    }
    const text = JSON.stringify([this.#left, this.#nodesLeft]);
    if (text === this.#text) return;
    this.#text = text;
    this.version++;
  }

  /** Leaves out the nodes that a plan does without. */
  begin(without: readonly { readonly pool: number; readonly capacity: readonly number[] }[]): void {
    this.#templates.forEach((template, row) => {
      const left = [...this.#left[row]];
      this.#nodesLeftNow[row] = this.#nodesLeft[row];
      for (const { pool, capacity } of without) {
        if (pool !== template.pool) continue;
        this.#nodesLeftNow[row]++;
        template.limitedResources.forEach((resource, k) => {
          left[k] += capacity[resource] ?? 0;
        });
      }
      this.#leftNow[row] = left;
    });
  }

  /** Types of a set that fit into what is left; undefined where none does. */
  within(row: number, types: Bits): Bits | undefined {
    const template = this.#templates[row];
    if (this.#nodesLeftNow[row] <= 0) return undefined;
    const left = this.#leftNow[row];
    const out = types.slice();
    let any = false;
    for (const type of rowsOf(types)) {
      const { capacity } = this.#catalogue.types[type];
      if (template.limitedResources.every((resource, k) => (capacity[resource] ?? 0) <= left[k])) any = true;
      else out[type >>> 5] &= ~(1 << (type & 31));
    }
    return any ? out : undefined;
  }

  /** A claim was opened that may become any of some types. */
  take(row: number, types: Bits): void {
    const template = this.#templates[row];
    const rows = rowsOf(types);
    template.limitedResources.forEach((resource, k) => {
      let most = 0;
      for (const type of rows) most = Math.max(most, this.#catalogue.types[type].capacity[resource] ?? 0);
      this.#leftNow[row][k] -= most;
    });
  }
}
