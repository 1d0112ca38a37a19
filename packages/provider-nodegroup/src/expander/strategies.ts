import { exp } from '@plimsoll/core';
import type { ExpansionOption } from './option.ts';

/**
 * What of the capacity would stay unused: the share of CPU and that of memory, summed. Capacity, not allocatable; only the placed pods count as
 * use. No nodes at all divide by zero: −Infinity or NaN, as in the real program. Source: Cluster Autoscaler 1.37, `expander/waste/waste.go`.
 */
export function waste({ nodes, nodeCpu, nodeMemory, cpu, memory }: ExpansionOption): number {
  const totalCpu = nodeCpu * nodes;
  const totalMemory = nodeMemory * nodes;
  return (totalCpu - cpu) / totalCpu + (totalMemory - memory) / totalMemory;
}

/** The options that waste least; equal scores all stay. */
export function leastWaste(options: readonly ExpansionOption[]): readonly ExpansionOption[] {
  return best(options, (option) => -waste(option));
}

/** The options that place most pods. Source: `expander/mostpods/mostpods.go`. */
export function mostPods(options: readonly ExpansionOption[]): readonly ExpansionOption[] {
  return best(options, (option) => option.pods);
}

/** The options that need fewest nodes; those without any do not count. Source: `expander/leastnodes/leastnodes.go`. */
export function leastNodes(options: readonly ExpansionOption[]): readonly ExpansionOption[] {
  return best(
    options.filter((option) => option.nodes > 0),
    (option) => -option.nodes,
  );
}

/** Patterns of group names with their priority, as the ConfigMap's text says them. */
export interface PriorityList {
  readonly priority: number;
  readonly patterns: readonly RegExp[];
}

/**
 * The options whose group matches a pattern of the highest priority that any group matches. Nothing matches, or there is no ConfigMap: all
 * stay. Priorities below −1 never win. Source: `expander/priority/priority.go`.
 */
export function byPriority(
  options: readonly ExpansionOption[],
  lists: readonly PriorityList[] | undefined,
): readonly ExpansionOption[] {
  if (lists === undefined) return options;
  let highest = -1;
  let chosen: ExpansionOption[] = [];
  for (const option of options) {
    let own = Number.NaN;
    for (const { priority, patterns } of lists) {
      if (patterns.some((pattern) => pattern.test(option.name)) && !(priority <= own)) own = priority;
    }
    if (Number.isNaN(own) || own < highest) continue;
    if (own > highest) {
      highest = own;
      chosen = [];
    }
    chosen.push(option);
  }
  return chosen.length > 0 ? chosen : options;
}

/** Nodes that a cluster of some size prefers, in millicores: the first whose number of nodes is not passed. Source: `expander/price/preferred.go`. */
const PREFERRED_CPU: readonly (readonly [number, number])[] = [
  [2, 1000],
  [6, 2000],
  [20, 4000],
  [60, 8000],
  [200, 16_000],
  [Infinity, 32_000],
];

/** In place of the unfitness of nodes with GPUs: nobody without need of them shall get one. */
const GPU_UNFITNESS = 1000;

/**
 * The options for which the money is spent best: what the nodes cost over what the pods are worth, times how far the node is from the size that a
 * cluster of so many nodes prefers; the more nodes, the less that counts. Source: `expander/price/price.go`.
 */
export function cheapest(
  options: readonly ExpansionOption[],
  { nodes, stabilisingPod }: { readonly nodes: number; readonly stabilisingPod: number },
): readonly ExpansionOption[] {
  const [, preferred] = PREFERRED_CPU.find(([most]) => nodes <= most)!;
  return best(options, (option) => {
    const { node, pods } = option.price ?? { node: 0, pods: 0 };
    const ratio = (node * option.nodes + stabilisingPod) / (pods + stabilisingPod);
    const unfitness = Math.max(preferred / option.nodeCpu, option.nodeCpu / preferred);
    const suppressed = (unfitness - 1) * (1 - tanh((option.nodes - 1) / 15)) + 1;
    return -(option.gpu === true ? GPU_UNFITNESS : suppressed) * ratio;
  });
}

function tanh(x: number): number {
  const power = exp(-2 * Math.abs(x));
  return (Math.sign(x) * (1 - power)) / (1 + power);
}

function best(options: readonly ExpansionOption[], score: (option: ExpansionOption) => number): readonly ExpansionOption[] {
  let highest = -Infinity;
  let chosen: ExpansionOption[] = [];
  for (const option of options) {
    const value = score(option);
    if (chosen.length === 0 || value > highest) {
      highest = value;
      chosen = [option];
    } else if (value === highest) chosen.push(option);
  }
  return chosen;
}
