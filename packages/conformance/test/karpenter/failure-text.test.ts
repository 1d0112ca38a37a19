import { describe, expect, it } from 'vitest';
import { answerProvision } from '../../src/karpenter/provision.ts';
import { type Definitions, parseGoldenLine } from '../../src/parity/golden-case.ts';
import { goldenFile } from '../../src/parity/golden-files.ts';

const root = new URL('../../fixtures/karpenter/', import.meta.url).pathname;

interface Recorded {
  readonly errors: Readonly<Record<string, { readonly text?: string }>>;
}

interface Answered {
  readonly errors: Readonly<Record<string, { readonly classes: readonly (readonly string[])[]; readonly text?: string }>>;
}

/** A text as far as it is certain: clauses in any order, placeholders without numbers, amounts left out, for their form depends on how they were written. */
function certain(text: string): string[] {
  return text
    .replaceAll(/hostname-placeholder-\d+/g, 'hostname-placeholder')
    .replaceAll(/resources=(min=)?\{[^}]*\}(, max=\{[^}]*\})?/g, 'resources')
    .replaceAll('incompatible requirements, ', '')
    .split('; ')
    .sort();
}

describe('why pods have no place, in the words of the real program', () => {
  it.each(['errors', 'taints', 'requirements', 'minvalues', 'weights', 'daemonsets', 'volumes', 'affinity', 'spread'])(
    '%s',
    async (family) => {
      const definitions: Record<string, Record<string, unknown>> = {};
      let compared = 0;
      for await (const line of goldenFile(`${root}${family}.jsonl.gz`).lines()) {
        if (line === '') continue;
        const parsed = parseGoldenLine(line);
        if (parsed.is === 'definition') {
          definitions[parsed.kind] = { ...definitions[parsed.kind], [parsed.name]: parsed.value };
          continue;
        }
        const { errors } = answerProvision(parsed.value.input, definitions as Definitions) as Answered;
        for (const [pod, { text }] of Object.entries((parsed.value.expect as Recorded).errors)) {
          const ours = errors[pod];
          // Of several refusing topology groups the real program names any.
          if (text === undefined || ours?.text === undefined || ours.classes.some((names) => names.length > 1)) continue;
          expect({ pod, text: certain(ours.text) }).toEqual({ pod, text: certain(text) });
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(5);
    },
  );
});
