import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DaySize } from '../scheduler/day.ts';
import type { RunSuite, SuiteResult } from '../suite.ts';

/** The real kube-scheduler 1.36.2, CPU milliseconds of one cycle at 5,000 nodes, all of them scored, on two such cores. */
const REAL_CYCLE_MS = [13.9, 15.8] as const;

/** What one run printed. */
interface Run {
  readonly ms: number;
  readonly cpuMs: number;
  readonly microsPerPod: number;
  readonly cpuMicrosPerPod: number;
  readonly peakMiB: number;
  readonly unbound: number;
  readonly records: number;
  readonly digest: string;
}

interface Judged {
  readonly fastMicros: number;
  readonly scanMicros: number;
  readonly plainMicros: number;
  readonly scans: number;
  readonly plains: number;
  readonly wrong: readonly string[];
  readonly digest: string;
}

const MILLION: DaySize = { nodes: 5000, pods: 1_000_000 };

const DAYS: Readonly<Record<string, DaySize>> = {
  'a million pods, 5,000 nodes': MILLION,
  'a million pods, 500 nodes': { nodes: 500, pods: 1_000_000 },
  'default spread (ReplicaSets)': { nodes: 5000, pods: 200_000, flavour: 'replicas' },
  'hard zone spread on each pod': { nodes: 5000, pods: 200_000, flavour: 'zone-spread' },
  'host anti-affinity on each pod': { nodes: 5000, pods: 200_000, flavour: 'host-anti-affinity' },
};

/** Whole runs: arrivals, kubelet, event queue, scheduler and log, each in a process of its own. */
export const scheduler: RunSuite = {
  name: 'scheduler',
  question:
    'a day of a cluster, 50 pod shapes, every node scored for every pod, one thread, full log: microseconds of CPU a pod?',
  run(): SuiteResult {
    const tasks: Record<string, SuiteResult['tasks'][string]> = {};
    const facts: Record<string, unknown> = {};
    for (const [name, size] of Object.entries(DAYS)) {
      const runs = Array.from({ length: size === MILLION ? 3 : 1 }, () => play<Run>('one-run.ts', size));
      tasks[name] = spread(runs.map(({ cpuMicrosPerPod }) => cpuMicrosPerPod * 1000));
      const [{ digest, records, unbound }] = runs;
      if (runs.some((run) => run.digest !== digest)) throw new Error(`${name}: equal runs have different digests`);
      facts[name] = {
        ...size,
        records,
        unbound,
        digest,
        peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
        wallMicrosPerPod: runs.map(({ microsPerPod }) => Number(microsPerPod.toFixed(2))),
      };
    }
    const judged = play<Judged>('judged-run.ts', { ...MILLION, pods: 400_000 });
    if (judged.wrong.length > 0) throw new Error(`decisions differ: ${judged.wrong.slice(0, 5).join('; ')}`);
    const pod = tasks['a million pods, 5,000 nodes'].median;
    tasks['one decision'] = spread([judged.fastMicros * 1000]);
    tasks['one decision, exhaustive scan'] = spread([judged.scanMicros * 1000]);
    tasks['one decision, plain engine'] = spread([judged.plainMicros * 1000]);
    facts.judged = judged;
    return {
      name: scheduler.name,
      question: scheduler.question,
      facts,
      tasks,
      ratios: {
        'exhaustive scan / decision': judged.scanMicros / judged.fastMicros,
        'plain engine / decision': judged.plainMicros / judged.fastMicros,
        'exhaustive scan / whole run': (judged.scanMicros * 1000) / pod,
        '5,000 nodes / 500 nodes': pod / tasks['a million pods, 500 nodes'].median,
        'real cycle / whole run, from': (REAL_CYCLE_MS[0] * 1e6) / pod,
        'real cycle / whole run, to': (REAL_CYCLE_MS[1] * 1e6) / pod,
      },
    };
  },
};

/** Seconds that others published for a pass over pods and nodes like these. */
const PUBLISHED = { 'SimKube (a real control plane on KWOK, at least)': 473, 'pfnet simulator': 19 };

export const gpuPass: RunSuite = {
  name: 'gpu-pass',
  question:
    '7,064 GPU pods at once on 1,200 nodes, drawn after the facts of a published cluster: seconds for the whole pass, cold?',
  run(): SuiteResult {
    const runs = [1, 2, 3, 4, 5].map(() => play<Run>('one-run.ts', 'gpu-cluster'));
    const pass = spread(runs.map(({ cpuMs }) => cpuMs * 1e6));
    const [{ unbound, records, digest }] = runs;
    return {
      name: gpuPass.name,
      question: gpuPass.question,
      facts: {
        unbound,
        records,
        digest,
        wallMs: runs.map(({ ms }) => Math.round(ms)),
        peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
        published: PUBLISHED,
        scope:
          'The others do more: SimKube drives a real control plane on KWOK in real time, pfnet steps a clock over pods that use resources. Ours decides, binds, starts pods and logs, in a process that has just started. The ratio compares how long one waits, not programs.',
      },
      tasks: { 'whole pass': pass },
      ratios: Object.fromEntries(Object.entries(PUBLISHED).map(([name, seconds]) => [name, (seconds * 1e9) / pass.median])),
    };
  },
};

/** Runs a file of the folder `scheduler` in a process of its own and reads what it prints. */
function play<T>(file: string, size: DaySize | 'gpu-cluster'): T {
  const path = fileURLToPath(new URL(`../scheduler/${file}`, import.meta.url));
  const argument = typeof size === 'string' ? size : JSON.stringify(size);
  return JSON.parse(execFileSync(process.execPath, [...process.execArgv, path, argument], { encoding: 'utf8' })) as T;
}

/** Median and median deviation. */
function spread(values: readonly number[]): SuiteResult['tasks'][string] {
  const median = middle(values);
  return { median, mad: middle(values.map((value) => Math.abs(value - median))), samples: values.length };
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
