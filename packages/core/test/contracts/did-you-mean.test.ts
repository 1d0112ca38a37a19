import { describe, expect, it } from 'vitest';
import { didYouMean, slips } from '../../src/contracts/did-you-mean.ts';

describe('didYouMean', () => {
  it('finds a word with a letter missing, extra, wrong or swapped', () => {
    const words = ['duration_s', 'arrive_s', 'mem_mib', 'gpu'];
    expect(['duraton_s', 'duration_ss', 'durotion_s', 'duratoin_s'].map((w) => didYouMean(w, words))).toEqual(
      Array(4).fill('duration_s'),
    );
    expect(didYouMean('GPU', words)).toBe('gpu');
    expect(didYouMean('completely', words)).toBeUndefined();
    expect(didYouMean('x', ['y'])).toBeUndefined();
  });

  it('counts slips', () => {
    expect([slips('', 'abc'), slips('abc', 'acb'), slips('kitten', 'sitting'), slips('same', 'same')]).toEqual([3, 1, 3, 0]);
  });
});
