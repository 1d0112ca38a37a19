import { describe, expect, it } from 'vitest';
import { describedNode, type GroupNode, templateGaps } from '../../src/groups/template-gaps.ts';
import { catalogue } from '../../src/index.ts';

const GIB = 2 ** 30;
const believed: GroupNode = {
  instanceType: 'm5.xlarge',
  zone: 'us-east-1a',
  allocatable: { cpu: 4000, memory: 16 * GIB },
  labels: { team: 'a' },
  price: 192_000_000,
  units: 1,
};

const kinds = (came: Partial<GroupNode>): string[] =>
  templateGaps('g', believed, { ...believed, ...came }).map(({ kind }) => kind);

describe('what a scale-up counted on', () => {
  it('holds where the node that came differs by what the system reserves', () => {
    expect(kinds({ allocatable: { cpu: 3920, memory: 14 * GIB } })).toEqual([]);
  });

  it('does not where it is another size in any resource, up and down at once', () => {
    expect(kinds({ allocatable: { cpu: 2000, memory: 32 * GIB } })).toEqual(['template-larger', 'template-smaller']);
    expect(kinds({ allocatable: { cpu: 4000, memory: 16 * GIB, 'nvidia.com/gpu': 1 } })).toEqual(['template-smaller']);
  });

  it('does not where a label, the zone, the price or the weight is another', () => {
    expect(kinds({ labels: {} })).toEqual(['labels']);
    expect(kinds({ zone: 'us-east-1b', price: 1, units: 2 })).toEqual(['zone', 'price', 'weight']);
  });

  it('is told with what was believed and what came', () => {
    const [gap] = templateGaps('g', believed, { ...believed, instanceType: 'm5.large', price: 96_000_000 });
    expect(gap.message).toContain("the template's m5.xlarge costs $0.1920/h, and the group bought m5.large at $0.0960/h");
  });

  it('is the first type in the first zone, at its advertised size and the price of the group’s way of buying', () => {
    const offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] });
    const spec = {
      name: 'g',
      min: 0,
      max: 9,
      desired: 0,
      instanceTypes: ['m5.xlarge', 'm5.large'],
      zones: ['us-east-1b', 'us-east-1a'],
      capacityType: 'spot' as const,
      labels: { team: 'a' },
      taints: [],
      taggedResources: {},
    };
    const { price, zone, instanceType, allocatable, labels } = describedNode(spec, offerings);
    expect([instanceType, zone, allocatable.cpu, allocatable.memory]).toEqual(['m5.xlarge', 'us-east-1b', 4000, 16 * GIB]);
    expect(labels).toMatchObject({ team: 'a', 'topology.kubernetes.io/zone': 'us-east-1b' });
    expect(price).toBe(
      offerings.offerings.find((row) => row.type === 1 && row.zone === zone && row.capacityType === 'spot')!.price,
    );
  });
});
