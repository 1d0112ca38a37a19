import { describe, expect, it } from 'vitest';
import { waitCurve, waitsOf } from '../../../src/html/charts/waits.ts';
import { smallRun } from '../../support/small.ts';

describe('waitsOf', () => {
  it('reads waits of pods that were bound, and counts those that were not', () => {
    expect(waitsOf(smallRun('today'))).toEqual({ sorted: Float64Array.of(30_000, 60_000), pods: 3 });
  });
});

describe('waitCurve', () => {
  it('rises with the share of pods and gives each nine one unit of height', () => {
    const sorted = Float64Array.from({ length: 1000 }, (_, index) => (index + 1) * 1000);
    const curve = waitCurve({ sorted, pods: 1000 }, 0.99);
    const at = (y: number) => curve.find((point) => Math.abs(point.y - y) < 1e-9)?.x;
    expect(curve[0]).toEqual({ x: 1, y: 0 });
    expect(at(1)).toBe(900);
    expect(at(2)).toBe(990);
  });

  it('ends at the share of pods that got a node', () => {
    const curve = waitCurve({ sorted: Float64Array.from({ length: 50 }, () => 1000), pods: 100 }, 0.99);
    expect(curve[curve.length - 1].y).toBeLessThanOrEqual(-Math.log10(0.5) + 1e-9);
    expect(curve[curve.length - 1].y).toBeGreaterThan(-Math.log10(0.52));
  });

  it('draws nothing where no pod got a node, and no wait shorter than the axis can tell', () => {
    expect(waitCurve({ sorted: new Float64Array(0), pods: 3 }, 0.5)).toEqual([]);
    expect(waitCurve({ sorted: Float64Array.of(0), pods: 1 }, 0.5)[0].x).toBe(0.01);
  });
});
