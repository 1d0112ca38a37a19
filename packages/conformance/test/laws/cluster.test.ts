import { Classes, Cluster, EVICTION, HOUR, Log, NODE, RECORD } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogues } from '../../src/arbitraries/catalogues.ts';
import { nodeShapes } from '../../src/arbitraries/nodes.ts';
import { podSpecs } from '../../src/arbitraries/pods.ts';
import { seeded } from '../../src/arbitraries/seeded.ts';
import { checkLaws } from '../../src/laws/check-laws.ts';
import { lawTables, useOf } from '../../src/laws/law-tables.ts';

/** One attempt to change a cluster; what the cluster refuses does not happen. */
interface Step {
  readonly wait: number;
  readonly what: keyof typeof STEPS;
  readonly pod: number;
  readonly node: number;
}

const attempt = (change: () => void): void => {
  try {
    change();
  } catch {
    // The cluster's own checks refuse what cannot be: that leaves no record.
  }
};

const STEPS = {
  create: (cluster: Cluster, { pod }: Step) =>
    cluster.createPod({ podClass: pod % cluster.classes.pods.length, owner: 0, ordinal: cluster.podCount, duration: HOUR }),
  miss: (cluster: Cluster, { pod }: Step) => cluster.markUnschedulable(pod % cluster.podCount),
  bind: (cluster: Cluster, { pod, node }: Step) => cluster.bind(pod % cluster.podCount, node % cluster.nodeCount),
  start: (cluster: Cluster, { pod }: Step) => cluster.start(pod % cluster.podCount),
  finish: (cluster: Cluster, { pod }: Step) => cluster.finish(pod % cluster.podCount),
  evict: (cluster: Cluster, { pod }: Step) => cluster.evict(pod % cluster.podCount, EVICTION.drain),
  remove: (cluster: Cluster, { pod }: Step) => cluster.remove(pod % cluster.podCount),
  order: (cluster: Cluster) => cluster.orderNode({ name: `n${cluster.nodeCount}`, offering: -1, group: 0, decision: -1 }),
  run: (cluster: Cluster, { node }: Step) => cluster.nodeRunning(node % cluster.nodeCount, 0),
  register: (cluster: Cluster, { node, pod }: Step) =>
    cluster.registerNode(node % cluster.nodeCount, pod % cluster.classes.nodes.length),
  ready: (cluster: Cluster, { node }: Step) => cluster.readyNode(node % cluster.nodeCount, { addLabels: { ready: 'yes' } }),
  change: (cluster: Cluster, { node, pod }: Step) =>
    cluster.changeNode(node % cluster.nodeCount, { unschedulable: pod % 2 === 0 }),
  terminate: (cluster: Cluster, { node }: Step) => cluster.terminateNode(node % cluster.nodeCount, -1),
  gone: (cluster: Cluster, { node }: Step) => cluster.nodeGone(node % cluster.nodeCount),
} as const;

describe('the laws', () => {
  it('hold for whatever the one writer of the cluster lets happen', () => {
    const step = fc.record({
      wait: fc.constantFrom(0, 0, 1, 1000),
      what: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[]), 'create', 'bind', 'register', 'run', 'bind'),
      pod: fc.nat(11),
      node: fc.nat(5),
    });
    const kinds = new Set<number>();
    fc.assert(
      fc.property(
        fc.array(podSpecs(), { minLength: 1, maxLength: 3 }),
        fc.array(nodeShapes(), { minLength: 1, maxLength: 3 }),
        catalogues(),
        fc.array(step, { minLength: 20, maxLength: 150 }),
        (pods, nodes, { offerings }, steps) => {
          const classes = new Classes();
          const log = new Log();
          const cluster = new Cluster(classes, log);
          for (const spec of pods) classes.pod(spec);
          for (const shape of nodes) classes.node(shape);
          STEPS.create(cluster, { wait: 0, what: 'create', pod: 0, node: 0 });
          STEPS.order(cluster);
          /** When the bill of a running machine ended because its end was asked for. */
          const asked = new Map<number, number>();
          for (const one of steps as readonly Step[]) {
            cluster.setNow(cluster.now + one.wait);
            attempt(() => {
              STEPS[one.what](cluster, one);
              const node = one.node % cluster.nodeCount;
              if (one.what === 'terminate' && !Number.isNaN(cluster.nodes.runningAt[node])) asked.set(node, cluster.now);
            });
          }
          let running = 0;
          let nodeMilliseconds = 0;
          for (let node = 0; node < cluster.nodeCount; node++) {
            const { state, runningAt, goneAt } = cluster.nodes;
            if (state[node] !== NODE.ordered && state[node] !== NODE.gone) running++;
            const end = asked.get(node) ?? (Number.isNaN(goneAt[node]) ? cluster.now : goneAt[node]);
            if (!Number.isNaN(runningAt[node])) nodeMilliseconds += end - runningAt[node];
          }
          log.append(cluster.now, RECORD.ended, 0);
          const columns = log.columns();
          for (const kind of columns.kind) kinds.add(kind);
          const nanoDollars = (BigInt(nodeMilliseconds) * BigInt(offerings[0].price)) / BigInt(HOUR);
          const claims = { use: useOf(cluster), running, bill: { nodeMilliseconds, nanoDollars } };
          expect(checkLaws(columns, lawTables(classes, offerings), claims)).toEqual([]);
        },
      ),
      seeded({ numRuns: 300 }),
    );
    // The steps reach every kind of record that the cluster itself writes, but nominations.
    for (const kind of [
      RECORD.podUnschedulable,
      RECORD.podFinished,
      RECORD.podEvicted,
      RECORD.podGone,
      RECORD.nodeReady,
      RECORD.nodeGone,
    ]) {
      expect(kinds).toContain(kind);
    }
  });
});
