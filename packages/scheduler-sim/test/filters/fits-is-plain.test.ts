import { NONE, type WhatIf } from '@plimsoll/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NodeOrder, placesIn } from '../../src/cycle/node-order.ts';
import { PlainCycle } from '../../src/cycle/plain-cycle.ts';
import { FilterModel } from '../../src/filters/filter-model.ts';
import { DEFAULT_CONFIG } from '../../src/plain/config.ts';
import { prepareFilters } from '../../src/plain/prepared-filters.ts';
import { Nominations } from '../../src/preemption/nominations.ts';
import { LiveStorage } from '../../src/storage/live-storage.ts';
import { Bench } from '../support/build.ts';
import { gpu, HUGE, SHAPES, SOCIAL, SPECS, slow, zone } from '../support/palette.ts';

const PODS = [...SPECS, ...SOCIAL];

/** What the plain filters say of every class on every node as the cluster stands. */
function expectPlain(bench: Bench, model: FilterModel): void {
  const { view, cluster } = bench;
  const order = new NodeOrder(placesIn(view));
  for (let node = cluster.firstNode; node !== NONE; node = cluster.nodes.next[node]) order.add(node);
  order.refresh();
  const cycle = new PlainCycle({
    view,
    order,
    config: DEFAULT_CONFIG,
    nominations: new Nominations(),
    storage: new LiveStorage(view),
    tie: 'first',
    chance: undefined,
  });
  for (const spec of PODS) {
    const podClass = bench.classes.pod(spec).id;
    const context = cycle.context(podClass, -1);
    const prepared = prepareFilters(context);
    if (prepared.is !== 'ready') throw new Error('no filter of the simulation refuses a pod everywhere');
    order.rows.forEach((node, i) => {
      const status = prepared.filters.filter(context.snapshot.nodes[i]);
      const rejection = model.reject(podClass, node);
      const same = status && { plugin: status.plugin, reasons: status.reasons, unresolvable: status.code === 'UU' };
      expect(rejection).toEqual(same);
      expect(model.fits(podClass, node)).toBe(status === undefined);
    });
  }
}

const pick = fc.nat(1000);
const act = fc.record({
  op: fc.constantFrom('bind', 'unbind', 'imagine', 'hide', 'taint', 'zone', 'nested', 'check'),
  a: pick,
  b: pick,
});

it('says of real, changed and imagined nodes what the plain filters say, inside a what-if and after it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ spec: fc.nat(PODS.length - 1), node: pick }), { maxLength: 14 }),
      fc.array(act, { minLength: 3, maxLength: 16 }),
      (pods, acts) => {
        const bench = new Bench();
        const { cluster, view } = bench;
        const model = new FilterModel(view);
        for (let i = 0; i < 5; i++) bench.node(`n${i}`, i === 4 ? HUGE : SHAPES[i]);
        for (const { spec, node } of pods) {
          const pod = bench.pending(PODS[spec]);
          if (model.fits(cluster.pods.class[pod], node % 5)) cluster.bind(pod, node % 5);
        }
        const run = (whatIf: WhatIf, from: number): void => {
          for (let i = from; i < acts.length; i++) {
            const { op, a, b } = acts[i];
            const nodes = bench.registered;
            const node = nodes[a % Math.max(1, nodes.length)];
            if (op === 'check') expectPlain(bench, model);
            else if (op === 'imagine') whatIf.imagineNode(bench.classes.node(SHAPES[b % SHAPES.length]).id, `imagined${b % 3}`);
            else if (op === 'bind') {
              const pod = cluster.firstPending;
              if (pod !== NONE && node !== undefined && model.fits(cluster.pods.class[pod], node)) whatIf.bind(pod, node);
            } else if (node === undefined) continue;
            else if (op === 'unbind' && cluster.nodes.firstPod[node] !== NONE) whatIf.unbind(cluster.nodes.firstPod[node]);
            else if (op === 'hide' && nodes.length > 1) whatIf.hideNode(node);
            else if (op === 'taint') whatIf.changeNode(node, { addTaints: [b % 2 === 0 ? gpu : slow] });
            else if (op === 'zone') whatIf.changeNode(node, { addLabels: zone('abc'[b % 3]) });
            else if (op === 'nested') {
              view.speculate((inner) => {
                inner.imagineNode(bench.classes.node(HUGE).id, 'inner');
                if (cluster.nodes.firstPod[node] !== NONE) inner.unbind(cluster.nodes.firstPod[node]);
                if (b % 2 === 0) expectPlain(bench, model);
              });
            }
          }
          expectPlain(bench, model);
        };
        view.speculate((whatIf) => run(whatIf, 0));
        expectPlain(bench, model);
      },
    ),
    { numRuns: 40, seed: 11 },
  );
});
