import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/comparison.ts';
import { htmlReport } from '../../src/html/report.ts';
import { smallRun } from '../support/small.ts';
import { barrenRun, CAREFUL, comparisonOf, EAGER, MIDDLING, syntheticRun } from '../support/synthetic.ts';

const BUDGET = 1_000_000;

function opened(text: string) {
  return parseHTML(text).document;
}

describe('htmlReport', () => {
  let text: string;
  let page: ReturnType<typeof opened>;
  beforeAll(() => {
    text = htmlReport(comparisonOf([syntheticRun(CAREFUL, { hours: 4 }), syntheticRun(EAGER, { hours: 4 })]));
    page = opened(text);
  });

  it('says the result in a sentence', () => {
    expect(page.querySelector('.verdict')?.textContent).toMatch(
      /^proposed costs \d+\.\d % less than today; the slowest 1 % of pods wait \S+ or more instead of /,
    );
  });

  it('draws each chart in two sizes, and says the same as a table', () => {
    const charts = [...page.querySelectorAll('figure.chart')];
    expect(charts.map(({ id }) => id)).toEqual(['cost', 'difference', 'nodes', 'pending', 'packing-0', 'packing-1', 'waits']);
    for (const chart of charts) {
      expect(chart.querySelectorAll('svg.plot').length).toBe(2);
      expect(chart.querySelectorAll('svg.plot path[d]').length).toBeGreaterThan(2);
      expect(chart.querySelectorAll('details.data tbody tr').length).toBeGreaterThan(5);
    }
  });

  it('names a unit on every axis', () => {
    const drawn = [...page.querySelectorAll('.drawing.wide')].map((drawing) =>
      [...drawing.querySelectorAll('text')].map((label) => label.textContent),
    );
    for (const labels of drawn.slice(0, 6)) expect(labels).toContain('time since the start (h)');
    const vertical = [
      '↑ cost ($ per hour)',
      '↑ difference ($)',
      '↑ nodes',
      '↑ pods',
      '↑ CPU (cores)',
      '↑ CPU (cores)',
      '↑ share of pods that have a node',
    ];
    expect(drawn.map((labels) => labels.find((label) => label?.startsWith('↑')))).toEqual(vertical);
  });

  it('tells two runs apart by dash as well as by hue', () => {
    const lines = [...page.querySelectorAll('#nodes .wide g')].filter((line) =>
      line.getAttribute('stroke')?.startsWith('var(--run-'),
    );
    expect(lines.map((line) => [line.getAttribute('stroke'), line.getAttribute('stroke-dasharray')])).toEqual([
      ['var(--run-0)', null],
      ['var(--run-1)', '7 4'],
    ]);
  });

  it('lists the first decisions of each run and counts all of them by reason', () => {
    const comparison = comparisonOf([syntheticRun(CAREFUL, { hours: 4 }), syntheticRun(EAGER, { hours: 4 })]);
    const rows = [...page.querySelectorAll('table.decisions tbody tr')];
    for (const [index, { result }] of comparison.runs.entries()) {
      expect(rows.filter((row) => row.getAttribute('data-run') === String(index)).length).toBe(
        Math.min(200, result.decisions.length),
      );
    }
    const launches = comparison.runs.map(
      ({ result }) => result.decisions.filter(({ because }) => because.code === 'TriggeredScaleUp').length,
    );
    const counted = [...page.querySelectorAll('table.codes tbody tr')].find(
      (row) => row.querySelector('th')?.textContent === 'TriggeredScaleUp',
    );
    expect([...(counted?.querySelectorAll('td:not(.bar)') ?? [])].map((cell) => Number(cell.textContent))).toEqual(launches);
  });

  it('asks for nothing, and lets nothing run but its own script and style', () => {
    const hash = (body: string | null | undefined) =>
      `'sha256-${createHash('sha256')
        .update(body ?? '')
        .digest('base64')}'`;
    const source = (tag: string) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1];
    expect(page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content')).toBe(
      `default-src 'none'; style-src ${hash(source('style'))}; script-src ${hash(source('script'))}; base-uri 'none'; form-action 'none'`,
    );
    expect(page.querySelectorAll('[style],[src],link,img,iframe,object,embed,svg style').length).toBe(0);
    expect([...page.querySelectorAll('[href]')].every((link) => link.getAttribute('href')?.startsWith('#'))).toBe(true);
    expect(text).not.toMatch(/url\(|@import/);
  });

  it('is the same text for the same comparison', () => {
    expect(htmlReport(comparisonOf([syntheticRun(CAREFUL, { hours: 4 }), syntheticRun(EAGER, { hours: 4 })]))).toBe(text);
  });

  it('has no value that is not there printed as a number', () => {
    for (const results of [
      [barrenRun('today')],
      [barrenRun('today'), barrenRun('proposed')],
      [barrenRun('today'), smallRun('proposed')],
      [],
    ]) {
      const report = htmlReport(comparisonOf(results));
      const { body } = opened(report);
      // Details of decisions are JSON, in which null is a value.
      for (const other of body.querySelectorAll('script, .reason code')) other.remove();
      expect(body.textContent).not.toMatch(/NaN|undefined|Infinity|∞|null/);
      expect(report).not.toMatch(/="[^"]*NaN/);
    }
  });

  it('tells when pods never got a node', () => {
    const verdict = opened(htmlReport(comparisonOf([barrenRun('today'), barrenRun('proposed')]))).querySelector('.verdict');
    expect(verdict?.textContent).toBe(
      'proposed costs the same as today. With today, 3 pods never got a node. With proposed, 3 pods never got a node.',
    );
  });

  it('works for one run and for three', () => {
    const one = opened(htmlReport(comparisonOf([syntheticRun(CAREFUL, { hours: 4 })])));
    expect(one.querySelector('#difference h3')?.textContent).toBe('Cost so far');
    expect(one.querySelector('.measures .delta')).toBe(null);
    const three = opened(
      htmlReport(
        comparisonOf([
          syntheticRun(CAREFUL, { hours: 4 }),
          syntheticRun(EAGER, { hours: 4 }),
          syntheticRun(MIDDLING, { hours: 4 }),
        ]),
      ),
    );
    expect(three.querySelector('.verdict')?.textContent).toMatch(
      /^Of 3 runs, \S+ is the cheapest: it costs \d+\.\d % less than today/,
    );
    expect(three.querySelectorAll('.measures thead th.delta').length).toBe(2);
    expect(three.querySelectorAll('#difference .wide g[stroke^="var(--run"]').length).toBe(2);
  });
});

describe('names of inputs', () => {
  const attack = `"><img src=x onerror=alert(1)><script>alert('2')</script></title></style><!--`;

  function hostile(): Comparison {
    const base = comparisonOf([smallRun('today'), smallRun('proposed')]);
    const { scenario } = base;
    return {
      ...base,
      scenario: {
        ...scenario,
        metadata: { name: attack, description: attack },
        autoscalers: { [attack]: { use: attack, version: attack } },
      },
      workload: { ...base.workload, source: attack },
      notes: [attack],
      versions: { plimsoll: attack, node: attack },
      inputs: { [attack]: attack },
      runs: base.runs.map((run) => ({
        ...run,
        result: {
          ...run.result,
          autoscaler: attack,
          digest: attack,
          decisions: run.result.decisions.map((decision) => ({
            ...decision,
            name: attack,
            because: { code: attack, message: attack, details: { [attack]: attack } },
          })),
          tables: {
            ...run.result.tables,
            offerings: [{ type: attack, zone: attack, capacityType: attack, price: 1 }],
            nodeNames: [attack],
          },
        },
      })),
    };
  }

  it('stay texts wherever they appear', () => {
    const text = htmlReport(hostile());
    const page = opened(text);
    expect(text.match(/<script/g)?.length).toBe(2);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<!--');
    expect(page.querySelectorAll('img,[onerror]').length).toBe(0);
    expect(page.querySelector('h1')?.textContent).toBe(attack);
    expect(page.querySelector('td.subject')?.textContent).toBe(attack);
    expect(page.querySelector('table.decisions tr[data-code]')?.getAttribute('data-code')).toBe(attack);
  });
});

describe('the size of a report', () => {
  const size = (text: string): number => Buffer.byteLength(text);

  it('stays under one megabyte with three runs of a day', () => {
    const runs = [CAREFUL, EAGER, MIDDLING].map((habit) => syntheticRun(habit, { hours: 24 }));
    expect(size(htmlReport(comparisonOf(runs)))).toBeLessThan(BUDGET);
  });

  it('stays under it by listing fewer decisions where they are wordy', () => {
    const wordy = syntheticRun(EAGER, { hours: 12 });
    const long = 'because '.repeat(1000);
    const runs = [0, 1, 2, 3].map((index) => ({
      ...wordy,
      autoscaler: `run-${index}`,
      decisions: wordy.decisions.map((decision) => ({
        ...decision,
        name: `n${long}`.slice(0, 253),
        because: { code: decision.because.code, message: long, details: { long } },
      })),
    }));
    const text = htmlReport(comparisonOf(runs));
    expect(size(text)).toBeLessThan(BUDGET);
    expect(text).toContain('The first 100 of each run');
  });
});
