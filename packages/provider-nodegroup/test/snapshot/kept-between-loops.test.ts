import { Classes, Cluster, type ClusterView, Log, NODE, NONE, POD, type Taint, viewOf, type WhatIf } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeGroups } from '../../src/groups/node-groups.ts';
import { NodeList } from '../../src/groups/node-list.ts';
import { clusterAutoscaler } from '../../src/index.ts';
import { PodFacts } from '../../src/pods/pod-facts.ts';
import { AMONG, ClusterSnapshot } from '../../src/snapshot/cluster-snapshot.ts';
import { SlowModel } from '../slow-model.ts';
import { nodeOf } from '../snapshot-bench.ts';
import { catalogueOf, GIB, MINUTE, podSpec, SECOND } from '../world.ts';

const OPTIONS = clusterAutoscaler.parseOptions({
  nodeGroups: ['a', 'b'].map((name) => ({ name, min: 0, max: 50, instanceTypes: ['4x16'] })),
  'max-node-startup-time': '5m',
});
const TAINT: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const PORTS = { containers: [{ requests: { cpu: 300 }, ports: [{ port: 80, protocol: 'TCP' as const, ip: '' }] }] };

const step = fc.record({
  does: fc.constantFrom(
    'order',
    'register',
    'ready',
    'cordon',
    'gone',
    'pod',
    'pod',
    'finish',
    'wait',
    'refresh',
    'loop',
    'loop',
  ),
  pick: fc.nat(50),
  size: fc.nat(2),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A cluster that is led step by step, with a list and a snapshot that are kept from loop to loop. */
class Bench {
  readonly cluster = new Cluster(new Classes(), new Log());
  readonly view: ClusterView = viewOf(this.cluster);
  readonly facts = new PodFacts(this.cluster.classes, OPTIONS.flags);
  readonly groups: NodeGroups;
  readonly list: NodeList;
  readonly snapshot: ClusterSnapshot;
  readonly #classes: readonly number[];
  /** By row, the state of the node when it was judged last. */
  readonly #judgedOn = new Map<number, string>();
  #filledFrom = 0;
  #orders = 0;
  /** How many loops began with what was kept. */
  kept = 0;

  constructor(constrained: boolean) {
    const { cluster, view } = this;
    const specs = clusterAutoscaler.groups!(OPTIONS, catalogueOf(['4x16']));
    const none = { desired: () => 0, instances: () => [], lastFailure: () => -Infinity };
    this.groups = new NodeGroups(view, { groups: specs, ...none }, OPTIONS);
    this.list = this.#newList();
    this.snapshot = this.#newSnapshot();
    const specsOfPods = [podSpec(300, GIB), podSpec(1500, 2 * GIB), podSpec(0, 0, constrained ? PORTS : {})];
    this.#classes = specsOfPods.map((spec) => cluster.classes.pod(spec).id);
    this.facts.update();
  }

  take({ does, pick, size }: Step): void {
    const { cluster } = this;
    const { nodes, pods } = cluster;
    const rows = Array.from({ length: cluster.nodeCount }, (_, row) => row);
    const some = (states: readonly number[]): number => {
      const fit = rows.filter((row) => states.includes(nodes.state[row]));
      return fit.length === 0 ? NONE : fit[pick % fit.length];
    };
    if (does === 'wait') cluster.setNow(cluster.now + [SECOND, MINUTE, 6 * MINUTE][size]);
    else if (does === 'refresh') this.groups.refresh(cluster.now);
    else if (does === 'loop') this.#loop(pick, size);
    else if (does === 'order') {
      const group = [0, 1, NONE][size];
      cluster.orderNode({ name: `n${this.#orders++}`, offering: 0, group, decision: -1 });
    } else if (does === 'register') {
      const node = some([NODE.ordered]);
      if (node === NONE) return;
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, cluster.classes.node(nodeOf(4000, 16 * GIB, 5, 'z1', { taints: [TAINT] })).id);
    } else if (does === 'ready') {
      const node = some([NODE.registered]);
      if (node !== NONE) cluster.readyNode(node, { removeTaints: [TAINT] });
    } else if (does === 'cordon') {
      const node = some([NODE.ready, NODE.registered]);
      if (node !== NONE) cluster.changeNode(node, { unschedulable: size > 0 });
    } else if (does === 'gone') {
      const node = some([NODE.ordered, NODE.registered, NODE.ready]);
      if (node !== NONE) cluster.nodeGone(node);
    } else if (does === 'pod') {
      const pod = cluster.createPod({ podClass: this.#classes[size], owner: 0, ordinal: 0, duration: Infinity });
      const node = some([NODE.ready]);
      if (node !== NONE && new SlowModel(this.view).fits(this.#classes[size], node)) cluster.bind(pod, node);
    } else {
      const bound = Array.from({ length: cluster.podCount }, (_, pod) => pod).filter((pod) => pods.state[pod] === POD.bound);
      if (bound.length > 0) cluster.remove(bound[pick % bound.length]);
    }
  }

  /** One loop: what was kept must be what a new list and a new snapshot hold; then pods are placed, some taken back, and a node is removed. */
  #loop(pick: number, size: number): void {
    const { cluster, list, snapshot, view } = this;
    list.read(cluster.now);
    const fresh = this.#newList();
    fresh.read(cluster.now);
    expect(contentOf(list)).toEqual(contentOf(fresh));
    const body = (whatIf: WhatIf | undefined): void => {
      if (list.version === this.#filledFrom && snapshot.beginAgain(whatIf)) this.kept++;
      else {
        snapshot.begin(whatIf);
        for (let i = 0; i < list.count; i++) snapshot.addReal(list.row[i]);
        snapshot.keepReal();
        this.#filledFrom = list.version;
      }
      const anew = this.#newSnapshot();
      anew.begin(undefined);
      for (let i = 0; i < list.count; i++) anew.addReal(list.row[i]);
      expect(freeOf(snapshot)).toEqual(freeOf(anew));
      this.#checkVerdicts();
      let slot = NONE;
      const mark = snapshot.mark();
      for (let pod = cluster.firstPending, left = pick % 4; pod !== NONE && left > 0; left--) {
        const { [pod]: next } = cluster.pods.next;
        const podClass = cluster.pods.class[pod];
        slot = snapshot.find(podClass, AMONG.all);
        if (slot !== NONE) snapshot.place(pod, podClass, slot);
        pod = next;
      }
      if (size === 1) snapshot.revertTo(mark);
      if (size === 2 && snapshot.count > 0) snapshot.remove(snapshot.order[pick % snapshot.count]);
    };
    if (this.facts.anyConstrained) view.speculate(body);
    else body(undefined);
  }

  /** The planner's verdict on a node's use may be kept only where the node's room and number of pods are as they were. */
  #checkVerdicts(): void {
    const { judged, order, count, row, free, stride } = this.snapshot;
    const state = (slot: number): string =>
      [...free.subarray(slot * stride, (slot + 1) * stride), this.cluster.nodes.pods[row[slot]]].join();
    for (const slot of order.subarray(0, count)) {
      if (judged[slot] !== 0) expect(state(slot)).toBe(this.#judgedOn.get(row[slot]));
    }
    this.#judgedOn.clear();
    for (const slot of order.subarray(0, count)) this.#judgedOn.set(row[slot], state(slot));
    judged.fill(1);
  }

  #newList(): NodeList {
    return new NodeList(this.view, this.groups, OPTIONS.flags, [5 * MINUTE, 2 * MINUTE]);
  }

  #newSnapshot(): ClusterSnapshot {
    return new ClusterSnapshot(this.view, new SlowModel(this.view), this.facts);
  }
}

function contentOf({ count, row, group, readiness, ready, model, changesAt }: NodeList): unknown {
  const columns = [row, group, readiness].map((column) => [...column.subarray(0, count)]);
  return { count, columns, ready, model, changesAt };
}

/** What a snapshot holds at the start of a loop. */
function freeOf(snapshot: ClusterSnapshot): unknown {
  const { count, order, row, nodeClass, group, kind, destination, free, stride } = snapshot;
  const slots = [...order.subarray(0, count)];
  return slots.map((slot) => ({
    columns: [row, nodeClass, group, kind, destination].map((column) => column[slot]),
    free: [...free.subarray(slot * stride, (slot + 1) * stride)],
    received: snapshot.received(slot),
    slot: snapshot.slotOf(row[slot]),
  }));
}

describe('what is kept from loop to loop', () => {
  it('equals what would be read anew, whatever happened in between', () => {
    let kept = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), fc.boolean(), (steps, constrained) => {
        const bench = new Bench(constrained);
        for (let i = 0; i < 3; i++) {
          for (const does of ['order', 'register', 'ready'] as const) bench.take({ does, pick: i, size: i });
        }
        for (const one of steps) bench.take(one);
        kept += bench.kept;
      }),
      { numRuns: 150 },
    );
    expect(kept).toBeGreaterThan(100);
  });
});
