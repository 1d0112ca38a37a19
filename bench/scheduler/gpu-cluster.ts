import { type NodeShape, type PodSpec, Streams } from '@plimsoll/core';
import type { Day } from './day.ts';

const MI = 2 ** 20;
const GPU_MILLI = 'alibabacloud.com/gpu-milli';

/**
 * Machines as in the GPU cluster that Alibaba published in 2023 ("openb"): how many of 1,200, cores, GiB of memory, GPUs. Facts of its
 * node list, kinds with fewer than 15 machines left out.
 */
const MACHINES = [
  [551, 96, 384, 8],
  [389, 104, 512, 2],
  [108, 16, 120, 2],
  [39, 128, 768, 8],
  [28, 32, 128, 4],
  [26, 64, 256, 2],
  [22, 96, 768, 8],
  [20, 8, 32, 1],
  [17, 96, 384, 4],
] as const;

/** Pods that ask for whole GPUs, by how many; all others ask for one or a share of one. Facts of its pod list. */
const WHOLE = [
  [8, 44],
  [4, 15],
  [2, 16],
] as const;
const PODS = 7064;
/** Of the pods that ask for one GPU, how many in a thousand share it, and usual shares in thousandths. */
const SHARING = 434;
const SHARES = [810, 470, 320, 650, 230, 460, 550, 220];
/** Quantiles of cores (thousandths) and memory (MiB) of its GPU pods, at 0, 10, 25, 50, 75, 90 and 99 %. */
const CPU = [3152, 3152, 3152, 8000, 11_908, 15_700, 24_200];
const MEMORY = [5600, 5600, 5600, 30_517, 48_128, 58_368, 125_952];
const SHAPES = 114;

/** All pods at once on a cluster like that, drawn by our own generator: sizes of pods go together, few shapes make up most of them. */
export function makeGpuPass(): Day {
  const stream = new Streams(42).stream('bench', 'gpu-cluster');
  const nodes = Uint8Array.from(MACHINES.flatMap(([count], row) => Array<number>(count).fill(row)));
  const shapes = Array.from({ length: SHAPES }, (_, i) => {
    const size = stream.below(7);
    const share = stream.below(1000) < SHARING ? SHARES[stream.below(SHARES.length)] : 1000;
    return podSpec(CPU[size], MEMORY[size], i < WHOLE.length ? WHOLE[i][0] * 1000 : share);
  });
  const shape = new Uint16Array(PODS);
  let at = 0;
  WHOLE.forEach(([, count], i) => {
    shape.fill(i, at, at + count);
    at += count;
  });
  // A tenth of the shapes are drawn ten times as often as the others.
  for (; at < PODS; at++)
    shape[at] = WHOLE.length + (stream.below(2) === 0 ? stream.below(11) : stream.below(SHAPES - WHOLE.length));
  for (let i = PODS - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [shape[i], shape[j]] = [shape[j], shape[i]];
  }
  return {
    nodeShapes: MACHINES.map(([, cores, gi, gpus]) => nodeShape(cores, gi, gpus)),
    nodes,
    shapes,
    time: new Float64Array(PODS),
    duration: new Float64Array(PODS).fill(Infinity),
    shape,
  };
}

function nodeShape(cores: number, gi: number, gpus: number): NodeShape {
  const allocatable = { cpu: cores * 1000, memory: gi * 1024 * MI, pods: 110, [GPU_MILLI]: gpus * 1000 };
  return { labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable };
}

function podSpec(cpu: number, memoryMi: number, gpuMilli: number): PodSpec {
  const requests = { cpu, memory: memoryMi * MI, [GPU_MILLI]: gpuMilli };
  return { namespace: 'default', labels: {}, annotations: {}, controller: 'Job', containers: [{ requests }] };
}
