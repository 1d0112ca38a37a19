import type { InstanceType } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/index.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function typeOf(name: string): InstanceType {
  return catalogue('aws', { types: [name] }).types[0];
}

describe('an EC2 type', () => {
  it('has three sizes: what Cluster Autoscaler believes, what Karpenter predicts, what comes', () => {
    const m5large = typeOf('m5.large');
    expect(m5large.nominal).toEqual({ cpu: 2000, memory: 8192 * MIB, pods: 110 });
    // 8192 − ceil(8192 × 0.075) = 8192 − 615; 3 interfaces × (10 − 1) + 2 pods.
    expect(m5large.predictedCapacity).toEqual({
      cpu: 2000,
      memory: 7577 * MIB,
      'ephemeral-storage': 20 * GIB,
      pods: 29,
      'vpc.amazonaws.com/pod-eni': 9,
    });
    // 60 + 10 millicores; 11 × 29 + 255 MiB for the kubelet and 100 MiB before eviction; a tenth of the disk and 1 GiB.
    expect(m5large.predictedAllocatable).toEqual({
      cpu: 1930,
      memory: 6903 * MIB,
      'ephemeral-storage': 17 * GIB,
      pods: 29,
      'vpc.amazonaws.com/pod-eni': 9,
    });
    // An operating system saw 7811 MiB on a real m5.large.
    expect(m5large.capacity).toEqual({ cpu: 2000, memory: 7811 * MIB, 'ephemeral-storage': 20 * GIB, pods: 29 });
    expect(m5large.allocatable).toEqual({ cpu: 1930, memory: 7137 * MIB, 'ephemeral-storage': 17 * GIB, pods: 29 });
  });

  // Millicores, MiB and pods, worked out by hand from vCPUs, memory, architecture, interfaces and addresses of each.
  it.each([
    ['m6g.xlarge', 3920, 14103, 58], //           (16384 − 64) − 1224; 4 × 14 + 2 pods; 638 + 255 + 100
    ['c5.4xlarge', 15890, 27381, 234], //         32768 − 2458; 8 × 29 + 2; 2574 + 255 + 100
    ['c5.metal', 95690, 173400, 737], //          196608 − 14746; 15 × 49 + 2; 8107 + 255 + 100; 70 + 10 + 2.5 × 92 millicores
    ['t3.nano', 1930, 74, 4], //                  512 − 39; 2 × 1 + 2; 44 + 255 + 100
    ['t2.nano', 940, 74, 4], //                   the same on one core: 60 millicores
    ['hpc7g.16xlarge', 63770, 118649, 198], //    131008 − 9826; 4 × 49 + 2; 2178 + 255 + 100
    ['m8i.large', 1930, 6573, 59], //             8192 − 615; 3 × 19 + 2; 649 + 255 + 100
    ['u7i-12tb.224xlarge', 893690, 11630731, 737], // 12582912 − 943719; 8107 + 255 + 100; 80 + 2230 millicores
  ])('%s has the allocatable that Karpenter predicts', (name, cpu, memoryMib, pods) => {
    expect(typeOf(name).predictedAllocatable).toMatchObject({ cpu, memory: memoryMib * MIB, pods });
  });

  it('is as large as predicted where no machine was measured', () => {
    const { capacity, predictedCapacity } = typeOf('u7i-12tb.224xlarge');
    expect(capacity.memory).toBe(predictedCapacity.memory);
  });

  it('takes more pods where maxPods says so: the node reserves for them, Karpenter for its addresses', () => {
    const [type] = catalogue('aws', { types: ['m5.large'], maxPods: 110 }).types;
    expect(type.allocatable).toMatchObject({ pods: 110, memory: (7811 - 11 * 110 - 255 - 100) * MIB });
    expect(type.predictedAllocatable).toMatchObject({ pods: 110, memory: 6903 * MIB });
  });

  it('follows the disk and the memory overhead that are set', () => {
    const [type] = catalogue('aws', { types: ['m5.large'], diskGib: 100, memoryOverheadPermille: 0 }).types;
    expect(type.predictedCapacity).toMatchObject({ memory: 8192 * MIB, 'ephemeral-storage': 100 * GIB });
    expect(type.predictedAllocatable).toMatchObject({ memory: 7518 * MIB, 'ephemeral-storage': 89 * GIB });
  });

  it('offers GPUs under their maker, but to Cluster Autoscaler all as nvidia.com/gpu', () => {
    expect(typeOf('g4dn.xlarge').allocatable['nvidia.com/gpu']).toBe(1);
    const amd = typeOf('g4ad.4xlarge');
    expect(amd.allocatable['amd.com/gpu']).toBe(1);
    expect(amd.allocatable['nvidia.com/gpu']).toBeUndefined();
    expect(amd.nominal['nvidia.com/gpu']).toBe(1);
  });

  it('offers a share of a GPU as no GPU', () => {
    const type = typeOf('g6f.large');
    expect(type.allocatable['nvidia.com/gpu']).toBeUndefined();
    expect(type.labels).toMatchObject({
      'karpenter.k8s.aws/instance-gpu-name': 'l4',
      'karpenter.k8s.aws/instance-gpu-count': '0',
    });
  });

  it('offers Neuron devices and cores, and EFA interfaces, none of which Cluster Autoscaler knows', () => {
    const trainium = typeOf('trn1.32xlarge');
    expect(trainium.allocatable).toMatchObject({
      'aws.amazon.com/neuron': 16,
      'aws.amazon.com/neuroncore': 32,
      'vpc.amazonaws.com/efa': 8,
    });
    expect(trainium.nominal).toEqual({ cpu: 128_000, memory: 524_288 * MIB, pods: 110 });
    expect(typeOf('inf2.24xlarge').capacity).toMatchObject({ 'aws.amazon.com/neuron': 6, 'aws.amazon.com/neuroncore': 12 });
  });

  it('carries the labels of Kubernetes and of Karpenter', () => {
    expect(typeOf('r5d.2xlarge').labels).toEqual({
      'node.kubernetes.io/instance-type': 'r5d.2xlarge',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/os': 'linux',
      'karpenter.k8s.aws/instance-category': 'r',
      'karpenter.k8s.aws/instance-generation': '5',
      'karpenter.k8s.aws/instance-family': 'r5d',
      'karpenter.k8s.aws/instance-size': '2xlarge',
      'karpenter.k8s.aws/instance-cpu': '8',
      'karpenter.k8s.aws/instance-cpu-manufacturer': 'intel',
      'karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz': '3100',
      'karpenter.k8s.aws/instance-memory': '65536',
      'karpenter.k8s.aws/instance-ebs-bandwidth': '4750',
      'karpenter.k8s.aws/instance-network-bandwidth': '2500',
      'karpenter.k8s.aws/instance-local-nvme': '300',
      'karpenter.k8s.aws/instance-hypervisor': 'nitro',
      'karpenter.k8s.aws/instance-capability-flex': 'false',
    });
    expect(typeOf('c5.metal').labels['karpenter.k8s.aws/instance-hypervisor']).toBeUndefined();
    expect(typeOf('c7i-flex.large').labels['karpenter.k8s.aws/instance-capability-flex']).toBe('true');
    expect(typeOf('u7i-12tb.224xlarge').labels).toMatchObject({
      'karpenter.k8s.aws/instance-category': 'u',
      'karpenter.k8s.aws/instance-generation': '7',
    });
    expect(typeOf('g4dn.xlarge').labels).toMatchObject({
      'karpenter.k8s.aws/instance-gpu-name': 't4',
      'karpenter.k8s.aws/instance-gpu-manufacturer': 'nvidia',
      'karpenter.k8s.aws/instance-gpu-count': '1',
      'karpenter.k8s.aws/instance-gpu-memory': '16384',
    });
    expect(typeOf('inf2.24xlarge').labels).toMatchObject({
      'karpenter.k8s.aws/instance-accelerator-name': 'inferentia2',
      'karpenter.k8s.aws/instance-accelerator-manufacturer': 'aws',
      'karpenter.k8s.aws/instance-accelerator-count': '6',
    });
  });
});

describe('all EC2 types', () => {
  const { types } = catalogue('aws');

  it('are 1,345, each once', () => {
    expect(types).toHaveLength(1345);
    expect(new Set(types.map((type) => type.name)).size).toBe(1345);
  });

  it('never have more allocatable than capacity, nor more capacity than advertised', () => {
    for (const { name, nominal, capacity, allocatable, predictedCapacity, predictedAllocatable } of types) {
      for (const [whole, free] of [
        [capacity, allocatable],
        [predictedCapacity, predictedAllocatable],
      ]) {
        expect(Object.keys(free), name).toEqual(Object.keys(whole));
        for (const resource of Object.keys(whole)) {
          expect(free[resource], `${name} ${resource}`).toBeGreaterThan(0);
          expect(free[resource], `${name} ${resource}`).toBeLessThanOrEqual(whole[resource]);
          expect(Number.isSafeInteger(free[resource]), `${name} ${resource}`).toBe(true);
        }
        expect(whole.cpu, name).toBe(nominal.cpu);
        expect(whole.memory, name).toBeLessThanOrEqual(nominal.memory);
      }
    }
  });
});
