import type { ProblemList } from '../problems/problem.ts';
import type { TraceReading } from './reading.ts';

/** Reads the records below a header: a pod trace, or a recording of objects. */
export interface RecordReader {
  /** Whether no record has been kept. */
  readonly empty: boolean;
  /** Reads the scanner's current record. */
  record(): void;
  /** Adds what can be told only at the end. */
  conclude(problems: ProblemList): void;
  /** What came of it, once it is known that there are no errors. */
  result(): Omit<TraceReading, 'problems'>;
}

/** Counts records, and keeps the line of the first. */
export class Tally {
  count = 0;
  line = 0;

  add(line: number): void {
    if (this.count === 0) this.line = line;
    this.count += 1;
  }
}
