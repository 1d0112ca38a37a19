import { type Distribution, type GroupSpec, HOUR, MINUTE, OptionsError } from '@plimsoll/core';
import { unknownName } from '../catalogue/suggest.ts';
import { type InstanceRequirements, requirementDefaults } from './instance-requirements.ts';
import { GROUP_KINDS, type GroupKind, groupKind } from './kinds.ts';

/** Processes of a group that may be suspended, by AWS's names. */
export type GroupProcess = 'Launch' | 'Terminate' | 'AZRebalance' | 'HealthCheck' | 'ReplaceUnhealthy' | 'InstanceRefresh';

/** Rules by which a group that shrinks by itself chooses a machine, by AWS's names. */
export const TERMINATION_POLICIES = [
  'Default',
  'OldestInstance',
  'NewestInstance',
  'OldestLaunchTemplate',
  'OldestLaunchConfiguration',
  'ClosestToNextInstanceHour',
  'AllocationStrategy',
] as const;
export type TerminationPolicy = (typeof TERMINATION_POLICIES)[number];

type OnDemandStrategy = 'prioritized' | 'lowest-price';
type SpotStrategy = 'lowest-price' | 'capacity-optimized' | 'capacity-optimized-prioritized' | 'price-capacity-optimized';

/** A pause of a group's machine on its way in or out, until somebody completes it or its time is over. */
export interface LifecycleHook {
  readonly on: 'launch' | 'terminate';
  /** Default 1 h; AWS allows 30 s to 2 h. */
  readonly timeout: number;
  /** What happens when the time is over. Default ABANDON. On the way out both end the machine. */
  readonly defaultResult: 'ABANDON' | 'CONTINUE';
  /** How long whoever handles it takes. Default: nobody does. */
  readonly completes?: Distribution;
  /** Share of the handled ones that end with ABANDON, from 0 to 1. Default 0. */
  readonly abandons: number;
}

/** Machines kept ready beside the group. Not part of its size; not to be combined with a mixed group or spot. */
export interface WarmPool {
  /** A stopped or hibernated machine costs nothing here (disks are left out), one that runs its full price. Default stopped. */
  readonly state: 'stopped' | 'running' | 'hibernated';
  /** At least so many. Default 0. */
  readonly min: number;
  /** As many as are missing to this size of group and pool together. Default: the group's maximum. */
  readonly maxPrepared: number | undefined;
  /** Whether a machine that the group gives up goes back to the pool. Default no. */
  readonly reuse: boolean;
  /** From a prepared machine's start until it runs. Default: as any launch (no difference was found in public measurements). */
  readonly start: Distribution | undefined;
  /** From there until the Node is registered: the image is prepared. Default lognormal, median 8 s, 99th percentile 20 s. */
  readonly register: Distribution;
}

/** A roll of the group to a new launch template. */
interface InstanceRefresh {
  readonly at: number;
  /** Percent of the size that must be in service. Default 90. */
  readonly minHealthy: number;
  /** Percent of the size that may exist; above 100 launches come first. Default 100. */
  readonly maxHealthy: number;
  /** From in service until a machine counts as healthy. Default 0. */
  readonly warmup: number;
  /** Percents replaced at which the roll pauses. Default none. */
  readonly checkpoints: readonly number[];
  /** Default 1 h. */
  readonly checkpointDelay: number;
  /** What becomes of machines protected from scale-in: the roll leaves them alone, or replaces them too. Default ignore. */
  readonly protectedMachines: 'ignore' | 'refresh';
}

/** How machines of a group break, and how it finds out. */
interface GroupHealth {
  /** From running until a machine fails its checks. Default: never. */
  readonly failsAfter?: Distribution;
  /** From there until the group knows. Default 2 min, two of EC2's checks; a guess. */
  readonly detection: number;
  /** A machine in service for less is not judged. Default 0, as the API's. */
  readonly grace: number;
}

/** How a group behaves beside keeping its size. Times in milliseconds. Where nothing else is said, defaults are those of AWS's API. */
export interface GroupBehaviour {
  readonly kind: GroupKind;
  /** From a gap between desired and real size until the group acts. Default: that of the cloud's settings, or the kind's. */
  readonly reaction: Distribution | undefined;
  readonly zoneDistribution: 'balanced-best-effort' | 'balanced-only' | 'any';
  readonly suspended: readonly GroupProcess[];
  /** Units that a machine of each type counts for; where one type has a weight, all must. */
  readonly weights: Readonly<Record<string, number>>;
  /** Types by attributes. The group's own types are then only what an autoscaler believes. */
  readonly requirements: InstanceRequirements | undefined;
  /** On-demand units before any spot, and the percentage of on-demand above them. Absent: the group's own way of buying alone. */
  readonly onDemandBase: number;
  readonly onDemandPercentage: number | undefined;
  /** Default prioritized; lowest-price with requirements. */
  readonly onDemandStrategy: OnDemandStrategy | undefined;
  /** Default price-capacity-optimized, which AWS recommends and EKS sets (the API's own default is lowest-price). */
  readonly spotStrategy: SpotStrategy;
  /** How many of the cheapest pools lowest-price spreads over. Default 2. */
  readonly spotPools: number;
  /** Dearest spot price, nano-dollars per hour. Default, and at most: what on-demand costs, once prices move. */
  readonly spotMaxPrice: number | undefined;
  readonly terminationPolicies: readonly TerminationPolicy[];
  /** Whether new machines are protected from scale-in. Default no. */
  readonly protectNew: boolean;
  /** A large wave comes in batches of at most so many machines, with a pause between. Default all at once. */
  readonly launchBatch: { readonly most: number; readonly pause: number };
  readonly health: GroupHealth;
  readonly hooks: readonly LifecycleHook[];
  readonly capacityRebalance: boolean;
  readonly warmPool: WarmPool | undefined;
  /** A machine that is older is replaced. Default: none. */
  readonly maxLifetime: number | undefined;
  readonly refreshes: readonly InstanceRefresh[];
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a scenario says of a group; all of it may be left out. */
export type GroupBehaviourInput = Loose<
  Omit<GroupBehaviour, 'health' | 'hooks' | 'warmPool' | 'refreshes' | 'launchBatch' | 'requirements'>
> & {
  readonly requirements?: Loose<InstanceRequirements> | undefined;
  readonly launchBatch?: { readonly most: number; readonly pause?: number | undefined } | undefined;
  readonly health?: Loose<GroupHealth> | undefined;
  readonly hooks?: readonly (Loose<LifecycleHook> & Pick<LifecycleHook, 'on'>)[] | undefined;
  readonly warmPool?: Loose<WarmPool> | undefined;
  readonly refreshes?: readonly (Loose<InstanceRefresh> & Pick<InstanceRefresh, 'at'>)[] | undefined;
};

const hookDefaults = { timeout: HOUR, defaultResult: 'ABANDON', abandons: 0 } as const;
const warmPoolDefaults: WarmPool = {
  state: 'stopped',
  min: 0,
  maxPrepared: undefined,
  reuse: false,
  start: undefined,
  register: { kind: 'lognormal', median: 8_000, p99: 20_000 },
};

/**
 * A group's behaviour with the defaults of its kind filled in.
 *
 * @throws OptionsError, under `path`, for what contradicts itself or cannot be.
 */
export function groupBehaviour(
  input: GroupBehaviourInput,
  spec: Pick<GroupSpec, 'instanceTypes' | 'capacityType' | 'max'>,
  path: readonly (string | number)[],
): GroupBehaviour {
  const kind = input.kind ?? 'auto-scaling-group';
  if (!GROUP_KINDS.includes(kind)) throw unknownName([...path, 'kind'], 'kind of group', kind, GROUP_KINDS);
  const of = groupKind(kind);
  const refreshDefaults = {
    ...of.refresh,
    warmup: 0,
    checkpoints: [],
    checkpointDelay: HOUR,
    protectedMachines: 'ignore',
  } as const;
  const out: GroupBehaviour = {
    kind,
    reaction: input.reaction ?? (kind === 'auto-scaling-group' ? undefined : of.reaction),
    zoneDistribution: input.zoneDistribution ?? of.zoneDistribution,
    suspended: input.suspended ?? of.suspended,
    weights: input.weights ?? {},
    requirements: input.requirements && filled(requirementDefaults, input.requirements),
    onDemandBase: input.onDemandBase ?? 0,
    onDemandPercentage: input.onDemandPercentage ?? (input.onDemandBase === undefined ? undefined : 100),
    onDemandStrategy: input.onDemandStrategy,
    spotStrategy: input.spotStrategy ?? 'price-capacity-optimized',
    spotPools: input.spotPools ?? 2,
    spotMaxPrice: input.spotMaxPrice,
    terminationPolicies: input.terminationPolicies ?? of.terminationPolicies,
    protectNew: input.protectNew ?? false,
    launchBatch: { most: input.launchBatch?.most ?? Infinity, pause: input.launchBatch?.pause ?? 0 },
    health: filled<GroupHealth>({ detection: 2 * MINUTE, grace: 0 }, input.health ?? {}),
    hooks: (input.hooks ?? []).map((hook) => filled<LifecycleHook>({ ...hookDefaults, on: hook.on }, hook)),
    capacityRebalance: input.capacityRebalance ?? false,
    warmPool: input.warmPool && filled(warmPoolDefaults, input.warmPool),
    maxLifetime: input.maxLifetime,
    refreshes: (input.refreshes ?? []).map((refresh) => filled<InstanceRefresh>({ ...refreshDefaults, at: refresh.at }, refresh)),
  };
  check(out, spec, path);
  return out;
}

function filled<T extends object>(defaults: T, input: Loose<T>): T {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function check(
  behaviour: GroupBehaviour,
  { instanceTypes, capacityType, max }: Pick<GroupSpec, 'instanceTypes' | 'capacityType' | 'max'>,
  path: readonly (string | number)[],
): void {
  const fail = (field: string | readonly (string | number)[], message: string): never => {
    throw new OptionsError([...path, ...(typeof field === 'string' ? [field] : field)], message);
  };
  if (max > groupKind(behaviour.kind).most)
    fail('kind', `a ${behaviour.kind} has at most ${groupKind(behaviour.kind).most} machines, and its maximum is ${max}`);
  const { weights, requirements, onDemandPercentage, onDemandBase, warmPool, refreshes, spotPools, launchBatch } = behaviour;
  for (const type of Object.keys(weights)) {
    if (!instanceTypes.includes(type)) throw unknownName([...path, 'weights', type], 'type of the group', type, instanceTypes);
    const weight = weights[type];
    if (!(weight >= 1 && weight <= 999) || weight !== Math.floor(weight))
      fail(['weights', type], `expected a whole number from 1 to 999, got ${weight}`);
  }
  const unweighed = Object.keys(weights).length === 0 ? undefined : instanceTypes.find((type) => weights[type] === undefined);
  if (unweighed !== undefined) fail('weights', `${unweighed} has no weight: where one type has one, all must`);
  if (instanceTypes.length > 40) fail('weights', `a mixed group lists at most 40 types, got ${instanceTypes.length}`);
  if (requirements !== undefined) {
    if (Object.keys(weights).length > 0) fail('weights', 'types by attributes have no weights of their own');
    if (behaviour.onDemandStrategy === 'prioritized')
      fail('onDemandStrategy', 'prioritized needs types in order, and these are chosen by attributes');
  }
  if (!(onDemandBase >= 0) || onDemandBase !== Math.floor(onDemandBase))
    fail('onDemandBase', `expected a whole number from 0, got ${onDemandBase}`);
  if (onDemandPercentage !== undefined && !(onDemandPercentage >= 0 && onDemandPercentage <= 100))
    fail('onDemandPercentage', `expected 0 to 100, got ${onDemandPercentage}`);
  if (!(spotPools >= 1)) fail('spotPools', `expected 1 or more, got ${spotPools}`);
  if (!(launchBatch.most >= 1)) fail(['launchBatch', 'most'], `expected 1 or more, got ${launchBatch.most}`);
  if (warmPool !== undefined) {
    const mixed = onDemandPercentage !== undefined || requirements !== undefined || instanceTypes.length > 1;
    if (mixed || capacityType === 'spot') fail('warmPool', 'a mixed group or one of spot machines can have no warm pool');
  }
  refreshes.forEach(({ minHealthy, maxHealthy, checkpoints }, i) => {
    if (!(minHealthy >= 0 && minHealthy <= 100)) fail(['refreshes', i, 'minHealthy'], `expected 0 to 100, got ${minHealthy}`);
    if (!(maxHealthy >= 100 && maxHealthy <= 200)) fail(['refreshes', i, 'maxHealthy'], `expected 100 to 200, got ${maxHealthy}`);
    checkpoints.forEach((percent, at) => {
      if (!(percent > (checkpoints[at - 1] ?? 0) && percent <= 100))
        fail(['refreshes', i, 'checkpoints', at], `expected percents that rise up to 100, got ${percent}`);
    });
  });
}
