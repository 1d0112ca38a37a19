import { describe, expect, it } from 'vitest';
import { addLists, CPU, EPHEMERAL, MEMORY, maxLists, PODS, ResourceNames } from '../../src/model/resources.ts';

describe('the table of resource names', () => {
  it('has the four common resources at fixed places', () => {
    const names = new ResourceNames();
    expect(['cpu', 'memory', 'ephemeral-storage', 'pods'].map((name) => names.indexOf(name))).toEqual([
      CPU,
      MEMORY,
      EPHEMERAL,
      PODS,
    ]);
  });

  it('gives a new name the next place, once', () => {
    const names = new ResourceNames();
    expect(names.find('nvidia.com/gpu')).toBe(-1);
    expect(names.indexOf('nvidia.com/gpu')).toBe(4);
    expect(names.indexOf('nvidia.com/gpu')).toBe(4);
    expect(names.find('nvidia.com/gpu')).toBe(4);
    expect(names.count).toBe(5);
  });

  it('turns lists into vectors and back', () => {
    const names = new ResourceNames();
    expect(names.vector({ 'nvidia.com/gpu': 2, cpu: 500 })).toEqual([500, 0, 0, 0, 2]);
    expect(names.vector({ memory: 7 })).toEqual([0, 7, 0, 0]);
    expect(names.list([500, 0, 0, 0, 2])).toEqual({ cpu: 500, 'nvidia.com/gpu': 2 });
  });
});

describe('lists of resources', () => {
  it('add and compare name by name', () => {
    expect(addLists({ cpu: 1, a: 2 }, { cpu: 3 }, {}, { b: 4 })).toEqual({ cpu: 4, a: 2, b: 4 });
    expect(maxLists({ cpu: 1, a: 2 }, { cpu: 3, a: 1, b: 4 })).toEqual({ cpu: 3, a: 2, b: 4 });
  });
});
