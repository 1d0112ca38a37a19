import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.ts';
import { NODE, NONE, POD } from '../../src/cluster/states.ts';
import { Log } from '../../src/log/log.ts';
import { EVICTION } from '../../src/log/records.ts';
import { Classes } from '../../src/model/classes.ts';
import { NON_ZERO_CPU, NON_ZERO_MEMORY } from '../../src/model/pod-spec.ts';
import type { ResourceList } from '../../src/model/resources.ts';

/** The cluster as plain objects, by the slow and obvious way. */
interface PlainPod {
  state: number;
  node: PlainNode | undefined;
  readonly requests: ResourceList;
}
interface PlainNode {
  state: number;
  allocatable: ResourceList;
  pods: number[];
}

const requests: readonly ResourceList[] = [
  { cpu: 100 },
  { cpu: 250, memory: 64 },
  { cpu: 0 },
  { memory: 300 },
  { cpu: 100, 'nvidia.com/gpu': 1 },
  // Six names that nobody has used before: the rows of use get wider.
  { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 },
];
const allocatables: readonly ResourceList[] = [
  { cpu: 500, memory: 500, pods: 4 },
  { cpu: 300, memory: 1000, pods: 2, 'nvidia.com/gpu': 1 },
  { cpu: 1000, memory: 100, pods: 10, a: 2, b: 2, c: 2, d: 2, e: 2, f: 2 },
];

const step = fc.record({
  do: fc.constantFrom(
    'create',
    'create',
    'bind',
    'bind',
    'bind',
    'bind',
    'start',
    'finish',
    'evict',
    'remove',
    'order',
    'order',
    'advance',
    'advance',
    'gone',
    'mark',
    'whatIf',
  ),
  x: fc.nat(30),
  y: fc.nat(6),
});

class Run {
  readonly classes = new Classes();
  readonly log = new Log();
  readonly cluster = new Cluster(this.classes, this.log);
  readonly pods: PlainPod[] = [];
  readonly nodes: PlainNode[] = [];
  pending: number[] = [];
  registered: number[] = [];
  bound = 0;

  step(kind: string, x: number, y: number): void {
    const { cluster } = this;
    // Binds pick mostly what may be bound, and sometimes anything.
    const someRow = (rows: readonly number[], all: number, n: number): number => {
      if (kind === 'bind' && x < 25 && rows.length > 0) return rows[n % rows.length];
      return all === 0 ? -1 : n % all;
    };
    const row = someRow(this.pending, this.pods.length, x);
    const at = someRow(this.registered, this.nodes.length, y);
    const pod = this.pods[row];
    const node = this.nodes[at];
    if (kind === 'create') {
      const list = requests[y % requests.length];
      const { id } = this.classes.pod({
        namespace: 'd',
        labels: {},
        annotations: {},
        controller: 'Job',
        containers: [{ requests: list }],
      });
      expect(cluster.createPod({ podClass: id, owner: 0, ordinal: x, duration: Infinity })).toBe(this.pods.length);
      this.pending.push(this.pods.push({ state: POD.pending, node: undefined, requests: { ...list, pods: 1 } }) - 1);
    } else if (kind === 'order') {
      expect(cluster.orderNode({ name: `n${x}`, offering: 0, group: 0, decision: -1 })).toBe(this.nodes.length);
      this.nodes.push({ state: NODE.ordered, allocatable: allocatables[x % allocatables.length], pods: [] });
    } else if (kind === 'whatIf') {
      // Whatever is tried here must not show below.
      cluster.speculate(() => {
        for (const each of new Set([row, (row + 1) % Math.max(1, this.pods.length)])) {
          if (this.pods[each]?.node !== undefined) cluster.unbind(each);
        }
        if (this.registered.length > 0) cluster.hideNode(this.registered[0]);
      });
    } else if (kind === 'bind')
      this.#try(
        pod !== undefined && node !== undefined && this.#fits(pod, node),
        () => cluster.bind(row, at),
        () => {
          pod.state = POD.bound;
          pod.node = node;
          node.pods.push(row);
          this.pending = this.pending.filter((other) => other !== row);
          this.bound++;
        },
      );
    else if (kind === 'mark')
      this.#try(
        pod?.state === POD.pending,
        () => cluster.markUnschedulable(row),
        () => {},
      );
    else if (kind === 'start')
      this.#try(
        pod?.state === POD.bound,
        () => cluster.start(row),
        () => {
          pod.state = POD.running;
        },
      );
    else if (kind === 'finish')
      this.#try(
        pod?.state === POD.running,
        () => cluster.finish(row),
        () => this.#leave(row, POD.finished),
      );
    else if (kind === 'remove') {
      this.#try(
        pod !== undefined && pod.state <= POD.terminating,
        () => cluster.remove(row),
        () => this.#leave(row, POD.gone),
      );
    } else if (kind === 'evict') {
      this.#try(
        pod !== undefined && pod.state <= POD.running,
        () => cluster.evict(row, EVICTION.api),
        () => {
          if (pod.node === undefined) this.#leave(row, POD.gone);
          else pod.state = POD.terminating;
        },
      );
    } else if (kind === 'gone' && x < 8) {
      this.#try(
        node !== undefined && node.state !== NODE.gone,
        () => cluster.nodeGone(at),
        () => {
          for (const each of [...node.pods]) this.#leave(each, POD.gone);
          node.state = NODE.gone;
          this.registered = this.registered.filter((other) => other !== at);
        },
      );
    } else if (kind === 'advance' && node !== undefined) {
      if (node.state === NODE.ordered) cluster.nodeRunning(at, 0);
      else if (node.state === NODE.running) {
        const { allocatable } = node;
        cluster.registerNode(
          at,
          this.classes.node({ labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable }).id,
        );
        this.registered.push(at);
      } else if (node.state === NODE.registered) cluster.readyNode(at, {});
      else return;
      node.state++;
    }
  }

  /** One comparison of everything: lists both ways, states, and the sums of every node. */
  check(): void {
    const { cluster, classes } = this;
    const { pods: p, nodes: n } = cluster;
    const { names } = classes.resources;
    const listed = (first: number, next: Int32Array, prev: Int32Array): number[] => {
      const rows: number[] = [];
      for (let row = first, last = NONE; row !== NONE; last = row, row = next[row])
        rows.push(prev[row] === last ? row : Number.NaN);
      return rows;
    };
    const real = {
      pending: listed(cluster.firstPending, p.next, p.prev),
      pendingCount: cluster.pendingCount,
      registered: listed(cluster.firstNode, n.next, n.prev),
      registeredCount: cluster.registeredCount,
      pods: this.pods.map((_, row) => p.state[row]),
      nodes: this.nodes.map((_, row) => ({
        state: n.state[row],
        pods: listed(n.firstPod[row], p.next, p.prev),
        count: n.pods[row],
        used: classes.resources.list([...cluster.used.subarray(row * cluster.stride, (row + 1) * cluster.stride)]),
        nonZero: [n.nonZeroCpu[row], n.nonZeroMemory[row]],
      })),
    };
    const plain = {
      pending: this.pending,
      pendingCount: this.pending.length,
      registered: this.registered,
      registeredCount: this.registered.length,
      pods: this.pods.map((pod) => pod.state),
      nodes: this.nodes.map((node) => {
        const here = node.pods.map((pod) => this.pods[pod].requests);
        const sum = (name: string, lacking = 0) => here.reduce((total, list) => total + (list[name] ?? lacking), 0);
        const used = names.map((name) => [name, sum(name)] as const).filter(([, amount]) => amount !== 0);
        const over = used.filter(([name, amount]) => amount > (node.allocatable[name] ?? 0));
        if (over.length > 0) throw new Error(`too much ${over}`);
        return {
          state: node.state,
          pods: node.pods,
          count: node.pods.length,
          used: Object.fromEntries(used),
          nonZero: [sum('cpu', NON_ZERO_CPU), sum('memory', NON_ZERO_MEMORY)],
        };
      }),
    };
    expect(real).toEqual(plain);
  }

  /** A step that is possible happens in both; one that is not throws and leaves the log alone. */
  #try(possible: boolean, real: () => void, plain: () => void): void {
    const { length } = this.log;
    if (possible) {
      real();
      plain();
    } else {
      expect(real).toThrow();
      expect(this.log.length).toBe(length);
    }
  }

  #fits(pod: PlainPod, node: PlainNode): boolean {
    if (pod.state !== POD.pending || (node.state !== NODE.registered && node.state !== NODE.ready)) return false;
    return Object.entries(pod.requests).every(([name, amount]) => {
      const used = node.pods.reduce((sum, other) => sum + (this.pods[other].requests[name] ?? 0), 0);
      return amount === 0 || used + amount <= (node.allocatable[name] ?? 0);
    });
  }

  #leave(row: number, state: number): void {
    const pod = this.pods[row];
    if (pod.node === undefined) this.pending = this.pending.filter((other) => other !== row);
    else pod.node.pods = pod.node.pods.filter((other) => other !== row);
    pod.node = undefined;
    pod.state = state;
  }
}

describe('through any sequence of changes', () => {
  it('each pod is in one place, each node’s use is the sum of its pods, and none passes what it can give', () => {
    let bound = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const run = new Run();
        // A node of each kind to begin with, so that many binds are possible.
        for (const x of [0, 1, 2]) {
          run.step('order', x, 0);
          for (let n = 0; n < 3; n++) run.step('advance', 0, x);
        }
        for (const each of steps) {
          run.step(each.do, each.x, each.y);
          run.check();
        }
        bound += run.bound;

        const classes = new Classes();
        classes.restore(run.classes.snapshot());
        const restored = new Cluster(classes, new Log());
        restored.restore(run.cluster.snapshot());
        expect(restored.snapshot()).toEqual(run.cluster.snapshot());
      }),
      { seed: 61, numRuns: 120 },
    );
    expect(bound).toBeGreaterThan(300);
  });
});
