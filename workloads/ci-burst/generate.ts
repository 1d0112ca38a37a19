import { Chance } from '../chance.ts';
import type { TraceRow } from '../trace-writer.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What jobs of a large open-source project's CI ask for: weight, millicores, MiB, median and 99th percentile of run time in seconds. */
const JOBS = [
  { weight: 30, name: 'verify', cpu: 2000, memory: 4096, median: 420, p99: 2400 },
  { weight: 24, name: 'unit', cpu: 4000, memory: 8192, median: 900, p99: 3600 },
  { weight: 16, name: 'integration', cpu: 6000, memory: 20_480, median: 2100, p99: 5400 },
  { weight: 20, name: 'e2e', cpu: 4000, memory: 6144, median: 3000, p99: 9000 },
  { weight: 7, name: 'build', cpu: 7000, memory: 14_336, median: 1200, p99: 3600 },
  { weight: 3, name: 'scale', cpu: 6000, memory: 16_384, median: 7200, p99: 14_400 },
] as const;

/**
 * One day of CI: periodic jobs that all start on the hour and the half hour, and presubmits that arrive in bursts, a whole set of jobs for
 * each push, most of them in the working hours of two continents.
 */
export function ciBurst(seed: number): TraceRow[] {
  return [...periodics(seed), ...presubmits(seed)];
}

function periodics(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'ci-burst/periodics');
  const rows: TraceRow[] = [];
  for (let at = 0, slot = 0; at < DAY; at += HOUR / 2, slot++) {
    const count = slot % 2 === 0 ? chance.whole(35, 50) : chance.whole(10, 18);
    for (let n = 0; n < count; n++) rows.push(job(chance, `periodic-${slot}-${n}`, 'periodic', at + chance.whole(0, 20)));
  }
  return rows;
}

function presubmits(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'ci-burst/presubmits');
  const rows: TraceRow[] = [];
  let push = 0;
  for (let hour = 0; hour < 24; hour++) {
    // Pushes per hour: Europe from 7, America until 23 UTC.
    const rate = hour < 7 ? 3 : hour < 14 ? 10 : hour < 20 ? 16 : 8;
    for (const at of chance.arrivals(hour * HOUR, (hour + 1) * HOUR, rate / HOUR)) {
      const jobs = chance.whole(8, 20);
      for (let n = 0; n < jobs; n++) rows.push(job(chance, `presubmit-${push}-${n}`, 'presubmit', at + chance.whole(0, 8)));
      push++;
    }
  }
  return rows;
}

function job(chance: Chance, id: string, group: string, arrive: number): TraceRow {
  const kind = chance.pick(JOBS.map((candidate) => [candidate.weight, candidate] as const));
  const duration = chance.draw({ kind: 'lognormal', median: kind.median, p99: kind.p99, max: 4 * HOUR }, 30);
  return { id: `${id}-${kind.name}`, group, arrive, duration, cpu: kind.cpu, memory: kind.memory };
}
