import { compareText, type Decision, type ProviderContext, Streams } from '@plimsoll/core';
import { ClusterAutoscaler, type LoopStatus, type NodeGroupOptions } from '@plimsoll/provider-nodegroup';
import type { GroupInput, LoopInput } from './input.ts';
import { qualified } from './objects.ts';
import { optionsFor } from './options.ts';
import { pricingFrom } from './prices.ts';
import { prioritiesFrom } from './priorities.ts';
import { type Act, GoldenWorld, type StepReport } from './world.ts';

type Counts = Record<string, number>;

/** One loop as the case records it; absent fields are empty. */
type LoopRecord = Record<string, unknown>;

/** Runs a case's loops against its world and tells what each came to. */
export function answerLoops(input: LoopInput): unknown {
  return { loops: new LoopRun(input).run() };
}

class LoopRun {
  readonly #input: LoopInput;
  readonly #world: GoldenWorld;
  readonly #autoscaler: ClusterAutoscaler;
  #targets: (number | undefined)[];
  #now = 0;

  constructor(input: LoopInput) {
    this.#input = input;
    const world = new GoldenWorld(input);
    this.#world = world;
    const pricing = pricingFrom(input.world);
    const context: ProviderContext = {
      name: 'cluster-autoscaler',
      view: world.view,
      // Of options that tie, the recorder took the first.
      random: { stream: () => new First(), keyed: () => new Streams(1).keyed('unused') } as unknown as ProviderContext['random'],
      offerings: { region: '', zones: [], types: [], offerings: [] },
      groups: { ...world.groups, ...(pricing && { pricing }) },
      scheduling: world.filters,
      workload: world.workload,
      facts: world.facts,
      explain: 'full',
    };
    const { options, intervalMs, priorityConfig } = input;
    const parsed = optionsFor(options, intervalMs);
    const priorities = prioritiesFrom(priorityConfig);
    this.#autoscaler = new ClusterAutoscaler(
      { ...parsed, nodeGroups: world.groupInputs.map(groupOptions), ...(priorities && { priorities }) },
      context,
    );
    world.cluster.observe((kind, a, b) => this.#autoscaler.observe(kind, a, b));
    this.#targets = world.groupInputs.map(() => undefined);
    world.begin();
  }

  run(): LoopRecord[] {
    const { loops, intervalMs } = this.#input;
    const out: LoopRecord[] = [];
    for (let i = 0; i < loops; i++) {
      const t = i * intervalMs;
      this.#passTo(t);
      this.#endActs(out);
      const step = this.#world.step(t);
      if (i === 0) this.#carryOut(this.#autoscaler.begin(t));
      this.#carryOut(this.#autoscaler.runLoop(t));
      const { status } = this.#autoscaler;
      const record = this.#record(t, step, status);
      this.#actuate();
      out.push({ ...record, ...this.#after() });
    }
    this.#passTo(loops * intervalMs);
    this.#endActs(out);
    return out;
  }

  /** Everything that happens up to an instant, that instant included. */
  #passTo(t: number): void {
    for (;;) {
      const next = Math.min(this.#autoscaler.actuationDue, this.#world.nextVanishing);
      if (!(next <= t)) break;
      this.#now = Math.max(this.#now, next);
      this.#world.passTo(this.#now);
      this.#actuate();
    }
    this.#now = t;
    this.#world.passTo(t);
  }

  /** Steps of removals at this instant, until nothing more is due. */
  #actuate(): void {
    while (this.#autoscaler.actuationDue <= this.#now) this.#carryOut(this.#autoscaler.actuate(this.#now));
  }

  #carryOut(decisions: readonly Decision[]): void {
    this.#world.carryOut(decisions, this.#now);
  }

  /** What was called since the last loop belongs to it. */
  #endActs(out: LoopRecord[]): void {
    const { acts } = this.#world;
    if (acts.length === 0 || out.length === 0) return;
    const key = ({ op, node = '', pod = '', group = '' }: Act): string[] => [op, node, pod, group];
    const sorted = [...acts].sort((a, b) => {
      if (a.t !== b.t) return a.t - b.t;
      const [x, y] = [key(a), key(b)];
      for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return compareText(x[i], y[i]);
      return 0;
    });
    acts.length = 0;
    out[out.length - 1].acts = sorted;
  }

  #record(t: number, step: StepReport, status: LoopStatus): LoopRecord {
    const world = this.#world;
    const groupId = (g: number): string => world.groupInputs[g].id;
    const record: LoopRecord = { t };
    const put = (key: string, value: unknown): void => {
      if (value !== undefined && value !== '' && value !== false && !isEmpty(value)) record[key] = value;
    };
    put('joined', step.joined);
    put('gone', step.gone);
    put('bound', Object.fromEntries([...step.bound].map(([node, bases]) => [node, Object.fromEntries(bases)])));
    put('err', status.error);
    put('scaleUp', status.scaleUp);
    put('delta', Object.fromEntries([...status.increases].map(([g, n]) => [groupId(g), n])));
    put('tie', status.tie);
    put('triggered', this.#bases(status.scaleUp === 'NoOptionsAvailable' ? [] : status.triggeredPods));
    put('await', this.#bases(status.awaitingPods));
    put('remain', this.#remain(status));
    put('failedGroups', status.failedGroups.map(groupId).sort(compareText));
    put('upcoming', Object.fromEntries(status.upcoming.flatMap((n, g) => (n > 0 ? [[groupId(g), n] as const] : []))));
    put('unhealthy', !status.healthy);
    put('scaleDown', status.scaleDown);
    const unremovable: Record<string, string[]> = {};
    const blocked: Record<string, unknown> = {};
    for (const [node, { reason, blocking }] of status.unremovable) {
      // What is left of an earlier look is told only of nodes that are still there.
      if (world.isGone(node)) continue;
      (unremovable[reason] ??= []).push(world.nodeName(node));
      if (blocking !== undefined) {
        const { namespace, name } = world.pods[blocking.pod];
        blocked[world.nodeName(node)] = { reason: blocking.reason, pod: qualified(namespace, name) };
      }
    }
    for (const nodes of Object.values(unremovable)) nodes.sort(compareText);
    put('unneeded', Object.fromEntries([...this.#autoscaler.unneededSince].map(([n, since]) => [world.nodeName(n), since])));
    put('unremovable', unremovable);
    put('blocked', blocked);
    put('deletedEmpty', status.deletedEmpty.map((n) => world.nodeName(n)).sort(compareText));
    put(
      'deletedDrain',
      Object.fromEntries(
        [...status.toEvict].map(([n, pods]) => [
          world.nodeName(n),
          pods.map((pod) => qualified(world.pods[pod].namespace, world.pods[pod].name)).sort(compareText),
        ]),
      ),
    );
    put('results', Object.fromEntries([...status.results].map(([n, result]) => [world.nodeName(n), result])));
    if (this.#input.recordUtil)
      put('util', Object.fromEntries([...status.utilization].map(([n, util]) => [world.nodeName(n), util])));
    return record;
  }

  /** What is read after the loop and what it called at once. */
  #after(): LoopRecord {
    const world = this.#world;
    const record: LoopRecord = {};
    const pending = Object.fromEntries(world.pending());
    if (!isEmpty(pending)) record.pending = pending;
    const targets: Counts = {};
    const backedOff: string[] = [];
    const unhealthy: string[] = [];
    world.groupInputs.forEach(({ id }, g) => {
      if (this.#targets[g] !== world.target(g)) targets[id] = world.target(g);
      this.#targets[g] = world.target(g);
      const state = this.#autoscaler.groupState(g, this.#now);
      if (state.backedOff) backedOff.push(id);
      if (!state.healthy) unhealthy.push(id);
    });
    if (!isEmpty(targets)) record.targets = targets;
    if (backedOff.length > 0) record.backedOff = backedOff;
    if (unhealthy.length > 0) record.unhealthyGroups = unhealthy;
    return record;
  }

  #bases(pods: readonly number[]): Counts {
    const out: Counts = {};
    for (const pod of pods) {
      const { namespace, base } = this.#world.pods[pod];
      const key = qualified(namespace, base);
      out[key] = (out[key] ?? 0) + 1;
    }
    return out;
  }

  #remain(status: LoopStatus): unknown[] {
    const found = new Map<string, { pods: Counts; rejected: unknown; skipped: unknown }>();
    for (const { pods, rejected, skipped } of status.remaining) {
      const sorted = (record: object): [string, unknown][] => Object.entries(record).sort(([a], [b]) => compareText(a, b));
      const why = {
        rejected: Object.fromEntries(sorted(rejected)),
        skipped: Object.fromEntries(sorted(skipped).map(([g, s]) => [g, [s]])),
      };
      const key = JSON.stringify(why);
      const group = found.get(key) ?? { pods: {}, ...why };
      found.set(key, group);
      for (const [base, count] of Object.entries(this.#bases(pods))) group.pods[base] = (group.pods[base] ?? 0) + count;
    }
    return [...found.values()].map(({ pods, rejected, skipped }) => ({
      pods,
      ...(!isEmpty(rejected) && { rejected }),
      ...(!isEmpty(skipped) && { skipped }),
    }));
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A group's own settings as the autoscaler takes them. */
function groupOptions({ id, min, max, options = {} }: GroupInput): NodeGroupOptions {
  const own = {
    'scale-down-utilization-threshold': options.scaleDownUtilizationThreshold,
    'scale-down-gpu-utilization-threshold': options.scaleDownGpuUtilizationThreshold,
    'scale-down-unneeded-time': options.scaleDownUnneededMs,
    'scale-down-unready-time': options.scaleDownUnreadyMs,
    'max-node-provision-time': options.maxNodeProvisionMs,
    'max-node-startup-time': options.maxNodeStartupMs,
    'ignore-daemonsets-utilization': options.ignoreDaemonSetsUtilization,
  };
  return {
    name: id,
    min,
    max,
    desired: min,
    instanceTypes: [],
    zones: [],
    capacityType: 'on-demand',
    labels: {},
    taints: [],
    taggedResources: {},
    overrides: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    zeroOrMaxNodeScaling: options.zeroOrMaxNodeScaling === true,
    allowNonAtomicScaleUpToMax: options.allowNonAtomicScaleUpToMax === true,
  };
}

/** In place of a stream of chance: always the first. */
class First {
  below(): number {
    return 0;
  }
}
