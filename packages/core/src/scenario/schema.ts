import * as z from 'zod/mini';
import type { Distribution } from '../random/distributions.ts';
import { DurationError, parseDuration } from '../time/duration.ts';

/** A duration text (`"10m"`) as whole milliseconds. */
export const duration = z.pipe(
  z.string(),
  z.transform((text: string, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: text });
      return z.NEVER;
    }
  }),
);

/** A distribution of durations, as scenario files write it: `{ constant: 5s }`, `{ uniform: [2s, 6s] }`, `{ lognormal: { p50: 5s, p99: 20s } }`. */
export const durationDistribution = z.union(
  [
    z.pipe(
      z.strictObject({ constant: duration }),
      z.transform(({ constant }): Distribution => ({ kind: 'constant', value: constant })),
    ),
    z.pipe(
      z.strictObject({ uniform: z.tuple([duration, duration]).check(z.refine(([min, max]) => min <= max)) }),
      z.transform(({ uniform: [min, max] }): Distribution => ({ kind: 'uniform', min, max })),
    ),
    z.pipe(
      z.strictObject({
        lognormal: z
          .strictObject({ p50: duration, p99: duration, max: z.optional(duration) })
          .check(z.refine(({ p50, p99 }) => p50 > 0 && p50 <= p99)),
      }),
      z.transform(
        ({ lognormal: { p50, p99, max } }): Distribution => ({
          kind: 'lognormal',
          median: p50,
          p99,
          ...(max !== undefined && { max }),
        }),
      ),
    ),
    z.pipe(
      z.strictObject({ exponential: z.strictObject({ mean: duration }) }),
      z.transform(({ exponential: { mean } }): Distribution => ({ kind: 'exponential', mean })),
    ),
  ],
  'expected a distribution: { constant: 5s }, { uniform: [2s, 6s] }, { lognormal: { p50: 5s, p99: 20s } } or { exponential: { mean: 5m } }, the smaller value first',
);

/** How long a run goes on after its last pod made progress, where the scenario says nothing: 20 minutes. */
const SETTLE_MS = 20 * 60_000;

const wholeFrom = (min: number) => z.int().check(z.minimum(min));

/** A Kubernetes quantity, as it is written. */
const quantity = z.union([z.string(), z.number()]);

const traceSource = z.strictObject({
  file: z.string(),
  /** Memory of a pod whose trace names none, MiB per whole CPU. */
  memoryPerCpuMiB: z.optional(wholeFrom(0)),
  /** CPU of a pod whose trace names none, millicores; with GPUs, per GPU. */
  defaultCpuMilli: z.optional(wholeFrom(0)),
  defaultMemoryMiB: z.optional(wholeFrom(0)),
  /** Groups whose rows are replicas of a service: a lost one is replaced for the rest of its time, not from the beginning. */
  services: z.optional(z.array(z.string())),
  /** Jobs that run longer than this carry the annotations that keep autoscalers from moving them. Default 15 minutes. */
  protectJobsLongerThan: z.optional(duration),
});

const poolMatch = {
  instanceType: z.optional(z.string()),
  zone: z.optional(z.string()),
  capacityType: z.optional(z.enum(['on-demand', 'spot'])),
};

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

const cloud = z.strictObject({
  catalog: z._default(z.enum(['aws', 'kwok']), 'aws'),
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
  /** Matching pools run out of capacity now and then, each on its own. */
  shortages: z.optional(z.array(z.strictObject({ ...poolMatch, every: duration, lasts: duration }))),
});

/** A client's token bucket: calls a second, and how many at once. */
const clientLimit = z.strictObject({ qps: z.number().check(z.positive()), burst: wholeFrom(1) });

const apiServer = z.strictObject({
  /** `kubernetes`: the programs' own limits and a small, idle control plane; others take its values where they say nothing. */
  preset: z._default(z.enum(['kubernetes', 'eks-standard', 'eks-xl', 'eks-2xl', 'eks-4xl', 'eks-8xl']), 'kubernetes'),
  /** From a write until those who watch have heard of it. */
  watchDelay: z.optional(durationDistribution),
  /** How long a write takes. */
  write: z.optional(durationDistribution),
  /** How long the scheduler takes for one pod, without its writes. */
  schedulingCycle: z.optional(durationDistribution),
  clients: z._default(
    z.strictObject({
      scheduler: z.optional(clientLimit),
      /** One bucket for each controller. */
      controllers: z.optional(clientLimit),
      clusterAutoscaler: z.optional(clientLimit),
      karpenter: z.optional(clientLimit),
    }),
    {},
  ),
  /** Requests that are worked on at once. */
  seats: z.optional(wholeFrom(1)),
  /** Bytes that the database holds at most. */
  databaseBytes: z.optional(wholeFrom(1)),
  /** Compression of long answers: the level of gzip, or none. */
  gzip: z.optional(z.union([z.literal(0), z.literal(1), z.literal(4)])),
  /** Bytes a second from the server to a client. */
  bandwidth: z.optional(z.number().check(z.positive())),
});

const autoscaler = z.strictObject({
  /** `cluster-autoscaler`, `karpenter`, or the id of a plug-in. */
  use: z.string(),
  version: z.optional(z.string()),
  /** The plug-in's own options; checked by it. */
  config: z.optional(z.unknown()),
});

const nameText = z
  .string()
  .check(z.regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected lower-case letters, digits, "-" and "."'));

/** The scenario file, version 1. Unknown keys are errors; keys that start with `x-` are removed before this schema is asked. */
export const scenarioSchema = z.strictObject({
  apiVersion: z.literal('plimsoll/v1'),
  kind: z.literal('Scenario'),
  metadata: z.strictObject({ name: nameText, description: z.optional(z.string()) }),
  seed: z._default(wholeFrom(0), 42),
  time: z._default(z.strictObject({ duration: z.optional(duration), settle: z._default(duration, SETTLE_MS) }), {
    settle: SETTLE_MS,
  }),
  workload: z.strictObject({
    trace: z.optional(z.union([z.string(), traceSource])),
    manifests: z.optional(z.array(z.string()).check(z.minLength(1))),
    /** A recording of calls to the API: a JSON object a line. */
    calls: z.optional(z.string()),
    /** A recorded watch of pods and nodes: the API's watch JSON, an event a line. */
    watch: z.optional(z.string()),
    /** What happens to a pod that fits no instance type of the catalogue: an error, or it stays and waits for ever. */
    oversized: z._default(z.enum(['error', 'keep']), 'error'),
  }),
  cloud: z._default(cloud, { catalog: 'aws' }),
  scheduler: z._default(
    z.strictObject({
      tie: z._default(z.enum(['first', 'preorder', 'random']), 'first'),
      /** After an event, who tries again: each waiting pod that it may help, or one of each kind until one fails. */
      retries: z._default(z.enum(['each', 'class']), 'each'),
      /** How many of the nodes are looked at before the best is taken: 100 all of them, 0 as many as the real default. */
      percentageOfNodesToScore: z._default(wholeFrom(0).check(z.maximum(100)), 100),
      /** A KubeSchedulerConfiguration: the name of its file, or the object itself. What it says of percentages comes first. */
      config: z.optional(
        z.union(
          [z.string().check(z.minLength(1)), z.record(z.string(), z.unknown())],
          'expected the name of a KubeSchedulerConfiguration file, or such an object itself',
        ),
      ),
    }),
    { tie: 'first', retries: 'each', percentageOfNodesToScore: 100 },
  ),
  kubelet: z._default(
    z.strictObject({ podStart: z.optional(durationDistribution), podStop: z.optional(durationDistribution) }),
    {},
  ),
  controllers: z._default(
    z.strictObject({
      replaceDelay: z.optional(duration),
      /** Whether nodes that are not ready get the NoExecute taint as well, and how often that is looked at. Absent: they do not. */
      nodeLifecycle: z.optional(z.strictObject({ monitorPeriod: z._default(duration, 5000) })),
    }),
    {},
  ),
  /** The API server and how long calls to it take. Absent: no time at all, and none is refused. */
  api: z.optional(apiServer),
  explain: z._default(z.enum(['off', 'reasons', 'full']), 'reasons'),
  autoscalers: z.record(nameText, autoscaler),
  /** Edits of one autoscaler each: dotted paths into its `config`, list indices as numbers. */
  variants: z._default(z.record(nameText, z.strictObject({ of: z.string(), set: z.record(z.string(), z.unknown()) })), {}),
});

/** A scenario as the schema gives it back: durations in milliseconds, defaults filled in. */
export type Scenario = z.output<typeof scenarioSchema>;

/** What a scenario file may hold. */
export type ScenarioDocument = z.input<typeof scenarioSchema>;
