import { writeSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';

/** Whether a stream gets colours: by its terminal, `NO_COLOR` and `FORCE_COLOR`, unless they are switched off. */
export function colorsOf(stream: NodeJS.WriteStream, wanted = true): boolean {
  if (!wanted || process.env.NO_COLOR) return false;
  const forced = process.env.FORCE_COLOR;
  return forced !== undefined ? forced !== '0' && forced !== 'false' : stream.hasColors?.() === true;
}

/**
 * Keeps a reader that goes away early, such as `head`, from counting as a failure: what is left to print is dropped, what is left to
 * write is written. Any other failure of stdout, such as a full disk, is told.
 */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    process.exitCode = EXIT.failure;
    console.error(`error: stdout cannot be written: ${error.message}`);
  });
  process.stderr.on('error', () => {});
}

/** Ends the process with the usual status when it is told to stop. `tidy` puts the terminal in order first. Returns a way to leave that again. */
export function onStop(tidy: () => void): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    tidy();
    // The stream may hold it back; the process ends here.
    writeSync(2, 'interrupted; nothing was written\n');
    process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
