import { describe, expect, it } from 'vitest';
import { balance, balanceGain, leastAllocated } from '../../src/scores/resources.ts';

describe('leastAllocated', () => {
  it.each([
    // (4000 − 3000) × 100 / 4000 = 25, (10000 − 5000) × 100 / 10000 = 50, mean 37 (truncated).
    [3000, 4000, 5000, 10000, 37],
    [3000, 6000, 5000, 10000, 50],
    [6000, 10000, 0, 20000, 70],
    [6000, 10000, 5000, 20000, 57],
    [6000, 10000, 5000, 20000, 57],
    [6000, 10000, 10000, 20000, 45],
    [6000, 10000, 10000, 50000, 60],
    [6000, 4000, 0, 10000, 50],
    [6000, 4000, 5000, 10000, 25],
    [1, 0, 1, 0, 0],
  ])('%i of %i CPU and %i of %i memory score %i', (cpu, cpuCap, memory, memoryCap, score) => {
    expect(leastAllocated(cpu, cpuCap, memory, memoryCap)).toBe(score);
  });
});

describe('balanceGain', () => {
  const gain = (cpu: number, cpuCap: number, memory: number, memCap: number, podCpu: number, podMemory: number) =>
    balanceGain(balance(cpu + podCpu, cpuCap, memory + podMemory, memCap), balance(cpu, cpuCap, memory, memCap));

  it.each([
    // An empty node has balance 100. With the pod: |0.75 − 0.5| / 2 = 0.125, so 87; 50 + (50 + 87 − 100) / 2 = 68.
    [0, 4000, 0, 10000, 3000, 5000, 68],
    [0, 6000, 0, 10000, 3000, 5000, 75],
    [3000, 10000, 0, 20000, 3000, 5000, 73],
    [3000, 10000, 5000, 20000, 3000, 5000, 74],
    [3000, 10000, 5000, 50000, 3000, 5000, 70],
    [3000, 6000, 0, 10000, 3000, 0, 62],
    [3000, 6000, 5000, 10000, 3000, 0, 62],
  ])(
    'a node with %i/%i CPU and %i/%i memory in use gains by %i and %i: %i',
    (cpu, cpuCap, mem, memCap, podCpu, podMem, score) => {
      expect(gain(cpu, cpuCap, mem, memCap, podCpu, podMem)).toBe(score);
    },
  );
});
