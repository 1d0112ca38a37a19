import { answerers } from './answerers.ts';
import { parityCommand } from './command.ts';

/** How often the progress line is drawn anew, milliseconds. */
const REDRAW = 100;

let drawn = 0;
const progress = (text: string): void => {
  const now = performance.now();
  if (text !== '' && now - drawn < REDRAW) return;
  drawn = now;
  process.stderr.write(`\r\x1b[K${text}`);
};

process.exitCode = await parityCommand(process.argv.slice(2), {
  // pnpm runs scripts in the workspace's root and tells where it was called.
  directory: (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd(),
  answerers,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  ...(process.stderr.isTTY && { progress }),
});
