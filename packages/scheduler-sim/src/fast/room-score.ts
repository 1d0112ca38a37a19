import { type ClusterView, CPU, MEMORY } from '@plimsoll/core';
import type { PodFacts } from '../filters/pod-table.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../plain/config.ts';
import { balanceOf, isScalar, strategyScore, type Use } from '../plain/plugins/node-resources.ts';
import { countedForFit } from '../plain/pod-requests.ts';

/** Whether scores of room are the default ones, over CPU and memory alike, for which there is a faster form. */
export function isDefaultRoom({ fit, balancedResources }: SchedulerConfig): boolean {
  const { strategy } = fit;
  const both = (resources: readonly { name: string; weight: number }[]): boolean =>
    resources.length === 2 &&
    ['cpu', 'memory'].every((name, i) => resources[i].name === name && resources[i].weight === resources[0].weight);
  return strategy.type === DEFAULT_CONFIG.fit.strategy.type && both(strategy.resources) && both(balancedResources);
}

interface Asked {
  readonly index: number;
  readonly weight: number;
  readonly extra: number;
  readonly skipped: boolean;
}

/** The scores of room under any configuration: NodeResourcesFit and NodeResourcesBalancedAllocation, weighed. */
export class RoomScore {
  readonly #view: ClusterView;
  readonly #config: SchedulerConfig;
  readonly #fit: readonly Asked[];
  readonly #balanced: readonly Asked[] | undefined;

  constructor(view: ClusterView, config: SchedulerConfig, facts: PodFacts) {
    this.#view = view;
    this.#config = config;
    const { requests } = view.classes.pods[facts.id];
    const { resources } = view.classes;
    const counted = countedForFit(facts.spec);
    this.#fit = config.fit.strategy.resources.map(({ name, weight }) => {
      const extra = counted[name] ?? 0;
      return { index: resources.indexOf(name), weight, extra, skipped: extra === 0 && isScalar(name) };
    });
    const balanced = config.balancedResources.map(({ name, weight }) => {
      const index = resources.indexOf(name);
      const extra = requests[index] ?? 0;
      return { index, weight, extra, skipped: extra === 0 && isScalar(name) };
    });
    this.#balanced = balanced.some(({ extra }) => extra > 0) ? balanced : undefined;
  }

  of(node: number, nodeClass: number): number {
    const { scoreWeights, fit } = this.#config;
    let score = (scoreWeights.NodeResourcesFit ?? 0) * strategyScore(fit.strategy, this.#uses(this.#fit, node, nodeClass, true));
    if (this.#balanced !== undefined) {
      const uses = this.#uses(this.#balanced, node, nodeClass, false);
      const before = uses.map((use) => ({ ...use, used: use.used - use.extra }));
      const gain = 50 + Math.trunc((50 + balanceOf(uses) - balanceOf(before)) / 2);
      score += (scoreWeights.NodeResourcesBalancedAllocation ?? 0) * gain;
    }
    return score;
  }

  #uses(asked: readonly Asked[], node: number, nodeClass: number, counted: boolean): Use[] {
    const { used, stride, nodes, classes } = this.#view;
    const { allocatable } = classes.nodes[nodeClass];
    const uses: Use[] = [];
    for (const { index, weight, extra, skipped } of asked) {
      const capacity = allocatable[index] ?? 0;
      if (capacity === 0 || skipped) continue;
      let use = index < stride ? used[node * stride + index] : 0;
      if (counted && index === CPU) use = nodes.nonZeroCpu[node];
      if (counted && index === MEMORY) use = nodes.nonZeroMemory[node];
      uses.push({ capacity, used: use + extra, extra, weight });
    }
    return uses;
  }
}
