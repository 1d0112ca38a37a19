import { type Distribution, MINUTE, SECOND } from '@plimsoll/core';
import type { GroupBehaviour } from './behaviour.ts';

/** The groups of three clouds. They differ by data alone. */
export const GROUP_KINDS = ['auto-scaling-group', 'managed-instance-group', 'scale-set'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

/** What a kind of group is, where a scenario says nothing else. */
export interface GroupKindFacts extends Pick<GroupBehaviour, 'zoneDistribution' | 'suspended' | 'terminationPolicies'> {
  /** Most machines of a group. */
  readonly most: number;
  /** From a gap between desired and real size until the group acts. */
  readonly reaction: Distribution;
  /** How a roll to a new template goes: percents of the size. */
  readonly refresh: { readonly minHealthy: number; readonly maxHealthy: number };
  /** From the notice until a spot machine is taken. */
  readonly spotNotice: number;
}

const KINDS: Readonly<Record<GroupKind, GroupKindFacts>> = {
  /** AWS. Sources: Amazon EC2 Auto Scaling User Guide and API Reference. The reaction is a guess: no measurement was found. */
  'auto-scaling-group': {
    most: Infinity,
    zoneDistribution: 'balanced-best-effort',
    suspended: [],
    terminationPolicies: ['Default'],
    reaction: { kind: 'uniform', min: 5 * SECOND, max: 30 * SECOND },
    refresh: { minHealthy: 90, maxHealthy: 100 },
    spotNotice: 2 * MINUTE,
  },
  /**
   * Google, a regional group: zones are kept even (`EVEN`: a zone without capacity is waited for), redistribution is proactive, a
   * rolling update surges by one machine a zone, at most 2,000 machines. Spot machines get 30 s. Sources: Compute Engine documentation,
   * "Set a target distribution shape" (read); "Regional MIGs", "Automatically apply VM configuration updates", "Spot VMs" (figures not checked
   * against them again). Reaction: a guess.
   */
  'managed-instance-group': {
    most: 2000,
    zoneDistribution: 'balanced-only',
    suspended: [],
    terminationPolicies: ['Default'],
    reaction: { kind: 'uniform', min: 2 * SECOND, max: 10 * SECOND },
    refresh: { minHealthy: 100, maxHealthy: 110 },
    spotNotice: 30 * SECOND,
  },
  /**
   * Azure, uniform: zones are balanced at best effort and never rebalanced, the machine with the highest id goes first, a rolling
   * upgrade takes a fifth at a time, at most 1,000 machines. Spot machines get 30 s. Sources: Azure documentation, "Scale-in policy",
   * "Rolling upgrades", "Availability zones" of Virtual Machine Scale Sets, "Scheduled Events"; figures not checked against them
   * again. Reaction: a guess.
   */
  'scale-set': {
    most: 1000,
    zoneDistribution: 'balanced-best-effort',
    suspended: ['AZRebalance'],
    terminationPolicies: ['NewestInstance'],
    reaction: { kind: 'uniform', min: 5 * SECOND, max: 20 * SECOND },
    refresh: { minHealthy: 80, maxHealthy: 100 },
    spotNotice: 30 * SECOND,
  },
};

export function groupKind(kind: GroupKind): GroupKindFacts {
  return KINDS[kind];
}
