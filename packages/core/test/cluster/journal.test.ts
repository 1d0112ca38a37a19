import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/cluster/journal.ts';

describe('a journal', () => {
  it('remembers as many touches as it is long, and says from where', () => {
    const journal = new Journal(2);
    expect([journal.start, journal.end]).toEqual([0, 0]);
    for (const node of [7, 8, 9]) journal.push(node);
    expect([0, 1, 2].map((at) => journal.at(at))).toEqual([7, 8, 9]);
    for (const node of [10, 11, 12]) journal.push(node);
    expect([journal.start, journal.end]).toEqual([2, 6]);
    expect([2, 3, 4, 5].map((at) => journal.at(at))).toEqual([9, 10, 11, 12]);
  });
});
