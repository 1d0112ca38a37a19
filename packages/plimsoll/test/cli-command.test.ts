import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Folder, plimsoll, replayIn } from './support/command.ts';
import { SCENARIO, TRACE } from './support/scenario-file.ts';

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

const folder = new Folder({ 'trace.csv': TRACE, 'scenario.yaml': SCENARIO });
afterAll(() => folder.dispose());

/** The command in a process of its own, from source. */
function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const { INIT_CWD: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  return spawn(process.execPath, ['--conditions=@plimsoll/source', '--import', TSX, MAIN, ...args], {
    cwd: folder.path,
    env: { ...inherited, ...env },
  });
}

/** What a process said until it ended. */
async function ended(child: ChildProcess): Promise<{ status: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stderr };
}

describe('the command line', () => {
  it.each([
    [['replay', '--sede', '1'], /unknown option '--sede'\n\(Did you mean --seed\?\)/],
    [['replay', '--seed', '-1'], /--seed.* argument '-1' is invalid\. expected a whole number from 0/],
    [['replay', '--threads', '0'], /--threads.* argument '0' is invalid\. expected at least 1/],
    [
      ['replay', join(folder.path, 'scenario.yaml'), '-a', 'karpentr'],
      /there is no autoscaler karpentr; .*; did you mean karpenter\?/,
    ],
    [['replay', 'a', 'b'], /too many arguments/],
    [['repaly'], /unknown command 'repaly'\n\(Did you mean replay\?\)/],
    [['explain', 'E102'], /there is no code E102; did you mean E0102\?/],
    [[], /^Usage: plimsoll/],
  ])('is refused with status 2: %j', async (args, message) => {
    const { status, stdout, stderr } = await plimsoll(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it.each([[['--help']], [['replay', '--help']], [['--version']]])('answers %j', async (args) => {
    const { status, stdout, stderr } = await plimsoll(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(args.includes('--version') ? /^\d+\.\d+\.\d+\n$/ : /^Usage: plimsoll/);
  });

  it('explains a code, in lines that fit', async () => {
    const { status, stdout } = await plimsoll('explain', 'e0102');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^E0102 {2}unknown field\n\nA field, key or column/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('replay', () => {
  it('prints JSON and nothing else with --json', async () => {
    const { status, stdout, stderr } = await replayIn(folder.path, 'scenario.yaml', { json: true, out: 'json' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { runs, workload } = JSON.parse(stdout);
    expect(workload).toMatchObject({ pods: 2, rows: 2, source: 'scenario.yaml' });
    expect(runs.map((run: { autoscaler: string }) => run.autoscaler)).toEqual(['groups', 'karpenter', 'slow']);
    expect(folder.list('json')).toContain('manifest.json');
  });

  it('runs only what -a names, in the order of the scenario, with another seed', async () => {
    const options = { json: true, out: false, autoscaler: ['slow', 'groups'], seed: 7 };
    const { runs } = JSON.parse((await replayIn(folder.path, 'scenario.yaml', options)).stdout);
    expect(runs.map((run: { autoscaler: string; seed: number }) => [run.autoscaler, run.seed])).toEqual([
      ['groups', 7],
      ['slow', 7],
    ]);
  });

  it('says nothing but the result with --quiet', async () => {
    folder.write('late.csv', 'id,arrive_s,duration_s,cpu_m\nb,30,60,500\na,0,60,500\n');
    const loud = await replayIn(folder.path, 'late.csv', { out: false });
    expect(loud.stderr).toMatch(/^warning\[W0201\] /);
    expect(loud.stdout).toMatch(/honoured/);
    const quiet = await replayIn(folder.path, 'late.csv', { out: false, quiet: true });
    expect(quiet.stderr).toBe('');
    expect(quiet.stdout).not.toMatch(/honoured|run folder/);
  });

  it.each([
    ['nothing for a pipe', {}, true, false],
    ['what it is told to by FORCE_COLOR', { FORCE_COLOR: '1' }, true, true],
    ['nothing with NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
    ['nothing with --no-color', { FORCE_COLOR: '1' }, false, false],
  ])('colours %s', async (_, env, color, colored) => {
    for (const name of ['FORCE_COLOR', 'NO_COLOR']) vi.stubEnv(name, (env as Record<string, string>)[name]);
    try {
      const { stdout } = await replayIn(folder.path, 'trace.csv', { out: false, color, autoscaler: ['karpenter'] });
      expect(stdout.includes('\u001b')).toBe(colored);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('writes a report that needs nothing else', async () => {
    await replayIn(folder.path, 'trace.csv', { out: false, report: 'deep/report.html' });
    expect(folder.list('deep')).toEqual(['report.html']);
  });
});

describe.concurrent('a process', () => {
  it('ends with status 2 for a wrong command line', async () => {
    const { status, stderr } = await ended(start(['replay', '--threads', '0']));
    expect(stderr).toMatch(/expected at least 1/);
    expect(status).toBe(2);
  });

  it('ends with status 3 for a bad input', async () => {
    const help = 'help: did you mean "trace.csv"?';
    const told = `error[E0006] there is no file "trace.cvs"                       trace.cvs\n    ${help}\n`;
    expect(await ended(start(['replay', 'trace.cvs']))).toEqual({ status: 3, stderr: told });
  });

  it('ends with status 0 where the reader of its output has gone', async () => {
    const child = start(['replay', 'trace.csv', '--threads', '1', '-o', 'unread']);
    child.stdout?.destroy();
    expect(await ended(child)).toEqual({ status: 0, stderr: '' });
    expect(folder.list('unread')).toContain('manifest.json');
  });

  it('ends with status 130 when it is interrupted, and leaves nothing behind', async () => {
    // Out of order, so that there is a warning to wait for just before the runs; many rows, so that they last.
    const rows = Array.from({ length: 60_000 }, (_, row) => `j${row},${60_000 - row},900,1500,2000\n`);
    folder.write('long/trace.csv', `id,arrive_s,duration_s,cpu_m,mem_mib\n${rows.join('')}`);
    const child = start(['replay', 'long/trace.csv', '--threads', '1', '-o', join('long', 'out')]);
    child.stderr?.once('data', () => child.kill('SIGINT'));
    const { status, stderr } = await ended(child);
    expect(stderr).toMatch(/^warning\[W0201\]/);
    expect(stderr).toMatch(/\ninterrupted; nothing was written\n$/);
    expect(status).toBe(130);
    expect(folder.list('long')).toEqual(['trace.csv']);
  });
});
