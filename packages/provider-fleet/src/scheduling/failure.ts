import type { TopologyGroup } from './topology-group.ts';

/** Why a pod cannot go onto a machine that would be bought for it. `text` tells it in the real program's words. */
export type Failure = FailureKind & { readonly text: () => string };

export type FailureKind =
  | {
      readonly kind:
        | 'taints'
        | 'requirements'
        | 'volume'
        /** Several rules on one key picked domains that have nothing in common. */
        | 'badKey'
        | 'minValues'
        | 'limits'
        | 'nodeLimit'
        | 'reserved'
        | 'noTemplate'
        | 'dra';
    }
  /** Topology rules refuse; the real program names one of them. */
  | { readonly kind: 'topology'; readonly groups: readonly TopologyGroup[] }
  | { readonly kind: 'types'; readonly missing: TypeFailure };

/** What no instance type had: `none` of these on its own, or all of a pair's others without it, or no two that go together. */
export type TypeFailure = readonly ['none' | 'pair', ...('requirements' | 'resources' | 'offering')[]] | readonly ['tuple'];

/** Short names for a failure, as recorded decisions have them; several where the real program may name any of them. */
export function failureClasses(failure: FailureKind): readonly string[] {
  switch (failure.kind) {
    case 'topology':
      return [...new Set(failure.groups.map(({ rule }) => `topology:${rule.kind}:${rule.key}`))];
    case 'types': {
      const [form, ...missing] = failure.missing;
      return [form === 'tuple' ? 'type:tuple' : `type:${form}-${missing.join('-')}`];
    }
    default:
      return [failure.kind];
  }
}

/** Why no pool serves a pod, pool by pool, on one line. */
export function failureText(failures: readonly Failure[]): string {
  return failures.map(({ text }) => text()).join('; ');
}
