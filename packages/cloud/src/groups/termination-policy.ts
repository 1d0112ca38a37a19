import { type CapacityType, HOUR } from '@plimsoll/core';
import type { TerminationPolicy } from './behaviour.ts';

/** A machine that a group may choose to end. */
export interface ScaleInCandidate {
  readonly node: number;
  readonly zone: string;
  readonly pool: number;
  readonly capacityType: CapacityType;
  /** What it counts for in the group's size. */
  readonly units: number;
  /** Version of the launch template that it came from. */
  readonly version: number;
  readonly launchedAt: number;
  readonly isProtected: boolean;
}

/** What decides between candidates. */
export interface ScaleInRules {
  readonly policies: readonly TerminationPolicy[];
  readonly now: number;
  /** On-demand units that the group should keep; undefined where it buys in one way alone. */
  readonly onDemandUnits: number | undefined;
  /** How far a pool stands from what the allocation strategy would buy now: 0 is the first choice. */
  readonly distance: (pool: number) => number;
  /** Decides where nothing else does: the lowest goes. */
  readonly lot: (node: number) => number;
}

/**
 * The machine that a group ends when it shrinks by itself, or undefined where all are protected.
 *
 * Of the zones that have an unprotected machine, the ones with the most units; there, one policy after the other narrows the choice.
 * `Default`: closer to the split of purchase options and to the allocation strategy, then the oldest template, then the machine that
 * is closest to its next hour. What remains is drawn. Source: Amazon EC2 Auto Scaling User Guide, "Termination policies".
 */
export function chooseScaleIn(members: readonly ScaleInCandidate[], rules: ScaleInRules): number | undefined {
  const open = members.filter((member) => !member.isProtected);
  if (open.length === 0) return undefined;
  const ofZone = new Map<string, number>();
  for (const { zone, units } of members) ofZone.set(zone, (ofZone.get(zone) ?? 0) + units);
  let left = least(open, ({ zone }) => -ofZone.get(zone)!);
  for (const policy of rules.policies) left = narrow(policy, left, members, rules);
  return left.reduce((best, member) => (rules.lot(member.node) < rules.lot(best.node) ? member : best)).node;
}

function narrow(
  policy: TerminationPolicy,
  left: readonly ScaleInCandidate[],
  members: readonly ScaleInCandidate[],
  rules: ScaleInRules,
): readonly ScaleInCandidate[] {
  const { now, distance } = rules;
  switch (policy) {
    case 'OldestInstance':
      return least(left, ({ launchedAt }) => launchedAt);
    case 'NewestInstance':
      return least(left, ({ launchedAt, node }) => -launchedAt - node / 2 ** 32);
    case 'OldestLaunchTemplate':
    case 'OldestLaunchConfiguration':
      return least(left, ({ version }) => version);
    case 'ClosestToNextInstanceHour':
      return least(left, ({ launchedAt }) => HOUR - ((now - launchedAt) % HOUR));
    case 'AllocationStrategy':
      return least(overBought(left, members, rules), ({ pool }) => -distance(pool));
    case 'Default': {
      const aligned = least(overBought(left, members, rules), ({ pool }) => -distance(pool));
      const oldest = least(aligned, ({ version }) => version);
      return least(oldest, ({ launchedAt }) => HOUR - ((now - launchedAt) % HOUR));
    }
  }
}

/** Those bought in the way of which the group has too many, where it has any of them here. */
function overBought(
  left: readonly ScaleInCandidate[],
  members: readonly ScaleInCandidate[],
  { onDemandUnits }: ScaleInRules,
): readonly ScaleInCandidate[] {
  if (onDemandUnits === undefined) return left;
  const spot = sum(members.filter(({ capacityType }) => capacityType === 'spot'));
  const tooMany: CapacityType = sum(members) - spot > onDemandUnits ? 'on-demand' : 'spot';
  const found = left.filter(({ capacityType }) => capacityType === tooMany);
  return found.length > 0 ? found : left;
}

function sum(members: readonly ScaleInCandidate[]): number {
  return members.reduce((total, { units }) => total + units, 0);
}

/** Those for which a figure is lowest. */
function least<T>(items: readonly T[], figure: (item: T) => number): readonly T[] {
  const lowest = items.reduce((low, item) => Math.min(low, figure(item)), Infinity);
  return items.filter((item) => figure(item) === lowest);
}
