import { describe, expect, it } from 'vitest';
import { UnneededNodes } from '../../src/scale-down/unneeded-nodes.ts';

describe('unneeded nodes', () => {
  const update = (nodes: UnneededNodes, now: number, rows: number[]): boolean =>
    nodes.update(now, Int32Array.from(rows), new Uint8Array(rows.length), rows.length);

  it('keep their time while they are found again, and lose it in the first loop that does not', () => {
    const nodes = new UnneededNodes();
    expect(update(nodes, 10, [3, 900])).toBe(true);
    expect(update(nodes, 20, [3, 900])).toBe(false);
    expect(update(nodes, 30, [900])).toBe(true);
    expect([nodes.since(900), nodes.has(3)]).toEqual([10, false]);
    update(nodes, 40, [3, 900]);
    expect([nodes.since(3), nodes.since(900)]).toEqual([40, 10]);
  });

  it('survive a save', () => {
    const nodes = new UnneededNodes();
    update(nodes, 10, [3, 900]);
    const other = new UnneededNodes();
    other.restore(nodes.snapshot());
    expect([other.count, other.since(900), update(other, 20, [3, 900])]).toEqual([2, 10, false]);
  });
});
