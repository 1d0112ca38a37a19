import * as z from 'zod/mini';
import { cloud } from './cloud-schema.ts';
import { duration, durationDistribution } from './duration-schema.ts';

/** How long a run goes on after its last pod made progress, where the scenario says nothing: 20 minutes. */
const SETTLE_MS = 20 * 60_000;

const wholeFrom = (min: number) => z.int().check(z.minimum(min));

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
  /** How much longer where it looks for pods to evict. */
  preemptionSearch: z.optional(durationDistribution),
  /** From a change to the first pod that an idle scheduler binds for it. */
  schedulerLatency: z.optional(durationDistribution),
  clients: z._default(
    z.strictObject({
      scheduler: z.optional(clientLimit),
      /** One bucket for each controller. */
      controllers: z.optional(clientLimit),
    }),
    {},
  ),
  /** Requests that are worked on at once. */
  seats: z.optional(wholeFrom(1)),
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
