import { createReadStream, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { compareText } from '@plimsoll/core';
import { GoldenFileError, type Problem } from './golden-case.ts';
import type { Source } from './run.ts';

const SUFFIX = /\.jsonl(\.gz)?$/;

/** The golden files of paths, and the paths that lead to none. */
export interface GoldenFiles {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** Folders that were passed over on purpose, with the reason. */
  readonly notes: readonly string[];
}

/**
 * Finds golden files: files as given, folders walked in order of name. Paths are absolute, or relative to `directory`. A file that several
 * paths lead to is read once.
 */
export function findGoldenFiles(paths: readonly string[], directory: string): GoldenFiles {
  const found = new Map<string, Source>();
  const problems: Problem[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const absolute = resolve(directory, path);
    const before = found.size;
    try {
      if (statSync(absolute).isDirectory()) {
        const files = [...walk(absolute, notes)];
        for (const file of files) add(file);
        if (files.length === 0) {
          problems.push({
            file: path,
            message: 'the folder holds no golden file',
            suggestion: 'golden files are called *.jsonl.gz or *.jsonl',
          });
        }
      } else if (SUFFIX.test(absolute)) add(absolute);
      else {
        problems.push({
          file: path,
          message: 'not a golden file, going by its name',
          suggestion: 'golden files are called *.jsonl.gz or *.jsonl',
        });
      }
    } catch (error) {
      if (found.size !== before) throw error;
      problems.push({ file: path, ...unreadable(error, directory) });
    }
  }
  return { sources: [...found.values()], problems, notes };

  function add(file: string): void {
    const real = realpathSync(file);
    if (found.has(real)) return;
    const near = relative(directory, file);
    found.set(real, goldenFile(file, near.startsWith('..') ? file : near));
  }
}

/** A golden file as a source: gunzipped and split while it is read, so that its size does not matter. */
export function goldenFile(path: string, name: string = path): Source {
  return { name, lines: () => linesOf(path) };
}

function* walk(folder: string, notes: string[], above: readonly string[] = []): Generator<string> {
  const real = realpathSync(folder);
  // A link to a folder above would lead round in circles.
  if (above.includes(real)) return;
  if (existsSync(join(folder, 'cluster.json')) && existsSync(join(folder, 'summary.json'))) {
    notes.push(`${folder}: a recording of a whole run, which has no cases: passed over`);
    return;
  }
  for (const name of readdirSync(folder).sort(compareText)) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path, notes, [...above, real]);
    else if (SUFFIX.test(name)) yield path;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  // Pieces of the line that is not complete yet. Joined once: the longest line of a bench file has 15 MB.
  let pieces: string[] = [];
  try {
    for await (const chunk of bytesOf(path)) {
      const parts = decoder.decode(chunk, { stream: true }).split('\n');
      for (let i = 0; i < parts.length - 1; i++) {
        pieces.push(parts[i]);
        yield pieces.join('');
        pieces = [];
      }
      pieces.push(parts[parts.length - 1]);
    }
    pieces.push(decoder.decode());
  } catch (error) {
    const { message, suggestion } = unreadable(error, '');
    throw new GoldenFileError(message, suggestion);
  }
  const last = pieces.join('');
  if (last !== '') yield last;
}

function bytesOf(path: string): AsyncIterable<Uint8Array> {
  const raw = createReadStream(path, { highWaterMark: 1 << 18 });
  if (!path.endsWith('.gz')) return raw;
  // The callback has nothing to do: whoever reads the last stream gets the error of any.
  return pipeline(raw, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

function unreadable(error: unknown, directory: string): { message: string; suggestion: string } {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return {
        message: 'there is no such file or folder',
        suggestion: directory === '' ? 'was it moved?' : `relative paths start from ${directory}`,
      };
    case 'EACCES':
    case 'EPERM':
      return { message: 'may not be read', suggestion: 'check its permissions' };
    case 'Z_BUF_ERROR':
      return { message: 'the gzip data end early', suggestion: 'the file was cut: record or copy it anew' };
    case 'Z_DATA_ERROR':
      return {
        message: `the gzip data are damaged (${message})`,
        suggestion: 'copy it anew; a file that is not compressed is called *.jsonl',
      };
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return { message: 'the text is no UTF-8', suggestion: 'a compressed file is called *.jsonl.gz' };
    default:
      if (code === undefined) throw error;
      return { message: `cannot be read (${message})`, suggestion: 'check the file and its file system' };
  }
}
