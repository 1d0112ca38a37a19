import { type InstanceType, LABEL, type ResourceList } from '@plimsoll/core';
import type { NodeSetup } from './ec2-shape.ts';
import type { VmFacts } from './vm-facts.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Pods of a node where nothing else is said: the default of both managed clusters. */
const PODS = 110;
/** Memory that the kubelet keeps free before it evicts, MiB: `memory.available` of both. */
const EVICTION_MIB = 100;

/**
 * A machine type of Google as a GKE node (Container-Optimized OS, boot disk of 100 GiB).
 *
 * The kernel takes a 64th of the memory, 16 MiB and some more; GKE reserves a falling share of memory and CPU. Sources: kubernetes/autoscaler,
 * `cloudprovider/gce/gce_reserved.go`; GKE documentation, "Plan GKE Standard node sizes". Left out: what GKE reserves beside that on
 * shared-core machines, local disks.
 */
export function googleInstanceType(facts: VmFacts, setup: NodeSetup): InstanceType {
  const { memoryBytes: memory } = facts;
  let kernel = Math.floor(memory / 64) + 16 * MIB + Math.min(Math.floor((memory * 175) / 100_000), 248 * MIB);
  if (memory > 3 * GIB) kernel += 64 * MIB;
  if (memory <= 8 * GIB) kernel += 8 * MIB;
  const disk = (setup.diskGib ?? 100) * GIB;
  const diskReserved = Math.min(Math.floor(disk / 2), 6 * GIB + Math.floor((disk * 35) / 100), 100 * GIB);
  return instanceType(facts, {
    memory: memory - kernel,
    disk,
    pods: setup.maxPods ?? PODS,
    reserved: {
      cpu: googleCpu(facts.vcpu),
      memory: googleMemory(memory),
      'ephemeral-storage': diskReserved + Math.ceil(disk / 10),
    },
  });
}

/**
 * A size of Azure as an AKS node (1.29 and later, system disk of 128 GiB).
 *
 * AKS reserves 20 MB a pod and 50 MB, at most a quarter of the memory, and a falling share of CPU. Source: AKS documentation, "Node resource
 * reservations". What the operating system keeps for itself is not published: capacity is the advertised memory less 4 %, our estimate
 * after EC2's measured mean of 3.7 %.
 */
export function azureInstanceType(facts: VmFacts, setup: NodeSetup): InstanceType {
  const pods = setup.maxPods ?? PODS;
  const memory = facts.memoryBytes - Math.ceil((facts.memoryBytes * 4) / 100);
  const disk = (setup.diskGib ?? 128) * GIB;
  const memoryReserved = Math.min(20_000_000 * pods + 50_000_000, Math.floor(facts.memoryBytes / 4));
  return instanceType(facts, {
    memory,
    disk,
    pods,
    reserved: { cpu: azureCpu(facts.vcpu), memory: memoryReserved, 'ephemeral-storage': Math.ceil(disk / 10) },
  });
}

/** 6 % of the first core, 1 % of the second, 0.5 % of two more, 0.25 % of the rest; millicores. */
function googleCpu(vcpu: number): number {
  return 60 + (vcpu > 1 ? 10 : 0) + 5 * Math.min(Math.max(vcpu - 2, 0), 2) + Math.floor((5 * Math.max(vcpu - 4, 0)) / 2);
}

/** 255 MiB below 1 GiB; else 25 % of the first 4 GiB, 20 % of 4 more, 10 % of 8 more, 6 % of 112 more and 2 % of the rest. */
function googleMemory(memory: number): number {
  if (memory < GIB) return 255 * MIB;
  const steps: readonly (readonly [number, number])[] = [
    [4, 25],
    [4, 20],
    [8, 10],
    [112, 6],
    [Infinity, 2],
  ];
  let left = memory;
  let reserved = 0;
  for (const [gib, percent] of steps) {
    const part = Math.min(left, gib * GIB);
    reserved += Math.floor((part * percent) / 100);
    left -= part;
  }
  return reserved;
}

/** 60, 100, 140, 180, 260, 420 and 740 millicores of 1, 2, 4, 8, 16, 32 and 64 cores; what lies between on straight lines. */
function azureCpu(vcpu: number): number {
  return 60 + (vcpu > 1 ? 40 : 0) + 20 * Math.min(Math.max(vcpu - 2, 0), 2) + 10 * Math.max(vcpu - 4, 0);
}

interface NodeSize {
  readonly memory: number;
  readonly disk: number;
  readonly pods: number;
  readonly reserved: { readonly cpu: number; readonly memory: number; readonly 'ephemeral-storage': number };
}

function instanceType(facts: VmFacts, { memory, disk, pods, reserved }: NodeSize): InstanceType {
  const devices: ResourceList = facts.gpus > 0 ? { 'nvidia.com/gpu': facts.gpus } : {};
  const cpu = facts.vcpu * 1000;
  const capacity: ResourceList = { cpu, memory, 'ephemeral-storage': disk, pods, ...devices };
  const allocatable: ResourceList = {
    ...capacity,
    cpu: Math.max(0, cpu - reserved.cpu),
    memory: Math.max(0, memory - reserved.memory - EVICTION_MIB * MIB),
    'ephemeral-storage': Math.max(0, disk - reserved['ephemeral-storage']),
  };
  return {
    name: facts.name,
    nominal: { cpu, memory: facts.memoryBytes, pods: PODS, ...devices },
    capacity,
    allocatable,
    predictedCapacity: capacity,
    predictedAllocatable: allocatable,
    labels: { [LABEL.instanceType]: facts.name, [LABEL.arch]: facts.architecture, [LABEL.os]: 'linux' },
  };
}
