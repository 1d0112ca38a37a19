import type { Receipt, ReceiptEntry } from '@plimsoll/inputs';

/** Code of columns that only inform: they share one note. */
const INFORMATION = 'F0308';

/**
 * A receipt as notes under a comparison: a line with the counts, then one for each thing that is not honoured as it stands. Columns
 * that only inform share a line.
 */
export function receiptNotes({ file, unit, total, entries }: Receipt): string[] {
  const count = (treatment: ReceiptEntry['treatment']): number => entries.filter((entry) => entry.treatment === treatment).length;
  const notes = [
    `${file}, ${total} ${unit}: ${count('honoured')} kinds of facts honoured, ${count('approximated')} approximated, ${count('ignored')} ignored`,
  ];
  const informing = entries.filter(({ code }) => code === INFORMATION).map(({ subject }) => subject);
  for (const { subject, treatment, count: rows, code, why } of entries) {
    if (treatment === 'honoured' || code === INFORMATION) continue;
    notes.push(
      `${treatment === 'approximated' ? '~' : '-'} ${subject} (${rows} ${unit}): ${why}${code === undefined ? '' : ` [${code}]`}`,
    );
  }
  if (informing.length > 0) notes.push(`- ${informing.join(', ')}: told for information, no influence here [${INFORMATION}]`);
  return notes;
}
