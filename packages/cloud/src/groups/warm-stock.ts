import type { Supply } from '../supply.ts';
import type { Member } from './auto-scaling-group.ts';
import type { WarmPool } from './behaviour.ts';

/** A prepared machine: the pool that it comes from, and its node where it runs. */
export interface WarmMachine {
  readonly pool: number;
  readonly zone: string;
  /** -1 where it is stopped or hibernated. */
  readonly node: number;
}

/** What a stock saves. */
export interface WarmStockSnapshot {
  readonly ready: readonly WarmMachine[];
  readonly preparing: readonly number[];
}

/** The machines that a warm pool holds. A stopped one holds no capacity of its pool: its start may be refused. */
export class WarmStock {
  readonly ready: WarmMachine[] = [];
  /** Nodes that are being prepared or stopped. */
  readonly preparing: number[] = [];
  readonly #warmPool: WarmPool | undefined;

  constructor(warmPool: WarmPool | undefined) {
    this.#warmPool = warmPool;
  }

  /** How many machines a group of a size would still prepare. */
  missing(desired: number, max: number): number {
    if (this.#warmPool === undefined) return 0;
    const target = Math.max(this.#warmPool.min, (this.#warmPool.maxPrepared ?? max) - desired);
    return target - this.ready.length - this.preparing.length;
  }

  /** The prepared machines as members of their zones. */
  members(): Member[] {
    return this.ready.map(({ pool, zone, node }) => ({ node, zone, pool }));
  }

  /** Takes out a machine of the zone with the fewest members whose pool lets it start, and its capacity with it. */
  take(count: (zone: string) => number, supply: Supply): WarmMachine | undefined {
    let best: WarmMachine | undefined;
    for (const machine of this.ready) {
      if (machine.node < 0 && supply.refusal(machine.pool) !== undefined) continue;
      if (best === undefined || count(machine.zone) < count(best.zone)) best = machine;
    }
    if (best === undefined) return undefined;
    this.ready.splice(this.ready.indexOf(best), 1);
    if (best.node < 0) supply.take(best.pool);
    return best;
  }

  /** A machine is not there any more: it was lost while it was prepared, or while it waited. */
  lost(node: number): void {
    const at = this.preparing.indexOf(node);
    if (at >= 0) this.preparing.splice(at, 1);
    const ready = this.ready.findIndex((machine) => machine.node === node);
    if (ready >= 0) this.ready.splice(ready, 1);
  }

  snapshot(): WarmStockSnapshot {
    return { ready: this.ready.map((machine) => ({ ...machine })), preparing: [...this.preparing] };
  }

  restore(saved: WarmStockSnapshot): void {
    this.ready.length = 0;
    this.ready.push(...saved.ready.map((machine) => ({ ...machine })));
    this.preparing.length = 0;
    this.preparing.push(...saved.preparing);
  }
}
