import { didYouMean, OptionsError } from '@plimsoll/core';
import { Fields, show } from './fields.ts';
import type { NodePool } from './node-pool.ts';

/** A change of what machines are made from: those that are there already have drifted from then on. */
export interface Rollout {
  /** Milliseconds from the scenario's start. */
  readonly at: number;
  /** Row of the NodePool; undefined for all. */
  readonly pool: number | undefined;
  /** As the Drifted condition names it: `AMIDrift` for a new image. */
  readonly reason: string;
}

const REASONS = [
  'AMIDrift',
  'NodePoolDrifted',
  'NodeClassDrift',
  'RequirementsDrifted',
  'SecurityGroupDrift',
  'SubnetDrift',
] as const;

/** Reads `rollouts`: each has `at`, a time from the start such as `2h`, and may name a `nodePool` and a `reason` (default AMIDrift). */
export function readRollouts(top: Fields, pools: readonly NodePool[]): readonly Rollout[] {
  const names = pools.map(({ name }) => name);
  const rollouts = top.list('rollouts', (value, path): Rollout => {
    const fields = new Fields(value, path, ['at', 'nodePool', 'reason']);
    if (!fields.has('at')) throw new OptionsError(fields.at('at'), 'missing: when the change comes, such as "2h"');
    const named = fields.has('nodePool') ? fields.text('nodePool') : undefined;
    if (named !== undefined && !names.includes(named)) {
      const meant = didYouMean(named, names);
      throw new OptionsError(fields.at('nodePool'), `expected one of ${names.join(', ')}, got ${show(named)}`, meant);
    }
    return {
      at: fields.duration('at', 0),
      pool: named === undefined ? undefined : names.indexOf(named),
      reason: fields.oneOf('reason', REASONS, 'AMIDrift'),
    };
  });
  return [...rollouts].sort((a, b) => a.at - b.at);
}
