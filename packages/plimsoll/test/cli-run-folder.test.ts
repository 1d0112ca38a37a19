import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFolder, writeWhole } from '../src/node/run-folder.ts';
import { Folder, firstProblem, replayIn } from './support/command.ts';
import { TRACE } from './support/scenario-file.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder({ 'trace.csv': TRACE });
});
afterEach(() => folder.dispose());

const run = (options: Parameters<typeof replayIn>[2]) =>
  replayIn(folder.path, 'trace.csv', { autoscaler: ['karpenter'], ...options });
const PARTS = ['karpenter', 'manifest.json', 'metrics.json'];

describe('the run folder', () => {
  it('goes below .plimsoll under the name of the run, and a repetition replaces it', async () => {
    const first = await run({});
    const id = /run ([0-9a-f]{8})$/m.exec(first.stdout)?.[1] as string;
    expect(first.stdout).toMatch(new RegExp(`^run folder {2}\\.plimsoll/${id}$`, 'm'));
    const manifest = readFileSync(join(folder.path, '.plimsoll', id, 'manifest.json'), 'utf8');
    await run({});
    expect(folder.list('.plimsoll')).toEqual([id]);
    expect(folder.list(`.plimsoll/${id}`)).toEqual(PARTS);
    expect(readFileSync(join(folder.path, '.plimsoll', id, 'manifest.json'), 'utf8')).toBe(manifest);
  });

  it('goes where --out says, with the rights that other folders get', async () => {
    expect((await run({ out: 'deep/er' })).status).toBe(0);
    mkdirSync(join(folder.path, 'plain'));
    expect(folder.list('deep')).toEqual(['er']);
    expect(folder.list('deep/er')).toEqual(PARTS);
    expect(statSync(join(folder.path, 'deep/er')).mode).toBe(statSync(join(folder.path, 'plain')).mode);
  });

  it('replaces an empty folder', async () => {
    mkdirSync(join(folder.path, 'X'));
    expect((await run({ out: 'X' })).status).toBe(0);
    expect(folder.list('X')).toEqual(PARTS);
  });

  it('stays as it was where a new run fails', async () => {
    await run({ out: 'X' });
    const before = readFileSync(join(folder.path, 'X/manifest.json'));
    folder.write('trace.csv', TRACE.replace('30,60', '30,-60'));
    expect((await run({ out: 'X' })).status).toBe(3);
    expect(folder.list()).toEqual(['X', 'trace.csv']);
    expect(readFileSync(join(folder.path, 'X/manifest.json'))).toEqual(before);
  });

  it('is not written with --no-out', async () => {
    expect((await run({ out: false })).status).toBe(0);
    expect(folder.list()).toEqual(['trace.csv']);
  });

  it('has one name for one run, from whatever folder it is started', async () => {
    const idOf = async (cwd: string, input: string): Promise<string | undefined> => {
      const { stdout } = await replayIn(cwd, input, { autoscaler: ['karpenter'], out: false });
      return /run ([0-9a-f]{8})$/m.exec(stdout)?.[1];
    };
    folder.write('sub/trace.csv', TRACE);
    const id = await idOf(folder.path, 'trace.csv');
    expect(id).toBeDefined();
    expect(await idOf(folder.path, 'sub/trace.csv')).toBe(id);
    expect(await idOf(join(folder.path, 'sub'), '../trace.csv')).toBe(id);
    expect(await idOf('/', join(folder.path, 'trace.csv'))).toBe(id);
  });
});

describe('results that have no place', () => {
  /** Refused before anything runs, and nothing is touched. */
  async function refused(options: Parameters<typeof replayIn>[2]): Promise<string> {
    const before = folder.list();
    const { status, stdout, stderr } = await run(options);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(folder.list()).toEqual(before);
    const { told, help } = firstProblem(stderr);
    expect(help).toBeTruthy();
    return told;
  }

  it('are refused where a file is in the way', async () => {
    expect(await refused({ out: 'trace.csv' })).toBe('E0007 --out trace.csv a file stands where the run folder is to go');
    expect(await refused({ out: 'trace.csv/run' })).toMatch(
      /^E0007 --out trace\.csv\/run .*trace\.csv is a file and not a folder$/,
    );
    expect(await refused({ report: 'trace.csv/r.html', out: false })).toMatch(/trace\.csv is a file and not a folder$/);
  });

  it('are refused where a folder holds something else, which stays', async () => {
    folder.write('work/thesis.txt', 'years');
    expect(await refused({ out: 'work' })).toBe('E0007 --out work the folder holds something other than an earlier run');
    expect(folder.list('work')).toEqual(['thesis.txt']);
    expect(await refused({ report: 'work', out: false })).toBe('E0007 --report work a folder stands where the file is to go');
  });

  it('are refused in place of the current folder, and of one around it', async () => {
    expect(await refused({ out: '.' })).toBe('E0007 --out . the run folder would replace the current folder');
    expect(await refused({ out: '..' })).toBe('E0007 --out .. the run folder would replace the current folder');
  });

  it.skipIf(process.getuid?.() === 0)('are refused where nothing may be written', async () => {
    mkdirSync(join(folder.path, 'locked'), { mode: 0o500 });
    expect(await refused({ out: 'locked/run' })).toMatch(/^E0007 --out locked\/run nothing may be written in /);
  });
});

describe('writing', () => {
  it('leaves no part of a folder behind where a part of it fails, and keeps the earlier one', () => {
    folder.write('run/old', 'old');
    const target = join(folder.path, 'run');
    const broken = new Map([
      ['a', 'a'],
      ['a/b', 'a is a file'],
    ]);
    expect(() => writeFolder(target, broken)).toThrow(/EEXIST|ENOTDIR/);
    expect(folder.list()).toEqual(['run', 'trace.csv']);
    expect(folder.list('run')).toEqual(['old']);
  });

  it('leaves no draft of a file behind where it cannot be put in its place', () => {
    mkdirSync(join(folder.path, 'report.html/inside'), { recursive: true });
    expect(() => writeWhole(join(folder.path, 'report.html'), 'x')).toThrow(/EISDIR/);
    expect(folder.list()).toEqual(['report.html', 'trace.csv']);
  });

  it('writes to a device as it is', () => {
    writeWhole('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
