import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { didYouMean } from '@plimsoll/core';

/** Folders in which bundled workloads may stand: inside the installed package, or at the root of the repository. */
const BUNDLED = [new URL('../../workloads/', import.meta.url), new URL('../../../../workloads/', import.meta.url)];

/** A file that was found. */
export interface FoundFile {
  readonly path: string;
  /** How messages call it: as the user named it, so that editors and terminals find it. */
  readonly shown: string;
}

/** A file that cannot be read: why, and what to do about it. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly shown: string;
  readonly help: string;

  constructor(shown: string, message: string, help: string) {
    super(message);
    this.shown = shown;
    this.help = help;
  }
}

/** Names of the bundled workloads. */
export function bundledWorkloads(): string[] {
  const names = BUNDLED.flatMap((folder) =>
    entries(folder.pathname).filter((name) => isFile(join(folder.pathname, name, 'scenario.yaml'))),
  );
  return [...new Set(names)].sort();
}

/**
 * What a user named on the command line: a file, a folder with a scenario.yaml, or a bundled workload.
 *
 * @throws FileError
 */
export function findInput(name: string, cwd: string): FoundFile {
  const path = resolve(cwd, name);
  const shown = normalize(name);
  if (isFile(path)) return { path, shown };
  if (isFile(join(path, 'scenario.yaml'))) return { path: join(path, 'scenario.yaml'), shown: join(shown, 'scenario.yaml') };
  for (const folder of BUNDLED) {
    const bundled = join(folder.pathname, name, 'scenario.yaml');
    if (/^[a-z0-9-]+$/.test(name) && isFile(bundled)) return { path: bundled, shown: join(name, 'scenario.yaml') };
  }
  throw unreadable(path, shown, name.includes('/') ? [] : bundledWorkloads());
}

/** A file that another one names, relative to the folder of that one. */
export function findBeside(other: FoundFile, name: string): FoundFile {
  if (isAbsolute(name)) return { path: name, shown: normalize(name) };
  return { path: join(dirname(other.path), name), shown: join(dirname(other.shown), name) };
}

/**
 * The name under which a run keeps a file: relative to the folder of the file that the user named, so that it is the same on every
 * machine and from every folder.
 */
export function keptName(file: FoundFile, first: FoundFile): string {
  const short = relative(dirname(first.path), file.path).replaceAll('\\', '/');
  return short.startsWith('..') || isAbsolute(short) ? basename(file.path) : short;
}

/** @throws FileError */
export function readBytes({ path, shown }: FoundFile): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw unreadable(path, shown);
  }
}

/** @param bundled names that would have been understood as well. */
function unreadable(path: string, shown: string, bundled: readonly string[] = []): FileError {
  const found = statOf(path);
  if (found?.isDirectory() === true) {
    const inside = entries(path).filter((name) => READABLE.test(name));
    const help = inside.length === 0 ? 'name a file' : `name a file in it, such as ${JSON.stringify(join(shown, inside[0]))}`;
    return new FileError(shown, `${JSON.stringify(shown)} is a folder, and not one with a scenario.yaml`, help);
  }
  if (found !== undefined) return new FileError(shown, `${JSON.stringify(shown)} may not be read`, 'check its permissions');
  const name = basename(shown);
  const files = entries(dirname(path));
  const near =
    files.find((file) => file.startsWith(`${name}.`) && READABLE.test(file)) ?? didYouMean(name, [...files, ...bundled]);
  const guess = near !== undefined && files.includes(near) ? join(dirname(shown), near) : near;
  const known = bundled.length === 0 ? 'check the path' : `name a file, or a bundled workload: ${bundled.join(', ')}`;
  const help = guess === undefined ? known : `did you mean ${JSON.stringify(guess)}?`;
  return new FileError(shown, `there is no file ${JSON.stringify(shown)}`, help);
}

/** Names of files that can be an input. */
const READABLE = /\.(csv|csv\.gz|ya?ml|json|jsonl|jsonl\.gz)$/;

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What stands at a path; undefined where nothing does, or where it cannot be seen. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Pipes count: a shell's `<(…)` is one. */
function isFile(path: string): boolean {
  return statOf(path)?.isDirectory() === false;
}
