import { type ClusterView, CPU, compareText, MEMORY } from '@plimsoll/core';
import { GPU_LABEL, gpuIndex } from '../groups/gpus.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import type { Flags } from '../options/flags.ts';

const GIB = 2 ** 30;

/** What is left below a limit of the whole cluster, by resource of {@link ClusterQuota.resources}. */
export type Headroom = number[];

/**
 * The limits of the whole cluster: cores, bytes of memory, and GPUs by type. Source: Cluster Autoscaler 1.37, `resourcequotas` and
 * `processors/customresources/gpu_processor.go`.
 */
export class ClusterQuota {
  /** Names as messages have them: `cpu`, `memory`, and types of GPUs that have a limit. */
  readonly resources: readonly string[];
  readonly max: readonly number[];
  readonly min: readonly number[];
  /** Whether any limit keeps nodes from being removed. */
  readonly keepsNodes: boolean;
  readonly #view: ClusterView;
  readonly #groups: NodeGroups;
  /** By node class and group: amounts of one node. */
  readonly #amounts = new Map<number, readonly number[]>();

  constructor(view: ClusterView, groups: NodeGroups, flags: Flags) {
    this.#view = view;
    this.#groups = groups;
    const gpus = flags['gpu-total']
      .map((text) => text.split(':'))
      .sort((a, b) => compareText(a[0], b[0]))
      .map(([type, min, max]) => ({ type, min: Number(min), max: Number(max) }));
    this.resources = ['cpu', 'memory', ...gpus.map(({ type }) => type)];
    this.max = [flags['cores-total'].max, flags['memory-total'].max * GIB, ...gpus.map(({ max }) => max)];
    this.min = [flags['cores-total'].min, flags['memory-total'].min * GIB, ...gpus.map(({ min }) => min)];
    this.keepsNodes = this.min.some((limit) => limit > 0);
  }

  /** Amounts of one node of a class. Cores are rounded up. GPUs that are not there yet count as the group's template promises. */
  of(nodeClass: number, group: number): readonly number[] {
    const key = nodeClass * (this.#groups.count + 1) + group + 1;
    let known = this.#amounts.get(key);
    if (known === undefined) {
      const { classes } = this.#view;
      const node = classes.nodes[nodeClass];
      known = [Math.ceil(node.capacity[CPU] / 1000), node.capacity[MEMORY]];
      const type = node.shape.labels[GPU_LABEL];
      for (let i = 2; i < this.resources.length; i++) {
        if (this.resources[i] !== type) known = [...known, 0];
        else {
          const index = gpuIndex(classes, node);
          known = [...known, index >= 0 ? (node.allocatable[index] ?? 0) : this.#promisedGpus(group)];
        }
      }
      this.#amounts.set(key, known);
    }
    return known;
  }

  /** Whether a node counts for nothing: a virtual kubelet. */
  isVirtual(nodeClass: number): boolean {
    return this.#view.classes.nodes[nodeClass].shape.labels.type === 'virtual-kubelet';
  }

  /** What is left below the upper limits when so much is used. */
  roomAbove(used: readonly number[]): Headroom {
    return this.max.map((limit, i) => Math.max(0, limit - used[i]));
  }

  /** What may go before a lower limit is reached. */
  roomBelow(used: readonly number[]): Headroom {
    return this.min.map((limit, i) => Math.max(0, used[i] - limit));
  }

  #promisedGpus(group: number): number {
    const capacity = group < 0 ? undefined : this.#groups.template(group)?.shape.capacity;
    for (const name of Object.keys(capacity ?? {})) if (/gpu|gaudi|directx/.test(name)) return capacity![name];
    return 0;
  }
}

/** How many of `wanted` nodes fit into what is left. Amounts of which a node has none do not count. */
export function withinHeadroom(wanted: number, headroom: Headroom, node: readonly number[]): number {
  let allowed = wanted;
  for (let i = 0; i < node.length; i++) if (node[i] > 0) allowed = Math.min(allowed, Math.floor(headroom[i] / node[i]));
  return allowed;
}

/** The resources of which so many nodes would take too much. */
export function exceeded(wanted: number, headroom: Headroom, node: readonly number[], names: readonly string[]): string[] {
  return names.filter((_, i) => node[i] > 0 && headroom[i] < wanted * node[i]);
}

/** Takes nodes from what is left. */
export function consume(count: number, headroom: Headroom, node: readonly number[]): void {
  for (let i = 0; i < node.length; i++) headroom[i] = Math.max(0, headroom[i] - count * node[i]);
}
