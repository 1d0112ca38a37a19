import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findGoldenFiles, goldenFile } from '../../src/parity/golden-files.ts';
import { runParity } from '../../src/parity/run.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const read = async (path: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of goldenFile(path).lines()) lines.push(line);
  return lines;
};

describe('findGoldenFiles', () => {
  it('walks folders in order of name and takes files of both suffixes', () => {
    for (const name of ['b/z.jsonl.gz', 'b/a.jsonl', 'a.jsonl', 'c.jsonl.gz', 'notes.md', 'b/.hidden/x.jsonl']) put(name, '');
    expect(findGoldenFiles(['.'], folder).sources.map((source) => source.name)).toEqual([
      'a.jsonl',
      'b/a.jsonl',
      'b/z.jsonl.gz',
      'c.jsonl.gz',
    ]);
  });

  it('reads a file once that several paths lead to', () => {
    const path = put('a.jsonl', '');
    expect(findGoldenFiles([path, 'a.jsonl', folder], folder).sources).toHaveLength(1);
  });

  it('does not follow a link round in circles', () => {
    put('sub/a.jsonl', '');
    symlinkSync(folder, join(folder, 'sub', 'back'));
    expect(findGoldenFiles([folder], folder).sources).toHaveLength(1);
  });

  it('says which paths lead nowhere, and what would', () => {
    put('empty/notes.md', '');
    const { sources, problems } = findGoldenFiles(['nowhere.jsonl', 'empty', 'empty/notes.md'], folder);
    expect(sources).toEqual([]);
    expect(problems).toEqual([
      { file: 'nowhere.jsonl', message: 'there is no such file or folder', suggestion: `relative paths start from ${folder}` },
      { file: 'empty', message: 'the folder holds no golden file', suggestion: 'golden files are called *.jsonl.gz or *.jsonl' },
      {
        file: 'empty/notes.md',
        message: 'not a golden file, going by its name',
        suggestion: 'golden files are called *.jsonl.gz or *.jsonl',
      },
    ]);
  });

  it('passes over recordings of whole runs, and says so', () => {
    put('cases/a.jsonl', '');
    for (const name of ['cluster.json', 'summary.json', 'observed.jsonl.gz']) put(`whole/run-1/${name}`, '');
    const { sources, notes } = findGoldenFiles([folder], folder);
    expect(sources.map((source) => source.name)).toEqual(['cases/a.jsonl']);
    expect(notes).toHaveLength(1);
  });
});

describe('goldenFile', () => {
  it('splits lines of plain and compressed files, with and without a last line end', async () => {
    expect(await read(put('a.jsonl', 'one\ntwo\n'))).toEqual(['one', 'two']);
    expect(await read(put('a.jsonl.gz', gzipSync('one\n\nzwei – ß')))).toEqual(['one', '', 'zwei – ß']);
  });

  it('keeps lines and letters whole that are longer than what is read at once', async () => {
    const long = 'ä€😀'.repeat(200_000);
    expect(await read(put('a.jsonl.gz', gzipSync(`${long}\nx${long}`)))).toEqual([long, `x${long}`]);
    expect(await read(put('a.jsonl', `${long}\nx${long}`))).toEqual([long, `x${long}`]);
  });

  it('tells a file that was cut from one that is damaged and from one that is not compressed', async () => {
    const whole = gzipSync(Array.from({ length: 5000 }, (_, i) => `{"line":${Math.imul(i, 2654435761)}}`).join('\n'));
    const damaged = Buffer.from(whole);
    damaged.fill(255, 100, 140);
    const first = async (path: string): Promise<string> => (await runParity([goldenFile(path)], [])).problems[0].message;
    await expect(read(put('cut.jsonl.gz', whole.subarray(0, 2000)))).rejects.toThrow('the gzip data end early');
    await expect(read(put('damaged.jsonl.gz', damaged))).rejects.toThrow(/the gzip data are damaged/);
    expect(await first(put('plain.jsonl.gz', '{"id":1}'))).toMatch(/the gzip data are damaged \(incorrect header check\)/);
    expect(await first(put('gzipped.jsonl', whole))).toBe('the text is no UTF-8');
    expect(await first(put('empty.jsonl.gz', ''))).toMatch(/the gzip data end early|the file holds no case/);
    expect(await first(join(folder, 'nowhere.jsonl.gz'))).toBe('there is no such file or folder');
    expect(await first(join(folder, 'nowhere.jsonl'))).toBe('there is no such file or folder');
  });
});
