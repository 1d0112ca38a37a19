import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/cluster.ts';
import { NODE, NONE, POD } from '../../src/cluster/states.ts';
import { viewOf, type WhatIf } from '../../src/cluster/view.ts';
import { Log } from '../../src/log/log.ts';
import { EVICTION } from '../../src/log/records.ts';
import { Classes } from '../../src/model/classes.ts';
import { CPU } from '../../src/model/resources.ts';

/** Three nodes of 1000m and ten slots, and nine pods of 100m: two or three on each node, one of them terminating, two pending. */
function setting() {
  const classes = new Classes();
  const log = new Log();
  const cluster = new Cluster(classes, log);
  const allocatable = { cpu: 1000, pods: 10 };
  const nodeClass = classes.node({ labels: {}, taints: [], unschedulable: false, capacity: allocatable, allocatable }).id;
  const { id: podClass } = classes.pod({
    namespace: 'default',
    labels: {},
    annotations: {},
    controller: 'Job',
    containers: [{ requests: { cpu: 100 } }],
  });
  const nodes = ['a', 'b', 'c'].map((name) => {
    const node = cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
    cluster.nodeRunning(node, 0);
    cluster.registerNode(node, nodeClass);
    return node;
  });
  cluster.readyNode(nodes[0], {});
  const pods = Array.from({ length: 9 }, (_, ordinal) => cluster.createPod({ podClass, owner: 0, ordinal, duration: Infinity }));
  for (const pod of pods.slice(0, 7)) cluster.bind(pod, nodes[pod % 3]);
  cluster.start(pods[1]);
  cluster.evict(pods[2], EVICTION.drain);
  cluster.markUnschedulable(pods[8]);
  return { classes, cluster, log, nodes, pods, nodeClass, view: viewOf(cluster) };
}

const listed = (first: number, next: { readonly [row: number]: number }): number[] => {
  const rows: number[] = [];
  for (let row = first; row !== NONE; row = next[row]) rows.push(row);
  return rows;
};

describe('a what-if', () => {
  it('shows what would be, and leaves what is', () => {
    const { cluster, nodes, pods, nodeClass, log } = setting();
    const before = cluster.snapshot();
    const digest = log.digest();

    const seen = viewOf(cluster).speculate((whatIf) => {
      whatIf.hideNode(nodes[1]);
      for (const pod of listed(cluster.nodes.firstPod[nodes[1]], cluster.pods.next)) whatIf.unbind(pod);
      const imagined = whatIf.imagineNode(nodeClass, 'imagined');
      for (const pod of listed(cluster.firstPending, cluster.pods.next)) whatIf.bind(pod, imagined);
      whatIf.changeNode(nodes[2], { unschedulable: true });
      return {
        registered: listed(cluster.firstNode, cluster.nodes.next),
        count: cluster.registeredCount,
        // Two that were pending already, then those of node b, in their order there.
        onImagined: listed(cluster.nodes.firstPod[imagined], cluster.pods.next),
        cpu: cluster.used[imagined * cluster.stride + CPU],
        name: cluster.nodeNames[imagined],
        state: cluster.nodes.state[imagined],
        pending: cluster.pendingCount,
        cordoned: cluster.classes.nodes[cluster.nodes.class[nodes[2]]].shape.unschedulable,
      };
    });

    expect(seen).toEqual({
      registered: [nodes[0], nodes[2], 3],
      count: 3,
      onImagined: [pods[7], pods[8], pods[1], pods[4]],
      cpu: 400,
      name: 'imagined',
      state: NODE.ready,
      pending: 0,
      cordoned: true,
    });
    expect(cluster.snapshot()).toEqual(before);
    expect(cluster.nodeNames).toEqual(['a', 'b', 'c']);
    expect(log.digest()).toBe(digest);
    expect(cluster.speculating).toBe(false);
  });

  it('takes everything back when its body throws, and passes the error on', () => {
    const { cluster, nodes, pods, nodeClass } = setting();
    const before = cluster.snapshot();
    expect(() =>
      cluster.speculate(() => {
        cluster.unbind(pods[0]);
        cluster.imagineNode(nodeClass, 'x', 0, 0);
        cluster.hideNode(nodes[2]);
        throw new Error('no luck');
      }),
    ).toThrow('no luck');
    expect(cluster.snapshot()).toEqual(before);
    expect(cluster.speculating).toBe(false);
  });

  it('goes back to a mark of its own', () => {
    const { cluster, nodes, pods } = setting();
    cluster.speculate(() => {
      cluster.unbind(pods[0]);
      const mark = cluster.mark();
      cluster.unbind(pods[1]);
      cluster.bind(pods[1], nodes[0]);
      cluster.revertTo(mark);
      expect([cluster.pods.node[pods[0]], cluster.pods.node[pods[1]]]).toEqual([NONE, nodes[1]]);
      expect(cluster.pods.state[pods[1]]).toBe(POD.running);
    });
  });

  it('nests: an inner one takes back its own steps only', () => {
    const { cluster, nodes, pods } = setting();
    const before = cluster.snapshot();
    cluster.speculate(() => {
      cluster.unbind(pods[0]);
      cluster.speculate(() => {
        cluster.bind(pods[0], nodes[1]);
        cluster.hideNode(nodes[1]);
      });
      expect(cluster.pods.state[pods[0]]).toBe(POD.pending);
      expect(cluster.nodes.state[nodes[1]]).toBe(NODE.registered);
      cluster.bind(pods[0], nodes[2]);
    });
    expect(cluster.snapshot()).toEqual(before);
  });

  it('does not go back beyond its own beginning, nor to a mark that is gone', () => {
    const { cluster, pods } = setting();
    cluster.speculate(() => {
      const outer = cluster.mark();
      cluster.unbind(pods[0]);
      const later = cluster.mark();
      cluster.revertTo(outer);
      expect(() => cluster.revertTo(later)).toThrow('not of this what-if');
      cluster.unbind(pods[0]);
      cluster.speculate(() => {
        expect(() => cluster.revertTo(outer)).toThrow('not of this what-if');
      });
      expect(cluster.pods.node[pods[0]]).toBe(NONE);
      cluster.revertTo(outer);
      expect(cluster.pods.node[pods[0]]).toBe(0);
    });
  });

  it('keeps to what a node has to give', () => {
    const { classes, cluster, nodeClass } = setting();
    const { id } = classes.pod({
      namespace: 'default',
      labels: {},
      annotations: {},
      controller: 'Job',
      containers: [{ requests: { cpu: 600 } }],
    });
    const [x, y] = [0, 1].map((ordinal) => cluster.createPod({ podClass: id, owner: 1, ordinal, duration: Infinity }));
    const before = cluster.snapshot();
    cluster.speculate(() => {
      const imagined = cluster.imagineNode(nodeClass, 'x', 0, 0);
      cluster.bind(x, imagined);
      expect(() => cluster.bind(y, imagined)).toThrow('more cpu');
    });
    expect(cluster.snapshot()).toEqual(before);
  });

  it('cannot change the cluster for good', () => {
    const { cluster, nodes, pods } = setting();
    cluster.speculate(() => {
      expect(() => cluster.start(pods[0])).toThrow('what-if');
      expect(() => cluster.evict(pods[0], EVICTION.api)).toThrow('what-if');
      expect(() => cluster.createPod({ podClass: 0, owner: 0, ordinal: 0, duration: 1 })).toThrow('what-if');
      expect(() => cluster.nodeGone(nodes[0])).toThrow('what-if');
      expect(() => cluster.orderNode({ name: 'x', offering: 0, group: 0, decision: -1 })).toThrow('what-if');
    });
  });

  it('refuses steps that make no sense, and changes nothing by them', () => {
    const { cluster, nodes, pods } = setting();
    const before = cluster.snapshot();
    cluster.speculate(() => {
      expect(() => cluster.unbind(pods[7])).toThrow('on no node');
      expect(() => cluster.unbind(500)).toThrow('on no node');
      expect(() => cluster.hideNode(50)).toThrow('no Node object');
      cluster.hideNode(nodes[0]);
      expect(() => cluster.hideNode(nodes[0])).toThrow('no Node object');
      expect(() => cluster.bind(pods[7], nodes[0])).toThrow('no Node object');
      expect(() => cluster.changeNode(nodes[0], { unschedulable: true })).toThrow('no Node object');
      expect(listed(cluster.firstNode, cluster.nodes.next)).toEqual([nodes[1], nodes[2]]);
    });
    expect(cluster.snapshot()).toEqual(before);
  });

  it('is the only place for its steps', () => {
    const { cluster, nodes, pods, nodeClass } = setting();
    expect(() => cluster.unbind(pods[0])).toThrow('only a what-if');
    expect(() => cluster.hideNode(nodes[0])).toThrow('only a what-if');
    expect(() => cluster.imagineNode(nodeClass, 'x', 0, 0)).toThrow('only a what-if');
    expect(() => cluster.revertTo(0)).toThrow('no what-if is open');
  });

  it('gives a brain nothing that is good for anything afterwards', () => {
    const { cluster, nodes, pods, view } = setting();
    const before = cluster.snapshot();
    let kept: WhatIf | undefined;
    view.speculate((whatIf) => {
      kept = whatIf;
    });
    expect(() => kept?.bind(pods[7], nodes[0])).toThrow('the what-if is over');
    expect(() => kept?.changeNode(nodes[0], { unschedulable: true })).toThrow('the what-if is over');
    expect(() => kept?.unbind(pods[0])).toThrow('only a what-if');
    expect(cluster.snapshot()).toEqual(before);
  });

  it('leaves no node behind at the row of an imagined one', () => {
    const { cluster, nodeClass, pods } = setting();
    const before = cluster.snapshot();
    cluster.speculate(() => {
      const imagined = cluster.speculate(() => cluster.imagineNode(nodeClass, 'imagined', 4, 4));
      expect(() => cluster.bind(pods[7], imagined)).toThrow('no Node object');
      expect(() => cluster.hideNode(imagined)).toThrow('no Node object');
    });
    expect(cluster.snapshot()).toEqual(before);
  });

  it('lets real nodes take the rows of imagined ones', () => {
    const { cluster, nodeClass, pods } = setting();
    cluster.speculate(() => {
      const imagined = cluster.imagineNode(nodeClass, 'imagined', 4, 4);
      cluster.bind(pods[7], imagined);
    });
    const real = cluster.orderNode({ name: 'real', offering: 1, group: 1, decision: -1 });
    expect([real, cluster.nodes.pods[real], cluster.nodes.firstPod[real], cluster.nodes.state[real]]).toEqual([
      3,
      0,
      NONE,
      NODE.ordered,
    ]);
    expect(cluster.used[real * cluster.stride + CPU]).toBe(0);
    expect(cluster.nodeNames[real]).toBe('real');
  });
});

// ---- any what-if at all ---------------------------------------------------------------------------------------------------

type Step =
  | { readonly do: 'bind' | 'unbind' | 'hide' | 'change' | 'imagine' | 'mark' | 'revert'; readonly x: number; readonly y: number }
  | { readonly do: 'nest'; readonly steps: readonly Step[]; readonly throws: boolean };

const { steps } = fc.letrec<{ step: Step; steps: readonly Step[] }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom('bind', 'unbind', 'bind', 'unbind', 'hide', 'change', 'imagine', 'mark', 'revert'),
        x: fc.nat(9),
        y: fc.nat(5),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('nest' as const), steps: tie('steps'), throws: fc.boolean() }) },
  ),
  steps: fc.array(tie('step'), { maxLength: 25 }),
}));

describe('any what-if', () => {
  it('leaves every column, list and sum exactly as before, at every level and at every mark', () => {
    let carriedOut = 0;
    fc.assert(
      fc.property(steps, (generated) => {
        const { cluster, nodeClass } = setting();
        // A snapshot is refused inside a what-if, so that the state of inner levels is read column by column.
        const state = () => ({
          pods: Object.entries(cluster.pods).map(([name, column]) => [name, [...column.subarray(0, cluster.podCount)]]),
          nodes: Object.entries(cluster.nodes).map(([name, column]) => [name, [...column.subarray(0, cluster.nodeCount)]]),
          used: [...cluster.used.subarray(0, cluster.nodeCount * cluster.stride)],
          names: [...cluster.nodeNames],
          heads: [cluster.firstPending, cluster.pendingCount, cluster.firstNode, cluster.registeredCount],
        });
        const run = (body: readonly Step[]): void => {
          const marks: { mark: number; state: unknown }[] = [];
          for (const step of body) {
            try {
              if (step.do === 'nest') {
                const before = state();
                try {
                  cluster.speculate(() => {
                    run(step.steps);
                    if (step.throws) throw new Error('inner');
                  });
                } finally {
                  expect(state()).toEqual(before);
                }
              } else if (step.do === 'bind') cluster.bind(step.x, step.y);
              else if (step.do === 'unbind') cluster.unbind(step.x);
              else if (step.do === 'hide') cluster.hideNode(step.y);
              else if (step.do === 'imagine') cluster.imagineNode(nodeClass, `imagined-${step.x}`, 0, 0);
              else if (step.do === 'change')
                cluster.changeNode(step.y, {
                  addTaints: [{ key: `t${step.x % 3}`, effect: 'NoSchedule' }],
                  unschedulable: step.x > 4,
                });
              else if (step.do === 'mark') marks.push({ mark: cluster.mark(), state: state() });
              else if (marks.length > 0) {
                const back = marks[step.x % marks.length];
                marks.length = (step.x % marks.length) + 1;
                cluster.revertTo(back.mark);
                expect(state()).toEqual(back.state);
              }
              carriedOut++;
            } catch (error) {
              // A refused step is fine: what matters is that nothing of it stays.
              if (!(error instanceof Error) || error.name === 'AssertionError') throw error;
            }
          }
        };
        const before = cluster.snapshot();
        cluster.speculate(() => run(generated));
        expect(cluster.snapshot()).toEqual(before);
        // And the cluster still works: lists lead to everything that they count.
        expect(listed(cluster.firstPending, cluster.pods.next).length).toBe(cluster.pendingCount);
        expect(listed(cluster.firstNode, cluster.nodes.next).length).toBe(cluster.registeredCount);
      }),
      { seed: 51, numRuns: 600 },
    );
    // The property means something only where most steps are possible.
    expect(carriedOut).toBeGreaterThan(2000);
  });
});
