import type { InstanceType, ResourceList } from '@plimsoll/core';
import type { Ec2Facts } from './ec2-facts.ts';
import { ec2Labels } from './ec2-labels.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** How nodes are set up, as far as it changes their size. */
export interface NodeSetup {
  /** Pods per node instead of the number of addresses, as prefix delegation and kubelet's `maxPods` allow. Default: the addresses. */
  readonly maxPods?: number;
  /** Root disk, GiB. Default 20 (Karpenter, AL2023). */
  readonly diskGib?: number;
  /** Karpenter's `VM_MEMORY_OVERHEAD_PERCENT` in thousandths of advertised memory. Default 75 (0.075). */
  readonly memoryOverheadPermille?: number;
}

/** NeuronCores of one chip. Source: AWS, Neuron device architecture pages. */
const NEURON_CORES: Readonly<Record<string, number>> = { inferentia: 4, inferentia2: 2, trainium: 2 };

/** Memory that the kubelet keeps free before it evicts, MiB: `memory.available` of AL2023 and of Karpenter's estimate. */
const EVICTION_MIB = 100;

/**
 * One EC2 type with its three sizes.
 *
 * - *nominal* is Cluster Autoscaler's template for a group that never had a node: advertised vCPUs and memory, 110 pods, GPUs of any
 *   maker under nvidia.com/gpu, no disk; allocatable equals capacity. Source: kubernetes/autoscaler, `cloudprovider/aws`.
 * - *predicted* is Karpenter's estimate. Source: aws/karpenter-provider-aws, `pkg/providers/instancetype/types.go`.
 * - *capacity* and *allocatable* are a real AL2023 node's: the memory that was seen on such a machine, or the estimate where none
 *   was measured, less what awslabs/amazon-eks-ami reserves. Departs from reality in disk (file system overhead is left out).
 */
export function ec2InstanceType(facts: Ec2Facts, setup: NodeSetup): InstanceType {
  const addresses = addressPods(facts);
  const pods = setup.maxPods ?? addresses;
  const predictedMib = predictedMemoryMib(facts, setup.memoryOverheadPermille ?? 75);
  const cpu = facts.vcpu * 1000;
  const disk = (setup.diskGib ?? 20) * GIB;
  const nominal: Record<string, number> = { cpu, memory: facts.memoryMib * MIB, pods: 110 };
  if (facts.gpus > 0) nominal['nvidia.com/gpu'] = facts.gpus;
  const capacity = node(cpu, (facts.seenMemoryMib ?? predictedMib) * MIB, disk, pods);
  const predictedCapacity = node(cpu, predictedMib * MIB, disk, pods);
  // The node's own bootstrap reserves for the pods it will run, Karpenter for the addresses even where maxPods is set.
  const allocatable = allocatableOf(capacity, facts.vcpu, pods);
  const predictedAllocatable = allocatableOf(predictedCapacity, facts.vcpu, addresses);
  for (const list of [capacity, allocatable, predictedCapacity, predictedAllocatable]) addDevices(list, facts);
  if (facts.branchInterfaces > 0) {
    predictedCapacity['vpc.amazonaws.com/pod-eni'] = facts.branchInterfaces;
    predictedAllocatable['vpc.amazonaws.com/pod-eni'] = facts.branchInterfaces;
  }
  const labels = ec2Labels(facts);
  return { name: facts.name, nominal, capacity, allocatable, predictedCapacity, predictedAllocatable, labels };
}

/** Pods that get an address each: interfaces × (addresses − 1) + 2. */
function addressPods({ interfaces, addressesPerInterface }: Ec2Facts): number {
  return interfaces * (addressesPerInterface - 1) + 2;
}

/** Memory that Karpenter expects before it has seen a node, MiB: 64 MiB less on arm64, then the overhead, rounded up. */
function predictedMemoryMib({ memoryMib, architecture }: Ec2Facts, overheadPermille: number): number {
  const visible = architecture === 'arm64' ? memoryMib - 64 : memoryMib;
  return visible - Math.ceil((visible * overheadPermille) / 1000);
}

/** CPU kept for the kubelet, millicores: 6 % of the first core, 1 % of the second, 0.5 % of two more, 0.25 % of the rest. */
function reservedCpu(vcpu: number): number {
  const next = Math.min(Math.max(vcpu - 2, 0), 2);
  const rest = Math.max(vcpu - 4, 0);
  return (vcpu > 0 ? 60 : 0) + (vcpu > 1 ? 10 : 0) + 5 * next + Math.floor((5 * rest) / 2);
}

function node(cpu: number, memory: number, disk: number, pods: number): Record<string, number> {
  return { cpu, memory, 'ephemeral-storage': disk, pods };
}

function allocatableOf(capacity: ResourceList, vcpu: number, reservedForPods: number): Record<string, number> {
  const memory = capacity.memory - (11 * reservedForPods + 255 + EVICTION_MIB) * MIB;
  const disk = capacity['ephemeral-storage'];
  const freeDisk = disk - Math.ceil(disk / 10) - GIB;
  return node(Math.max(0, capacity.cpu - reservedCpu(vcpu)), Math.max(0, memory), Math.max(0, freeDisk), capacity.pods);
}

function addDevices(list: Record<string, number>, facts: Ec2Facts): void {
  if (facts.gpus > 0) list[`${facts.gpuMaker}.com/gpu`] = facts.gpus;
  if (facts.acceleratorName !== undefined) {
    list['aws.amazon.com/neuron'] = facts.accelerators;
    list['aws.amazon.com/neuroncore'] = facts.accelerators * NEURON_CORES[facts.acceleratorName];
  }
  if (facts.efaInterfaces > 0) list['vpc.amazonaws.com/efa'] = facts.efaInterfaces;
}
