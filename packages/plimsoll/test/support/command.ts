import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { command } from '../../src/cli/command.ts';
import { reportFailure } from '../../src/cli/failures.ts';
import { type ReplayOptions, replay } from '../../src/cli/replay.ts';

/** A temporary folder with files in it, removed by `dispose`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), content);
  }

  /** Everything in it, hidden files too, in text order. */
  list(below = '.'): string[] {
    return readdirSync(join(this.path, below)).sort();
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What a command said, and the status that it would have ended with. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `plimsoll replay` in this process and in a folder: what the command's action does. */
export function replayIn(cwd: string, input: string, options: Partial<ReplayOptions> = {}): Promise<Outcome> {
  return heard(() =>
    replay(input, { color: false, skip: true, threads: 1, ...options }, { version: '0.0.0', cwd }).then(() => 0, reportFailure),
  );
}

/** A command line in this process. */
export function plimsoll(...args: string[]): Promise<Outcome> {
  return heard(() => command(args));
}

/** Calls something that returns a status, with what it prints caught. */
export async function heard(call: () => Promise<number>): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const toStdout = (text: unknown): boolean => {
    stdout += text;
    return true;
  };
  const toStderr = (text: unknown): boolean => {
    stderr += text;
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(toStdout),
    vi.spyOn(process.stderr, 'write').mockImplementation(toStderr),
    vi.spyOn(console, 'log').mockImplementation((text: unknown) => void toStdout(`${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text: unknown) => void toStderr(`${text}\n`)),
  ];
  try {
    const status = await call();
    return { status, stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Stands before the spot in a text that a message must point at. */
const MARK = '▸';

/** A text without its mark, and the position of what the mark stood before. */
export function marked(text: string): { text: string; position: string } {
  const before = text.slice(0, text.indexOf(MARK)).split('\n');
  if (!text.includes(MARK)) throw new Error('the text has no mark');
  return { text: text.replace(MARK, ''), position: `${before.length}:${before[before.length - 1].length + 1}` };
}

/** The first problem of what a command said: `code file:line:column message`, and the help if any. */
export function firstProblem(stderr: string): { told: string; help: string | undefined } {
  const match = /^(?:error|warning)\[(\w+)\] (.*?) {2,}(.*)$/m.exec(stderr);
  if (match === null) throw new Error(`no problem in ${JSON.stringify(stderr)}`);
  const help = /\bhelp: (.*?)(?: {3}\(.*\))?$/m.exec(stderr)?.[1];
  return { told: `${match[1]} ${match[3]} ${match[2]}`, help };
}
