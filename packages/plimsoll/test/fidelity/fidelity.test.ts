import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/fidelity/comparison.ts';
import { curvePicture } from '../../src/fidelity/curve-picture.ts';
import { judge } from '../../src/fidelity/judge.ts';
import { type Measures, type NodeLife, nodeMeasures, peakOf, sample } from '../../src/fidelity/measures.ts';
import { partingOf } from '../../src/fidelity/parting.ts';
import { printSetting } from '../../src/fidelity/print.ts';

const measures = (more: Partial<Measures>): Measures => ({
  cost: 1,
  nodeSeconds: 100,
  waitMean: 100,
  waitP50: 100,
  waitP90: 100,
  waitP99: 100,
  launches: 10,
  terminations: 10,
  evictions: 10,
  peakNodes: 10,
  preemptions: 0,
  pods: 5,
  neverScheduled: 0,
  pendingPodSeconds: 1,
  cpuSecondsRequested: 1,
  ...more,
});
const node = (launched: number, gone?: number): NodeLife => ({
  name: `n${launched}`,
  type: 'm5.large',
  launched,
  created: launched + 1000,
  gone,
  price: 3.6,
});

describe('a comparison of runs', () => {
  it('passes a measure inside its tolerance, or inside the spread of the real runs where that is wider', () => {
    const verdicts = judge(
      [measures({ cost: 1, launches: 8 }), measures({ cost: 1, launches: 12 })],
      [measures({ cost: 1.02, launches: 13 }), measures({ cost: 1.01, launches: 14 })],
    );
    const of = (name: keyof Measures) => verdicts.find(({ measure }) => measure === name)!;
    expect(of('cost')).toMatchObject({ realMean: 1, allowed: 0.02, passed: true });
    expect(of('launches')).toMatchObject({ spread: 0.4, allowed: 0.4, passed: true });
    expect(judge([measures({})], [measures({ cost: 1.021 })]).find(({ measure }) => measure === 'cost')?.passed).toBe(false);
    // Told and not judged.
    expect(judge([measures({})], [measures({ pods: 50 })]).every(({ passed }) => passed)).toBe(true);
  });

  it('counts machines from launch to their end, and Node objects at their peak', () => {
    const nodes = [node(0, 10_000), node(9500), node(20_000)];
    expect(nodeMeasures(nodes, 30_000)).toMatchObject({ nodeSeconds: 40.5, launches: 3, terminations: 1, peakNodes: 2 });
    expect(nodeMeasures(nodes, 30_000).cost).toBeCloseTo(0.0405);
    expect(
      peakOf([
        { from: 0, to: 5 },
        { from: 5, to: undefined },
      ]),
    ).toBe(1);
    expect(sample([{ from: 10, to: 20 }], 10, 30)).toEqual([0, 1, 0, 0]);
  });

  it('finds the first lasting difference between the numbers of machines, and passes over short ones', () => {
    const real = { name: 'r', measures: measures({}), waiting: [], nodes: [node(1000), node(50_000)], decisions: [] };
    const result = { decisions: [] } as never;
    const ours = { measures: measures({}), waiting: [], nodes: [node(3000), node(58_000)], result };
    expect(partingOf(real, ours, 100_000)).toMatchObject({ at: 50_000, realNodes: 2, ourNodes: 1 });
    expect(partingOf(real, { ...ours, nodes: [node(2000), node(52_000)] }, 100_000)).toBeUndefined();
  });

  it('prints a line for each measure and draws both curves', () => {
    const curves = { step: 10_000, nodes: [0, 2, 1], pending: [3, 0, 0] };
    const comparison: Comparison = {
      setting: 'one',
      runs: ['one-1'],
      seeds: 1,
      durationMs: 20_000,
      verdicts: judge([measures({})], [measures({ cost: 2 })]),
      realCurves: [curves],
      ourCurves: [curves],
    };
    expect(printSetting(comparison)).toMatch(
      /^one: 9 of 10 measures pass\n[\s\S]*cost, USD +1 +2 \(2 to 2\) +\+100\.0 % +0\.0 % +2\.0 % +FAIL/,
    );
    const picture = curvePicture(comparison);
    expect(picture.match(/<polyline /g)).toHaveLength(4);
    expect(picture).not.toContain('NaN');
  });
});
