import { type ClusterView, CPU, type KeyedStream, MEMORY } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import { type PodFacts, PodTable } from '../filters/pod-table.ts';
import { labelsOf } from '../filters/static.ts';
import { normalised } from '../scores/normalise.ts';
import { intolerableTaints, preferredWeight } from '../scores/preferences.ts';
import { balance, balanceGain, leastAllocated } from '../scores/resources.ts';
import { type Cycle, NO_FIT, NO_NODES } from './cycle.ts';
import type { NodeOrder } from './node-order.ts';
import { beforeInPreorder, type TieRule } from './tie.ts';
import { WEIGHT } from './weights.ts';

/**
 * A scheduling cycle as the real program goes about it: filter every node, score those that are left, normalise, add up, take the
 * highest. Slow and obvious: what the fast cycle is measured against.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/schedule_one.go`.
 */
export class PlainCycle implements Cycle {
  rejectors = 0;
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #order: NodeOrder;
  readonly #pods: PodTable;
  readonly #tie: TieRule;
  readonly #chance: KeyedStream | undefined;

  constructor({ view, filters, order, tie, chance }: CycleParts) {
    this.#view = view;
    this.#filters = filters;
    this.#order = order;
    this.#pods = new PodTable(view.classes);
    this.#tie = tie;
    this.#chance = chance;
  }

  // It remembers nothing.
  added(): void {}
  changed(): void {}
  removed(): void {}
  restart(): void {}

  choose(podClass: number, pod: number): number {
    const { rows } = this.#order;
    if (rows.length === 0) return NO_NODES;
    this.rejectors = 0;
    const feasible: number[] = [];
    for (const node of rows) {
      const code = this.#filters.rejector(podClass, node);
      if (code < 0) feasible.push(node);
      else this.rejectors |= 1 << code;
    }
    if (feasible.length === 0) return NO_FIT;
    if (feasible.length === 1) return feasible[0];
    return feasible[this.#pick(this.totals(podClass, feasible), pod)];
  }

  /** The final score of each feasible node. */
  totals(podClass: number, feasible: readonly number[]): number[] {
    const facts = this.#pods.of(podClass);
    const { classes, nodes, nodeNames } = this.#view;
    const shapes = feasible.map((node) => classes.nodes[nodes.class[node]].shape);
    const taints = shapes.map((shape) => intolerableTaints(facts.spec, shape.taints));
    const affinity = shapes.map((shape, i) =>
      preferredWeight(facts.spec, labelsOf(shape, nodeNames[feasible[i]]), nodeNames[feasible[i]]),
    );
    const [mostTaints, mostAffinity] = [Math.max(...taints), Math.max(...affinity)];
    return feasible.map(
      (node, i) =>
        this.#room(facts, node) +
        WEIGHT.TaintToleration * normalised(taints[i], mostTaints, true) +
        WEIGHT.NodeAffinity * normalised(affinity[i], mostAffinity, false),
    );
  }

  #room(facts: PodFacts, node: number): number {
    const { classes, nodes, used, stride } = this.#view;
    const { allocatable } = classes.nodes[nodes.class[node]];
    const { requests } = classes.pods[facts.id];
    const [cpuCap, memCap] = [allocatable[CPU], allocatable[MEMORY]];
    const least = leastAllocated(
      nodes.nonZeroCpu[node] + facts.scoredCpu,
      cpuCap,
      nodes.nonZeroMemory[node] + facts.scoredMemory,
      memCap,
    );
    if (requests[CPU] === 0 && requests[MEMORY] === 0) return least;
    const [cpu, memory] = [used[node * stride + CPU], used[node * stride + MEMORY]];
    const after = balance(cpu + requests[CPU], cpuCap, memory + requests[MEMORY], memCap);
    return least + balanceGain(after, balance(cpu, cpuCap, memory, memCap));
  }

  #pick(totals: readonly number[], pod: number): number {
    const most = Math.max(...totals);
    const best = totals.flatMap((total, i) => (total === most ? [i] : []));
    if (this.#tie === 'random') return best[Math.floor((this.#chance as KeyedStream).at(pod) * best.length)];
    if (this.#tie === 'first') return best[0];
    return best.reduce((first, i) => (beforeInPreorder(i, first) ? i : first));
  }
}

/** What a cycle is made of. */
export interface CycleParts {
  readonly view: ClusterView;
  readonly filters: FilterModel;
  readonly order: NodeOrder;
  readonly tie: TieRule;
  /** Needed for random ties. */
  readonly chance: KeyedStream | undefined;
}
