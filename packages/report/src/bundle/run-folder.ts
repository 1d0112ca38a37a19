import type { Comparison } from '../comparison.ts';
import { sha256 } from '../sha256.ts';
import { decisionTable } from './decision-table.ts';
import { sortedJson } from './json.ts';
import { manifest } from './manifest.ts';
import { nodeTable } from './node-table.ts';
import { podTable } from './pod-table.ts';
import { seriesTable } from './series-table.ts';

/** How a run folder is made. */
export interface RunFolderOptions {
  /** Name of an owner by its row in the workload. Default: the row's number. */
  readonly ownerName?: (owner: number) => string;
  /** Shortest time that a machine is paid for, milliseconds. Default 60,000, as in the metrics. */
  readonly minimumBilled?: number;
  /** SHA-256 of a text as hexadecimal digits. Default: our own; a host's may be faster. */
  readonly sha256?: (text: string) => string;
}

/** A run folder that is not on disk yet. */
export interface RunFolder {
  /** First eight hexadecimal digits of the SHA-256 of `manifest.json`; the folder's usual name. */
  readonly id: string;
  /** Contents by path in the folder, `/` between parts. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/**
 * All that is kept of a comparison, in formats that other tools read: `manifest.json`, `metrics.json`, and for each autoscaler
 * `<name>/pods.parquet`, `nodes.parquet`, `decisions.parquet` and `series.parquet`. Every table has a column `autoscaler`, so tables of
 * several runs can be read as one. Equal comparisons give equal bytes.
 *
 * @example
 * const { id, files } = runFolder(comparison, { ownerName: (row) => workload.name(row) });
 * for (const [path, content] of files) await write(`.plimsoll/${id}/${path}`, content);
 */
export function runFolder(comparison: Comparison, options: RunFolderOptions = {}): RunFolder {
  const { ownerName = String, minimumBilled, sha256: hash = sha256 } = options;
  const text = manifest(comparison);
  const files = new Map<string, string | Uint8Array>([
    ['manifest.json', text],
    ['metrics.json', sortedJson(comparison.runs.map(({ result, metrics }) => ({ autoscaler: result.autoscaler, ...metrics })))],
  ]);
  for (const [index, run] of comparison.runs.entries()) {
    const folder = folderOf(comparison, index);
    files.set(`${folder}/series.parquet`, seriesTable(run));
    files.set(`${folder}/decisions.parquet`, decisionTable(run.result));
    files.set(`${folder}/nodes.parquet`, nodeTable(run.result, minimumBilled));
    files.set(`${folder}/pods.parquet`, podTable(run.result, ownerName));
  }
  return { id: hash(text).slice(0, 8), files };
}

/** A run's folder: its autoscaler's name, which cannot leave the folder whatever it holds; with a number where two runs share it. */
function folderOf({ runs }: Comparison, index: number): string {
  const safe = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_') || '_';
  const name = safe(runs[index].result.autoscaler);
  const earlier = runs.slice(0, index).filter(({ result }) => safe(result.autoscaler) === name).length;
  return earlier === 0 ? name : `${name}~${earlier + 1}`;
}
