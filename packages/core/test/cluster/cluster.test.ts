import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.ts';
import { NODE, NONE, POD } from '../../src/cluster/states.ts';
import { Log } from '../../src/log/log.ts';
import { EVICTION, RECORD } from '../../src/log/records.ts';
import { Classes } from '../../src/model/classes.ts';
import type { ResourceList } from '../../src/model/resources.ts';
import { CPU, MEMORY, PODS } from '../../src/model/resources.ts';

const NAMES = Object.fromEntries(Object.entries(RECORD).map(([name, kind]) => [kind, name]));

/** A cluster with the means to fill it. */
function setting() {
  const classes = new Classes();
  const log = new Log();
  const cluster = new Cluster(classes, log);
  const podClass = (requests: ResourceList): number =>
    classes.pod({ namespace: 'default', labels: {}, annotations: {}, controller: 'Job', containers: [{ requests }] }).id;
  const nodeClass = (allocatable: ResourceList): number =>
    classes.node({ labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable }).id;
  const pod = (requests: ResourceList = { cpu: 100 }): number =>
    cluster.createPod({ podClass: podClass(requests), owner: 0, ordinal: 0, duration: Infinity });
  const node = (allocatable: ResourceList = { cpu: 1000, memory: 1000, pods: 10 }, name = 'n'): number => {
    const row = cluster.orderNode({ name, offering: 5, group: 2, decision: 9 });
    cluster.nodeRunning(row, 6);
    cluster.registerNode(row, nodeClass(allocatable));
    return row;
  };
  /** Records from a row on, in words. */
  const records = (from = 0): string[] => {
    const { length, kind, a, b, c } = log.columns();
    return Array.from({ length }, (_, row) => `${NAMES[kind[row]]} ${a[row]} ${b[row]} ${c[row]}`).slice(from);
  };
  const listed = (first: number, next: Int32Array): number[] => {
    const rows: number[] = [];
    for (let row = first; row !== NONE; row = next[row]) rows.push(row);
    return rows;
  };
  return {
    classes,
    log,
    cluster,
    podClass,
    nodeClass,
    pod,
    node,
    records,
    pending: () => listed(cluster.firstPending, cluster.pods.next),
    registered: () => listed(cluster.firstNode, cluster.nodes.next),
    podsOf: (row: number) => listed(cluster.nodes.firstPod[row], cluster.pods.next),
  };
}

describe('the life of a pod', () => {
  it('goes from pending over bound and running to finished, and frees what it used', () => {
    const { cluster, pod, node, records, pending, podsOf } = setting();
    const row = pod({ cpu: 300, memory: 50 });
    cluster.setNow(10);
    cluster.markUnschedulable(row);
    cluster.setNow(15);
    cluster.markUnschedulable(row);
    const home = node();
    expect(pending()).toEqual([row]);

    cluster.setNow(20);
    cluster.bind(row, home);
    expect(pending()).toEqual([]);
    expect(podsOf(home)).toEqual([row]);
    expect(cluster.used[home * cluster.stride + CPU]).toBe(300);
    expect(cluster.used[home * cluster.stride + MEMORY]).toBe(50);
    expect(cluster.used[home * cluster.stride + PODS]).toBe(1);
    expect([cluster.pods.boundAt[row], cluster.pods.unschedulableAt[row], cluster.pods.unschedulable[row]]).toEqual([20, 15, 0]);

    cluster.setNow(30);
    cluster.start(row);
    expect(cluster.pods.startedAt[row]).toBe(30);
    cluster.finish(row);
    expect([cluster.pods.state[row], cluster.pods.node[row]]).toEqual([POD.finished, NONE]);
    expect(podsOf(home)).toEqual([]);
    expect([...cluster.used.subarray(home * cluster.stride, (home + 1) * cluster.stride)].every((use) => Object.is(use, 0))).toBe(
      true,
    );
    expect(records()).toEqual([
      'podCreated 0 0 0',
      'podUnschedulable 0 1 -1',
      'podUnschedulable 0 0 -1',
      'nodeOrdered 0 5 9',
      'nodeRunning 0 6 -1',
      'nodeRegistered 0 0 -1',
      'podBound 0 0 -1',
      'podStarted 0 0 -1',
      'podFinished 0 0 -1',
    ]);
  });

  it('keeps the place of a pod whose deletion was asked for until its object is gone', () => {
    const { cluster, pod, node, records } = setting();
    const row = pod({ cpu: 300 });
    const home = node();
    cluster.bind(row, home);
    cluster.setNow(40);
    cluster.evict(row, EVICTION.drain);
    expect([cluster.pods.state[row], cluster.pods.deletedAt[row]]).toEqual([POD.terminating, 40]);
    expect(cluster.used[home * cluster.stride + CPU]).toBe(300);
    cluster.remove(row);
    expect(cluster.pods.state[row]).toBe(POD.gone);
    expect(cluster.used[home * cluster.stride + CPU]).toBe(0);
    expect(records(-2)).toEqual(['podEvicted 0 0 0', 'podGone 0 0 -1']);
  });

  it('ends at once for a pending pod that is evicted', () => {
    const { cluster, pod, records, pending } = setting();
    const rows = [pod(), pod(), pod()];
    cluster.evict(rows[1], EVICTION.api);
    expect(pending()).toEqual([rows[0], rows[2]]);
    expect(cluster.pendingCount).toBe(2);
    expect(records(-1)).toEqual(['podGone 1 -1 -1']);
  });
});

describe('the life of a node', () => {
  it('goes from ordered over running and registered to ready and gone, with the time of each', () => {
    const { cluster, nodeClass, records, registered } = setting();
    const row = cluster.orderNode({ name: 'n-1', offering: 5, group: 2, decision: 9 });
    cluster.setNow(10);
    cluster.nodeRunning(row, 7);
    expect(registered()).toEqual([]);
    cluster.setNow(20);
    cluster.registerNode(row, nodeClass({ cpu: 1 }));
    expect(registered()).toEqual([row]);
    cluster.setNow(30);
    cluster.readyNode(row, { addLabels: { ready: 'yes' } });
    cluster.setNow(40);
    cluster.terminateNode(row, 3);
    cluster.setNow(50);
    cluster.nodeGone(row);

    const { nodes } = cluster;
    expect([nodes.orderedAt, nodes.runningAt, nodes.registeredAt, nodes.readyAt, nodes.goneAt].map((at) => at[row])).toEqual([
      0, 10, 20, 30, 50,
    ]);
    expect([nodes.offering[row], nodes.group[row], nodes.state[row], nodes.terminating[row]]).toEqual([7, 2, NODE.gone, 1]);
    expect(cluster.nodeNames).toEqual(['n-1']);
    expect(registered()).toEqual([]);
    expect(records()).toEqual([
      'nodeOrdered 0 5 9',
      'nodeRunning 0 7 -1',
      'nodeRegistered 0 0 -1',
      'nodeReady 0 1 -1',
      'nodeTerminating 0 -1 3',
      'nodeGone 0 1 -1',
    ]);
  });

  it('that never ran was free of charge', () => {
    const { cluster, records } = setting();
    cluster.nodeGone(cluster.orderNode({ name: 'n', offering: 0, group: 0, decision: -1 }));
    expect(records(-1)).toEqual(['nodeGone 0 0 -1']);
  });

  it('takes every pod that is still there with it, first come first gone', () => {
    const { cluster, pod, node, records } = setting();
    const home = node();
    const rows = [pod(), pod(), pod()];
    for (const row of rows) cluster.bind(row, home);
    cluster.start(rows[1]);
    cluster.evict(rows[2], EVICTION.drain);
    cluster.nodeGone(home);
    expect(rows.map((row) => cluster.pods.state[row])).toEqual([POD.gone, POD.gone, POD.gone]);
    expect(records(-4)).toEqual(['podGone 0 0 -1', 'podGone 1 0 -1', 'podGone 2 0 -1', 'nodeGone 0 1 -1']);
  });

  it('lists nodes in the order in which they registered', () => {
    const { cluster, nodeClass, registered } = setting();
    const rows = ['a', 'b', 'c'].map((name) => cluster.orderNode({ name, offering: 0, group: 0, decision: -1 }));
    for (const row of rows) cluster.nodeRunning(row, 0);
    for (const row of [rows[2], rows[0], rows[1]]) cluster.registerNode(row, nodeClass({ cpu: 1 }));
    expect(registered()).toEqual([2, 0, 1]);
    cluster.nodeGone(rows[0]);
    expect(registered()).toEqual([2, 1]);
    expect(cluster.registeredCount).toBe(2);
  });

  it('changes its class with its taints, and logs nothing where nothing changes', () => {
    const { cluster, node, records, log } = setting();
    const row = node();
    cluster.changeNode(row, { addTaints: [{ key: 'x', effect: 'NoSchedule' }] });
    expect(records(-1)).toEqual(['nodeChanged 0 1 -1']);
    const before = log.length;
    cluster.changeNode(row, { addTaints: [{ key: 'x', effect: 'NoSchedule' }] });
    expect(log.length).toBe(before);
  });
});

describe('what cannot be', () => {
  /** A cluster with one pod and one node in each state; whatever is refused must leave it and its log alone. */
  function everyState() {
    const all = setting();
    const { cluster, pod, node } = all;
    const home = node();
    const pods = {
      pending: pod(),
      bound: pod(),
      running: pod(),
      terminating: pod(),
      finished: pod(),
      gone: pod(),
      nothing: 1000,
    };
    for (const row of [pods.bound, pods.running, pods.terminating, pods.finished, pods.gone]) cluster.bind(row, home);
    for (const row of [pods.running, pods.finished]) cluster.start(row);
    cluster.finish(pods.finished);
    cluster.evict(pods.terminating, EVICTION.drain);
    cluster.remove(pods.gone);
    const order = () => cluster.orderNode({ name: 'n', offering: 0, group: 0, decision: -1 });
    const nodes = {
      ordered: order(),
      running: order(),
      registered: home,
      ready: node(),
      ending: node(),
      gone: order(),
      nothing: 50,
      none: NONE,
    };
    cluster.nodeRunning(nodes.running, 0);
    cluster.readyNode(nodes.ready, {});
    cluster.terminateNode(nodes.ending, -1);
    cluster.nodeGone(nodes.gone);
    return { ...all, pods, nodes };
  }
  type Pods = keyof ReturnType<typeof everyState>['pods'];
  type Nodes = keyof ReturnType<typeof everyState>['nodes'];

  const podSteps: Record<string, { allowed: Pods[]; run: (cluster: Cluster, pod: number, node: number) => void }> = {
    markUnschedulable: { allowed: ['pending'], run: (cluster, pod) => cluster.markUnschedulable(pod) },
    bind: { allowed: ['pending'], run: (cluster, pod, node) => cluster.bind(pod, node) },
    start: { allowed: ['bound'], run: (cluster, pod) => cluster.start(pod) },
    finish: { allowed: ['running'], run: (cluster, pod) => cluster.finish(pod) },
    evict: { allowed: ['pending', 'bound', 'running'], run: (cluster, pod) => cluster.evict(pod, EVICTION.api) },
    remove: { allowed: ['pending', 'bound', 'running', 'terminating'], run: (cluster, pod) => cluster.remove(pod) },
  };
  const nodeSteps: Record<string, { allowed: Nodes[]; run: (cluster: Cluster, node: number, pod: number) => void }> = {
    nodeRunning: { allowed: ['ordered'], run: (cluster, node) => cluster.nodeRunning(node, 0) },
    registerNode: { allowed: ['running'], run: (cluster, node) => cluster.registerNode(node, 0) },
    readyNode: { allowed: ['registered', 'ending'], run: (cluster, node) => cluster.readyNode(node, {}) },
    changeNode: {
      allowed: ['registered', 'ready', 'ending'],
      run: (cluster, node) => cluster.changeNode(node, { unschedulable: true }),
    },
    terminateNode: {
      allowed: ['ordered', 'running', 'registered', 'ready'],
      run: (cluster, node) => cluster.terminateNode(node, -1),
    },
    nodeGone: {
      allowed: ['ordered', 'running', 'registered', 'ready', 'ending'],
      run: (cluster, node) => cluster.nodeGone(node),
    },
    'bind to': { allowed: ['registered', 'ready', 'ending'], run: (cluster, node, pod) => cluster.bind(pod, node) },
  };

  const check = (allowed: boolean, { cluster, log }: ReturnType<typeof everyState>, step: () => void) => {
    const before = [cluster.snapshot(), log.digest()];
    if (allowed) {
      step();
      expect(log.digest()).not.toBe(before[1]);
    } else {
      expect(step).toThrow(Error);
      expect([cluster.snapshot(), log.digest()]).toEqual(before);
    }
  };

  for (const [name, { allowed, run }] of Object.entries(podSteps)) {
    it(`${name} is for a pod that is ${allowed.join(' or ')}; for any other it throws and changes nothing`, () => {
      for (const state of Object.keys(everyState().pods) as Pods[]) {
        const all = everyState();
        check(allowed.includes(state), all, () => run(all.cluster, all.pods[state], all.nodes.ready));
      }
    });
  }

  for (const [name, { allowed, run }] of Object.entries(nodeSteps)) {
    it(`${name} is for a node that is ${allowed.join(' or ')}; for any other it throws and changes nothing`, () => {
      for (const state of Object.keys(everyState().nodes) as Nodes[]) {
        const all = everyState();
        check(allowed.includes(state), all, () => run(all.cluster, all.nodes[state], all.pods.pending));
      }
    });
  }

  it('a pod never gets more of anything than its node has to give', () => {
    const { cluster, pod, node } = setting();
    const home = node({ cpu: 1000, memory: 1000, pods: 2 });
    cluster.bind(pod({ cpu: 600 }), home);
    const before = cluster.snapshot();
    expect(() => cluster.bind(pod({ cpu: 401 }), home)).toThrow('pod 1 asks for more cpu than node 0 has free');
    expect(() => cluster.bind(pod({ 'nvidia.com/gpu': 1 }), home)).toThrow('nvidia.com/gpu');
    expect(cluster.snapshot().used).toEqual(before.used);
    cluster.bind(pod({ cpu: 400 }), home);
    expect(() => cluster.bind(pod({ memory: 1 }), home)).toThrow('pods');
  });

  it('a pod that asks for none of a resource fits where that resource is overcommitted by a change of class', () => {
    const { cluster, pod, node } = setting();
    const home = node({ cpu: 100, memory: 10, pods: 5 });
    cluster.bind(pod({ cpu: 100 }), home);
    cluster.bind(pod({ cpu: 0, memory: 10 }), home);
    expect(cluster.nodes.pods[home]).toBe(2);
  });
});

describe('resources that appear late', () => {
  it('are counted apart from the next node’s', () => {
    const { cluster, pod, node, nodeClass } = setting();
    // Four nodes exist before the ninth resource does; each node's row of use is eight wide then.
    const early = [node(), node(), node()];
    for (const row of early) cluster.bind(pod({ cpu: 700 }), row);
    const late: ResourceList = { a: 5, b: 5, c: 5, d: 5, e: 5, f: 5 };
    const home = cluster.orderNode({ name: 'late', offering: 0, group: 0, decision: -1 });
    const behind = node();
    cluster.bind(pod({ cpu: 900 }), behind);
    cluster.nodeRunning(home, 0);
    cluster.registerNode(home, nodeClass({ cpu: 1000, pods: 10, ...late }));

    cluster.bind(pod(late), home);
    expect(() => cluster.bind(pod({ f: 1 }), home)).toThrow('more f than');
    expect(cluster.stride).toBeGreaterThanOrEqual(10);
    const use = (row: number) =>
      cluster.classes.resources.list([...cluster.used.subarray(row * cluster.stride, (row + 1) * cluster.stride)]);
    expect(use(home)).toEqual({ ...late, pods: 1 });
    expect(early.map(use)).toEqual(early.map(() => ({ cpu: 700, pods: 1 })));
    expect(use(behind)).toEqual({ cpu: 900, pods: 1 });
  });

  it('leave no trace where only a what-if used them, but for wider rows', () => {
    const { cluster, pod, node, nodeClass } = setting();
    const home = node();
    cluster.bind(pod({ cpu: 700 }), home);
    const late: ResourceList = { a: 5, b: 5, c: 5, d: 5, e: 5, f: 5 };
    const row = pod(late);
    const use = () =>
      [home].map((n) => cluster.classes.resources.list([...cluster.used.subarray(n * cluster.stride, (n + 1) * cluster.stride)]));
    const { used: _used, stride: _stride, ...before } = cluster.snapshot();
    const usedBefore = use();
    cluster.speculate(() => {
      const imagined = cluster.imagineNode(nodeClass({ cpu: 1, pods: 1, ...late }), 'imagined', 0, 0);
      cluster.bind(row, imagined);
      expect(cluster.used[imagined * cluster.stride + 9]).toBe(5);
    });
    const { used: _usedAfter, stride: _strideAfter, ...after } = cluster.snapshot();
    expect(after).toEqual(before);
    expect(use()).toEqual(usedBefore);
  });

  it('survive more nodes and more pods than there was room for', () => {
    const { cluster, pod, node } = setting();
    for (let n = 0; n < 200; n++) {
      const home = node({ cpu: 1000, pods: 10, [`r${n % 12}`]: 3 });
      for (let p = 0; p < 6; p++) cluster.bind(pod({ cpu: 100, ...(p < 3 && { [`r${n % 12}`]: 1 }) }), home);
    }
    for (let row = 0; row < 200; row++) {
      const use = cluster.classes.resources.list([...cluster.used.subarray(row * cluster.stride, (row + 1) * cluster.stride)]);
      expect(use).toEqual({ cpu: 600, pods: 6, [`r${row % 12}`]: 3 });
    }
  });
});

describe('observers', () => {
  it('hear of every change after it happened, in the order in which they subscribed', () => {
    const { cluster, pod, node } = setting();
    const heard: string[] = [];
    for (const name of ['first', 'second']) {
      cluster.observe((kind, a) => {
        heard.push(`${name} ${NAMES[kind]} ${kind < 20 ? cluster.pods.state[a] : cluster.nodes.state[a]}`);
      });
    }
    cluster.bind(pod(), node());
    expect(heard.slice(-4)).toEqual([
      `first nodeRegistered ${NODE.registered}`,
      `second nodeRegistered ${NODE.registered}`,
      `first podBound ${POD.bound}`,
      `second podBound ${POD.bound}`,
    ]);
  });

  it('hear nothing of what-ifs', () => {
    const { cluster, pod, node, log } = setting();
    const row = pod();
    const home = node();
    let heard = 0;
    cluster.observe(() => {
      heard++;
    });
    const digest = log.digest();
    cluster.speculate(() => cluster.bind(row, home));
    expect([heard, log.digest()]).toEqual([0, digest]);
  });
});

describe('the journal', () => {
  it('names each node whose state was touched, in order, on the way of a what-if and on its way back', () => {
    const { cluster, pod, node } = setting();
    const [first, second] = [node(), node()];
    const row = pod();
    const from = cluster.journal.end;
    cluster.bind(row, second);
    cluster.speculate(() => {
      cluster.unbind(row);
      cluster.bind(row, first);
    });
    cluster.changeNode(first, { unschedulable: true });
    const touched: number[] = [];
    for (let at = from; at < cluster.journal.end; at++) touched.push(cluster.journal.at(at));
    expect(touched).toEqual([second, second, first, first, second, first]);
  });
});

describe('a saved cluster', () => {
  it('is the same again, and goes on alike', () => {
    const { cluster, classes, pod, node } = setting();
    const homes = [node(), node({ cpu: 500, pods: 3, 'nvidia.com/gpu': 2 })];
    const rows = [pod(), pod({ cpu: 50, 'nvidia.com/gpu': 1 }), pod(), pod()];
    cluster.setNow(77);
    cluster.bind(rows[0], homes[0]);
    cluster.bind(rows[1], homes[1]);
    cluster.evict(rows[0], EVICTION.taint);

    const saved = structuredClone(cluster.snapshot());
    const again = new Classes();
    again.restore(structuredClone(classes.snapshot()));
    const restored = new Cluster(again, new Log());
    let heard = 0;
    restored.observe(() => {
      heard++;
    });
    restored.restore(saved);
    expect(restored.snapshot()).toEqual(cluster.snapshot());
    expect(heard).toBe(0);
    expect(restored.journal.end).toBe(2);

    for (const each of [cluster, restored]) {
      each.remove(rows[0]);
      each.bind(rows[2], homes[1]);
      each.orderNode({ name: 'new', offering: 0, group: 0, decision: -1 });
    }
    expect(restored.snapshot()).toEqual(cluster.snapshot());
  });

  it('goes into an empty cluster only, and not out of a what-if', () => {
    const { cluster, pod } = setting();
    pod();
    const saved = cluster.snapshot();
    expect(() => cluster.restore(saved)).toThrow('empty');
    expect(() => cluster.speculate(() => cluster.snapshot())).toThrow('what-if');
  });
});
