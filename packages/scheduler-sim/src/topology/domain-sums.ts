import { LABEL } from '@plimsoll/core';
import type { Tally } from './tally.ts';

/** The domain of a node that lacks the label. */
export const NO_DOMAIN = -1;

/**
 * The domains of one topology key. They are numbered: by value, in the order first seen, or, for the host name, by the slot of the node,
 * as each node is a domain of its own.
 */
export class TopologyKey {
  readonly key: string;
  readonly byHost: boolean;
  readonly #labelOf: (nodeClass: number, key: string) => string | undefined;
  readonly #ids = new Map<string, number>();
  readonly #byClass: number[] = [];

  constructor(key: string, labelOf: (nodeClass: number, key: string) => string | undefined) {
    this.key = key;
    this.byHost = key === LABEL.hostname;
    this.#labelOf = labelOf;
  }

  domainOf(nodeClass: number, slot: number): number {
    if (this.byHost) return slot;
    const known = this.#byClass[nodeClass];
    return known === undefined ? this.#find(nodeClass) : known;
  }

  #find(nodeClass: number): number {
    const value = this.#labelOf(nodeClass, this.key);
    let id: number = NO_DOMAIN;
    if (value !== undefined) {
      id = this.#ids.get(value) ?? this.#ids.size;
      this.#ids.set(value, id);
    }
    this.#byClass[nodeClass] = id;
    return id;
  }
}

/** Which nodes' pods a sum takes in. Such nodes are what makes a domain. */
export interface CountedNodes {
  /** Equal texts mean equal sets. */
  readonly id: string;
  readonly includes: (nodeClass: number, nodeName: string) => boolean;
  /** Whether nodes of one class may be answered differently. */
  readonly byName: boolean;
}

export const EVERY_NODE: CountedNodes = { id: '', includes: () => true, byName: false };

/** How many pods of some kind each domain of a topology has, over the nodes that count. */
export class DomainSums {
  readonly key: TopologyKey;
  readonly nodes: CountedNodes;
  /** What is counted. */
  readonly tally: Tally;
  /** By domain: the sum, and how many nodes it is over. */
  readonly sums: number[] = [];
  readonly over: number[] = [];
  /** Domains with a node that counts, and the sum over all of them. */
  domains = 0;
  total = 0;
  readonly #included: (boolean | undefined)[] = [];
  /** How many domains have each sum, where sums cannot be negative: finds the least. */
  readonly #bySum: number[] | undefined;

  constructor(key: TopologyKey, nodes: CountedNodes, withLeast: boolean, tally: Tally) {
    this.key = key;
    this.nodes = nodes;
    this.tally = tally;
    this.#bySum = withLeast ? [] : undefined;
  }

  /** The least sum of a domain; Infinity where there is no domain. Only where it was asked for when this was made. */
  least(): number {
    if (this.domains === 0) return Number.POSITIVE_INFINITY;
    const bySum = this.#bySum as number[];
    for (let sum = 0; ; sum++) if ((bySum[sum] ?? 0) > 0) return sum;
  }

  /** The sum of a domain, nodes that count there or not. */
  of(domain: number): number {
    return domain < this.sums.length ? this.sums[domain] : 0;
  }

  includes(nodeClass: number, nodeName: string): boolean {
    if (this.nodes.byName) return this.nodes.includes(nodeClass, nodeName);
    return (this.#included[nodeClass] ??= this.nodes.includes(nodeClass, nodeName));
  }

  /** A node with so many pods joins its domain. */
  join(domain: number, count: number): void {
    while (this.sums.length <= domain) {
      this.sums.push(0);
      this.over.push(0);
    }
    if (this.over[domain] === 0) this.domains++;
    else this.#note(this.sums[domain], -1);
    this.over[domain]++;
    this.sums[domain] += count;
    this.total += count;
    this.#note(this.sums[domain], 1);
  }

  leave(domain: number, count: number): void {
    this.#note(this.sums[domain], -1);
    this.over[domain]--;
    this.sums[domain] -= count;
    this.total -= count;
    if (this.over[domain] === 0) this.domains--;
    else this.#note(this.sums[domain], 1);
  }

  /** A node of the domain has so many pods more. */
  change(domain: number, by: number): void {
    this.#note(this.sums[domain], -1);
    this.sums[domain] += by;
    this.total += by;
    this.#note(this.sums[domain], 1);
  }

  #note(sum: number, by: 1 | -1): void {
    if (this.#bySum !== undefined) this.#bySum[sum] = (this.#bySum[sum] ?? 0) + by;
  }
}
