import { describe, expect, it } from 'vitest';
import type { Answerer } from '../../src/parity/answerer.ts';
import type { GoldenCase } from '../../src/parity/golden-case.ts';
import { runParity, type Source } from '../../src/parity/run.ts';

/** The fake oracle of these tests adds numbers. */
const adder: Answerer<{ add: readonly number[] }> = {
  oracle: 'adder',
  families: ['sums'],
  answer: ({ input }) => ({ sum: input.add.reduce((a, b) => a + b, 0) }),
};

const line = (id: string, add: readonly number[], sum: number, rest: object = {}): string =>
  JSON.stringify({ id, oracle: 'adder/2.1', family: 'sums', input: { add }, expect: { sum }, ...rest });

const source = (...lines: readonly string[]): Source => ({ name: 'sums.jsonl', lines: () => lines });

describe('runParity', () => {
  it('counts what a model answers as the real program did, and tells where the others differ', async () => {
    const report = await runParity([source(line('s-1', [1, 2], 3), '', line('s-2', [1, 2], 4))], [adder]);
    expect(report).toMatchObject({ passed: 1, failed: 1, problems: [] });
    expect(report.families).toHaveLength(1);
    expect(report.families[0]).toMatchObject({ oracle: 'adder', family: 'sums', passed: 1, failed: 1 });
    expect(report.families[0].failures).toEqual([
      {
        id: 's-2',
        oracle: 'adder/2.1',
        family: 'sums',
        file: 'sums.jsonl',
        line: 3,
        reason: 'sum: expected 4, got 3',
        differences: [{ path: 'sum', expected: 4, got: 3 }],
      },
    ]);
  });

  it('fails a case of a family, a kind or an oracle that no model answers', async () => {
    const kinds: Answerer = { oracle: 'adder', kinds: ['long'], answer: () => ({ sum: 0 }) };
    const report = await runParity(
      [
        source(
          line('p-1', [1], 1, { family: 'products' }),
          line('p-2', [], 0, { family: 'products', kind: 'long' }),
          line('a-1', [1], 1, { oracle: 'divider/1' }),
        ),
      ],
      [adder, kinds],
    );
    expect(report).toMatchObject({ passed: 1, failed: 2 });
    expect(report.families.flatMap((family) => family.failures.map((failure) => failure.reason))).toEqual([
      'no model answers adder/products yet',
      'no model answers divider/sums yet',
    ]);
  });

  it('takes the kind of a case from its input where the line has none', async () => {
    const kinds: Answerer = { oracle: 'adder', kinds: ['loop'], answer: ({ kind }) => kind };
    const lines = [
      '{"input":{"kind":"loop"},"expect":"loop"',
      '{"kind":"loop","input":{"kind":"x"},"expect":"loop"',
      '{"input":{},"expect":"loop"',
    ];
    const report = await runParity(
      [source(...lines.map((text, i) => `${text},"id":"k-${i}","oracle":"adder/1","family":"f"}`))],
      [kinds],
    );
    expect(report.families[0].failures.map((failure) => failure.id)).toEqual(['k-2']);
  });

  it('fails a case whose model throws, with the first line of what it threw', async () => {
    const broken: Answerer = {
      oracle: 'adder',
      answer: () => {
        throw new RangeError('cannot add\nsecond line');
      },
    };
    const report = await runParity([source(line('s-1', [1], 1))], [broken]);
    expect(report.families[0].failures[0]).toMatchObject({ reason: 'RangeError: cannot add', differences: [] });
    expect(report.families[0].failures[0].thrown).toContain('second line');
  });

  it('fails a case that a model answers with nothing', async () => {
    const silent: Answerer = { oracle: 'adder', answer: () => undefined };
    const report = await runParity([source(line('s-1', [1], 1))], [silent]);
    expect(report.families[0].failures[0].reason).toBe('the answer: expected {"sum":1}, got nothing');
  });

  it('can tell any answer, even one that is no JSON', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const reasons = [];
    for (const sum of [1n, Number.NaN, new Map([['a', 1]]), circle]) {
      const odd: Answerer = { oracle: 'adder', answer: () => ({ sum }) };
      const report = await runParity([source(line('s-1', [1], 1))], [odd]);
      reasons.push(report.families[0].failures[0].reason);
    }
    expect(reasons.slice(0, 3)).toEqual([
      'sum: expected 1, got "1n"',
      'sum: expected 1, got "NaN"',
      'sum: expected 1, got {"Map":[["a",1]]}',
    ]);
    expect(reasons[3]).toContain('Converting circular structure to JSON');
  });

  it('leaves the comparison to an answerer that has its own', async () => {
    const close: Answerer = {
      ...(adder as Answerer),
      compare: (_golden, expected, got) =>
        Math.abs((expected as { sum: number }).sum - (got as { sum: number }).sum) < 2 ? [] : [{ path: 'sum', expected, got }],
    };
    expect(await runParity([source(line('s-1', [1], 2), line('s-2', [1], 3))], [close])).toMatchObject({ passed: 1, failed: 1 });
  });

  it('gives cases the definitions that stand before them in their file, the same objects to each', async () => {
    const seen: unknown[] = [];
    const reader: Answerer = {
      oracle: 'adder',
      answer: ({ definitions, expect: expected }: GoldenCase) => {
        seen.push(definitions.numbers?.few);
        return expected;
      },
    };
    const define = '{"define":"numbers","name":"few","value":[{"n":1}]}';
    await runParity(
      [source(line('s-0', [], 0), define, line('s-1', [], 0), line('s-2', [], 0)), source(line('s-3', [], 0))],
      [reader],
    );
    expect(seen).toEqual([undefined, [{ n: 1 }], [{ n: 1 }], undefined]);
    expect(seen[1]).toBe(seen[2]);
    expect(Object.isFrozen((seen[1] as object[])[0])).toBe(true);
  });

  it('adds up a family that several files hold', async () => {
    const report = await runParity([source(line('s-1', [1], 1)), source(line('s-2', [1], 1))], [adder]);
    expect(report.families.map(({ family, passed }) => [family, passed])).toEqual([['sums', 2]]);
  });

  it('runs only the cases asked for, of every oracle that has one of that name', async () => {
    const lines = [line('s-1', [1], 1), line('s-2', [1], 1), line('s-1', [1], 1, { oracle: 'divider/1' })];
    const met: string[] = [];
    const report = await runParity([source(...lines)], [adder], { only: ['s-1'], onCase: (golden) => met.push(golden.oracle) });
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(met).toEqual(['adder/2.1', 'divider/1']);
  });

  it('reads a file up to a line that is no JSON, names the line, and goes on with the next file', async () => {
    const report = await runParity(
      [source(line('s-1', [1], 1), '{"id": "s-2", "oracle"', line('s-3', [1], 1)), source(line('s-4', [1], 1))],
      [adder],
    );
    expect(report.passed).toBe(2);
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toMatchObject({ file: 'sums.jsonl', line: 2 });
    expect(report.problems[0].message).toContain('expected a JSON object, got {"id": "s-2", "oracle"');
  });

  it('says what a line lacks to be a case', async () => {
    const messages = [];
    for (const text of [
      '[1]',
      '{"id":"a","family":"f","input":{},"expect":1}',
      line('', [], 0),
      '{"id":"a","oracle":"o/1","family":"f","expect":1}',
      '{"define":"x"}',
      '',
    ]) {
      const { problems, failed, passed } = await runParity([source(text)], [adder]);
      expect(failed + passed).toBe(0);
      messages.push(...problems.map((problem) => problem.message));
    }
    expect(messages).toEqual([
      'expected a JSON object, got [1]',
      '`oracle`: expected a text, got nothing',
      '`id`: expected a text, got ""',
      'the case has no `input`',
      'the definition has no `name` or no `value`',
      'the file holds no case',
    ]);
  });
});
