import { ORDER_ERROR } from '@plimsoll/core';
import type { Account } from './account.ts';
import type { CapacityPools } from './capacity-pools.ts';
import type { SpotPrices } from './spot-prices.ts';

/** A pool that gave no machine, and why: one of the codes of an order's failure. */
export interface Refusal {
  readonly pool: number;
  readonly error: number;
}

/** Where machines come from, as those who choose a pool see it. */
export interface Supply {
  /** Why a pool would give no machine now: one of the codes of an order's failure; undefined where it would. */
  refusal(pool: number): number | undefined;
  /** How deep a pool is thought to be, from 0 to 4. */
  depth(pool: number): number;
  /** Takes a machine from a pool. */
  take(pool: number): void;
}

/** The pools of a cloud behind the limits of an account. */
export class AccountSupply implements Supply {
  readonly #pools: CapacityPools;
  readonly #account: Account;
  readonly #prices: SpotPrices;

  constructor(pools: CapacityPools, account: Account, prices: SpotPrices) {
    this.#pools = pools;
    this.#account = account;
    this.#prices = prices;
  }

  /** The account is asked first: a request beyond its quotas never comes as far as the pool. */
  refusal(pool: number): number | undefined {
    if (this.#prices.isTooDear(pool)) return ORDER_ERROR.spotMaxPriceTooLow;
    return this.#account.refusal(pool) ?? this.#pools.refusal(pool);
  }

  depth(pool: number): number {
    return this.#pools.depth(pool);
  }

  take(pool: number): void {
    this.#pools.take(pool);
    this.#account.take(pool);
  }

  release(pool: number): void {
    this.#pools.release(pool);
    this.#account.release(pool);
  }
}
