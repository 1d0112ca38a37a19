/** More fields than this in one record are counted but not kept. */
const FIELDS_MAX = 256;
/** Longest record in bytes. A limit keeps a quote without an end, or data that is no text, from swallowing the file. */
const RECORD_MAX = 2 ** 20;

const COMMA = 44;
const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;

/** Why a scan stopped. */
export type ScanFault = 'quote' | 'length';

/**
 * Cuts the bytes of a CSV file into records and fields, chunk by chunk, without making an object for either: the callback reads field
 * `i` of the current record at `bytes[starts[i]] … bytes[ends[i] - 1]`. Blank lines are skipped.
 *
 * A record without quotes takes the short path: one pass that looks for commas and newlines. A quote sends the record (not the file)
 * to the exact path, by the rules of RFC 4180. Where chunks are cut makes no difference.
 */
export class CsvScanner {
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts = new Int32Array(FIELDS_MAX);
  readonly ends = new Int32Array(FIELDS_MAX);
  /** How many fields the current record has. */
  fields = 0;
  /** Line on which the current record starts, from 1. */
  line = 0;
  /** Where the current record starts in {@link bytes}, and where it ends, its newline left out. */
  recordStart = 0;
  recordEnd = 0;
  /** Set when the scan had to stop; {@link line} and {@link faultAt} say where. */
  fault: ScanFault | undefined;
  /** Offset in {@link bytes} of the fault. */
  faultAt = 0;
  readonly #onRecord: () => void;
  #rest: Uint8Array = new Uint8Array(0);
  #nextLine = 1;
  #started = false;

  constructor(onRecord: () => void) {
    this.#onRecord = onRecord;
  }

  /** Scans the records that are complete with this chunk; the beginning of the next one is kept. */
  push(chunk: Uint8Array): void {
    if (this.fault !== undefined) return;
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    // A byte order mark may be cut by a chunk's end, so nothing is scanned before three bytes are there.
    if (!this.#started && bytes.length < 3) this.#rest = bytes.slice();
    else this.#scan(bytes, false);
  }

  /** Scans the last record, which may lack its newline. */
  end(): void {
    if (this.fault === undefined) this.#scan(this.#rest, true);
  }

  #scan(bytes: Uint8Array, last: boolean): void {
    this.bytes = bytes;
    let at = 0;
    if (!this.#started) {
      this.#started = true;
      if (bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    }
    while (at < bytes.length) {
      const next = this.#record(bytes, at, last);
      if (next < 0) break;
      at = next;
    }
    if (this.fault !== undefined) return;
    if (bytes.length - at > RECORD_MAX) {
      this.#stop('length', at);
      return;
    }
    this.#rest = bytes.slice(at);
  }

  /** Scans one record from `start`; returns where the next one begins, or -1 where the bytes end before this one does. */
  #record(bytes: Uint8Array, start: number, last: boolean): number {
    const { starts, ends } = this;
    const length = bytes.length;
    let field = 0;
    let from = start;
    let at = start;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (byte > COMMA) continue;
      if (byte === COMMA) {
        if (field < FIELDS_MAX) {
          starts[field] = from;
          ends[field] = at;
        }
        field += 1;
        from = at + 1;
      } else if (byte === NEWLINE) break;
      else if (byte === QUOTE && at === from) return this.#quotedRecord(bytes, start, last);
    }
    if (at === length && !last) return -1;
    let end = at;
    if (end > from && bytes[end - 1] === RETURN) end -= 1;
    if (field < FIELDS_MAX) {
      starts[field] = from;
      ends[field] = end;
    }
    this.#emit(start, end, field + 1, 1);
    return at + 1;
  }

  /** The exact path: fields may be quoted, and a quoted field may hold commas, newlines and doubled quotes. */
  #quotedRecord(bytes: Uint8Array, start: number, last: boolean): number {
    const { starts, ends } = this;
    const length = bytes.length;
    let field = 0;
    let newlines = 0;
    let at = start;
    for (;;) {
      let from = at;
      let end: number;
      if (bytes[at] === QUOTE) {
        from = at + 1;
        at += 1;
        for (;;) {
          while (at < length && bytes[at] !== QUOTE) {
            if (bytes[at] === NEWLINE) newlines += 1;
            at += 1;
          }
          // The quote may be the first half of a doubled one, so the byte after it is needed.
          if (at >= length || (at + 1 === length && !last)) {
            if (last || length - start > RECORD_MAX) this.#stop('quote', from - 1);
            return -1;
          }
          if (bytes[at + 1] !== QUOTE) break;
          at += 2;
        }
        end = at;
        at += 1;
        if (at < length && bytes[at] === RETURN && (at + 1 === length || bytes[at + 1] === NEWLINE)) at += 1;
        if (at < length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) {
          this.#stop('quote', at);
          return -1;
        }
      } else {
        while (at < length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at += 1;
        end = at > from && bytes[at - 1] === RETURN && bytes[at] !== COMMA ? at - 1 : at;
      }
      if (at >= length && !last) return -1;
      if (field < FIELDS_MAX) {
        starts[field] = from;
        ends[field] = end;
      }
      field += 1;
      if (at < length && bytes[at] === COMMA) {
        at += 1;
        continue;
      }
      this.#emit(start, at, field, newlines + 1);
      return at + 1;
    }
  }

  #emit(start: number, end: number, fields: number, lines: number): void {
    this.line = this.#nextLine;
    this.#nextLine += lines;
    if (fields === 1 && this.starts[0] === this.ends[0] && end - start === 0) return;
    this.recordStart = start;
    this.recordEnd = end;
    this.fields = fields;
    this.#onRecord();
  }

  #stop(fault: ScanFault, at: number): void {
    this.fault = fault;
    this.faultAt = at;
    this.line = this.#nextLine;
    this.recordStart = at;
    while (this.recordStart > 0 && this.bytes[this.recordStart - 1] !== NEWLINE) this.recordStart -= 1;
    this.recordEnd = at;
    while (this.recordEnd < this.bytes.length && this.bytes[this.recordEnd] !== NEWLINE) this.recordEnd += 1;
  }
}
