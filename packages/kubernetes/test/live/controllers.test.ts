import {
  EVICTION,
  type NodeShape,
  PHASE,
  POD,
  type PodSpec,
  RECORD,
  Simulation,
  type Timer,
  Workload,
  type WorkloadCall,
  type WorkloadObject,
} from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { Kubelet } from '../../src/kubelet.ts';
import { Controllers } from '../../src/live/controllers.ts';
import { Owners } from '../../src/owners.ts';

const pod = (app: string, controller = 'ReplicaSet'): PodSpec => ({
  namespace: 'default',
  labels: { app },
  annotations: {},
  controller,
  containers: [{ requests: { cpu: 100 } }],
});
const machine: NodeShape = {
  labels: { zone: 'a' },
  taints: [],
  unschedulable: false,
  capacity: { cpu: 64_000, pods: 500 },
  allocatable: { cpu: 64_000, pods: 500 },
};
const deployment = (replicas: number, template = pod('web')): WorkloadObject => ({
  kind: 'Deployment',
  namespace: 'default',
  name: 'web',
  replicas,
  template,
});
const apply = (time: number, object: WorkloadObject): WorkloadCall => ({ time, verb: 'apply', object });
const at = { namespace: 'default', name: 'web' };

/** A run with one large node, on which every pending pod is bound at once, and calls. */
function run(calls: readonly WorkloadCall[], { limit = false } = {}) {
  const workload = Workload.of([], [], calls);
  const simulation = new Simulation(7);
  const { cluster, streams } = simulation;
  let node = -1;
  simulation.add((timer: Timer) => ({
    id: 'binder',
    start: () => {
      node = cluster.orderNode({ name: 'n1', offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, cluster.classes.node(machine).id);
      cluster.readyNode(node, {});
    },
    observe: (kind: number, a: number) => {
      if (kind === RECORD.podCreated) timer.at(timer.now, PHASE.scheduler, 0, a);
    },
    handle: (_code: number, a: number) => {
      if (cluster.pods.state[a] === POD.pending && cluster.nodes.state[node] === 4) cluster.bind(a, node);
    },
    snapshot: () => node,
    restore: (saved) => {
      node = saved as number;
    },
  }));
  const owners = simulation.add((timer) => new Owners(cluster, timer, workload));
  const pace = {
    reaction: { kind: 'constant', value: 5 },
    write: { kind: 'constant', value: 5 },
    ...(limit && { limit: { qps: 20, burst: 30 } }),
  } as const;
  const controllers = simulation.add((timer) => new Controllers(cluster, timer, streams, workload, owners, pace));
  simulation.add(
    (timer) =>
      new Kubelet(cluster, timer, streams, {
        podStart: { kind: 'constant', value: 1000 },
        podStop: { kind: 'constant', value: 2000 },
      }),
  );
  const alive = (app?: string): number[] => {
    const { pods, classes } = cluster;
    return Array.from({ length: cluster.podCount }, (_, row) => row).filter(
      (row) => pods.state[row] < POD.terminating && (app === undefined || classes.pods[pods.class[row]].spec.labels.app === app),
    );
  };
  return { simulation, cluster, controllers, alive };
}

describe('controllers', () => {
  it('follow the replicas of a Deployment', () => {
    const { simulation, alive } = run([apply(0, deployment(3)), apply(10_000, deployment(8)), apply(20_000, deployment(2))]);
    simulation.runUntil(9000);
    expect(alive()).toHaveLength(3);
    simulation.runUntil(19_000);
    expect(alive()).toHaveLength(8);
    simulation.runUntil(30_000);
    expect(alive()).toHaveLength(2);
  });

  it('replace every pod of a changed template, and never serve with too few', () => {
    const { simulation, cluster, alive } = run([apply(0, deployment(8)), apply(10_000, deployment(8, pod('web2')))]);
    simulation.runUntil(9_999);
    let least = Infinity;
    for (let time = 10_000; time <= 60_000; time += 50) {
      simulation.runUntil(time);
      least = Math.min(least, alive().filter((row) => cluster.pods.state[row] === POD.running).length);
    }
    expect([alive('web').length, alive('web2').length]).toEqual([0, 8]);
    expect(least).toBeGreaterThanOrEqual(6);
  });

  it('create no more than their client lets through', () => {
    const { simulation, cluster } = run([apply(0, deployment(70))], { limit: true });
    simulation.runUntil(60_000);
    const created = Array.from(cluster.pods.createdAt.subarray(0, 70));
    expect(created.filter((time) => time <= 50)).toHaveLength(30);
    expect(Math.max(...created)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...created)).toBeLessThan(2200);
  });

  it('replace a pod of a Job after a pause that doubles with each failure', () => {
    const job: WorkloadObject = {
      kind: 'Job',
      ...at,
      parallelism: 1,
      completions: 1,
      ignoresDisruption: true,
      template: pod('job', 'Job'),
      duration: 500_000,
    };
    const { simulation, cluster } = run([apply(0, job)]);
    const gaps: number[] = [];
    for (let time = 10_000; gaps.length < 3; ) {
      simulation.runUntil(time);
      const last = cluster.podCount - 1;
      cluster.evict(last, EVICTION.drain);
      const gone = time + 2000;
      while (cluster.podCount === last + 1) simulation.runUntil((time += 100));
      gaps.push(cluster.pods.createdAt[last + 1] - gone);
      time += 5000;
    }
    // Counted from the whole second in which the pod ended, and heard a moment later.
    [10_000, 20_000, 40_000].forEach((pause, index) => {
      expect(gaps[index]).toBeGreaterThan(pause - 1000);
      expect(gaps[index]).toBeLessThanOrEqual(pause + 20);
    });
  });

  it('put a daemon pod on each node that its template tolerates', () => {
    const daemons: WorkloadObject = {
      kind: 'DaemonSet',
      namespace: 'default',
      name: 'agent',
      template: pod('agent', 'DaemonSet'),
    };
    const { simulation, cluster, controllers, alive } = run([apply(0, daemons)]);
    simulation.runUntil(5000);
    expect(alive('agent')).toHaveLength(1);
    expect(controllers.daemonSets.map(({ name }) => name)).toEqual(['agent']);
    const tainted = { ...machine, taints: [{ key: 'gpu', effect: 'NoSchedule' as const }] };
    for (const [name, shape] of [
      ['n2', machine],
      ['n3', tainted],
    ] as const) {
      const node = cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, cluster.classes.node(shape).id);
    }
    simulation.runUntil(10_000);
    const { pods, classes } = cluster;
    const named = alive('agent').map(
      (row) => classes.pods[pods.class[row]].spec.nodeAffinity?.required?.[0].matchFields?.[0].values,
    );
    expect(named).toEqual([['n1'], ['n2']]);
  });

  it('let no more pods be evicted than a budget spares', () => {
    const budget: WorkloadObject = {
      kind: 'PodDisruptionBudget',
      ...at,
      selector: { matchLabels: { app: 'web' } },
      maxUnavailable: 1,
    };
    const { simulation, cluster, controllers, alive } = run([apply(0, budget), apply(0, deployment(4))]);
    simulation.runUntil(10_000);
    const [first, second] = alive();
    expect(controllers.evictionBlocked(first)).toBe(false);
    expect(controllers.budgets().map(({ disruptionsAllowed }) => disruptionsAllowed)).toEqual([1]);
    cluster.evict(first, EVICTION.drain);
    expect(controllers.evictionBlocked(second)).toBe(true);
    // The replacement has to run before another may go.
    simulation.runUntil(10_900);
    expect(controllers.evictionBlocked(second)).toBe(true);
    simulation.runUntil(11_500);
    expect(controllers.evictionBlocked(second)).toBe(false);
  });

  it('take away the pods of what is deleted', () => {
    const { simulation, alive, controllers } = run([
      apply(0, deployment(3)),
      apply(0, { kind: 'Pod', namespace: 'default', name: 'bare', template: pod('bare', 'none'), duration: Infinity }),
      { time: 5000, verb: 'delete', kind: 'Deployment', ...at },
      { time: 6000, verb: 'delete', kind: 'Pod', namespace: 'default', name: 'bare' },
    ]);
    simulation.runUntil(5500);
    expect(alive().map((row) => controllers.podName(row))).toEqual(['bare']);
    simulation.runUntil(9000);
    expect(alive()).toEqual([]);
  });

  it('go on from a snapshot to the same digest', () => {
    const calls = [
      apply(0, { kind: 'PodDisruptionBudget', ...at, selector: { matchLabels: { app: 'web' } }, maxUnavailable: '10%' } as const),
      apply(0, deployment(40)),
      apply(2000, deployment(40, pod('web2'))),
      apply(3000, {
        kind: 'Job',
        ...at,
        parallelism: 5,
        completions: 9,
        template: pod('job', 'Job'),
        duration: 2000,
      } as const),
    ];
    const whole = run(calls, { limit: true });
    whole.simulation.runUntil(20_000);
    const half = run(calls, { limit: true });
    half.simulation.runUntil(2500);
    const rest = run(calls, { limit: true });
    rest.simulation.restore(structuredClone(half.simulation.snapshot()));
    rest.simulation.runUntil(20_000);
    expect(rest.simulation.log.digest()).toBe(whole.simulation.log.digest());
    expect(whole.alive('job')).toEqual([]);
  });
});
