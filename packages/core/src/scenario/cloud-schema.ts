import * as z from 'zod/mini';
import { duration, durationDistribution } from './duration-schema.ts';

const wholeFrom = (min: number) => z.int().check(z.minimum(min));
const share = z.number().check(z.minimum(0), z.maximum(1));
const percent = z.number().check(z.minimum(0), z.maximum(100));
const bounds = z.strictObject({
  min: z.optional(z.number().check(z.minimum(0))),
  max: z.optional(z.number().check(z.minimum(0))),
});
const tokens = z.strictObject({ burst: wholeFrom(1), perSecond: wholeFrom(0) });

const poolMatch = {
  instanceType: z.optional(z.string()),
  zone: z.optional(z.string()),
  capacityType: z.optional(z.enum(['on-demand', 'spot'])),
};

/** A Kubernetes quantity, as it is written. */
const quantity = z.union([z.string(), z.number()]);

/** A machine type of the scenario's own, in place of a catalogue's. Amounts are Kubernetes quantities. */
const machine = z.strictObject({
  name: z.string(),
  /** Labels that every node of the type has, beside its type. */
  labels: z._default(z.record(z.string(), z.string()), {}),
  capacity: z.record(z.string(), quantity),
  /** Default: the capacity. */
  allocatable: z.optional(z.record(z.string(), quantity)),
  /** Where and how it is sold, and for how many dollars an hour. */
  offerings: z
    .array(z.strictObject({ zone: z.string(), capacityType: z.enum(['on-demand', 'spot', 'reserved']), price: z.number() }))
    .check(z.minLength(1)),
});

/** Warnings before a spot machine is taken: for which share a recommendation comes, and how long before the notice. */
const warning = { rebalance: z.optional(share), lead: z.optional(duration) };

const inclusion = z.optional(z.enum(['included', 'excluded', 'required']));

/** Types by their attributes. */
const requirements = z.strictObject({
  vcpus: z.optional(bounds),
  memoryMib: z.optional(bounds),
  memoryMibPerVcpu: z.optional(bounds),
  cpuManufacturers: z.optional(z.array(z.enum(['intel', 'amd', 'aws']))),
  allowed: z.optional(z.array(z.string())),
  excluded: z.optional(z.array(z.string())),
  generations: z.optional(z.array(z.enum(['current', 'previous']))),
  bareMetal: inclusion,
  burstable: inclusion,
  localStorage: inclusion,
  accelerators: z.optional(bounds),
  onDemandPricePercent: z.optional(wholeFrom(0)),
  spotPricePercent: z.optional(wholeFrom(0)),
});

/** How a node group of the cloud behaves beside keeping its size. Everything may be left out; `{}` is the real group with its defaults. */
const group = z.strictObject({
  kind: z.optional(z.enum(['auto-scaling-group', 'managed-instance-group', 'scale-set'])),
  /** From a gap between desired and real size until the group acts. */
  reaction: z.optional(durationDistribution),
  zoneDistribution: z.optional(z.enum(['balanced-best-effort', 'balanced-only', 'any'])),
  suspended: z.optional(
    z.array(z.enum(['Launch', 'Terminate', 'AZRebalance', 'HealthCheck', 'ReplaceUnhealthy', 'InstanceRefresh'])),
  ),
  /** Units that a machine of each type counts for. */
  weights: z.optional(z.record(z.string(), wholeFrom(1))),
  requirements: z.optional(requirements),
  onDemandBase: z.optional(wholeFrom(0)),
  onDemandPercentage: z.optional(percent),
  onDemandStrategy: z.optional(z.enum(['prioritized', 'lowest-price'])),
  spotStrategy: z.optional(
    z.enum(['lowest-price', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized']),
  ),
  spotPools: z.optional(wholeFrom(1)),
  /** Dollars per hour. */
  spotMaxPrice: z.optional(z.number().check(z.minimum(0))),
  terminationPolicies: z.optional(
    z.array(
      z.enum([
        'Default',
        'OldestInstance',
        'NewestInstance',
        'OldestLaunchTemplate',
        'OldestLaunchConfiguration',
        'ClosestToNextInstanceHour',
        'AllocationStrategy',
      ]),
    ),
  ),
  protectNew: z.optional(z.boolean()),
  launchBatch: z.optional(z.strictObject({ most: wholeFrom(1), pause: z.optional(duration) })),
  health: z.optional(
    z.strictObject({
      failsAfter: z.optional(durationDistribution),
      detection: z.optional(duration),
      grace: z.optional(duration),
    }),
  ),
  hooks: z.optional(
    z.array(
      z.strictObject({
        on: z.enum(['launch', 'terminate']),
        timeout: z.optional(duration),
        defaultResult: z.optional(z.enum(['ABANDON', 'CONTINUE'])),
        completes: z.optional(durationDistribution),
        abandons: z.optional(share),
      }),
    ),
  ),
  capacityRebalance: z.optional(z.boolean()),
  warmPool: z.optional(
    z.strictObject({
      state: z.optional(z.enum(['stopped', 'running', 'hibernated'])),
      min: z.optional(wholeFrom(0)),
      maxPrepared: z.optional(wholeFrom(0)),
      reuse: z.optional(z.boolean()),
      start: z.optional(durationDistribution),
      register: z.optional(durationDistribution),
    }),
  ),
  maxLifetime: z.optional(duration),
  refreshes: z.optional(
    z.array(
      z.strictObject({
        at: duration,
        minHealthy: z.optional(percent),
        maxHealthy: z.optional(z.number().check(z.minimum(100), z.maximum(200))),
        warmup: z.optional(duration),
        checkpoints: z.optional(z.array(percent)),
        checkpointDelay: z.optional(duration),
        protectedMachines: z.optional(z.enum(['ignore', 'refresh'])),
      }),
    ),
  ),
});

/** What a scenario says of the cloud. */
export const cloud = z.strictObject({
  catalog: z._default(z.enum(['aws', 'google', 'azure', 'kwok']), 'aws'),
  region: z.optional(z.string()),
  zones: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** Only these types exist. */
  instanceTypes: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** What is sold, in place of the catalogue. */
  machines: z.optional(z.array(machine).check(z.minLength(1))),
  launch: z.optional(
    z.strictObject({
      preset: z.optional(z.enum(['default', 'untuned'])),
      orderToRunning: z.optional(durationDistribution),
      runningToRegistered: z.optional(durationDistribution),
      registeredToReady: z.optional(durationDistribution),
      groupReaction: z.optional(durationDistribution),
      /** From a fleet request to its answer. */
      fleetCall: z.optional(durationDistribution),
      /** Which of equally priced offerings a lowest-price fleet takes: the first of the price list, or one drawn by machine. */
      fleetTie: z.optional(z.enum(['first', 'drawn'])),
      termination: z.optional(durationDistribution),
    }),
  ),
  /** At most so many machines of matching pools at a time. */
  limits: z.optional(z.array(z.strictObject({ ...poolMatch, max: wholeFrom(0) }))),
  /** Matching pools run out of capacity now and then, each on its own; `reclaim` takes the spot machines that run, too. */
  shortages: z.optional(
    z.array(
      z.strictObject({
        ...poolMatch,
        every: duration,
        lasts: duration,
        reclaim: z.optional(z.strictObject({ ...warning, share: z.optional(share), within: z.optional(duration) })),
      }),
    ),
  ),
  /** How groups behave, by the names that autoscalers give them; `*` is every other one. */
  groups: z.optional(z.record(z.string(), group)),
  spot: z.optional(
    z.strictObject({
      /** From the notice until the machine is taken. */
      notice: z.optional(duration),
      /** How prices move: from each time on, a multiple of the list price. */
      prices: z.optional(
        z.array(
          z.strictObject({
            instanceType: poolMatch.instanceType,
            zone: poolMatch.zone,
            changes: z.array(z.strictObject({ at: duration, factor: z.number().check(z.positive()) })).check(z.minLength(1)),
          }),
        ),
      ),
      /** Machines are taken one by one: after `every` on average, or as often as the Spot Instance Advisor says of their type. */
      interruptions: z.optional(
        z.array(
          z
            .strictObject({
              instanceType: poolMatch.instanceType,
              zone: poolMatch.zone,
              ...warning,
              every: z.optional(duration),
              advisor: z.optional(z.literal(true)),
            })
            .check(
              z.refine(
                ({ every, advisor }) => (every === undefined) !== (advisor === undefined),
                'expected either every or advisor: true',
              ),
            ),
        ),
      ),
    }),
  ),
  /** Drains nodes that are taken; `{}` is aws-node-termination-handler with its defaults. */
  terminationHandler: z.optional(
    z.strictObject({
      interruptions: z.optional(z.boolean()),
      recommendations: z.optional(z.enum(['none', 'cordon', 'drain'])),
      hooks: z.optional(z.boolean()),
      reaction: z.optional(durationDistribution),
      grace: z.optional(duration),
    }),
  ),
  fleet: z.optional(
    z.strictObject({
      /** Most offerings that a request may name. */
      overrides: z.optional(wholeFrom(1)),
      /** Equal requests that come close together become one call; `{}` is Karpenter's window. */
      batch: z.optional(
        z.strictObject({
          idle: z._default(duration, 35),
          most: z._default(duration, 1_000),
          size: z._default(wholeFrom(1), 1_000),
        }),
      ),
    }),
  ),
  /** How the API holds back callers. */
  throttling: z.optional(
    z.strictObject({
      calls: z.optional(tokens),
      machines: z.optional(tokens),
      attempts: z.optional(wholeFrom(1)),
      pause: z.optional(duration),
    }),
  ),
  /** vCPUs of a group of families that may run at a time. */
  quotas: z.optional(
    z.array(z.strictObject({ family: z.string(), capacityType: z.enum(['on-demand', 'spot']), vcpus: wholeFrom(0) })),
  ),
  /** Addresses that the subnets of a zone have free. */
  subnets: z.optional(
    z.array(
      z.strictObject({
        zone: z.string(),
        addresses: wholeFrom(0),
        perMachine: z.optional(z.union([wholeFrom(1), z.literal('pods')], 'expected a whole number from 1, or pods')),
      }),
    ),
  ),
  /** Capacity that the account holds: offerings of their own. */
  reservations: z.optional(
    z.array(z.strictObject({ id: z.string(), instanceType: z.string(), zone: z.string(), count: wholeFrom(1) })),
  ),
});
