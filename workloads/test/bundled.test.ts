import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestsOf } from '../digests.ts';
import { traces } from '../generate.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe.each(Object.keys(traces))('%s', (name) => {
  it('has the trace that its generator writes', () => {
    expect(read(`${name}/trace.csv`)).toBe(traces[name]());
  });

  it('has the expected digests', async () => {
    expect(await digestsOf(name)).toEqual((JSON.parse(read(`${name}/expected.json`)) as { digests: unknown }).digests);
  });
});

describe('kwok-recorded', () => {
  it('has the expected digests', async () => {
    expect(await digestsOf('kwok-recorded')).toEqual(
      (JSON.parse(read('kwok-recorded/expected.json')) as { digests: unknown }).digests,
    );
  });
});
