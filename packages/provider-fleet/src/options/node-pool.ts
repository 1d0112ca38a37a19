import { DAY, LABEL, OptionsError, type ResourceList, type Taint } from '@plimsoll/core';
import type { RequirementSpec } from '../requirements/requirement-set.ts';
import { isRestricted } from '../requirements/well-known.ts';
import { DEFAULT_BUDGET, type DisruptionBudget, readBudget } from './disruption-budget.ts';
import { Fields, show } from './fields.ts';
import { readRequirement } from './requirement-specs.ts';

/** A NodePool (`karpenter.sh/v1`) as far as decisions depend on it. */
export interface NodePool {
  readonly name: string;
  /** Higher is tried first; 0 where none is given. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly requirements: readonly RequirementSpec[];
  readonly taints: readonly Taint[];
  /** Taints that others take off a new node; see the known differences. */
  readonly startupTaints: readonly Taint[];
  /** Milliseconds, or Infinity for `Never`. Default 720h. */
  readonly expireAfterMs: number;
  /** Milliseconds; undefined where a drain may wait for ever. */
  readonly terminationGracePeriodMs: number | undefined;
  readonly consolidationPolicy: 'WhenEmpty' | 'WhenEmptyOrUnderutilized' | 'Balanced';
  /** Milliseconds without a pod event before a node may be consolidated, or Infinity for `Never`. Default 0. */
  readonly consolidateAfterMs: number;
  readonly budgets: readonly DisruptionBudget[];
  /** Most that the pool's nodes may have together, by resource; `nodes` counts nodes. */
  readonly limits: ResourceList;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/**
 * Reads a NodePool manifest. `spec.weight` 0 to 100, `spec.limits`, `spec.disruption`, `spec.template`. Static pools
 * (`replicas`) are not modelled and refused.
 */
export function readNodePool(value: unknown, path: readonly (string | number)[]): NodePool {
  const top = new Fields(value, path, ['metadata', 'spec'], ['apiVersion', 'kind', 'status']);
  const metadata = new Fields(top.raw('metadata'), top.at('metadata'), ['name', 'labels', 'annotations']);
  const spec = new Fields(top.raw('spec'), top.at('spec'), ['template', 'disruption', 'limits', 'weight', 'replicas']);
  if (spec.has('replicas')) throw new OptionsError(spec.at('replicas'), 'static NodePools are not modelled');
  const disruption = new Fields(spec.raw('disruption'), spec.at('disruption'), [
    'consolidationPolicy',
    'consolidateAfter',
    'budgets',
  ]);
  const template = new Fields(spec.raw('template'), spec.at('template'), ['metadata', 'spec']);
  const labelled = new Fields(template.raw('metadata'), template.at('metadata'), ['labels', 'annotations']);
  const node = new Fields(template.raw('spec'), template.at('spec'), [
    'requirements',
    'taints',
    'startupTaints',
    'expireAfter',
    'terminationGracePeriod',
    'nodeClassRef',
  ]);
  const labels = labelled.labels('labels');
  for (const key of Object.keys(labels)) {
    if (isRestricted(key) || key === LABEL.nodePool)
      throw new OptionsError([...labelled.at('labels'), key], 'this label is set by Karpenter');
  }
  const requirements = node.list('requirements', readRequirement);
  requirements.forEach(({ key }, index) => {
    if (isRestricted(key) || key === LABEL.nodePool) {
      throw new OptionsError([...node.at('requirements'), index, 'key'], `${key} may not be required by a NodePool`);
    }
  });
  return {
    name: metadata.text('name'),
    weight: spec.whole('weight', 0, 100, 0),
    labels,
    requirements,
    taints: node.list('taints', readTaint),
    startupTaints: node.list('startupTaints', readTaint),
    expireAfterMs: node.duration('expireAfter', 30 * DAY, true),
    terminationGracePeriodMs: node.has('terminationGracePeriod') ? node.duration('terminationGracePeriod', 0) : undefined,
    consolidationPolicy: disruption.oneOf(
      'consolidationPolicy',
      ['WhenEmpty', 'WhenEmptyOrUnderutilized', 'Balanced'],
      'WhenEmptyOrUnderutilized',
    ),
    consolidateAfterMs: disruption.duration('consolidateAfter', 0, true),
    budgets: disruption.has('budgets') ? disruption.list('budgets', readBudget) : [DEFAULT_BUDGET],
    limits: spec.resources('limits'),
  };
}

function readTaint(value: unknown, path: readonly (string | number)[]): Taint {
  const fields = new Fields(value, path, ['key', 'value', 'effect']);
  const effect = fields.raw('effect');
  if (!EFFECTS.includes(effect as Taint['effect'])) {
    throw new OptionsError(fields.at('effect'), `expected one of ${EFFECTS.join(', ')}, got ${show(effect)}`);
  }
  return {
    key: fields.text('key'),
    ...(fields.has('value') && { value: fields.text('value') }),
    effect: effect as Taint['effect'],
  };
}
