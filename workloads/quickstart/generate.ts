import { Chance } from '../chance.ts';
import type { TraceRow } from '../trace-writer.ts';

const HOUR = 3600;
/** A day in six hours. */
const DAY = 6 * HOUR;

/** Replicas of the web service over the day, in eighteen steps of twenty minutes: night, morning rise, noon, evening peak, night. */
const WEB = [8, 8, 10, 16, 26, 36, 42, 44, 40, 38, 42, 52, 60, 58, 44, 28, 16, 10];

/** A compressed day: a web service that follows the clock, its API, hourly batches, and a few pods that are hard to place. */
export function quickstart(seed: number): TraceRow[] {
  return [
    ...service('web', WEB, 500, 1024, 1),
    ...service('api', WEB.map(half), 1000, 1536, 2),
    ...batches(seed),
    ...adHoc(seed),
    ...awkward(),
  ];
}

const half = (replicas: number): number => Math.ceil(replicas / 2);

/** One row per replica and stretch of time in which it is up; the last to come is the first to go. */
function service(name: string, steps: readonly number[], cpu: number, memory: number, lag: number): TraceRow[] {
  const step = DAY / steps.length;
  const rows: TraceRow[] = [];
  const up: number[] = [];
  let made = 0;
  const close = (from: number, to: number): void => {
    rows.push({ id: `${name}-${made++}`, group: name, arrive: from, duration: to - from, cpu, memory });
  };
  steps.forEach((replicas, index) => {
    // Replicas of one step do not come in one second: a horizontal autoscaler adds a few at a time.
    const at = index * step;
    while (up.length < replicas) up.push(at === 0 ? 0 : at + 15 * lag * (Math.floor((up.length % 12) / 4) + 1));
    while (up.length > replicas) close(up.pop() as number, at + 60 * lag);
  });
  while (up.length > 0) close(up.pop() as number, DAY);
  return rows;
}

/** Every hour a report with many equal tasks, shortly after the hour; the fourth is three times as large. */
function batches(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'quickstart/batches');
  return Array.from({ length: 6 }, (_, hour) => {
    const arrive = hour * HOUR + 120 + chance.whole(0, 60);
    const size = (hour === 3 ? 3 : 1) * chance.whole(40, 60);
    return [
      { id: `report-${hour}-map`, group: 'report', arrive, duration: 240, count: size, cpu: 1000, memory: 2048 },
      {
        id: `report-${hour}-reduce`,
        group: 'report',
        arrive: arrive + 300,
        duration: 180,
        count: Math.ceil(size / 8),
        cpu: 2000,
        memory: 12_288,
      },
    ];
  }).flat();
}

/** People's own jobs, all day. */
function adHoc(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'quickstart/ad-hoc');
  return chance.arrivals(0, DAY, 0.04).map((arrive, index) => {
    const [cpu, memory] = chance.pick<[number, number]>([
      [5, [500, 512]],
      [4, [1000, 4096]],
      [2, [4000, 8192]],
      [1, [8000, 16_384]],
    ]);
    return {
      id: `adhoc-${index}`,
      group: 'adhoc',
      arrive,
      duration: chance.draw({ kind: 'lognormal', median: 180, p99: 3000 }),
      cpu,
      memory,
    };
  });
}

/** Pods that make packing hard: nearly a whole machine, all memory and no CPU, all CPU and no memory. */
function awkward(): TraceRow[] {
  return [
    { id: 'awkward-whale', group: 'awkward', arrive: 2 * HOUR, duration: HOUR, cpu: 30_000, memory: 65_536 },
    { id: 'awkward-cache', group: 'awkward', arrive: 600, duration: 5 * HOUR, count: 2, cpu: 200, memory: 28_672 },
    { id: 'awkward-miner', group: 'awkward', arrive: 4 * HOUR, duration: 1200, count: 3, cpu: 15_000, memory: 1024 },
  ];
}
