import { type ClusterView, CPU, MEMORY, NONE, PODS } from '@plimsoll/core';

/** Numbers of a node side by side: one cache line. */
const WIDTH = 8;

/**
 * What a decision costs when every node is looked at: filters and default scores of pods that ask for CPU, memory and a set of node
 * classes, over rows of typed arrays, the first best node winning. As fast as a scan gets without remembering anything.
 */
export class ExhaustiveScan {
  readonly #view: ClusterView;
  readonly #rows: Float64Array;
  /** Node rows in the order that the scheduler looks at them. */
  readonly #order: Int32Array;
  readonly #allowed: Uint8Array[] = [];

  /** `order` lists all nodes. */
  constructor(view: ClusterView, order: readonly number[]) {
    this.#view = view;
    this.#order = Int32Array.from(order);
    this.#rows = new Float64Array(order.length * WIDTH);
  }

  /** Takes over how the nodes stand; no part of a decision's time. */
  sync(): void {
    const { nodes, used, stride, classes } = this.#view;
    this.#order.forEach((node, i) => {
      const { allocatable } = classes.nodes[nodes.class[node]];
      const base = node * stride;
      const [cpu, memory] = [allocatable[CPU], allocatable[MEMORY]];
      const before = balance(used[base + CPU] / cpu, used[base + MEMORY] / memory);
      this.#rows.set(
        [nodes.class[node], cpu, memory, used[base + CPU], used[base + MEMORY], allocatable[PODS] - used[base + PODS], before],
        i * WIDTH,
      );
    });
  }

  choose(podClass: number): number {
    const { requests } = this.#view.classes.pods[podClass];
    const [cpu, memory] = [requests[CPU], requests[MEMORY]];
    const allowed = (this.#allowed[podClass] ??= this.#allowedFor(podClass));
    const rows = this.#rows;
    let best = -1;
    let bestAt = -1;
    for (let at = 0; at < rows.length; at += WIDTH) {
      if (allowed[rows[at]] === 0 || rows[at + 5] < 1) continue;
      const cpuCap = rows[at + 1];
      const memoryCap = rows[at + 2];
      const cpuUse = rows[at + 3] + cpu;
      const memoryUse = rows[at + 4] + memory;
      if (cpuUse > cpuCap || memoryUse > memoryCap) continue;
      const least = ((((cpuCap - cpuUse) * 100) / cpuCap) | 0) + ((((memoryCap - memoryUse) * 100) / memoryCap) | 0);
      const score = (least >> 1) + 50 + ((50 + balance(cpuUse / cpuCap, memoryUse / memoryCap) - rows[at + 6]) >> 1);
      if (score <= best) continue;
      best = score;
      bestAt = at;
    }
    return bestAt < 0 ? NONE : this.#order[bestAt / WIDTH];
  }

  /** By node class: whether the pod's required affinity holds. */
  #allowedFor(podClass: number): Uint8Array {
    const { pods, nodes } = this.#view.classes;
    const [term] = pods[podClass].spec.nodeAffinity?.required ?? [];
    return Uint8Array.from(nodes, ({ shape }) =>
      (term?.matchExpressions ?? []).every(({ key, values = [] }) => values.includes(shape.labels[key] ?? '')) ? 1 : 0,
    );
  }
}

function balance(cpu: number, memory: number): number {
  return ((1 - Math.abs((cpu - memory) / 2)) * 100) | 0;
}
