import type { TopologyGroup } from './topology-group.ts';

/** Why a pod cannot go onto a machine that would be bought for it. */
export type Failure =
  | { readonly kind: 'taints' }
  | { readonly kind: 'requirements' }
  | { readonly kind: 'volume' }
  /** Topology rules refuse; the real program names one of them. */
  | { readonly kind: 'topology'; readonly groups: readonly TopologyGroup[] }
  /** Several rules on one key picked domains that have nothing in common. */
  | { readonly kind: 'badKey' }
  | { readonly kind: 'minValues' }
  | { readonly kind: 'limits' }
  | { readonly kind: 'nodeLimit' }
  | { readonly kind: 'reserved' }
  | { readonly kind: 'noTemplate' }
  | { readonly kind: 'dra' }
  | { readonly kind: 'types'; readonly missing: TypeFailure };

/** What no instance type had: `none` of these on its own, or all of a pair's others without it, or no two that go together. */
export type TypeFailure = readonly ['none' | 'pair', ...('requirements' | 'resources' | 'offering')[]] | readonly ['tuple'];

/** Short names for a failure, as recorded decisions have them; several where the real program may name any of them. */
export function failureClasses(failure: Failure): readonly string[] {
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
