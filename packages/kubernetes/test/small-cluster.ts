import {
  type Component,
  type ControllerKind,
  type Distribution,
  EVICTION,
  type JsonValue,
  NONE,
  PHASE,
  type PodSpec,
  RECORD,
  Simulation,
  type Timer,
  Workload,
  type WorkloadRow,
} from '@plimsoll/core';
import { Kubelet, type KubeletSettings } from '../src/kubelet.ts';
import { Owners } from '../src/owners.ts';

/** What happens to the cluster at a time. */
export type Step = readonly [time: number, change: (simulation: Simulation) => void];

/** Registers two roomy nodes at the start, carries out steps, and binds each new pod to the first node, 10 ms after its creation. */
class Script implements Component {
  readonly id = 'script';
  readonly #simulation: Simulation;
  readonly #timer: Timer;
  readonly #steps: readonly Step[];

  constructor(simulation: Simulation, timer: Timer, steps: readonly Step[]) {
    this.#simulation = simulation;
    this.#timer = timer;
    this.#steps = steps;
  }

  start(): void {
    const { cluster, classes } = this.#simulation;
    const shape = { labels: {}, taints: [], unschedulable: false, capacity: { pods: 900 }, allocatable: { pods: 900 } };
    for (const name of ['a', 'b']) {
      const node = cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, classes.node(shape).id);
    }
    this.#steps.forEach(([time], index) => {
      this.#timer.at(time, PHASE.world, 0, index);
    });
  }

  observe(kind: number, pod: number): void {
    if (kind === RECORD.podCreated) this.#timer.at(this.#timer.now + 10, PHASE.scheduler, 1, pod);
  }

  handle(code: number, index: number): void {
    const { cluster } = this.#simulation;
    if (code === 0) this.#steps[index][1](this.#simulation);
    else if (cluster.pods.state[index] === 1 && cluster.firstNode !== NONE) cluster.bind(index, cluster.firstNode);
  }

  snapshot(): JsonValue {
    return null;
  }

  restore(): void {}
}

export const template = (controller: ControllerKind, more: Partial<PodSpec> = {}): PodSpec => ({
  namespace: 'default',
  labels: {},
  annotations: {},
  controller,
  containers: [],
  ...more,
});

export const job = template('Job');
export const replica = template('ReplicaSet');
export const bare = template('none');

const constant = (value: number): Distribution => ({ kind: 'constant', value });

/** A cluster in which pods are bound 10 ms after their creation, start 100 ms after that, and stop 50 ms after they are told to. */
export function smallCluster(
  templates: readonly PodSpec[],
  rows: readonly WorkloadRow[],
  steps: readonly Step[] = [],
  kubelet: KubeletSettings = { podStart: constant(100), podStop: constant(50) },
) {
  const simulation = new Simulation(1);
  const owners = simulation.add(
    (timer) => new Owners(simulation.cluster, timer, Workload.of(templates, rows), { replaceDelay: 20 }),
  );
  simulation.add((timer) => new Kubelet(simulation.cluster, timer, simulation.streams, kubelet));
  simulation.add((timer) => new Script(simulation, timer, steps));
  return { simulation, owners, history: () => history(simulation) };
}

const NAMES = new Map<number, string>([
  [RECORD.podCreated, 'created'],
  [RECORD.podBound, 'bound'],
  [RECORD.podStarted, 'started'],
  [RECORD.podFinished, 'finished'],
  [RECORD.podEvicted, 'evicted'],
  [RECORD.podGone, 'gone'],
]);

/** What happened to pods: time, pod, what. */
function history({ log }: Simulation): string[] {
  const { length, time, kind, a } = log.columns();
  const lines: string[] = [];
  for (let row = 0; row < length; row++) {
    const name = NAMES.get(kind[row]);
    if (name !== undefined) lines.push(`${time[row]} pod ${a[row]} ${name}`);
  }
  return lines;
}

export const evict =
  (pod: number) =>
  ({ cluster }: Simulation): void =>
    cluster.evict(pod, EVICTION.drain);
