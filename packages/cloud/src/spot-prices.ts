import { type Offering, type OfferingsView, OptionsError } from '@plimsoll/core';
import type { PoolMatch } from './capacity-pools.ts';

/** How spot prices of matching pools move: from each time on, a multiple of the list price. Of several rules for a pool, the first counts. */
export interface SpotPriceSeries extends Omit<PoolMatch, 'capacityType'> {
  /** In order of time. */
  readonly changes: readonly { readonly at: number; readonly factor: number }[];
}

/** A change of prices that lies ahead. */
export interface PriceStep {
  readonly rule: number;
  readonly step: number;
  readonly at: number;
}

/**
 * The price list as it is now. It begins as the list that providers know, and changes by the series of a scenario; whoever chooses a pool by price
 * looks here.
 */
export class SpotPrices {
  /** The same object throughout; its offerings change. */
  readonly market: OfferingsView;
  readonly #list: readonly Offering[];
  readonly #now: Offering[];
  /** On-demand price by spot pool: more than that nobody pays, unless told to. */
  readonly #ceilings = new Map<number, number>();
  readonly #series: readonly SpotPriceSeries[];
  /** Pools by rule. */
  readonly #pools: readonly (readonly number[])[];

  /** @throws OptionsError for a rule that matches no spot pool, or whose times or factors cannot be. */
  constructor(view: OfferingsView, series: readonly SpotPriceSeries[]) {
    this.#list = view.offerings;
    this.#now = [...view.offerings];
    this.market = { ...view, offerings: this.#now };
    this.#series = series;
    const onDemand = new Map<string, number>();
    const priced = series.length === 0 ? [] : view.offerings;
    for (const { type, zone, capacityType, price } of priced) {
      if (capacityType === 'on-demand') onDemand.set(`${type} ${zone}`, price);
    }
    for (const { id, type, zone, capacityType } of priced) {
      const price = capacityType === 'spot' ? onDemand.get(`${type} ${zone}`) : undefined;
      if (price !== undefined) this.#ceilings.set(id, price);
    }
    const taken = new Set<number>();
    this.#pools = series.map(({ instanceType, zone, changes }, i) => {
      const path = ['spotPrices', i];
      changes.forEach(({ at, factor }, step) => {
        const last = changes[step - 1]?.at ?? -1;
        if (!(at > last)) throw new OptionsError([...path, 'changes', step, 'at'], 'expected times that rise');
        if (!(factor > 0)) throw new OptionsError([...path, 'changes', step, 'factor'], `expected more than 0, got ${factor}`);
      });
      const pools = view.offerings.filter(
        (offering) =>
          offering.capacityType === 'spot' &&
          (zone ?? offering.zone) === offering.zone &&
          (instanceType ?? view.types[offering.type].name) === view.types[offering.type].name,
      );
      if (pools.length === 0) throw new OptionsError(path, 'the catalogue has no spot offering that this rule matches');
      const own = pools.map(({ id }) => id).filter((id) => !taken.has(id));
      for (const id of own) taken.add(id);
      return own;
    });
  }

  /**
   * Whether a price has risen above that of on-demand: the most that a request pays where it names no other. The list itself may have any
   * prices.
   */
  isTooDear(pool: number): boolean {
    const { price } = this.#now[pool];
    return price !== this.#list[pool].price && price > (this.#ceilings.get(pool) ?? Infinity);
  }

  /** The first change of each rule. */
  begin(): PriceStep[] {
    return this.#series.flatMap((_, rule) => this.#stepAt(rule, 0));
  }

  /** Carries out a change; returns the pools whose prices it moved, and the next of the rule. */
  change({ rule, step }: PriceStep): { readonly pools: readonly number[]; readonly next: readonly PriceStep[] } {
    const { factor } = this.#series[rule].changes[step];
    for (const pool of this.#pools[rule]) this.#set(pool, Math.round(this.#list[pool].price * factor));
    return { pools: this.#pools[rule], next: this.#stepAt(rule, step + 1) };
  }

  /** Pools whose price is not that of the list, with their prices. */
  snapshot(): (readonly [number, number])[] {
    return this.#now.filter(({ id, price }) => price !== this.#list[id].price).map(({ id, price }) => [id, price]);
  }

  restore(prices: readonly (readonly [number, number])[]): void {
    this.#list.forEach((offering, id) => {
      this.#now[id] = offering;
    });
    for (const [pool, price] of prices) this.#set(pool, price);
  }

  #set(pool: number, price: number): void {
    this.#now[pool] = { ...this.#list[pool], price };
  }

  #stepAt(rule: number, step: number): PriceStep[] {
    const change = this.#series[rule].changes[step];
    return change === undefined ? [] : [{ rule, step, at: change.at }];
  }
}
