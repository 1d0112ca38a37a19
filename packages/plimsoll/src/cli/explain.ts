import { didYouMean } from '@plimsoll/core';
import { CODES, explainCode } from '@plimsoll/inputs';
import { UsageError } from './failures.ts';

/** Prints the long text of a code. */
export function explain(code: string): void {
  const text = explainCode(code.toUpperCase());
  if (text === undefined) {
    const guess = didYouMean(code.toUpperCase(), Object.keys(CODES));
    throw new UsageError(`there is no code ${code}${guess === undefined ? '' : `; did you mean ${guess}?`}`);
  }
  console.log(`${code.toUpperCase()}  ${text.title}\n\n${wrapped(text.text, Math.min(process.stdout.columns ?? WIDTH, WIDTH))}`);
}

/** Longest line of a long text. */
const WIDTH = 100;

/** Broken at spaces. */
function wrapped(text: string, width: number): string {
  return text.replace(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd();
}
