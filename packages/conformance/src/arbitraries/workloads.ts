import { HOUR, MINUTE, type PodSpec, SECOND, Workload, type WorkloadRow } from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';
import { type PodPart, podSpecs } from './pods.ts';

/** How large generated workloads are, and what their pods have. */
export interface WorkloadsSettings {
  /** At most so many rows. Default 12. */
  readonly maxRows?: number;
  /** At most so many pods in a row. Default 8. */
  readonly maxCount?: number;
  /** Default: all parts. */
  readonly parts?: readonly PodPart[];
}

/** What {@link Workload.of} is made of: prints well in a counterexample, where a workload's columns do not. */
export interface WorkloadParts {
  readonly templates: readonly PodSpec[];
  readonly rows: readonly WorkloadRow[];
}

/** Milliseconds at which rows arrive: few, so that many arrive together, and some on the ticks of a 10 s loop. */
const TIMES = [0, 0, 1, 10 * SECOND, 10 * SECOND + 1, MINUTE, 10 * MINUTE] as const;

/**
 * Small workloads of jobs, services and bare pods, in any order of time. A job's pods run for a few seconds to an hour, those of a
 * service until the end; a bare pod does either. Rows may create no pod.
 */
export function workloadParts({ maxRows = 12, maxCount = 8, parts }: WorkloadsSettings = {}): Arbitrary<WorkloadParts> {
  const templates = fc.array(podSpecs(parts === undefined ? {} : { parts }), { minLength: 1, maxLength: 4 });
  const row = fc.record(
    {
      pick: fc.nat(3),
      time: fc.constantFrom(...TIMES),
      finite: fc.constantFrom(0, 1, 30 * SECOND, 10 * MINUTE, HOUR),
      lasts: fc.boolean(),
      count: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: maxCount }) }, { weight: 1, arbitrary: fc.constant(0) }),
    },
    { noNullPrototype: true },
  );
  return fc.tuple(templates, fc.array(row, { maxLength: maxRows })).map(([specs, drawn]) => ({
    templates: specs,
    rows: drawn.map(({ pick, time, finite, lasts, count }, index) => {
      const template = pick % specs.length;
      const { controller } = specs[template];
      const forever = controller === 'ReplicaSet' || (controller === 'none' && lasts);
      return { name: `owner-${index}`, template, time, duration: forever ? Infinity : finite, count };
    }),
  }));
}

/** The workloads of {@link workloadParts}. */
export function workloads(settings: WorkloadsSettings = {}): Arbitrary<Workload> {
  return workloadParts(settings).map(({ templates, rows }) => Workload.of(templates, rows));
}
