import { OptionsError } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { type CatalogueOptions, catalogue, priceList } from '../../src/index.ts';

function errorOf(body: () => unknown): OptionsError {
  try {
    body();
  } catch (error) {
    if (error instanceof OptionsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a catalogue', () => {
  it('lists types by name, and their offerings by zone as given, on-demand before spot', () => {
    const { types, offerings, zones } = catalogue('aws', {
      types: ['m5.xlarge', 'm5.large'],
      zones: ['us-east-1c', 'us-east-1a'],
    });
    expect(zones).toEqual(['us-east-1c', 'us-east-1a']);
    expect(types.map((type) => type.name)).toEqual(['m5.large', 'm5.xlarge']);
    expect(offerings.map(({ id, type, zone, capacityType }) => `${id} ${type} ${zone} ${capacityType}`)).toEqual([
      '0 0 us-east-1c on-demand',
      '1 0 us-east-1c spot',
      '2 0 us-east-1a on-demand',
      '3 0 us-east-1a spot',
      '4 1 us-east-1c on-demand',
      '5 1 us-east-1c spot',
      '6 1 us-east-1a on-demand',
      '7 1 us-east-1a spot',
    ]);
  });

  it('has three zones of us-east-1 by default', () => {
    const { region, zones } = catalogue('aws');
    expect([region, ...zones]).toEqual(['us-east-1', 'us-east-1a', 'us-east-1b', 'us-east-1c']);
  });

  it('keeps only the types that are wanted', () => {
    const where: CatalogueOptions['where'] = ({ labels }) => labels['kubernetes.io/arch'] === 'arm64';
    expect(catalogue('aws', { types: ['m5.large', 'm6g.large', 'm6g.large'], where }).types.map((type) => type.name)).toEqual([
      'm6g.large',
    ]);
  });

  it('says which name was meant where one is wrong', () => {
    const type = errorOf(() => catalogue('aws', { types: ['m5.large', 'm5.larg'] }));
    expect(type.message).toBe('types.1: unknown instance type "m5.larg"; did you mean "m5.large"?');
    expect(type.path).toEqual(['types', 1]);
    expect(type.suggestion).toBe('m5.large');
    expect(errorOf(() => catalogue('aws', { region: 'us-esat-1' })).message).toBe(
      'region: unknown region "us-esat-1"; did you mean "us-east-1"?',
    );
    expect(errorOf(() => catalogue('kwok', { types: ['c-1x-amd64'] })).suggestion).toBeUndefined();
    expect(errorOf(() => catalogue('asw' as 'aws')).message).toBe(
      'catalogue: expected one of aws, google, azure, kwok, got "asw"',
    );
  });

  it('needs zones, each once', () => {
    expect(errorOf(() => catalogue('aws', { zones: [] })).path).toEqual(['zones']);
    expect(errorOf(() => catalogue('kwok', { zones: ['a', 'a'] })).path).toEqual(['zones']);
  });

  it('can be made of any types and prices', () => {
    const [type] = catalogue('kwok', { types: ['c-1x-amd64-linux'] }).types;
    const price = (zone: string, capacityType: string) => (zone === 'b' && capacityType === 'reserved' ? 5 : undefined);
    expect(priceList('here', ['a', 'b'], [{ type, price }]).offerings).toEqual([
      { id: 0, type: 0, zone: 'b', capacityType: 'reserved', price: 5 },
    ]);
  });
});

describe('the KWOK types', () => {
  it('are 72 on Linux, each in four zones, on-demand and spot', () => {
    const { region, types, offerings } = catalogue('kwok');
    expect(region).toBe('test-region');
    expect(types).toHaveLength(72);
    expect(offerings).toHaveLength(72 * 4 * 2);
    expect(new Set(offerings.map(({ zone }) => zone))).toEqual(
      new Set(['test-zone-a', 'test-zone-b', 'test-zone-c', 'test-zone-d']),
    );
  });

  it('follow the rule of size and price', () => {
    const { types, offerings } = catalogue('kwok', { types: ['s-4x-arm64-linux', 'm-256x-amd64-linux'] });
    const [large, small] = types;
    expect(small.capacity).toEqual({ cpu: 4000, memory: 16 * 2 ** 30, 'ephemeral-storage': 20 * 2 ** 30, pods: 64 });
    expect(small.allocatable).toMatchObject({ cpu: 3900, memory: 16 * 2 ** 30 - 10 * 2 ** 20 });
    expect(small.labels).toEqual({
      'node.kubernetes.io/instance-type': 's-4x-arm64-linux',
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/os': 'linux',
      'karpenter.kwok.sh/instance-size': '4',
      'karpenter.kwok.sh/instance-family': 's',
      'karpenter.kwok.sh/instance-cpu': '4',
      'karpenter.kwok.sh/instance-memory': '16Gi',
    });
    // 0.1 + 17,179,869,184 × 10^-12 dollars, and 0.7 of that.
    expect(
      offerings
        .filter(({ type }) => type === 1)
        .map(({ price }) => price)
        .slice(0, 2),
    ).toEqual([117_179_869, 82_025_908]);
    expect(large.capacity.pods).toBe(1024);
  });

  it('exist for Windows too', () => {
    expect(catalogue('kwok', { os: 'windows' }).types[0].name).toBe('c-128x-amd64-windows');
  });
});
