import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRACE_COLUMNS, type TraceColumn } from '../../src/trace-csv/columns.ts';
import { CsvScanner } from '../../src/trace-csv/csv-scanner.ts';
import { readTraceCsv } from '../../src/trace-csv/trace-csv.ts';

interface Row {
  readonly id: string;
  readonly arriveMs: number;
  readonly durationMs: number | undefined;
  readonly count: number;
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
  readonly class: string;
}

const row = fc.record<Row>({
  id: fc.string({ minLength: 1, unit: 'grapheme' }).filter((s) => !/\p{Cc}|\p{Cs}/u.test(s)),
  arriveMs: fc.nat(10_000_000),
  durationMs: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
  count: fc.integer({ min: 1, max: 1000 }),
  cpu: fc.nat(200_000),
  memory: fc.nat(1_000_000),
  gpu: fc.nat(8),
  class: fc.constantFrom('', 'batch', 'with, comma', 'with "quote"', 'two\nlines', ' spaces '),
});

const rows = fc.uniqueArray(row, { selector: (r) => r.id, minLength: 1, maxLength: 30 });

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function field(r: Row, column: TraceColumn): string {
  switch (column) {
    case 'id':
      return quoted(r.id);
    case 'arrive_s':
      return (r.arriveMs / 1000).toFixed(3);
    case 'duration_s':
      return r.durationMs === undefined ? '' : (r.durationMs / 1000).toFixed(3);
    case 'count':
      return String(r.count);
    case 'cpu_m':
      return String(r.cpu);
    case 'mem_mib':
      return String(r.memory);
    case 'gpu':
      return String(r.gpu);
    case 'class':
      return quoted(r.class);
    default:
      return '';
  }
}

const write = (list: readonly Row[], columns: readonly TraceColumn[], newline: string): Uint8Array =>
  new TextEncoder().encode(
    [columns.join(','), ...list.map((r) => columns.map((c) => field(r, c)).join(','))].join(newline) + newline,
  );

async function* cut(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const next of [...new Set(cuts.map((c) => c % bytes.length))].sort((a, b) => a - b)) {
    yield bytes.slice(at, next);
    at = next;
  }
  yield bytes.slice(at);
}

describe('the CSV form', () => {
  it('gives back what was written, in any order of columns', async () => {
    const columns = fc.shuffledSubarray([...TRACE_COLUMNS], { minLength: TRACE_COLUMNS.length });
    await fc.assert(
      fc.asyncProperty(rows, columns, fc.constantFrom('\n', '\r\n'), async (list, order, newline) => {
        const { workload } = await readTraceCsv(write(list, order, newline), { file: 'x.csv' });
        const read = Array.from({ length: workload.length }, (_, i) => {
          const { requests } = workload.templates[workload.template[i]].containers[0];
          return [
            workload.name(i),
            workload.time[i],
            workload.duration[i],
            workload.count[i],
            requests.cpu ?? 0,
            requests.memory ?? 0,
            requests['nvidia.com/gpu'] ?? 0,
          ];
        });
        const sorted = list.map((r, i) => ({ r, i })).sort((a, b) => a.r.arriveMs - b.r.arriveMs || a.i - b.i);
        expect(read).toEqual(
          sorted.map(({ r }) => [r.id, r.arriveMs, r.durationMs ?? Infinity, r.count, r.cpu, r.memory * 2 ** 20, r.gpu]),
        );
      }),
    );
  });

  it('reads the same wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 20 }), async (list, cuts) => {
        const bytes = write(list, TRACE_COLUMNS, '\r\n');
        const whole = await readTraceCsv(bytes, { file: 'x.csv' });
        const pieces = await readTraceCsv(cut(bytes, cuts), { file: 'x.csv' });
        expect(pieces.shape).toEqual(whole.shape);
        expect(pieces.receipt).toEqual(whole.receipt);
        expect(new Uint8Array(pieces.workload.share().columns)).toEqual(new Uint8Array(whole.workload.share().columns));
        expect(new Uint8Array(pieces.workload.share().names)).toEqual(new Uint8Array(whole.workload.share().names));
      }),
    );
  });

  it('cuts any bytes into the same records wherever the chunks are cut', () => {
    const soup = fc.array(fc.constantFrom(...'a,"\n\r'), { maxLength: 40 });
    const records = (chunks: readonly Uint8Array[]): unknown[] => {
      const out: unknown[] = [];
      const scanner = new CsvScanner(() => {
        const fields = Array.from({ length: scanner.fields }, (_, i) =>
          String.fromCharCode(...scanner.bytes.subarray(scanner.starts[i], scanner.ends[i])),
        );
        out.push([scanner.line, fields]);
      });
      for (const chunk of chunks) scanner.push(chunk);
      scanner.end();
      if (scanner.fault !== undefined) out.push([scanner.fault, scanner.line, scanner.faultAt - scanner.recordStart]);
      return out;
    };
    fc.assert(
      fc.property(soup, (characters) => {
        const bytes = new TextEncoder().encode(characters.join(''));
        expect(records([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(records([bytes]));
      }),
      { numRuns: 1000 },
    );
  });
});
