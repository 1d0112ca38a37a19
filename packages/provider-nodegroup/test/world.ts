import {
  AutoscalerHost,
  type Cloud,
  type Cluster,
  type Component,
  type GroupSpec,
  type InstanceType,
  type JsonValue,
  LABEL,
  type LoggedDecision,
  type NewPod,
  NODE,
  NONE,
  type OfferingsView,
  ORDER_ERROR,
  PHASE,
  POD,
  type PodSpec,
  type Provider,
  type ProviderRemark,
  RECORD,
  type Scheduler,
  SchedulerHost,
  Simulation,
  type SimulationSnapshot,
  type Timer,
  viewOf,
  type WorkloadView,
} from '@plimsoll/core';
import { ClusterAutoscaler, clusterAutoscaler } from '../src/index.ts';
import { SlowModel } from './slow-model.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** Pods that a test world creates. */
interface Arrival {
  readonly at: number;
  readonly count?: number;
  readonly cpu?: number;
  readonly memory?: number;
  /** Milliseconds that they run. Default: for ever. */
  readonly runs?: number;
  readonly spec?: Partial<PodSpec>;
}

/**
 * What a test world is made of. Types are called by their size: `4x16` has 4 cores and 16 GiB, of which 100m and 1 GiB are not for pods;
 * `4x16x2` has two GPUs as well.
 */
export interface WorldOptions {
  /** Options of the autoscaler, node groups included. */
  readonly config: { readonly nodeGroups: readonly Record<string, unknown>[]; readonly [flag: string]: unknown };
  readonly arrivals: readonly Arrival[];
  /** From a resize to ready nodes, milliseconds; default 60 s. Nodes register 10 s earlier. */
  readonly boot?: number;
  /** Groups whose launches fail between two times. */
  readonly shortages?: readonly { readonly group: string; readonly from: number; readonly to: number }[];
  readonly skipQuiet?: boolean;
  readonly explain?: 'off' | 'reasons' | 'full';
  /** Whether to listen to what it says beside its decisions: see {@link Run.remarks}. */
  readonly listens?: boolean;
  /** Whether the budget of a pod forbids its eviction at a time. */
  readonly blocked?: (pod: number, now: number) => boolean;
}

const EVENT = { arrive: 0, start: 1, finish: 2, stop: 3, running: 4, register: 5, ready: 6, gone: 7, launch: 8 } as const;

/** A catalogue of the types that the groups name. */
export function catalogueOf(names: readonly string[]): OfferingsView {
  const types = [...new Set(names)].map((name): InstanceType => {
    const [cores, gib, gpus = 0] = name.split('x').map(Number);
    const others = gpus > 0 ? { 'nvidia.com/gpu': gpus } : {};
    const nominal = { cpu: cores * 1000, memory: gib * GIB, ...others };
    const capacity = { ...nominal, pods: 50 };
    const allocatable = { cpu: cores * 1000 - 100, memory: (gib - 1) * GIB, pods: 50, ...others };
    const labels = { [LABEL.arch]: 'amd64', [LABEL.os]: 'linux', [LABEL.instanceType]: name };
    return { name, nominal, capacity, allocatable, predictedCapacity: capacity, predictedAllocatable: allocatable, labels };
  });
  const offerings = types.map((_, id) => ({ id, type: id, zone: 'z1', capacityType: 'on-demand' as const, price: 1 }));
  return { region: 'r1', zones: ['z1'], types, offerings };
}

/** The world around the autoscaler, without chance: groups that launch at once, kubelets, owners that replace what was evicted. */
class TestWorld implements Component, Cloud, WorkloadView {
  readonly id = 'world';
  readonly offerings: OfferingsView;
  readonly groups;
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #options: WorldOptions;
  readonly #specs: readonly GroupSpec[];
  #desired: number[];
  #failedAt: number[];
  #launched = 0;

  constructor(cluster: Cluster, timer: Timer, options: WorldOptions, offerings: OfferingsView, specs: readonly GroupSpec[]) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#options = options;
    this.offerings = offerings;
    this.#specs = specs;
    this.#desired = specs.map((spec) => spec.desired);
    this.#failedAt = specs.map(() => -Infinity);
    this.groups = {
      groups: specs,
      desired: (group: number) => this.#desired[group],
      instances: (group: number) => this.#instances(group),
      lastFailure: (group: number) => this.#failedAt[group],
    };
  }

  start(): void {
    this.#specs.forEach((spec, group) => {
      for (let i = 0; i < spec.desired; i++) this.#makeReady(this.#launch(group, -1));
    });
    this.#options.arrivals.forEach((arrival, index) => {
      this.#timer.at(arrival.at, PHASE.arrival, EVENT.arrive, index);
    });
  }

  observe(kind: number, a: number): void {
    const { pods } = this.#cluster;
    const { now } = this.#timer;
    if (kind === RECORD.podBound) this.#timer.at(now + SECOND, PHASE.world, EVENT.start, a);
    if (kind === RECORD.podEvicted) this.#timer.at(now + 2 * SECOND, PHASE.world, EVENT.stop, a);
    const lost = kind === RECORD.podEvicted || (kind === RECORD.podGone && Number.isNaN(pods.deletedAt[a]));
    if (lost && this.#cluster.classes.pods[pods.class[a]].spec.controller !== 'none') {
      const { class: podClass, owner, duration } = pods;
      this.#create({ podClass: podClass[a], owner: owner[a], ordinal: 0, duration: duration[a] });
    }
  }

  handle(code: number, a: number): void {
    const cluster = this.#cluster;
    const { now } = this.#timer;
    const boot = this.#options.boot ?? MINUTE;
    const state = cluster.pods.state[a];
    if (code === EVENT.arrive) this.#arrive(a);
    else if (code === EVENT.start && state === POD.bound) {
      cluster.start(a);
      if (cluster.pods.duration[a] !== Infinity) this.#timer.at(now + cluster.pods.duration[a], PHASE.world, EVENT.finish, a);
    } else if (code === EVENT.finish && state === POD.running) cluster.finish(a);
    else if (code === EVENT.stop && state === POD.terminating) cluster.remove(a);
    else if (code === EVENT.launch) this.#reconcile(a);
    else if (code === EVENT.gone) cluster.nodeGone(a);
    else if (cluster.nodes.terminating[a] === 1) return;
    else if (code === EVENT.register) {
      cluster.nodeRunning(a, cluster.nodes.offering[a]);
      cluster.registerNode(a, this.#nodeClass(a, true));
      this.#timer.at(now + Math.min(10 * SECOND, boot), PHASE.world, EVENT.ready, a);
    } else if (code === EVENT.ready) cluster.readyNode(a, { removeTaints: [{ key: 'node.kubernetes.io/not-ready' }] });
  }

  order(): number {
    throw new Error('a node group has no fleet');
  }

  setDesired(group: number, size: number, decision: number): void {
    this.#desired[group] = size;
    this.#cluster.record(RECORD.groupResized, group, size, decision);
    this.#timer.at(this.#timer.now + SECOND, PHASE.world, EVENT.launch, group);
  }

  terminate(node: number, decision: number, decrement: boolean): void {
    if (decrement) this.#desired[this.#cluster.nodes.group[node]]--;
    this.#cluster.terminateNode(node, decision);
    this.#timer.at(this.#timer.now + 30 * SECOND, PHASE.world, EVENT.gone, node);
  }

  podName(pod: number): string {
    return `pod-${pod}`;
  }

  ownerName(owner: number): string {
    return `owner-${owner}`;
  }

  evictionBlocked(pod: number): boolean {
    return this.#options.blocked?.(pod, this.#timer.now) ?? false;
  }

  snapshot(): JsonValue {
    return {
      desired: [...this.#desired],
      failedAt: this.#failedAt.map((at) => (Number.isFinite(at) ? at : null)),
      launched: this.#launched,
    };
  }

  restore(value: JsonValue): void {
    const saved = value as { desired: number[]; failedAt: (number | null)[]; launched: number };
    this.#desired = [...saved.desired];
    this.#failedAt = saved.failedAt.map((at) => at ?? -Infinity);
    this.#launched = saved.launched;
  }

  #instances(group: number): number[] {
    const { nodes, nodeCount } = this.#cluster;
    const out: number[] = [];
    for (let node = 0; node < nodeCount; node++) {
      if (nodes.group[node] === group && nodes.state[node] !== NODE.gone && nodes.terminating[node] === 0) out.push(node);
    }
    return out;
  }

  #reconcile(group: number): void {
    const { now } = this.#timer;
    const { name } = this.#specs[group];
    const short = this.#options.shortages?.some((s) => s.group === name && s.from <= now && now < s.to) === true;
    while (this.#instances(group).length < this.#desired[group]) {
      if (short) {
        this.#failedAt[group] = now;
        this.#cluster.record(RECORD.orderFailed, group, -1, ORDER_ERROR.insufficientCapacity);
        this.#timer.at(now + 30 * SECOND, PHASE.world, EVENT.launch, group);
        return;
      }
      const node = this.#launch(group, -1);
      const boot = this.#options.boot ?? MINUTE;
      this.#timer.at(now - SECOND + Math.max(SECOND, boot - 10 * SECOND), PHASE.world, EVENT.register, node);
    }
  }

  #launch(group: number, decision: number): number {
    const type = this.offerings.types.findIndex((t) => t.name === this.#specs[group].instanceTypes[0]);
    return this.#cluster.orderNode({ name: `${this.#specs[group].name}-${this.#launched++}`, offering: type, group, decision });
  }

  #makeReady(node: number): void {
    this.#cluster.nodeRunning(node, this.#cluster.nodes.offering[node]);
    this.#cluster.registerNode(node, this.#nodeClass(node, false));
    this.#cluster.readyNode(node, {});
  }

  #nodeClass(node: number, notReady: boolean): number {
    const type = this.offerings.types[this.#cluster.nodes.offering[node]];
    const spec = this.#specs[this.#cluster.nodes.group[node]];
    const taints = notReady ? [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' as const }] : [];
    const labels = { ...type.labels, [LABEL.zone]: 'z1', [LABEL.region]: 'r1', ...spec.labels };
    const { capacity, allocatable } = type;
    return this.#cluster.classes.node({
      labels,
      taints: [...spec.taints, ...taints],
      unschedulable: false,
      capacity,
      allocatable,
    }).id;
  }

  #arrive(index: number): void {
    const { count = 1, cpu = 0, memory = 0, runs = Infinity, spec } = this.#options.arrivals[index];
    const podClass = this.#cluster.classes.pod({ ...podSpec(cpu, memory), ...spec }).id;
    for (let i = 0; i < count; i++) this.#create({ podClass, owner: index, ordinal: i, duration: runs });
  }

  #create(pod: NewPod): void {
    this.#cluster.createPod(pod);
  }
}

/** A pod spec of one container. */
export function podSpec(cpu: number, memory: number, over: Partial<PodSpec> = {}): PodSpec {
  const requests = { ...(cpu > 0 && { cpu }), ...(memory > 0 && { memory }) };
  return { namespace: 'default', labels: {}, annotations: {}, controller: 'ReplicaSet', containers: [{ requests }], ...over };
}

/** Tries every pending pod once after each change that could help, first fit in order of registration. */
class FirstFit implements Scheduler {
  #dirty = true;
  #tried = 0;
  readonly #cluster: Cluster;
  readonly #model: SlowModel;

  constructor(cluster: Cluster, model: SlowModel) {
    this.#cluster = cluster;
    this.#model = model;
  }

  get readyAt(): number {
    return this.#dirty ? -Infinity : Infinity;
  }

  observe(kind: number): void {
    const helps: number[] = [RECORD.podCreated, RECORD.podFinished, RECORD.podGone, RECORD.nodeReady, RECORD.nodeChanged];
    if (helps.includes(kind)) this.#dirty = true;
  }

  next(): { pod: number; node: number } | undefined {
    if (!this.#dirty) return undefined;
    const { pods, nodes } = this.#cluster;
    let pod = this.#cluster.firstPending;
    for (let i = 0; i < this.#tried && pod !== NONE; i++) pod = pods.next[pod];
    if (pod === NONE) {
      this.#dirty = false;
      this.#tried = 0;
      return undefined;
    }
    for (let node = this.#cluster.firstNode; node !== NONE; node = nodes.next[node]) {
      if (this.#model.fits(pods.class[pod], node)) return { pod, node };
    }
    this.#tried++;
    return { pod, node: NONE };
  }

  explain(): string {
    return '';
  }

  snapshot(): JsonValue {
    return { dirty: this.#dirty, tried: this.#tried };
  }

  restore(value: JsonValue): void {
    const saved = value as { dirty: boolean; tried: number };
    this.#dirty = saved.dirty;
    this.#tried = saved.tried;
  }
}

/** A whole run around the autoscaler. */
export class Run {
  readonly simulation = new Simulation(1);
  readonly autoscaler: ClusterAutoscaler;
  readonly cloud: TestWorld;
  /** What the autoscaler said, and when. */
  readonly remarks: (ProviderRemark & { readonly at: number })[] = [];

  constructor(options: WorldOptions) {
    const { simulation } = this;
    const { cluster, log, streams } = simulation;
    const view = viewOf(cluster);
    const model = new SlowModel(view);
    const parsed = clusterAutoscaler.parseOptions(options.config);
    const offerings = catalogueOf(parsed.nodeGroups.flatMap((group) => group.instanceTypes));
    const specs = clusterAutoscaler.groups!(parsed, offerings);
    const cloud = simulation.add((timer) => new TestWorld(cluster, timer, options, offerings, specs));
    this.cloud = cloud;
    simulation.add((timer) => new SchedulerHost(cluster, timer, new FirstFit(cluster, model)));
    const explain = options.explain ?? 'reasons';
    this.autoscaler = new ClusterAutoscaler(parsed, {
      name: 'ca',
      view,
      random: streams,
      offerings,
      groups: cloud.groups,
      scheduling: model,
      workload: cloud,
      explain,
      ...(options.listens && { remark: (remark: ProviderRemark) => void this.remarks.push({ ...remark, at: simulation.now }) }),
    });
    const provider: Provider = this.autoscaler;
    const skipQuiet = options.skipQuiet ?? true;
    simulation.add(
      (timer) =>
        new AutoscalerHost({
          name: 'ca',
          cluster,
          log,
          timer,
          cloud,
          workload: cloud,
          provider,
          explain,
          skipQuiet,
          phase: () => simulation.phase,
        }),
    );
  }

  /** Continues a saved run. */
  static from(options: WorldOptions, saved: SimulationSnapshot): Run {
    const run = new Run(options);
    run.simulation.restore(saved);
    return run;
  }

  until(time: number): this {
    this.simulation.runUntil(time);
    return this;
  }

  get decisions(): readonly LoggedDecision[] {
    return this.simulation.log.decisions;
  }

  /** Decisions but for the soft taints that come and go. */
  get steps(): readonly LoggedDecision[] {
    return this.decisions.filter(({ because }) => !because.code.endsWith('DeletionCandidate'));
  }

  /** Decisions as lines: `11.0s scale small TriggeredScaleUp`. */
  get lines(): string[] {
    return this.decisions.map(({ at, kind, name, because }) => `${(at / 1000).toFixed(1)}s ${kind} ${name} ${because.code}`);
  }

  /** Nodes that have a Node object, by name. */
  get nodes(): string[] {
    const { cluster } = this.simulation;
    const out: string[] = [];
    for (let node = cluster.firstNode; node !== NONE; node = cluster.nodes.next[node]) out.push(cluster.nodeNames[node]);
    return out;
  }
}
