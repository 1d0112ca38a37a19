import {
  Classes,
  Cluster,
  EventQueue,
  type GroupSpec,
  Log,
  type OfferingsView,
  RECORD,
  Streams,
  type Timer,
} from '@plimsoll/core';
import { type CloudSettings, catalogue, SimulatedCloud } from '../src/index.ts';

/** What a test world is made of; everything has a default. */
export interface WorldOptions {
  readonly offerings?: OfferingsView;
  readonly groups?: readonly Partial<GroupSpec>[];
  readonly settings?: Partial<CloudSettings>;
  readonly seed?: number;
}

/** Latencies without chance: 2 s to the answer, running at 5 s, registered at 20 s, ready at 24 s; groups react after 10 s; ends take 60 s. */
const steady = {
  launch: {
    orderToRunning: { kind: 'constant', value: 5_000 },
    runningToRegistered: { kind: 'constant', value: 15_000 },
    registeredToReady: { kind: 'constant', value: 4_000 },
  },
  fleetCall: { kind: 'constant', value: 2_000 },
  groupReaction: { kind: 'constant', value: 10_000 },
  termination: { kind: 'constant', value: 60_000 },
} as const satisfies Partial<CloudSettings>;

/** A group of m5.large in three zones, as far as a test does not say otherwise. */
function group(spec: Partial<GroupSpec>): GroupSpec {
  return {
    name: 'workers',
    min: 0,
    max: 100,
    desired: 0,
    instanceTypes: ['m5.large'],
    zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    capacityType: 'on-demand',
    labels: {},
    taints: [],
    taggedResources: {},
    ...spec,
  };
}

/** A cloud over a cluster, and the smallest loop that drives them. */
export class World {
  readonly log = new Log();
  readonly cluster = new Cluster(new Classes(), this.log);
  readonly queue = new EventQueue();
  readonly cloud: SimulatedCloud;
  readonly #streams: Streams;

  constructor({
    offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] }),
    groups = [],
    settings = {},
    seed = 1,
  }: WorldOptions = {}) {
    this.#streams = new Streams(seed);
    const { cluster, queue } = this;
    const timer: Timer = {
      get now() {
        return cluster.now;
      },
      at: (time, phase, code, a = 0, b = 0) => queue.push(time, phase, code, a, b),
      cancel: (handle) => queue.cancel(handle),
      onRestored: () => {},
    };
    this.cloud = new SimulatedCloud({
      cluster,
      timer,
      streams: this.#streams,
      offerings,
      groups: groups.map(group),
      settings: { ...steady, ...settings },
    });
  }

  start(): this {
    this.cloud.start();
    return this;
  }

  /** Handles every event up to and including a time. */
  runUntil(time: number): this {
    const { queue, cluster, cloud } = this;
    while (queue.peekTime() <= time) {
      queue.pop();
      cluster.setNow(queue.time);
      cloud.handle(queue.kind, queue.a, queue.b);
    }
    cluster.setNow(time);
    return this;
  }

  /** Everything there is, as text that survives a file. */
  save(): string {
    const { queue, cluster, log, cloud } = this;
    const columns = (_key: string, value: unknown): unknown =>
      ArrayBuffer.isView(value) ? { type: value.constructor.name, values: [...(value as Float64Array)].map(String) } : value;
    return JSON.stringify(
      {
        events: queue.snapshot(),
        classes: cluster.classes.snapshot(),
        cluster: cluster.snapshot(),
        log: log.snapshot(),
        cloud: cloud.snapshot(),
      },
      columns,
    );
  }

  /** Fills a new world from {@link save}. */
  load(text: string): this {
    const types: Record<string, (values: readonly string[]) => unknown> = {
      Float64Array: (values) => Float64Array.from(values, Number),
      Int32Array: (values) => Int32Array.from(values, Number),
      Uint8Array: (values) => Uint8Array.from(values, Number),
    };
    const saved = JSON.parse(text, (_key, value) =>
      value !== null && typeof value === 'object' && value.type in types ? types[value.type](value.values) : value,
    );
    this.cluster.classes.restore(saved.classes);
    this.cluster.restore(saved.cluster);
    this.log.restore(saved.log);
    this.cloud.restore(saved.cloud);
    this.queue.restore(saved.cluster.now, saved.events);
    return this;
  }

  /** The log as lines: `5000 nodeRunning 0 3 -1`. */
  lines(...kinds: (keyof typeof RECORD)[]): string[] {
    const names = new Map<number, string>(Object.entries(RECORD).map(([name, kind]) => [kind, name]));
    const { length, time, kind, a, b, c } = this.log.columns();
    const out: string[] = [];
    for (let row = 0; row < length; row++) {
      const name = names.get(kind[row])! as keyof typeof RECORD;
      if (kinds.length === 0 || kinds.includes(name)) out.push(`${time[row]} ${name} ${a[row]} ${b[row]} ${c[row]}`);
    }
    return out;
  }

  /** Zone of a machine. */
  zone(node: number): string {
    return this.cloud.offerings.offerings[this.cluster.nodes.offering[node]].zone;
  }

  /** Letters of the zones of a group's machines, sorted. */
  zones(index = 0): string {
    return this.cloud.groups
      .instances(index)
      .map((node) => this.zone(node).slice(-1))
      .sort()
      .join('');
  }
}
