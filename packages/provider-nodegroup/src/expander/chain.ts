import type { RandomStream } from '@plimsoll/core';
import type { ExpansionOption } from './option.ts';
import { byPriority, cheapest, leastNodes, leastWaste, mostPods, type PriorityList } from './strategies.ts';

/** Names that `--expander` may list here. */
export const EXPANDERS: readonly string[] = ['least-waste', 'most-pods', 'least-nodes', 'priority', 'random'];

/** What the price strategy asks beside the options. */
export interface PriceContext {
  /** Nodes of the cluster. */
  readonly nodes: number;
  /** Dollars an hour of a pod that asks for 500m and 500 MiB. */
  readonly stabilisingPod: number;
}

/**
 * The strategies of `--expander`, applied in order until one option remains; what ties after the last is drawn at random. Source: Cluster
 * Autoscaler 1.37, `expander/factory/chain.go`.
 */
export class ExpanderChain {
  readonly #names: readonly string[];
  readonly #priorities: readonly PriorityList[] | undefined;
  readonly #random: () => RandomStream;

  /** `random` gives the stream of the final draw; it is asked for only when there is one. */
  constructor(
    names: readonly string[],
    priorities: Readonly<Record<string, readonly string[]>> | undefined,
    random: () => RandomStream,
  ) {
    this.#names = names;
    this.#random = random;
    this.#priorities =
      priorities === undefined
        ? undefined
        : Object.entries(priorities).map(([priority, patterns]) => ({
            priority: Number(priority),
            patterns: patterns.map((pattern) => new RegExp(pattern)),
          }));
  }

  /** The options among which the final draw is made. */
  survivors(options: readonly ExpansionOption[], prices?: PriceContext): readonly ExpansionOption[] {
    let left = options;
    for (const name of this.#names) {
      if (left.length <= 1) break;
      if (name === 'least-waste') left = leastWaste(left);
      else if (name === 'most-pods') left = mostPods(left);
      else if (name === 'least-nodes') left = leastNodes(left);
      else if (name === 'priority') left = byPriority(left, this.#priorities);
      else if (name === 'price' && prices !== undefined) left = cheapest(left, prices);
    }
    return left;
  }

  /** One of the survivors; undefined where there are none. */
  choose(survivors: readonly ExpansionOption[]): ExpansionOption | undefined {
    return survivors.length <= 1 ? survivors[0] : survivors[this.#random().below(survivors.length)];
  }
}
