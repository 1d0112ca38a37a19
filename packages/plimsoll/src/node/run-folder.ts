import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a folder whole or not at all: everything goes into a temporary folder beside it, which is renamed at the end. A folder that
 * stands there already is replaced, and kept if anything fails.
 */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const draft = await mkdtemp(join(parent, '.writing-'));
  const old = `${draft}-old`;
  try {
    for (const [path, content] of files) {
      const target = join(draft, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    const replaced = await rename(folder, old).then(
      () => true,
      () => false,
    );
    try {
      await rename(draft, folder);
    } catch (error) {
      if (replaced) await rename(old, folder);
      throw error;
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Writes one file whole or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.writing-${process.pid}`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
