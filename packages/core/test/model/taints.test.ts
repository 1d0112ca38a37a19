import { describe, expect, it } from 'vitest';
import { firstUntolerated, type Taint, type Toleration, tolerates } from '../../src/model/taints.ts';

const gpu: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };

describe('tolerations', () => {
  it.each<[string, Toleration, Taint, boolean]>([
    ['Equal is the default and compares values', { key: 'gpu', value: 'yes' }, gpu, true],
    ['another value is not tolerated', { key: 'gpu', value: 'no' }, gpu, false],
    ['an absent value is the empty one', { key: 'gpu' }, { key: 'gpu', effect: 'NoSchedule' }, true],
    ['an absent value does not cover a given one', { key: 'gpu' }, gpu, false],
    ['Exists covers every value', { key: 'gpu', operator: 'Exists' }, gpu, true],
    ['another key is not tolerated', { key: 'cpu', operator: 'Exists' }, gpu, false],
    ['Exists without a key covers every taint', { operator: 'Exists' }, gpu, true],
    ['so does an empty key', { key: '', operator: 'Exists' }, gpu, true],
    ['an effect limits it to that effect', { operator: 'Exists', effect: 'NoExecute' }, gpu, false],
    ['an absent effect covers all', { key: 'gpu', value: 'yes' }, { ...gpu, effect: 'NoExecute' }, true],
  ])('%s', (_, toleration, taint, covered) => {
    expect(tolerates(toleration, taint)).toBe(covered);
  });

  it('name the first hard taint that is left, in the order of the node', () => {
    const taints: Taint[] = [{ key: 'soft', effect: 'PreferNoSchedule' }, gpu, { key: 'team', value: 'a', effect: 'NoExecute' }];
    expect(firstUntolerated(taints, [])).toBe(gpu);
    expect(firstUntolerated(taints, [{ key: 'gpu', operator: 'Exists' }])).toBe(taints[2]);
    expect(firstUntolerated(taints, [{ operator: 'Exists' }])).toBeUndefined();
    expect(firstUntolerated(taints, [], (effect) => effect === 'PreferNoSchedule')).toBe(taints[0]);
  });
});
