import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { statOf } from './files.ts';

/** Why results cannot go where they are to go, and what to do about it. */
export interface PlaceFault {
  readonly message: string;
  readonly help: string;
}

const ELSEWHERE = 'name a folder that does not exist yet, or one of an earlier run';

/** What keeps a run folder from being written, if anything: found before a run, so that no result is lost for it. */
export function runFolderFault(folder: string, cwd: string): PlaceFault | undefined {
  const found = statOf(folder);
  if (found === undefined) return parentFault(folder);
  if (!found.isDirectory()) return { message: 'a file stands where the run folder is to go', help: ELSEWHERE };
  // A folder that is replaced would vanish under the feet of the shell that stands in it.
  if (!relative(folder, cwd).startsWith('..'))
    return { message: 'the run folder would replace the current folder', help: ELSEWHERE };
  if (!isReplaceable(folder)) return { message: 'the folder holds something other than an earlier run', help: ELSEWHERE };
  return parentFault(folder);
}

/** What keeps a file from being written, if anything. */
export function fileFault(path: string): PlaceFault | undefined {
  const isFolder = statOf(path)?.isDirectory() === true;
  return isFolder ? { message: 'a folder stands where the file is to go', help: 'name a file' } : parentFault(path);
}

/** The nearest folder above that exists must be one, and be open for writing. */
function parentFault(path: string): PlaceFault | undefined {
  const parent = dirname(path);
  const found = statOf(parent);
  if (found === undefined) return parent === path ? undefined : parentFault(parent);
  if (!found.isDirectory()) return { message: `${parent} is a file and not a folder`, help: 'check the path' };
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return { message: `nothing may be written in ${parent}`, help: 'check its permissions, or name another folder' };
  }
}

function isReplaceable(folder: string): boolean {
  try {
    if (readdirSync(folder).length === 0) return true;
    const { format } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { format?: unknown };
    return typeof format === 'string' && format.startsWith('plimsoll/run/');
  } catch {
    return false;
  }
}

/**
 * Writes a folder whole or not at all: everything goes into a temporary folder beside it, which is renamed at the end. A folder that
 * stands there already is replaced, and kept if anything fails. Nothing is awaited on the way, so a signal is heard before or after.
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const draft = join(parent, `.writing-${randomUUID().slice(0, 8)}`);
  try {
    mkdirSync(draft);
    for (const [path, content] of files) {
      const target = join(draft, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    replace(folder, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function replace(folder: string, draft: string): void {
  if (statOf(folder) === undefined) {
    renameSync(draft, folder);
    return;
  }
  const old = `${draft}-old`;
  renameSync(folder, old);
  try {
    renameSync(draft, folder);
  } catch (error) {
    renameSync(old, folder);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

/** Writes one file whole or not at all; a pipe or a device, such as `/dev/stdout`, is written to as it is. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  if (statOf(path)?.isFile() === false) {
    writeFileSync(path, content);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.writing-${randomUUID().slice(0, 8)}`);
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
