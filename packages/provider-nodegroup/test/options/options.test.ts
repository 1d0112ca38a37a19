import { OptionsError } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { clusterAutoscaler } from '../../src/index.ts';
import { catalogueOf, MINUTE } from '../world.ts';

const { parseOptions } = clusterAutoscaler;

function problem(input: unknown): { path: string; message: string; suggestion: string | undefined } {
  try {
    parseOptions(input);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    return { path: error.path.join('.'), message: error.message, suggestion: error.suggestion };
  }
  throw new Error('the options were accepted');
}

describe('options', () => {
  it('have the defaults of release 1.37', () => {
    const { flags, nodeGroups, ignored } = parseOptions(undefined);
    expect(flags['scan-interval']).toBe(10_000);
    expect(flags.expander).toEqual(['least-waste']);
    expect(flags['scale-down-unneeded-time']).toBe(10 * MINUTE);
    expect(flags['max-drain-parallelism']).toBe(1);
    expect(flags['cores-total']).toEqual({ min: 0, max: 320_000 });
    expect([nodeGroups, ignored]).toEqual([[], []]);
  });

  it('are read from a command line', () => {
    const { flags } = parseOptions([
      '--scan-interval=30s',
      '--balance-similar-node-groups',
      '--expander',
      'priority,least-waste',
    ]);
    expect([flags['scan-interval'], flags['balance-similar-node-groups'], flags.expander]).toEqual([
      30_000,
      true,
      ['priority', 'least-waste'],
    ]);
  });

  it('are read from an object of flags, beside node groups in order of their names', () => {
    const { flags, nodeGroups } = parseOptions({
      'scale-down-unneeded-time': '2m',
      flags: ['--nodes=1:7:b'],
      nodeGroups: [
        { name: 'b', min: 0, max: 10, instanceTypes: ['4x16'] },
        { name: 'a', max: 3, instanceTypes: ['8x32'], overrides: { 'scale-down-unneeded-time': '5m' } },
      ],
    });
    expect(flags['scale-down-unneeded-time']).toBe(2 * MINUTE);
    expect(nodeGroups.map(({ name, min, max, desired }) => [name, min, max, desired])).toEqual([
      ['a', 0, 3, 0],
      ['b', 1, 7, 1],
    ]);
    expect(nodeGroups[0].overrides).toEqual({ 'scale-down-unneeded-time': 5 * MINUTE });
  });

  it('name the flags that change nothing here', () => {
    expect(parseOptions(['--v=4', '--cloud-provider=aws', '--leader-elect']).ignored).toEqual([
      'v',
      'cloud-provider',
      'leader-elect',
    ]);
  });

  it('say what is wrong, where, and what was meant', () => {
    expect(problem({ 'scale-down-uneeded-time': '10m' })).toMatchObject({
      path: 'scale-down-uneeded-time',
      suggestion: 'scale-down-unneeded-time',
    });
    expect(problem({ flags: { 'scan-interval': '-5' } })).toMatchObject({
      path: 'flags.scan-interval',
      message: 'flags.scan-interval: expected a duration such as "10m", got "-5"',
    });
    expect(problem(['--expander=leastwaste'])).toMatchObject({ suggestion: 'least-waste' });
    expect(problem({ nodeGroups: [{ name: 'a', max: 3, instanceType: ['x'] }] })).toMatchObject({
      path: 'nodeGroups.0.instanceType',
      suggestion: 'instanceTypes',
    });
    expect(problem(['--nodes=1:2:missing']).path).toBe('nodes.0');
  });

  it('refuse what contradicts itself', () => {
    expect(problem({ nodeGroups: [{ name: 'a', min: 4, max: 3, instanceTypes: ['x'] }] }).path).toBe('nodeGroups.0.min');
    expect(problem(['--expander=random,least-waste']).message).toMatch(/nothing may follow random/);
    expect(problem(['--expander=price']).message).toMatch(/does not have/);
    expect(problem(['--balancing-label=a', '--balancing-ignore-label=b']).path).toBe('balancing-label');
    expect(problem(['--cores-total=10:5']).path).toBe('0');
  });

  it('find instance types and zones in the catalogue', () => {
    const options = (group: object) => parseOptions({ nodeGroups: [{ name: 'a', max: 3, instanceTypes: ['4x16'], ...group }] });
    const offerings = catalogueOf(['4x16', '8x32']);
    expect(clusterAutoscaler.groups?.(options({}), offerings)).toMatchObject([
      { name: 'a', min: 0, max: 3, desired: 0, zones: ['z1'] },
    ]);
    expect(() => clusterAutoscaler.groups?.(options({ instanceTypes: ['4x17'] }), offerings)).toThrow(/did you mean 4x16/);
    expect(() => clusterAutoscaler.groups?.(options({ zones: ['z9'] }), offerings)).toThrow(/it has z1/);
  });
});
