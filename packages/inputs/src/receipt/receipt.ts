import type { ProblemCode } from '../problems/codes.ts';

/** What became of a column or field: modelled as it stands, modelled roughly, or left out. */
export type Treatment = 'honoured' | 'approximated' | 'ignored';

/** One line of a receipt. */
export interface ReceiptEntry {
  /** Name of the column, path of the field, or kind of the object. */
  readonly subject: string;
  readonly treatment: Treatment;
  /** How many rows, or objects, it concerns. */
  readonly count: number;
  /** Line where it was met first; 0 where unknown. */
  readonly line: number;
  /** Code of the long explanation; absent where honoured. */
  readonly code?: ProblemCode;
  /** What was done and why, in one sentence; empty where honoured. */
  readonly why: string;
}

/** What a reader did with everything that was in its input. Nothing is ignored without a line here. */
export interface Receipt {
  readonly file: string;
  /** What is counted. */
  readonly unit: 'rows' | 'objects' | 'profiles' | 'calls' | 'events';
  readonly total: number;
  readonly entries: readonly ReceiptEntry[];
}

const ORDER: readonly Treatment[] = ['honoured', 'approximated', 'ignored'];

/** Counts treatments while an input is read. Entries with equal subject, treatment and reason are one line. */
export class ReceiptWriter {
  readonly #entries = new Map<string, { -readonly [K in keyof ReceiptEntry]: ReceiptEntry[K] }>();

  honoured(subject: string, line: number, count = 1): void {
    this.#add({ subject, treatment: 'honoured', count, line, why: '' });
  }

  approximated(subject: string, line: number, code: ProblemCode, why: string, count = 1): void {
    this.#add({ subject, treatment: 'approximated', count, line, code, why });
  }

  ignored(subject: string, line: number, code: ProblemCode, why: string, count = 1): void {
    this.#add({ subject, treatment: 'ignored', count, line, code, why });
  }

  #add(entry: ReceiptEntry): void {
    if (entry.count === 0) return;
    const key = `${entry.treatment}\n${entry.subject}\n${entry.why}`;
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, { ...entry });
    else known.count += entry.count;
  }

  /** The receipt: honoured first, then approximated, then ignored, each in the order met. */
  finish(file: string, unit: Receipt['unit'], total: number): Receipt {
    const entries = [...this.#entries.values()];
    return { file, unit, total, entries: ORDER.flatMap((treatment) => entries.filter((e) => e.treatment === treatment)) };
  }
}

/**
 * Prints a receipt: a line with the counts, then a line for each thing that is approximated or ignored.
 *
 *     fidelity  7 honoured · 1 approximated · 4 ignored   (jobs.csv.gz, 187,520 rows)
 *       ~ mem_mib      187,520 rows   2 GiB of memory for each CPU, because the trace has none   [F0301]
 */
export function formatReceipt(receipt: Receipt): string {
  const count = (treatment: Treatment): number => receipt.entries.filter((entry) => entry.treatment === treatment).length;
  const head = `fidelity  ${ORDER.map((treatment) => `${count(treatment)} ${treatment}`).join(' · ')}   (${receipt.file}, ${counted(receipt.total, receipt.unit)})`;
  const told = receipt.entries.filter((entry) => entry.treatment !== 'honoured');
  const width = Math.max(0, ...told.map((entry) => entry.subject.length));
  const counts = told.map((entry) => counted(entry.count, receipt.unit));
  const countWidth = Math.max(0, ...counts.map((text) => text.length));
  const lines = told.map((entry, i) => {
    const mark = entry.treatment === 'approximated' ? '~' : '-';
    return `  ${mark} ${entry.subject.padEnd(width)}  ${counts[i].padStart(countWidth)}   ${entry.why}${entry.code ? `   [${entry.code}]` : ''}`;
  });
  return [head, ...lines].join('\n');
}

function counted(count: number, unit: Receipt['unit']): string {
  return `${grouped(count)} ${count === 1 ? unit.slice(0, -1) : unit}`;
}

/** Thousands separated by commas, without the host's locale. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
