import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answerer } from '../../src/parity/answerer.ts';
import { parityCommand } from '../../src/parity/command.ts';

const adder: Answerer<{ add: readonly number[] }> = {
  oracle: 'adder',
  answer: ({ input }) => ({ sum: input.add.reduce((a, b) => a + b, 0), count: input.add.length }),
};

const line = (id: string, add: readonly number[], expected: object, oracle = 'adder/2.1'): string =>
  `${JSON.stringify({ id, oracle, family: 'sums', input: { add }, expect: expected })}\n`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parity-'));
  writeFileSync(join(folder, 'right.jsonl'), line('s-1', [1, 2], { sum: 3, count: 2 }));
  writeFileSync(
    join(folder, 'wrong.jsonl.gz'),
    gzipSync(line('s-2', [1], { sum: 9, total: 1 }) + line('s-3', [], { sum: 1 }) + line('s-1', [1], { sum: 1 }, 'divider/1')),
  );
  writeFileSync(join(folder, 'broken.jsonl'), '{"id":\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

const run = async (...args: readonly string[]): Promise<{ status: number; out: string[]; err: string }> => {
  let out = '';
  let err = '';
  const status = await parityCommand(args, {
    directory: folder,
    answerers: [adder as Answerer],
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return {
    status,
    out: out
      .replace(/\d+\.\d\d s/g, '0.00 s')
      .trimEnd()
      .split('\n'),
    err,
  };
};

describe('pnpm parity', () => {
  it('prints a line a family and the total, and leaves with 0 where all passed', async () => {
    expect(await run('right.jsonl')).toEqual({
      status: 0,
      out: ['adder/sums  1 passed  0 failed     0.00 s', '1 passed, 0 failed'],
      err: '',
    });
  });

  it('leaves with 1 where a case failed, and shows the first failure of a family', async () => {
    expect(await run('--', 'right.jsonl', 'wrong.jsonl.gz')).toEqual({
      status: 1,
      out: [
        'adder/sums    1 passed  2 failed     0.00 s  s-2: sum: expected 9, got 1',
        'divider/sums  0 passed  1 failed     0.00 s  s-1: no model answers divider/sums yet',
        '1 passed, 3 failed',
      ],
      err: '',
    });
  });

  it('leaves with 2 where a file is no golden file, after everything else was run', async () => {
    const { status, out, err } = await run(folder);
    expect(status).toBe(2);
    expect(out.at(-1)).toBe('1 passed, 3 failed');
    expect(err).toMatch(/^broken\.jsonl:1: expected a JSON object, got {"id":/);
  });

  it('leaves with 2 and the way out where there is nothing to run or the arguments are wrong', async () => {
    expect(await run('nowhere')).toEqual({
      status: 2,
      out: ['0 passed, 0 failed'],
      err: `nowhere: there is no such file or folder\n  relative paths start from ${folder}\n`,
    });
    expect((await run()).err).toBe('expected at least one golden file or folder\n  see pnpm parity --help\n');
    expect((await run('--limit', 'x', 'right.jsonl')).err).toMatch(/^--limit: expected a whole number from 1, got "x"/);
    expect((await run('--no-such')).status).toBe(2);
  });

  it('prints the differences of one case field by field', async () => {
    expect(await run('--case', 's-2', folder, 'wrong.jsonl.gz')).toMatchObject({
      out: [
        'adder/2.1  sums/s-2  failed  (wrong.jsonl.gz:1)',
        '  sum',
        '    expected  9',
        '    got       1',
        '  total',
        '    expected  1',
        '    got       nothing',
        '  count',
        '    expected  nothing',
        '    got       1',
        '0 passed, 1 failed',
      ],
    });
    expect((await run('--case', 's-2', '--limit', '1', 'wrong.jsonl.gz')).out).toEqual([
      'adder/2.1  sums/s-2  failed  (wrong.jsonl.gz:1)',
      '  sum',
      '    expected  9',
      '    got       1',
      '  … and 2 more; see all with --limit 3',
      '0 passed, 1 failed',
    ]);
  });

  it('prints a case of each oracle that has the id', async () => {
    expect(await run('right.jsonl', 'wrong.jsonl.gz', '--case', 's-1')).toEqual({
      status: 1,
      out: [
        'adder/2.1  sums/s-1  passed  (right.jsonl:1)',
        'divider/1  sums/s-1  failed  (wrong.jsonl.gz:3)',
        '  no model answers divider/sums yet',
        '1 passed, 1 failed',
      ],
      err: '',
    });
  });

  it('leaves with 2 where no case has the id', async () => {
    const { status, err } = await run('right.jsonl', '--case', 's-7');
    expect(status).toBe(2);
    expect(err).toMatch(/^right\.jsonl: no case is called s-7/);
  });

  it('lists failed cases on request, as many as wanted', async () => {
    const { out } = await run('wrong.jsonl.gz', '--fail-list', '--limit', '1');
    expect(out.slice(0, 2)).toEqual(['adder/2.1  s-2  sum: expected 9, got 1', '… and 2 more failed cases']);
    expect(out.at(-1)).toBe('0 passed, 3 failed');
  });

  it('prints one JSON object on request, and the total beside it', async () => {
    const { status, out, err } = await run('--json', 'right.jsonl', 'wrong.jsonl.gz');
    expect(status).toBe(1);
    expect(err).toBe('1 passed, 3 failed\n');
    expect(out).toHaveLength(1);
    const report = JSON.parse(out[0]);
    expect(report).toMatchObject({ passed: 1, failed: 3, problems: [] });
    expect(report.families[0].failures[0]).toMatchObject({
      id: 's-2',
      differences: [{ path: 'sum', expected: 9, got: 1 }, {}, {}],
    });
  });

  it('explains itself', async () => {
    const { status, out } = await run('--help');
    expect(status).toBe(0);
    expect(out.join('\n')).toContain('Exit status: 0 all passed, 1 a case failed, 2 a file could not be read');
  });
});
