import { type InstanceType, LABEL, type ResourceList } from '@plimsoll/core';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const CPUS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256];
/** GiB of memory per core, by the family letter. */
const FAMILIES = { c: 2, s: 4, m: 8 } as const;

/** The zones of Karpenter's KWOK provider. */
export const KWOK_ZONES: readonly string[] = ['test-zone-a', 'test-zone-b', 'test-zone-c', 'test-zone-d'];

/** A generic type of Karpenter's KWOK provider, with its prices in nano-dollars per hour. */
export interface KwokType {
  readonly type: InstanceType;
  readonly onDemandPrice: number;
  readonly spotPrice: number;
}

/**
 * The generic types of Karpenter's KWOK provider: 12 sizes, 3 families, 2 architectures.
 *
 * Its rule: 16 pods per core up to 1,024, a disk of 20 GiB, 0.025 dollars per core and hour and 0.001 per 10^9 bytes, spot at 0.7 of
 * that; 100 millicores and 10 MiB are reserved. A node has exactly what is predicted. Source: kubernetes-sigs/karpenter,
 * `kwok/tools/gen_instance_types.go` and `kwok/cloudprovider/helpers.go`.
 */
export function kwokTypes(os: 'linux' | 'windows'): KwokType[] {
  const out: KwokType[] = [];
  for (const cpu of CPUS) {
    for (const family of Object.keys(FAMILIES) as (keyof typeof FAMILIES)[]) {
      const gib = cpu * FAMILIES[family];
      for (const arch of ['amd64', 'arm64']) {
        // Exact up to the division: the price is 25,000,000 nano-dollars per core and one per 1,000 bytes.
        const thousandths = 25e9 * cpu + gib * GIB;
        out.push({
          type: instanceType({ name: `${family}-${cpu}x-${arch}-${os}`, family, cpu, gib, arch, os }),
          onDemandPrice: Math.round(thousandths / 1000),
          spotPrice: Math.round((thousandths * 7) / 10_000),
        });
      }
    }
  }
  return out;
}

interface Size {
  readonly name: string;
  readonly family: string;
  readonly cpu: number;
  readonly gib: number;
  readonly arch: string;
  readonly os: string;
}

function instanceType({ name, family, cpu, gib, arch, os }: Size): InstanceType {
  const capacity: ResourceList = {
    cpu: cpu * 1000,
    memory: gib * GIB,
    'ephemeral-storage': 20 * GIB,
    pods: Math.min(16 * cpu, 1024),
  };
  const allocatable = { ...capacity, cpu: capacity.cpu - 100, memory: capacity.memory - 10 * MIB };
  return {
    name,
    nominal: capacity,
    capacity,
    allocatable,
    predictedCapacity: capacity,
    predictedAllocatable: allocatable,
    labels: {
      [LABEL.instanceType]: name,
      [LABEL.arch]: arch,
      [LABEL.os]: os,
      'karpenter.kwok.sh/instance-size': String(cpu),
      'karpenter.kwok.sh/instance-family': family,
      'karpenter.kwok.sh/instance-cpu': String(cpu),
      'karpenter.kwok.sh/instance-memory': `${gib}Gi`,
    },
  };
}
