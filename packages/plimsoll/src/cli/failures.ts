import { OptionsError } from '@plimsoll/core';
import { formatProblems, InputError } from '@plimsoll/inputs';
import { RunError } from '@plimsoll/lab';
import { EXIT } from './exit-codes.ts';
import { colorsOf } from './streams.ts';

/** A request that the command line cannot mean, found after parsing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Tells a failure on stderr and returns the exit status for it. */
export function reportFailure(error: unknown): number {
  const color = colorsOf(process.stderr, !process.argv.includes('--no-color'));
  if (error instanceof InputError) {
    console.error(formatProblems(error.problems, {}, { color, total: error.total }));
    return EXIT.input;
  }
  if (error instanceof OptionsError) {
    console.error(`error: ${error.message}${error.suggestion ? `\n    help: ${error.suggestion}` : ''}`);
    return EXIT.input;
  }
  if (error instanceof UsageError) {
    console.error(`error: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof RunError) {
    console.error(error.stack ?? error.message);
    return EXIT.failure;
  }
  if (error instanceof Error && 'syscall' in error) {
    // A full disk, or rights that were taken away meanwhile: the machine's state and no defect.
    console.error(`error: ${error.message}`);
    return EXIT.failure;
  }
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  console.error('\nThis is a defect of plimsoll. Please report it with the command line and the input.');
  return EXIT.failure;
}
