import type { Cluster } from '../../src/cluster/cluster.ts';
import { NONE, POD } from '../../src/cluster/states.ts';
import type { ClusterView } from '../../src/cluster/view.ts';
import type { Cloud, GroupSpec } from '../../src/contracts/cloud.ts';
import type { Component, JsonValue, Timer } from '../../src/contracts/component.ts';
import type { LaunchRequest } from '../../src/contracts/decision.ts';
import type { WorkloadView } from '../../src/contracts/provider.ts';
import type { Placement, Scheduler } from '../../src/contracts/scheduler.ts';
import { RECORD } from '../../src/log/records.ts';
import { CPU, PODS } from '../../src/model/resources.ts';
import type { RandomStream, Streams } from '../../src/random/streams.ts';
import { PHASE } from '../../src/time/phase.ts';

/** Creates `count` pods of 100m to 400m at random times, lets each run for a random time once bound, and then finishes it. */
export class MadeUpPods implements Component {
  readonly id = 'pods';
  #left: number;
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #chance: RandomStream;

  constructor(cluster: Cluster, timer: Timer, streams: Streams, count: number) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#left = count;
    this.#chance = streams.stream('pods');
  }

  start(): void {
    this.#timer.at(0, PHASE.arrival, 0);
  }

  handle(code: number, pod: number): void {
    if (code === 1) {
      if (this.#cluster.pods.state[pod] !== POD.bound) return;
      this.#cluster.start(pod);
      this.#cluster.finish(pod);
      return;
    }
    const requests = { cpu: 100 * (1 + this.#chance.below(4)) };
    const spec = { namespace: 'default', labels: {}, annotations: {}, controller: 'Job', containers: [{ requests }] };
    const { id } = this.#cluster.classes.pod(spec);
    this.#left--;
    this.#cluster.createPod({ podClass: id, owner: 0, ordinal: this.#left, duration: 10 });
    if (this.#left > 0) this.#timer.at(this.#timer.now + this.#chance.below(3) * 3, PHASE.arrival, 0);
  }

  observe(kind: number, pod: number): void {
    if (kind === RECORD.podBound) this.#timer.at(this.#timer.now + 10 + this.#chance.below(30), PHASE.world, 1, pod);
  }

  snapshot(): JsonValue {
    return this.#left;
  }

  restore(value: JsonValue): void {
    this.#left = value as number;
  }
}

/** First fit in the order of creation; a pod that fits nowhere is tried again 20 ms later. */
export class FirstFit implements Scheduler {
  readonly #view: ClusterView;
  /** Pod and the time of its next attempt, in turn. */
  #queue: { pod: number; at: number }[] = [];

  constructor(view: ClusterView) {
    this.#view = view;
  }

  get readyAt(): number {
    return this.#queue.reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
  }

  observe(kind: number, a: number): void {
    if (kind === RECORD.podCreated) this.#queue.push({ pod: a, at: this.#view.now });
    else if (kind === RECORD.podGone) this.#queue = this.#queue.filter(({ pod }) => pod !== a);
  }

  next(now: number): Placement | undefined {
    const index = this.#queue.findIndex(({ at }) => at <= now);
    if (index < 0) return undefined;
    const [{ pod }] = this.#queue.splice(index, 1);
    const { nodes, used, stride, classes, pods } = this.#view;
    const { requests } = classes.pods[pods.class[pod]];
    for (let node = this.#view.firstNode; node !== NONE; node = nodes.next[node]) {
      const { allocatable } = classes.nodes[nodes.class[node]];
      if ([CPU, PODS].every((r) => used[node * stride + r] + requests[r] <= allocatable[r])) return { pod, node };
    }
    this.#queue.push({ pod, at: now + 20 });
    return { pod, node: -1 };
  }

  explain(): string {
    return '';
  }

  snapshot(): JsonValue {
    return this.#queue.map(({ pod, at }) => [pod, at]);
  }

  restore(value: JsonValue): void {
    this.#queue = (value as readonly (readonly [number, number])[]).map(([pod, at]) => ({ pod, at }));
  }
}

/** Machines that come after a random time, ready at once, and go 5 ms after they were told to. Group resizes are only noted. */
export class MadeUpCloud implements Component, Cloud {
  readonly id = 'cloud';
  readonly offerings = { region: 'r', zones: ['z'], types: [], offerings: [] };
  readonly groups: Cloud['groups'];
  /** What was asked of it, in words. */
  readonly asked: string[] = [];
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #chance: RandomStream;

  constructor(cluster: Cluster, timer: Timer, streams: Streams, groups: readonly GroupSpec[] = []) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#chance = streams.stream('machines');
    this.groups = { groups, desired: () => 0, instances: () => [], lastFailure: () => -Infinity };
  }

  order({ name, group, offerings }: LaunchRequest, decision: number): number {
    this.asked.push(`order ${name} for decision ${decision}`);
    const node = this.#cluster.orderNode({ name, group, offering: offerings[0], decision });
    this.#timer.at(this.#timer.now + this.#chance.below(4) * 5, PHASE.world, 0, node);
    return node;
  }

  setDesired(group: number, size: number, decision: number): void {
    this.asked.push(`group ${group} to ${size} for decision ${decision}`);
    this.#cluster.record(RECORD.groupResized, group, size, decision);
  }

  terminate(node: number, decision: number, decrement: boolean): void {
    this.asked.push(`terminate ${node} for decision ${decision}${decrement ? ' and decrement' : ''}`);
    this.#cluster.terminateNode(node, decision);
    this.#timer.at(this.#timer.now + 5, PHASE.world, 1, node);
  }

  handle(code: number, node: number): void {
    if (code === 1) {
      this.#cluster.nodeGone(node);
      return;
    }
    const allocatable = { cpu: 1000, pods: 4 };
    this.#cluster.nodeRunning(node, 0);
    this.#cluster.registerNode(
      node,
      this.#cluster.classes.node({ labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable }).id,
    );
    this.#cluster.readyNode(node, {});
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}
}

export const noWorkload: WorkloadView = {
  podName: (pod) => `pod-${pod}`,
  ownerName: (owner) => `owner-${owner}`,
  evictionBlocked: () => false,
};
