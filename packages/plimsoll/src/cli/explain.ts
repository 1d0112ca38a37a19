import { CODES, didYouMean, explainCode } from '@plimsoll/inputs';
import { UsageError } from './failures.ts';

/** Prints the long text of a code. */
export function explain(code: string): void {
  const text = explainCode(code.toUpperCase());
  if (text === undefined) {
    const guess = didYouMean(code.toUpperCase(), Object.keys(CODES));
    throw new UsageError(`there is no code ${code}${guess === undefined ? '' : `; did you mean ${guess}?`}`);
  }
  console.log(`${code.toUpperCase()}  ${text.title}\n\n${text.text}`);
}
