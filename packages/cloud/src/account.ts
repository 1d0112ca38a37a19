import { type OfferingsView, OptionsError, ORDER_ERROR } from '@plimsoll/core';
import { unknownName } from './catalogue/suggest.ts';

/**
 * Groups of EC2 families that share a vCPU quota, by the letters that their names begin with. Source: EC2 User Guide, "Amazon EC2
 * instance type quotas". Any other family counts as standard.
 */
const QUOTA_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  standard: ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'],
  f: ['f'],
  'g-vt': ['g', 'gr', 'vt'],
  inf: ['inf'],
  p: ['p'],
  trn: ['trn'],
  x: ['x'],
  'high-memory': ['u'],
  hpc: ['hpc'],
  dl: ['dl'],
};

/** So many vCPUs of a group of families may run at a time, bought in one way. */
export interface VcpuQuota {
  /** One of {@link QUOTA_FAMILIES}. */
  readonly family: string;
  /** Spot and on-demand have quotas of their own. Reserved capacity counts as on-demand. */
  readonly capacityType: 'on-demand' | 'spot';
  readonly vcpus: number;
}

/** The addresses that the subnets of a zone have free together. */
export interface SubnetAddresses {
  readonly zone: string;
  readonly addresses: number;
  /** Addresses that a machine takes: one for itself and each pod that it may run (`pods`, the VPC network plug-in), or a number. Default pods. */
  readonly perMachine?: number | 'pods';
}

/** What an account may have. */
export interface AccountLimits {
  /** Default: no quota. */
  readonly quotas: readonly VcpuQuota[];
  /** Default: addresses enough. */
  readonly subnets: readonly SubnetAddresses[];
}

/** What one pool's machine weighs in a limit that it counts in. */
interface Share {
  readonly limit: number;
  readonly amount: number;
}

/**
 * What machines of an account use of its quotas and subnets. A machine counts from its order until it is gone.
 *
 * Errors are those of the EC2 API: VcpuLimitExceeded, MaxSpotInstanceCountExceeded, InsufficientFreeAddressesInSubnet.
 */
export class Account {
  readonly #max: number[] = [];
  readonly #errors: number[] = [];
  readonly #used: number[] = [];
  readonly #shares: Share[][];

  /** @throws OptionsError for a family or zone that there is not, or a figure below 0. */
  constructor({ types, offerings, zones }: OfferingsView, { quotas, subnets }: AccountLimits) {
    this.#shares = offerings.map(() => []);
    const add = (max: number, error: number): number => {
      this.#errors.push(error);
      this.#used.push(0);
      return this.#max.push(max) - 1;
    };
    quotas.forEach(({ family, capacityType, vcpus }, i) => {
      if (QUOTA_FAMILIES[family] === undefined) {
        throw unknownName(['quotas', i, 'family'], 'family of quotas', family, Object.keys(QUOTA_FAMILIES));
      }
      if (!(vcpus >= 0)) throw new OptionsError(['quotas', i, 'vcpus'], `expected 0 or more, got ${vcpus}`);
      const spot = capacityType === 'spot';
      const limit = add(vcpus, spot ? ORDER_ERROR.maxSpotInstanceCountExceeded : ORDER_ERROR.vcpuLimitExceeded);
      for (const { id, type, capacityType: bought } of offerings) {
        if ((bought === 'spot') !== spot || quotaFamily(types[type].name) !== family) continue;
        this.#shares[id].push({ limit, amount: Math.ceil((types[type].nominal.cpu ?? 0) / 1000) });
      }
    });
    subnets.forEach(({ zone, addresses, perMachine = 'pods' }, i) => {
      if (!zones.includes(zone)) throw unknownName(['subnets', i, 'zone'], 'zone', zone, zones);
      if (!(addresses >= 0)) throw new OptionsError(['subnets', i, 'addresses'], `expected 0 or more, got ${addresses}`);
      const limit = add(addresses, ORDER_ERROR.insufficientFreeAddressesInSubnet);
      for (const { id, type, zone: of } of offerings) {
        if (of !== zone) continue;
        this.#shares[id].push({ limit, amount: perMachine === 'pods' ? 1 + (types[type].capacity.pods ?? 0) : perMachine });
      }
    });
  }

  /** The error for which no machine may be had from a pool; undefined where one may. */
  refusal(pool: number): number | undefined {
    for (const { limit, amount } of this.#shares[pool]) {
      if (this.#used[limit] + amount > this.#max[limit]) return this.#errors[limit];
    }
    return undefined;
  }

  take(pool: number): void {
    for (const { limit, amount } of this.#shares[pool]) this.#used[limit] += amount;
  }

  release(pool: number): void {
    for (const { limit, amount } of this.#shares[pool]) this.#used[limit] -= amount;
  }

  /** Counts anew: one entry per machine. */
  restore(pools: readonly number[]): void {
    this.#used.fill(0);
    for (const pool of pools) this.take(pool);
  }
}

/** The group of families whose quota a type counts in. */
export function quotaFamily(type: string): string {
  const letters = /^[a-z]+/.exec(type)?.[0] ?? '';
  return Object.keys(QUOTA_FAMILIES).find((family) => QUOTA_FAMILIES[family].includes(letters)) ?? 'standard';
}
