import { EVICTION, RECORD } from '@plimsoll/core';
import { percentile, type RunResult } from '@plimsoll/lab';

/** What a run is judged by, real or simulated. Times in milliseconds, cost in dollars. */
export interface Measures {
  readonly cost: number;
  readonly nodeSeconds: number;
  readonly waitMean: number;
  readonly waitP50: number;
  readonly waitP90: number;
  readonly waitP99: number;
  readonly launches: number;
  readonly terminations: number;
  readonly evictions: number;
  readonly peakNodes: number;
  /** Told beside the others and not judged. */
  readonly preemptions: number;
  readonly pods: number;
  readonly neverScheduled: number;
  readonly pendingPodSeconds: number;
  readonly cpuSecondsRequested: number;
}

/** How far each measure may lie from the mean of the real runs; a measure without a tolerance is told and not judged. */
export const TOLERANCES: Readonly<Partial<Record<keyof Measures, number>>> = {
  cost: 0.02,
  nodeSeconds: 0.02,
  waitMean: 0.1,
  waitP50: 0.1,
  waitP90: 0.1,
  waitP99: 0.15,
  launches: 0.15,
  terminations: 0.15,
  evictions: 0.15,
  peakNodes: 0.15,
};

/** Numbers of nodes and of pending pods at equal steps. */
export interface Curves {
  /** Milliseconds between two samples. */
  readonly step: number;
  readonly nodes: readonly number[];
  readonly pending: readonly number[];
}

/** A span of time, with no end where it lasted to the end of the run. */
export interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

/** Samples how many spans are open at each step from 0 to the end. */
export function sample(spans: readonly Span[], step: number, end: number): number[] {
  const out: number[] = [];
  for (let time = 0; time <= end; time += step) {
    let open = 0;
    for (const { from, to } of spans) if (from <= time && (to === undefined || to > time)) open++;
    out.push(open);
  }
  return out;
}

/** Most spans that are open at once. */
export function peakOf(spans: readonly Span[]): number {
  const changes = spans.flatMap(({ from, to }) => [[from, 1] as const, ...(to === undefined ? [] : [[to, -1] as const])]);
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let [open, peak] = [0, 0];
  for (const [, by] of changes) peak = Math.max(peak, (open += by));
  return peak;
}

/** One node of a run. */
export interface NodeLife {
  readonly name: string;
  readonly type: string;
  readonly launched: number;
  /** When its Node object appeared. */
  readonly created: number | undefined;
  readonly gone: number | undefined;
  /** Dollars an hour. */
  readonly price: number;
}

/** What a simulated run left behind, in the terms of the recordings. */
export interface SimulatedRun {
  readonly measures: Measures;
  readonly nodes: readonly NodeLife[];
  readonly waiting: readonly Span[];
  readonly result: RunResult;
}

const HOUR = 3_600_000;

/** Measures a simulated run. Pods of DaemonSets wait for their own node and are left out of the waits, as in the recordings. */
export function measuresOf(result: RunResult, isDaemon: (podClass: number) => boolean): SimulatedRun {
  const { log, tables, span } = result;
  const nodes = new Map<number, { -readonly [K in keyof NodeLife]: NodeLife[K] }>();
  const created = new Map<number, { at: number; podClass: number }>();
  const waiting: Span[] = [];
  const waits: number[] = [];
  const placed = new Map<number, { at: number; cpu: number }>();
  let [evictions, preemptions, pods, cpu, neverScheduled] = [0, 0, 0, 0, 0];
  for (let row = 0; row < log.length; row++) {
    const [at, a, b] = [log.time[row], log.a[row], log.b[row]];
    switch (log.kind[row]) {
      case RECORD.podCreated:
        created.set(a, { at, podClass: b });
        if (!isDaemon(b)) pods++;
        break;
      case RECORD.podBound: {
        const { at: since, podClass } = created.get(a) as { at: number; podClass: number };
        placed.set(a, { at, cpu: tables.podClasses[podClass].cpu });
        if (isDaemon(podClass)) break;
        waits.push(at - since);
        waiting.push({ from: since, to: at });
        break;
      }
      case RECORD.podEvicted:
        if (log.c[row] === EVICTION.drain) evictions++;
        else if (log.c[row] === EVICTION.preempted) preemptions++;
        break;
      case RECORD.podFinished:
      case RECORD.podGone: {
        const held = placed.get(a);
        const { at: since, podClass } = created.get(a) as { at: number; podClass: number };
        if (held !== undefined) cpu += (at - held.at) * held.cpu;
        else if (!isDaemon(podClass)) {
          waiting.push({ from: since, to: at });
          neverScheduled++;
        }
        placed.delete(a);
        created.delete(a);
        break;
      }
      case RECORD.nodeRunning: {
        const { type, price } = tables.offerings[b];
        const name = tables.nodeNames[a];
        nodes.set(a, { name, type, launched: at, created: undefined, gone: undefined, price: price / 1e9 });
        break;
      }
      case RECORD.nodeRegistered: {
        const node = nodes.get(a);
        if (node !== undefined) node.created = at;
        break;
      }
      case RECORD.nodeGone: {
        const node = nodes.get(a);
        if (node !== undefined) node.gone = at;
      }
    }
  }
  for (const [pod, { at, podClass }] of created) {
    const held = placed.get(pod);
    if (held !== undefined) cpu += (span - held.at) * held.cpu;
    else if (!isDaemon(podClass)) {
      waiting.push({ from: at, to: undefined });
      neverScheduled++;
    }
  }
  const all = [...nodes.values()];
  const sorted = waits.sort((x, y) => x - y);
  const measures: Measures = {
    ...nodeMeasures(all, span),
    waitMean: sorted.reduce((sum, wait) => sum + wait, 0) / sorted.length,
    waitP50: percentile(sorted, 50),
    waitP90: percentile(sorted, 90),
    waitP99: percentile(sorted, 99),
    evictions,
    preemptions,
    pods,
    neverScheduled,
    pendingPodSeconds: waiting.reduce((sum, { from, to = span }) => sum + to - from, 0) / 1000,
    cpuSecondsRequested: cpu / 1e6,
  };
  return { measures, nodes: all, waiting, result };
}

/** The measures that follow from the nodes alone. */
export function nodeMeasures(
  nodes: readonly NodeLife[],
  end: number,
): Pick<Measures, 'cost' | 'nodeSeconds' | 'launches' | 'terminations' | 'peakNodes'> {
  let [cost, nodeSeconds, terminations] = [0, 0, 0];
  for (const { launched, gone, price } of nodes) {
    const lived = (gone ?? end) - launched;
    cost += (lived / HOUR) * price;
    nodeSeconds += lived / 1000;
    if (gone !== undefined) terminations++;
  }
  const objects = nodes.flatMap(({ created, gone }) => (created === undefined ? [] : [{ from: created, to: gone }]));
  return { cost, nodeSeconds, launches: nodes.length, terminations, peakNodes: peakOf(objects) };
}

/** Curves of a run: machines that run, and pods that wait. */
export function curvesOf(
  run: { readonly nodes: readonly NodeLife[]; readonly waiting: readonly Span[] },
  step: number,
  end: number,
): Curves {
  return {
    step,
    nodes: sample(
      run.nodes.map(({ launched, gone }) => ({ from: launched, to: gone })),
      step,
      end,
    ),
    pending: sample(run.waiting, step, end),
  };
}
