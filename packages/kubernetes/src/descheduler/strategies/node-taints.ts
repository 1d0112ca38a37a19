import type { Taint } from '@plimsoll/core';
import { toleratesTaint } from '../node-fit.ts';
import type { NodeTaintsArgs } from '../policy.ts';
import { concerns, evictInOrder, type StrategyContext } from './strategy.ts';

/** Evicts pods that do not tolerate a NoSchedule taint of their node. Source: descheduler v0.36.0, `plugins/removepodsviolatingnodetaints`. */
export function removePodsViolatingNodeTaints(context: StrategyContext, args: NodeTaintsArgs): void {
  for (const node of context.nodes) {
    const taints = node.shape.taints.filter((taint) => counts(taint, args));
    const pods = context.cluster
      .podsOn(node.name)
      .filter((pod) => concerns(args, pod) && context.evictable(pod) && context.passes(pod))
      .filter((pod) => !taints.every((taint) => toleratesTaint(pod, taint)));
    if (!evictInOrder(pods, context)) return;
  }
}

function counts(taint: Taint, { includePreferNoSchedule, excludedTaints, includedTaints }: NodeTaintsArgs): boolean {
  const { key, value = '', effect } = taint;
  if (effect !== 'NoSchedule' && !(includePreferNoSchedule && effect === 'PreferNoSchedule')) return false;
  const named = (list: readonly string[]): boolean => list.includes(key) || (value !== '' && list.includes(`${key}=${value}`));
  return !named(excludedTaints) && (includedTaints === undefined || named(includedTaints));
}
