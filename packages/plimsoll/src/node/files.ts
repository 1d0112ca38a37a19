import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { didYouMean, InputError } from '@plimsoll/inputs';

/** Folders in which bundled workloads may stand: inside the installed package, or at the root of the repository. */
const BUNDLED = [new URL('../../workloads/', import.meta.url), new URL('../../../../workloads/', import.meta.url)];

/** Names of the bundled workloads. */
export function bundledWorkloads(): string[] {
  const names = BUNDLED.flatMap((folder) =>
    entries(folder.pathname).filter((name) => isFile(join(folder.pathname, name, 'scenario.yaml'))),
  );
  return [...new Set(names)].sort();
}

/** The path of what a user named on the command line: a file, a folder with a scenario.yaml, or a bundled workload. */
export function findInput(name: string, cwd: string): string {
  const path = resolve(cwd, name);
  if (isFile(path)) return path;
  if (isFile(join(path, 'scenario.yaml'))) return join(path, 'scenario.yaml');
  for (const folder of BUNDLED) {
    const bundled = join(folder.pathname, name, 'scenario.yaml');
    if (/^[a-z0-9-]+$/.test(name) && isFile(bundled)) return bundled;
  }
  throw missing(name, path, bundledWorkloads());
}

/** The bytes of a file; `shown` is what messages call it. */
export function readBytes(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw missing(shown, path, []);
  }
}

/** How messages call a file: relative to the current folder where it lies below it, else by its name. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short !== '' && !short.startsWith('..') ? short : basename(path);
}

function missing(shown: string, path: string, extra: readonly string[]): InputError {
  const nearby = entries(dirname(path));
  const guess = didYouMean(basename(shown), [...nearby, ...extra]);
  const bundled = extra.length === 0 ? '' : `; bundled workloads are ${extra.join(', ')}`;
  return new InputError([
    {
      code: 'E0006',
      severity: 'error',
      file: shown,
      line: 0,
      column: 0,
      message: isFolder(path) ? 'this is a folder without a scenario.yaml' : 'there is no such file',
      help: guess === undefined ? `check the path${bundled}` : `did you mean "${guess}"?${bundled}`,
    },
  ]);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
