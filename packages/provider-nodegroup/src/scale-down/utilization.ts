import { type ClusterView, CPU, MEMORY, NONE } from '@plimsoll/core';
import { GPU_LABEL, gpuIndex } from '../groups/gpus.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { DrainRules } from './drain-rules.ts';

/** In place of a resource index: a node without GPUs, and one whose GPUs are not there yet. */
const NO_GPU = -1;
const NOT_THERE_YET = -2;

/** What a node's use is measured against. */
export interface UtilizationRules {
  readonly ignoreDaemonSets: boolean;
  readonly ignoreMirror: boolean;
  readonly now: number;
}

/** How much of a node is asked for. */
export interface Utilization {
  /** The larger of CPU and memory; on a node with GPUs, the GPUs. NaN where it cannot be worked out. */
  value: number;
  gpu: boolean;
  /** Where {@link gpu} is false. */
  cpu: number;
  memory: number;
}

/**
 * The share of a node's allocatable resources that its pods ask for, those included that the loop has put there. Source: Cluster Autoscaler 1.37,
 * `simulator/utilization/info.go`. The object returned is reused.
 */
export class UtilizationOf {
  readonly #view: ClusterView;
  readonly #facts: PodFacts;
  readonly #snapshot: ClusterSnapshot;
  readonly #result: Utilization = { value: 0, gpu: false, cpu: 0, memory: 0 };
  readonly #rules: DrainRules;
  /** By node class: index of the GPU resource, or one of the two above. */
  readonly #gpuOf: (number | undefined)[] = [];
  readonly #pods: number[] = [];

  constructor(view: ClusterView, facts: PodFacts, snapshot: ClusterSnapshot, rules: DrainRules) {
    this.#rules = rules;
    this.#view = view;
    this.#facts = facts;
    this.#snapshot = snapshot;
  }

  of(slot: number, rules: UtilizationRules): Utilization {
    const snapshot = this.#snapshot;
    const result = this.#result;
    const nodeClass = snapshot.nodeClass[slot];
    const { allocatable } = this.#view.classes.nodes[nodeClass];
    const gpu = this.#gpuIndex(nodeClass);
    result.gpu = gpu !== NO_GPU;
    this.#leaveOut(slot, rules);
    if (gpu !== NO_GPU) {
      result.value = gpu === NOT_THERE_YET ? 0 : this.#share(slot, gpu, allocatable[gpu]);
      return result;
    }
    const cpu = this.#share(slot, CPU, allocatable[CPU]);
    const memory = this.#share(slot, MEMORY, allocatable[MEMORY]);
    result.cpu = cpu;
    result.memory = memory;
    result.value = Number.isNaN(cpu) || Number.isNaN(memory) ? Number.NaN : Math.max(cpu, memory);
    return result;
  }

  /** By resource: what pods that do not count ask for; taken from both sides. And what those ask for that should be gone: it is only no use. */
  #left = new Float64Array(4);
  #gone = new Float64Array(4);

  #share(slot: number, r: number, allocatable: number): number {
    if (allocatable === 0) return Number.NaN;
    const { free, stride } = this.#snapshot;
    const out = this.#left[r] ?? 0;
    return (allocatable - free[slot * stride + r] - out - (this.#gone[r] ?? 0)) / (allocatable - out);
  }

  #leaveOut(slot: number, rules: UtilizationRules): void {
    const { stride } = this.#snapshot;
    if (this.#left.length < stride) {
      this.#left = new Float64Array(stride);
      this.#gone = new Float64Array(stride);
    } else {
      this.#left.fill(0);
      this.#gone.fill(0);
    }
    if (!rules.ignoreDaemonSets && !rules.ignoreMirror && !this.#hasTerminating(slot)) return;
    this.#pods.length = 0;
    this.#snapshot.podsOn(slot, this.#pods);
    for (const pod of this.#pods) {
      const podClass = this.#view.pods.class[pod];
      const ignored =
        (rules.ignoreDaemonSets && this.#facts.daemonSet[podClass]) || (rules.ignoreMirror && this.#facts.mirror[podClass]);
      if (!ignored && !this.#rules.isLongTerminating(pod, rules.now)) continue;
      const sum = ignored ? this.#left : this.#gone;
      this.#view.classes.pods[podClass].requests.forEach((amount, r) => {
        sum[r] += amount;
      });
    }
  }

  #hasTerminating(slot: number): boolean {
    const { pods, nodes } = this.#view;
    for (let pod = nodes.firstPod[this.#snapshot.row[slot]]; pod !== NONE; pod = pods.next[pod]) {
      if (!Number.isNaN(pods.deletedAt[pod])) return true;
    }
    return false;
  }

  #gpuIndex(nodeClass: number): number {
    let index = this.#gpuOf[nodeClass];
    if (index === undefined) {
      const { classes } = this.#view;
      const node = classes.nodes[nodeClass];
      const at = gpuIndex(classes, node);
      index = at >= 0 ? at : node.shape.labels[GPU_LABEL] === undefined ? NO_GPU : NOT_THERE_YET;
      this.#gpuOf[nodeClass] = index;
    }
    return index;
  }
}
