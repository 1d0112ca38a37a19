import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/comparison.ts';
import { comparisonTable } from '../../src/terminal/comparison-table.ts';
import { displayWidth } from '../../src/terminal/width.ts';
import { smallRun } from '../support/small.ts';
import { barrenRun, CAREFUL, comparisonOf, EAGER, MIDDLING, syntheticRun } from '../support/synthetic.ts';

const plain = { color: false, width: 80 };

describe('comparisonTable', () => {
  it('prints the table worked out by hand for ten minutes with two pods', () => {
    const comparison: Comparison = {
      ...comparisonOf([smallRun('today'), smallRun('half', { price: 300_000_000 })]),
      notes: ['One note.'],
    };

    const table = comparisonTable(comparison, { ...plain, wallSeconds: 0.5 });

    // The line has 45 cells of 5⅓ steps of 2.5 s: in cell 1 the node runs in two of five steps, in cells 2 to 30 always, in cell 31
    // (steps 165 to 169, minute 7 being the end of step 167) in three of five.
    // 400 s at $ 0.60 an hour are $ 0.0667. CPU: 0.5 × 270 s + 1 × 330 s of 2 × 455 s. Memory: 1 × 270 s + 2 × 330 s of 8 × 455 s.
    expect(
      table.replace(/run [0-9a-f]{8}/, 'run ????????'),
    ).toBe(`quickstart   10m 00s simulated · 3 pods · seed 42 · run ????????
A day squeezed into six hours: services that follow the clock, and hourly
batches.

                        today                     half
                        cluster-autoscaler 1.34   karpenter 1.14    change
 cost                   $ 0.07                    $ 0.03           −50.0 %  ✔
 node-hours             0.11                      0.11               0.0 %  ~
 cpu packing, mean      51.1 %                    51.1 %             0.0 %  ~
 memory packing, mean   25.5 %                    25.5 %             0.0 %  ~
 pod wait p50           30.0s                     30.0s              0.0 %  ~
 pod wait p90           1m 00s                    1m 00s             0.0 %  ~
 pod wait p99           1m 00s                    1m 00s             0.0 %  ~
 evictions              1                         1                  0.0 %  ~
 never scheduled        1                         1                  0.0 %  ~
 launches               1                         1                  0.0 %
 failed orders          0                         0                      –  ~
 nodes at peak          1                         1                  0.0 %

 node count over time, 0 to 1
 today   ▁▄█████████████████████████████▅▁▁▁▁▁▁▁▁▁▁▁▁▁   digest 0123456789abcdef
 half    ▁▄█████████████████████████████▅▁▁▁▁▁▁▁▁▁▁▁▁▁   digest 0123456789abcdef

 workload  workloads/quickstart/trace.csv
 speed     20m 00s simulated in 500ms, 2 400 times as fast as the clock
 notes     One note.
`);
  });

  it('fits the line at 80 and at 120 cells, with one, two and three runs', () => {
    const results = [
      syntheticRun(CAREFUL, { hours: 1 }),
      syntheticRun(EAGER, { hours: 1 }),
      syntheticRun(MIDDLING, { hours: 1 }),
    ];
    for (const runs of [1, 2, 3]) {
      for (const width of [80, 120]) {
        const table = comparisonTable(comparisonOf(results.slice(0, runs)), { color: false, width });
        for (const line of table.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('names its marks where there is room', () => {
    const comparison = comparisonOf([smallRun('today'), smallRun('half', { price: 300_000_000 })]);
    expect(comparisonTable(comparison, { color: false, width: 120 })).toContain('−50.0 %  ✔ better');
  });

  it('uses colour only when asked, and says the same in it', () => {
    const comparison = comparisonOf([smallRun('today'), smallRun('half')]);
    const bare = comparisonTable(comparison, plain);
    const coloured = comparisonTable(comparison, { ...plain, color: true });
    const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(bare).not.toMatch(colours);
    expect(coloured).toMatch(colours);
    expect(coloured.replace(colours, '').replace(/ +$/gm, '')).toBe(bare);
  });

  it('prints dashes where nothing was scheduled at all', () => {
    const table = comparisonTable(comparisonOf([barrenRun('today'), barrenRun('proposed')]), plain);
    expect(table).toMatch(/pod wait p99 +– +– +–\n/);
    expect(table).toMatch(/cpu packing, mean +– +– +–\n/);
    expect(table).toMatch(/never scheduled +3 +3 +0\.0 % +~\n/);
    expect(table).not.toContain('NaN');
  });

  it('lets no text of an input steer the terminal', () => {
    const comparison = {
      ...comparisonOf([smallRun('today')]),
      notes: [`a ${String.fromCharCode(27)}]0;title${String.fromCharCode(7)} b`],
    };
    const table = comparisonTable(comparison, plain);
    expect(table).not.toContain(String.fromCharCode(27));
    expect(table).not.toContain(String.fromCharCode(7));
  });
});
