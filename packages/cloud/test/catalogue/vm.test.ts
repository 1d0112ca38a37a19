import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/index.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const one = (name: 'google' | 'azure', type: string, options: object = {}) => catalogue(name, { types: [type], ...options });

describe('Google', () => {
  it('has the types of its table at their prices, in both regions and all zones', () => {
    const { types, offerings, zones, region } = one('google', 'e2-standard-4');
    expect([region, zones]).toEqual(['us-central1', ['us-central1-a', 'us-central1-b', 'us-central1-c']]);
    expect(types[0].nominal).toEqual({ cpu: 4000, memory: 16 * GIB, pods: 110 });
    expect(offerings.map(({ capacityType, price }) => [capacityType, price])).toEqual(
      zones.flatMap(() => [
        ['on-demand', 134_023_000],
        ['spot', 80_424_000],
      ]),
    );
    const europe = one('google', 'e2-standard-4', { region: 'europe-west1', zones: ['europe-west1-b'] }).offerings;
    // The spot price of that region is not known, so none is sold.
    expect(europe.map(({ price }) => price)).toEqual([147_431_000]);
    expect(catalogue('google').types.length).toBe(516);
  });

  it('reserves as GKE does: an e2-standard-4 has 3,920 millicores, and about 13 GB of memory for pods', () => {
    const { allocatable, capacity } = one('google', 'e2-standard-4').types[0];
    expect(allocatable.cpu).toBe(3920);
    // 16 GiB: kernel 256 + 16 + 64 MiB and 28.67 MiB of correction; GKE 1,024 + 819.2 + 819.2 MiB; eviction 100 MiB.
    expect(Math.round(capacity.memory / MIB)).toBe(16_384 - 365);
    expect(Math.round(allocatable.memory / MIB)).toBe(13_257);
    // The boot disk of 100 GiB keeps 10 + 41 GiB for the system.
    expect(allocatable['ephemeral-storage']).toBe(49 * GIB);
  });

  it('knows accelerators and Arm processors by their names', () => {
    const gpus = (type: string): number | undefined =>
      one('google', type, { region: 'us-central1' }).types[0].nominal['nvidia.com/gpu'];
    expect(['a2-highgpu-1g', 'a3-highgpu-8g', 'g2-standard-4', 'g2-standard-24', 'e2-standard-4'].map(gpus)).toEqual([
      1,
      8,
      1,
      2,
      undefined,
    ]);
    const arch = (type: string): string => one('google', type).types[0].labels['kubernetes.io/arch'];
    expect(['c4a-standard-4', 't2a-standard-1', 'c4-standard-4'].map(arch)).toEqual(['arm64', 'arm64', 'amd64']);
  });
});

describe('Azure', () => {
  it('has the sizes of its table at their prices; no spot prices are known', () => {
    const { types, offerings, zones } = one('azure', 'Standard_D4s_v5');
    expect(zones).toEqual(['eastus-1', 'eastus-2', 'eastus-3']);
    expect(types[0].nominal).toEqual({ cpu: 4000, memory: 16 * GIB, pods: 110 });
    expect(offerings.map(({ price }) => price)).toEqual([192_000_000, 192_000_000, 192_000_000]);
    expect(one('azure', 'Standard_D4s_v5', { region: 'westeurope' }).offerings[0].price).toBe(230_000_000);
  });

  it('reserves CPU by the documented table, and memory by pods', () => {
    const cpu = (type: string): number => {
      const { nominal, allocatable } = one('azure', type).types[0];
      return nominal.cpu - allocatable.cpu;
    };
    expect(['D2s_v5', 'D4s_v5', 'D8s_v5', 'D16s_v5', 'D32s_v5', 'D64s_v5'].map((size) => cpu(`Standard_${size}`))).toEqual([
      100, 140, 180, 260, 420, 740,
    ]);
    const memory = (maxPods: number): number => {
      const { capacity, allocatable } = one('azure', 'Standard_D2s_v5', { maxPods }).types[0];
      return capacity.memory - allocatable.memory - 100 * MIB;
    };
    expect(memory(30)).toBe(650_000_000);
    // 110 pods would take 2.25 GB, and a quarter of 8 GiB is less.
    expect(memory(110)).toBe(2 * GIB);
  });
});

describe.each(['google', 'azure'] as const)('%s', (name) => {
  it('refuses a region or a type that it does not have, with the nearest', () => {
    const [wrong, meant] = name === 'google' ? ['us-centrall1', 'us-central1'] : ['eastuss', 'eastus'];
    expect(() => catalogue(name, { region: wrong })).toThrow(`did you mean "${meant}"?`);
    const type = catalogue(name).types[7].name;
    expect(() => catalogue(name, { types: [`${type}x`] })).toThrow(/did you mean/);
  });

  it('has types whose nodes offer less than they have, and prices above nothing', () => {
    const { types, offerings } = catalogue(name);
    for (const [row, { name: type, nominal, capacity, allocatable }] of types.entries()) {
      for (const [resource, amount] of Object.entries(allocatable)) {
        expect(Number.isInteger(amount) && amount >= 0 && amount <= capacity[resource], `${type} ${resource}`).toBe(true);
      }
      expect(capacity.memory, type).toBeLessThan(nominal.memory);
      expect(
        offerings.filter((offering) => offering.type === row).every(({ price }) => price > 0),
        type,
      ).toBe(true);
    }
  });
});
