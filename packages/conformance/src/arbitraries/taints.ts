import type { Taint, Toleration } from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';

const KEYS = ['dedicated', 'gpu'] as const;
const VALUES = ['a', 'b'] as const;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** Taints of a node: none most of the time, at most one for each key and effect, as the API demands. */
export function taints(): Arbitrary<readonly Taint[]> {
  const taint: Arbitrary<Taint> = fc
    .tuple(fc.constantFrom(...KEYS), fc.option(fc.constantFrom(...VALUES), { nil: undefined }), fc.constantFrom(...EFFECTS))
    .map(([key, value, effect]) => ({ key, ...(value !== undefined && { value }), effect }));
  const some = fc.uniqueArray(taint, { minLength: 1, maxLength: 3, selector: ({ key, effect }) => `${key} ${effect}` });
  return fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some });
}

/** Tolerations of a pod, valid for the API: for one value, for any value, for any effect, for everything. */
export function tolerations(): Arbitrary<readonly Toleration[]> {
  const effect = fc.option(fc.constantFrom(...EFFECTS), { nil: undefined });
  const match: Arbitrary<Toleration> = fc.oneof(
    fc
      .tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES))
      .map(([key, value]) => ({ key, operator: 'Equal' as const, value })),
    fc.constantFrom(...KEYS).map((key) => ({ key, operator: 'Exists' as const })),
    // An absent operator means Equal, an absent value the empty one.
    fc.constantFrom(...KEYS).map((key) => ({ key })),
    fc.constant({ operator: 'Exists' as const }),
  );
  const toleration = fc
    .tuple(match, effect)
    .map(([rest, only]): Toleration => (only === undefined ? rest : { ...rest, effect: only }));
  return fc.array(toleration, { maxLength: 2 });
}
