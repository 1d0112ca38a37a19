import type { ProblemCode } from '../problems/codes.ts';

/** What is wrong with a field that should be a number. */
export interface NumberFault {
  readonly code: ProblemCode;
  readonly message: string;
  readonly accepted: string;
}

/** Says why a text is not the number that a column wants. Called only once something is known to be wrong. */
export function numberFault(
  column: string,
  seen: string,
  wants: { readonly seconds: boolean; readonly max: number },
): NumberFault {
  const accepted = wants.seconds ? 'seconds such as 90 or 0.25' : 'a whole number in plain digits';
  const shown = JSON.stringify(seen);
  const fault = (code: ProblemCode, message: string): NumberFault => ({ code, message, accepted });
  if (seen === '') return fault('E0101', `${column} is empty`);
  if (/^-\d+(\.\d*)?$/.test(seen)) return fault('E0110', `${column} must not be negative, got ${seen}`);
  if (/^\d+$/.test(seen)) return fault('E0110', `${column} must be at most ${wants.max}, got ${seen}`);
  if (/^\d*\.\d*$/.test(seen) && /\d/.test(seen)) {
    return fault(
      'E0104',
      wants.seconds
        ? `${column} must be in whole milliseconds, so at most three decimals, got ${shown}`
        : `${column} must be a whole number, got ${shown}`,
    );
  }
  return fault('E0104', `${column} must be ${accepted}, got ${shown}`);
}
