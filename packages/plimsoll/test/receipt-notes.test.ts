import { expect, it } from 'vitest';
import { receiptNotes } from '../src/receipt-notes.ts';

it('tells a receipt in one line each, with what only informs in one', () => {
  expect(
    receiptNotes({
      file: 't.csv',
      unit: 'rows',
      total: 9,
      entries: [
        { subject: 'id', treatment: 'honoured', count: 9, line: 2, why: '' },
        { subject: 'mem_mib', treatment: 'approximated', count: 3, line: 4, code: 'F0301', why: 'a default' },
        { subject: 'group', treatment: 'ignored', count: 9, line: 2, code: 'F0308', why: 'x' },
        { subject: 'class', treatment: 'ignored', count: 9, line: 2, code: 'F0308', why: 'y' },
      ],
    }),
  ).toEqual([
    't.csv, 9 rows: 1 kinds of facts honoured, 1 approximated, 2 ignored',
    '~ mem_mib (3 rows): a default [F0301]',
    '- group, class: told for information, no influence here [F0308]',
  ]);
});
