import { describe, expect, it } from 'vitest';
import { explainCode } from '../../src/problems/codes.ts';
import { formatProblems } from '../../src/problems/format.ts';
import { InputError, type Problem, ProblemList } from '../../src/problems/problem.ts';

const unknown: Problem = {
  code: 'E0102',
  severity: 'error',
  file: 'nodepool.yaml',
  line: 3,
  column: 7,
  width: 11,
  path: 'spec.template.spec',
  message: 'unknown field "requirments"',
  help: 'did you mean "requirements"?',
};

describe('formatProblems', () => {
  it('shows the line, a caret below the spot, help and path', () => {
    const text = 'spec:\n    template:\n      requirments:\n';
    expect(formatProblems([unknown], { 'nodepool.yaml': text })).toBe(
      [
        'error[E0102] unknown field "requirments"                        nodepool.yaml:3:7',
        '    3 |       requirments:',
        '      |       ^^^^^^^^^^^ help: did you mean "requirements"?   (spec.template.spec)',
      ].join('\n'),
    );
  });

  it('shows help alone where it has no text', () => {
    expect(formatProblems([{ ...unknown, line: 0, column: 0, file: 'value' }])).toBe(
      'error[E0102] unknown field "requirments"                        value: spec.template.spec\n    help: did you mean "requirements"?',
    );
  });

  it('cuts a long line around the spot', () => {
    const line = `${'a'.repeat(300)}BAD${'b'.repeat(300)}`;
    const [, excerpt, caret] = formatProblems([{ ...unknown, column: 301, width: 3, excerpt: line }]).split('\n');
    expect(excerpt.length).toBeLessThan(140);
    expect(excerpt.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('BAD');
  });

  it('lets no control characters through to the terminal', () => {
    const nasty = { ...unknown, message: 'unknown \u001b[2J', excerpt: 'x\u001b]0;title\u0007' };
    expect(formatProblems([nasty])).not.toContain('\u001b');
  });

  it('colours where asked, and counts what is not shown', () => {
    const text = formatProblems([unknown], {}, { color: true, total: 4 });
    expect(text).toContain('\u001b[31;1merror[E0102]\u001b[0m');
    expect(text.endsWith('… and 3 more')).toBe(true);
  });
});

describe('ProblemList', () => {
  it('puts errors before warnings, each in the order of the file', () => {
    const list = new ProblemList();
    list.add({ ...unknown, severity: 'warning', code: 'W0201', line: 1 });
    list.add({ ...unknown, line: 9 });
    list.add({ ...unknown, line: 2 });
    expect(list.list().map((p) => p.line)).toEqual([2, 9, 1]);
    expect(() => list.settle()).toThrow(InputError);
  });

  it('returns warnings where there is no error', () => {
    const list = new ProblemList();
    list.add({ ...unknown, severity: 'warning', code: 'W0201' });
    expect(list.settle()).toHaveLength(1);
  });
});

describe('explainCode', () => {
  it('knows its codes and no others', () => {
    expect(explainCode('E0003')?.title).toBe('damaged gzip data');
    expect(explainCode('toString')).toBeUndefined();
  });
});
