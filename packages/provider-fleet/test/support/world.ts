import {
  AutoscalerHost,
  type Cloud,
  type Cluster,
  type Component,
  type ExplainLevel,
  firstUntolerated,
  type GroupsView,
  isHard,
  type JsonValue,
  LABEL,
  type LaunchRequest,
  NODE,
  NONE,
  type OfferingsView,
  ORDER_ERROR,
  PHASE,
  type PodSpec,
  type ProviderContext,
  RECORD,
  type SchedulingModel,
  SECOND,
  Simulation,
  TAINT,
  type Taint,
  type Timer,
  termHolds,
  viewOf,
  type WorkloadView,
} from '@plimsoll/core';
import { karpenter } from '../../src/karpenter.ts';
import { KarpenterProvider } from '../../src/provider.ts';
import { GIB } from './offerings.ts';

const NOT_READY: Taint = { key: TAINT.notReady, effect: 'NoSchedule' };

/** A pod spec that asks for some millicores and GiB. */
export function podSpec(cpu: number, gib: number, extra: Partial<PodSpec> = {}): PodSpec {
  return {
    namespace: 'default',
    labels: {},
    annotations: {},
    controller: 'ReplicaSet',
    containers: [{ requests: { cpu, memory: gib * GIB } }],
    ...extra,
  };
}

/** Pods that come at one time; each runs for `duration` and is replaced when it is evicted. */
export interface Arrival {
  readonly at: number;
  readonly spec: PodSpec;
  readonly count: number;
  readonly duration?: number;
}

export interface WorldSettings {
  readonly offerings: OfferingsView;
  readonly arrivals: readonly Arrival[];
  readonly options?: unknown;
  readonly explain?: ExplainLevel;
  readonly skipQuiet?: boolean;
  /** Whether Karpenter remembers answers. Default true. */
  readonly remember?: boolean;
  /** Offerings that cannot be had, by row. */
  readonly short?: readonly number[];
  readonly evictionBlocked?: (pod: number) => boolean;
  /** Told what Karpenter says of nodes. */
  readonly remark?: ProviderContext['remark'];
}

/** What fits on a node, by resources, taints and node selector: a scheduler's filters for tests. */
export function filters(cluster: Cluster): SchedulingModel {
  const fitsClass = (podClass: number, nodeClass: number, name: string): boolean => {
    const { spec } = cluster.classes.pods[podClass];
    const { shape } = cluster.classes.nodes[nodeClass];
    if (shape.unschedulable || firstUntolerated(shape.taints, spec.tolerations ?? [], isHard) !== undefined) return false;
    const selector = spec.nodeSelector ?? {};
    if (Object.keys(selector).some((key) => shape.labels[key] !== selector[key])) return false;
    const required = spec.nodeAffinity?.required;
    return required === undefined || required.some((term) => termHolds(term, shape.labels, name));
  };
  const fits = (podClass: number, node: number): boolean => {
    const { requests } = cluster.classes.pods[podClass];
    const { allocatable } = cluster.classes.nodes[cluster.nodes.class[node]];
    if (!fitsClass(podClass, cluster.nodes.class[node], cluster.nodeNames[node])) return false;
    return requests.every(
      (amount, r) => amount === 0 || cluster.used[node * cluster.stride + r] + amount <= (allocatable[r] ?? 0),
    );
  };
  return { fits, fitsClass, reject: () => undefined };
}

/** Machines that run 2 s after the order, register 20 s later and are ready 5 s after that; pods that start and stop within 1 s. */
class TestWorld implements Component, Cloud {
  readonly id = 'world';
  readonly offerings: OfferingsView;
  readonly groups: GroupsView = { groups: [], desired: () => 0, instances: () => [], lastFailure: () => -Infinity };
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #settings: WorldSettings;
  readonly #scheduling: SchedulingModel;
  readonly #requests = new Map<number, LaunchRequest>();
  #attempting = false;

  constructor(cluster: Cluster, timer: Timer, settings: WorldSettings) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#settings = settings;
    this.offerings = settings.offerings;
    this.#scheduling = filters(cluster);
  }

  start(): void {
    this.#settings.arrivals.forEach(({ at }, row) => {
      this.#timer.at(at, PHASE.arrival, 0, row);
    });
  }

  observe(kind: number, a: number): void {
    if (kind === RECORD.podBound) this.#timer.at(this.#timer.now + SECOND, PHASE.world, 1, a);
    if (kind === RECORD.podEvicted) {
      this.#timer.at(this.#timer.now + SECOND, PHASE.world, 3, a);
      this.#timer.at(this.#timer.now + 100, PHASE.controller, 4, a);
    }
    if (kind !== RECORD.podUnschedulable && kind !== RECORD.podNominated) this.#attempt();
  }

  handle(code: number, a: number): void {
    const cluster = this.#cluster;
    const { state } = cluster.pods;
    if (code === 0) {
      const { spec, count, duration = Infinity } = this.#settings.arrivals[a];
      for (let ordinal = 0; ordinal < count; ordinal++) {
        cluster.createPod({ podClass: cluster.classes.pod(spec).id, owner: a, ordinal, duration });
      }
    } else if (code === 1 && state[a] === 2) {
      cluster.start(a);
      if (cluster.pods.duration[a] !== Infinity) this.#timer.at(this.#timer.now + cluster.pods.duration[a], PHASE.world, 2, a);
    } else if (code === 2 && state[a] === 3) cluster.finish(a);
    else if (code === 3 && state[a] === 4) cluster.remove(a);
    else if (code === 4) {
      cluster.createPod({
        podClass: cluster.pods.class[a],
        owner: cluster.pods.owner[a],
        ordinal: 0,
        duration: cluster.pods.duration[a],
      });
    } else if (code === 5) this.#scheduleAll();
    else if (code >= 10) this.#machine(code, a);
  }

  order(request: LaunchRequest, decision: number): number {
    const node = this.#cluster.orderNode({ name: request.name, offering: request.offerings[0], group: request.group, decision });
    this.#requests.set(node, request);
    this.#timer.at(this.#timer.now + 2 * SECOND, PHASE.world, 10, node);
    return node;
  }

  setDesired(): void {
    throw new Error('there are no groups');
  }

  terminate(node: number, decision: number): void {
    this.#cluster.terminateNode(node, decision);
    this.#timer.at(this.#timer.now + 30 * SECOND, PHASE.world, 13, node);
  }

  snapshot(): JsonValue {
    return { requests: [...this.#requests] as unknown as JsonValue, attempting: this.#attempting };
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as { requests: [number, LaunchRequest][]; attempting: boolean };
    for (const [node, request] of saved.requests) this.#requests.set(node, request);
    this.#attempting = saved.attempting;
  }

  #machine(code: number, node: number): void {
    const cluster = this.#cluster;
    const ending = cluster.nodes.terminating[node] === 1;
    if (code === 13) cluster.nodeGone(node);
    else if (ending) return;
    else if (code === 10) {
      const request = this.#requests.get(node)!;
      for (const offering of request.offerings) {
        if (this.#settings.short?.includes(offering) !== true) {
          cluster.nodeRunning(node, offering);
          this.#timer.at(this.#timer.now + 20 * SECOND, PHASE.world, 11, node);
          return;
        }
        cluster.record(RECORD.orderFailed, request.group, offering, ORDER_ERROR.insufficientCapacity);
      }
      cluster.nodeGone(node);
    } else if (code === 11) {
      const { type, zone, capacityType } = this.offerings.offerings[cluster.nodes.offering[node]];
      const { labels, capacity, allocatable } = this.offerings.types[type];
      const request = this.#requests.get(node)!;
      const place = { [LABEL.region]: this.offerings.region, [LABEL.zone]: zone, [LABEL.capacityType]: capacityType };
      const shape = {
        labels: { ...labels, ...place, ...request.labels },
        taints: [...request.taints, NOT_READY],
        unschedulable: false,
        capacity,
        allocatable,
      };
      cluster.registerNode(node, cluster.classes.node(shape).id);
      this.#timer.at(this.#timer.now + 5 * SECOND, PHASE.world, 12, node);
    } else cluster.readyNode(node, { removeTaints: [NOT_READY] });
  }

  #attempt(): void {
    if (this.#attempting) return;
    this.#attempting = true;
    this.#timer.at(this.#timer.now, PHASE.scheduler, 5);
  }

  /** Every pending pod in turn, on the first node that takes it. */
  #scheduleAll(): void {
    const cluster = this.#cluster;
    for (let pod = cluster.firstPending; pod !== NONE; ) {
      const next = cluster.pods.next[pod];
      let node = cluster.firstNode;
      while (node !== NONE && !this.#scheduling.fits(cluster.pods.class[pod], node)) node = cluster.nodes.next[node];
      if (node !== NONE) cluster.bind(pod, node);
      else cluster.markUnschedulable(pod);
      pod = next;
    }
    this.#attempting = false;
  }
}

/** A whole run in miniature, with Karpenter in it. */
export function world(settings: WorldSettings) {
  const simulation = new Simulation(1);
  const { cluster, log } = simulation;
  const view = viewOf(cluster);
  const { explain = 'reasons', evictionBlocked = () => false } = settings;
  const workload: WorkloadView = {
    podName: (pod) => `pod-${pod}`,
    ownerName: (owner) => `owner-${owner}`,
    evictionBlocked,
  };
  const cloud = simulation.add((timer) => new TestWorld(cluster, timer, settings));
  let provider: KarpenterProvider | undefined;
  simulation.add((timer) => {
    const context: ProviderContext = {
      name: 'karpenter',
      view,
      random: simulation.streams,
      offerings: settings.offerings,
      groups: cloud.groups,
      scheduling: filters(cluster),
      workload,
      explain,
      ...(settings.remark && { remark: settings.remark }),
    };
    provider = new KarpenterProvider(karpenter.parseOptions(settings.options ?? {}), context, settings.remember);
    return new AutoscalerHost({
      name: 'karpenter',
      cluster,
      log,
      timer,
      cloud,
      workload,
      provider,
      explain,
      skipQuiet: settings.skipQuiet ?? true,
      phase: () => simulation.phase,
    });
  });
  return { simulation, cluster, log, view, provider: provider!, offerings: settings.offerings };
}

/** What was decided, one line each: seconds, kind, machine and code. */
export function decided({ log }: ReturnType<typeof world>): string[] {
  return log.decisions.map(({ at, kind, name, because }) => `${at / SECOND} ${kind} ${name} ${because.code}`);
}

/** Types of the nodes that exist, by name of the node. */
export function fleetOf({ cluster, offerings }: ReturnType<typeof world>): Record<string, string> {
  const out: Record<string, string> = {};
  for (let node = 0; node < cluster.nodeCount; node++) {
    const state = cluster.nodes.state[node];
    if (state === NODE.gone || cluster.nodes.terminating[node] === 1) continue;
    out[cluster.nodeNames[node]] = offerings.types[offerings.offerings[cluster.nodes.offering[node]].type].name;
  }
  return out;
}
