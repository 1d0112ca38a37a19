import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OptionsError, parseScenario, type Scenario, type SharedWorkload } from '@plimsoll/core';
import { type RecordedCluster, readApiCalls, readRecordedCluster } from '@plimsoll/inputs';
import type { Measures, NodeLife, Span } from './measures.ts';

/** One recorded run. */
export interface RealRun {
  readonly name: string;
  readonly measures: Measures;
  readonly nodes: readonly NodeLife[];
  readonly waiting: readonly Span[];
  /** What its autoscaler decided, in order. */
  readonly decisions: readonly { readonly at: number; readonly text: string }[];
}

/** Repeats of one setting, and the scenario that rebuilds it. */
export interface Setting {
  readonly name: string;
  readonly autoscaler: string;
  readonly durationMs: number;
  readonly scenario: Scenario;
  readonly workload: SharedWorkload;
  readonly runs: readonly RealRun[];
}

interface Summary {
  readonly wait: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly mean: number;
    readonly neverScheduled: number;
  };
  readonly podsWithoutDaemons: number;
  readonly nodesLaunched: number;
  readonly nodesTerminated: number;
  readonly peakNodes: number;
  readonly nodeSeconds: number;
  readonly costUsd: number;
  readonly pendingPodSeconds: number;
  readonly cpuSecondsRequested: number;
  readonly podDisruptions: Readonly<Record<string, number>>;
}

interface ObservedNode {
  readonly name: string;
  readonly instanceType: string;
  readonly price: number;
  readonly unlaunchedClaim?: unknown;
  readonly t: Readonly<Record<string, number>>;
}

interface ObservedPod {
  readonly owner?: { readonly kind: string } | null;
  readonly pinnedToNode?: string;
  readonly t: Readonly<Record<string, number>>;
}

interface ObservedEvent {
  readonly t: number;
  readonly src: string;
  readonly decision?: string;
  readonly plan?: readonly { readonly group: string; readonly from: number; readonly to: number }[];
  readonly planAt?: number;
  readonly removing?: readonly { readonly node: string; readonly kind: string; readonly t: number }[];
}

/**
 * Reads folders of recorded runs. Those whose names differ in a number at the end alone, and that recorded the same cluster and workload,
 * are repeats of one setting.
 *
 * @throws InputError with the place of what is wrong in the cluster or the workload.
 */
export async function readSettings(folders: readonly string[]): Promise<Setting[]> {
  const groups = new Map<string, { folders: string[]; cluster: RecordedCluster }>();
  for (const folder of folders) {
    const file = join(folder, 'cluster.json');
    const cluster = readRecordedCluster(readFileSync(file, 'utf8'), file);
    const { metadata: _, ...same } = cluster.scenario;
    const key = JSON.stringify([baseName(folder), same]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { folders: [folder], cluster });
    else group.folders.push(folder);
  }
  const settings: Setting[] = [];
  for (const { folders: repeats, cluster } of groups.values()) {
    const file = join(repeats[0], 'workload.jsonl.gz');
    const { workload } = await readApiCalls(readFileSync(file), file);
    const parsed = parseScenario(cluster.scenario);
    if (!parsed.ok) {
      const [{ path, message }] = parsed.issues;
      throw new OptionsError(path, `${repeats[0]}: ${message}`);
    }
    settings.push({
      name: baseName(repeats[0]),
      autoscaler: cluster.autoscaler,
      durationMs: cluster.durationMs,
      scenario: parsed.scenario,
      workload: workload.share(),
      runs: repeats.map(readRun),
    });
  }
  return settings;
}

function baseName(folder: string): string {
  return basename(folder).replace(/-\d+$/, '');
}

function readRun(folder: string): RealRun {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
  const pods = lines<ObservedPod>(join(folder, 'observed-pods.jsonl.gz'));
  const nodes = lines<ObservedNode>(join(folder, 'observed-nodes.jsonl.gz')).filter(
    ({ t }) => t?.launched !== undefined || t?.nodeCreated !== undefined,
  );
  const { wait, podDisruptions } = summary;
  return {
    name: basename(folder),
    measures: {
      cost: summary.costUsd,
      nodeSeconds: summary.nodeSeconds,
      waitMean: wait.mean,
      waitP50: wait.p50,
      waitP90: wait.p90,
      waitP99: wait.p99,
      launches: summary.nodesLaunched,
      terminations: summary.nodesTerminated,
      evictions: podDisruptions.EvictionByEvictionAPI ?? 0,
      peakNodes: summary.peakNodes,
      preemptions: podDisruptions.PreemptionByScheduler ?? 0,
      pods: summary.podsWithoutDaemons,
      neverScheduled: wait.neverScheduled,
      pendingPodSeconds: summary.pendingPodSeconds,
      cpuSecondsRequested: summary.cpuSecondsRequested,
    },
    nodes: nodes.map(({ name, instanceType, price, t }) => ({
      name,
      type: instanceType,
      launched: t.launched ?? t.nodeCreated,
      created: t.nodeCreated,
      gone: t.gone ?? t.claimGone,
      price,
    })),
    waiting: pods
      .filter((pod) => pod.pinnedToNode === undefined && pod.owner?.kind !== 'DaemonSet')
      .map(({ t }) => ({ from: t.created, to: t.scheduled ?? t.gone })),
    decisions: decisionsOf(lines<ObservedEvent>(join(folder, 'observed-events.jsonl.gz'))),
  };
}

/** Log lines of Karpenter, and plans and removals of Cluster Autoscaler's loops. */
function decisionsOf(events: readonly ObservedEvent[]): { at: number; text: string }[] {
  const out: { at: number; text: string }[] = [];
  for (const event of events) {
    if (event.src === 'log' && event.decision !== undefined) out.push({ at: event.t, text: event.decision });
    if (event.src !== 'loop') continue;
    for (const { group, from, to } of event.plan ?? []) {
      out.push({ at: event.planAt ?? event.t, text: `scale-up of ${group} from ${from} to ${to}` });
    }
    for (const { node, kind, t } of event.removing ?? []) out.push({ at: t ?? event.t, text: `removal of ${node} (${kind})` });
  }
  return out.sort((a, b) => a.at - b.at);
}

function lines<T>(file: string): T[] {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
