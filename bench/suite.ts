import { Bench } from 'tinybench';

/** One question, answered by tasks that do the same work. */
export interface Suite {
  readonly name: string;
  readonly question: string;
  /** Checks that the tasks agree and returns them; times are per iteration of `operations` operations. */
  prepare(): {
    readonly tasks: Readonly<Record<string, () => void>>;
    readonly operations: number;
    readonly facts?: Record<string, unknown>;
  };
  /** Ratios to report: [label, slower task, faster task]. */
  readonly ratios: readonly (readonly [label: string, slower: string, faster: string])[];
  /** How long each task is run, milliseconds. */
  readonly time?: number;
}

/** A question that whole runs answer, each made once or a few times. */
export interface RunSuite {
  readonly name: string;
  readonly question: string;
  run(): SuiteResult;
}

/** A suite's result, as kept. */
export interface SuiteResult {
  readonly name: string;
  readonly question: string;
  readonly facts: Record<string, unknown>;
  /** Nanoseconds per operation: median and median absolute deviation. */
  readonly tasks: Readonly<Record<string, { readonly median: number; readonly mad: number; readonly samples: number }>>;
  readonly ratios: Readonly<Record<string, number>>;
}

export async function runSuite(suite: Suite | RunSuite): Promise<SuiteResult> {
  if ('run' in suite) return suite.run();
  const { tasks, operations, facts = {} } = suite.prepare();
  const bench = new Bench({ time: suite.time ?? 1000, warmupTime: 300, retainSamples: true });
  for (const [name, task] of Object.entries(tasks)) bench.add(name, task);
  await bench.run();
  const measured: Record<string, { median: number; mad: number; samples: number }> = {};
  for (const task of bench.tasks) {
    const result = task.result;
    if (result.state !== 'completed') throw new Error(`${suite.name}/${task.name} ended as ${result.state}`);
    const toNs = 1e6 / operations;
    measured[task.name] = {
      median: result.latency.p50 * toNs,
      mad: result.latency.mad * toNs,
      samples: result.latency.samplesCount,
    };
  }
  const ratios = Object.fromEntries(
    suite.ratios.map(([label, slow, fast]) => [label, measured[slow].median / measured[fast].median]),
  );
  return { name: suite.name, question: suite.question, facts, tasks: measured, ratios };
}
