import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

/** A column of a Parquet file: its type, and the value of each row; null where there is none. */
export interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'INT32' | 'JSON';
  readonly of: (row: number) => string | number | null | undefined | object;
}

/** Rows that are encoded at a time: bounds the memory that writing takes beside the file itself. */
const GROUP = 65_536;

/**
 * A Parquet file with `rows` rows (snappy). Values are asked for group by group, column by column. A missing value is null, and so
 * is NaN: a number that is not there is not a number to count with.
 */
export function parquet(columns: readonly Column[], rows: number): Uint8Array {
  const writer = new ByteWriter(1 << 16);
  const schema = schemaFromColumnData({ columnData: columns.map(({ name, type }) => ({ name, type, data: [] })) });
  const file = new ParquetWriter({ writer, schema, createdBy: 'plimsoll' });
  for (let from = 0; from < rows; from += GROUP) {
    const count = Math.min(GROUP, rows - from);
    file.write({ columnData: columns.map(({ name, of }) => ({ name, data: slice(of, from, count) })), rowGroupSize: GROUP });
  }
  file.finish();
  return writer.getBytes();
}

function slice(of: Column['of'], from: number, count: number): (string | number | object | null)[] {
  const values: (string | number | object | null)[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const value = of(from + i) ?? null;
    values[i] = Number.isNaN(value) ? null : value;
  }
  return values;
}
