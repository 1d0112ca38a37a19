import * as z from 'zod/mini';
import type { Distribution } from '../random/distributions.ts';
import { DurationError, parseDuration } from '../time/duration.ts';

/** A duration text (`"10m"`) as whole milliseconds. */
export const duration = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: text });
      return z.NEVER;
    }
  }),
);

/** A distribution of durations, as scenario files write it: `{ constant: 5s }`, `{ uniform: [2s, 6s] }`, `{ lognormal: { p50: 5s, p99: 20s } }`. */
export const durationDistribution = z.union(
  [
    z.pipe(
      z.strictObject({ constant: duration }),
      z.transform(({ constant }): Distribution => ({ kind: 'constant', value: constant })),
    ),
    z.pipe(
      z.strictObject({ uniform: z.tuple([duration, duration]).check(z.refine(([min, max]) => min <= max)) }),
      z.transform(({ uniform: [min, max] }): Distribution => ({ kind: 'uniform', min, max })),
    ),
    z.pipe(
      z.strictObject({
        lognormal: z
          .strictObject({ p50: duration, p99: duration, max: z.optional(duration) })
          .check(z.refine(({ p50, p99 }) => p50 > 0 && p50 <= p99)),
      }),
      z.transform(
        ({ lognormal: { p50, p99, max } }): Distribution => ({
          kind: 'lognormal',
          median: p50,
          p99,
          ...(max !== undefined && { max }),
        }),
      ),
    ),
    z.pipe(
      z.strictObject({ exponential: z.strictObject({ mean: duration }) }),
      z.transform(({ exponential: { mean } }): Distribution => ({ kind: 'exponential', mean })),
    ),
  ],
  'expected a distribution: { constant: 5s }, { uniform: [2s, 6s] }, { lognormal: { p50: 5s, p99: 20s } } or { exponential: { mean: 5m } }, the smaller value first',
);
