// Compares the fast engine with the plain one, decision by decision, for as long as it is told to:
//   node --conditions=@plimsoll/source --import tsx packages/scheduler-sim/test/long-run.ts [decisions] [seed]
// Everything is mixed: spread, affinity, ports, taints, priorities, claims, images, sampling, ties, configurations, nodes and pods that come and
// go, and what-ifs between decisions. A difference ends it with a counterexample that fast-check has made small.
import { Streams } from '@plimsoll/core';
import fc from 'fast-check';
import type { KubeSchedulerOptions } from '../src/kube-scheduler.ts';
import { anyConfig } from './support/configs.ts';
import { PICTURED, SHAPES, STOCKED, STORAGE, STORING } from './support/palette.ts';
import { compareEngines, PODS, step } from './support/two-engines.ts';

const [wanted = 100_000, firstSeed = 1] = process.argv.slice(2).map(Number);
const BATCH = 25;
const specs = [...PODS, ...STORING, ...PICTURED];
const shapes = [...SHAPES, ...STOCKED];

const options = fc.record({
  tie: fc.constantFrom('first' as const, 'preorder' as const, 'random' as const),
  retries: fc.constantFrom('each' as const, 'class' as const),
  preemption: fc.boolean(),
  config: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: anyConfig }),
  percentage: fc.constantFrom(0, 5, 60, 100, 100),
  cacheBytes: fc.constantFrom(undefined, 1000),
});
// A hundred nodes and more where it stops at enough of them, which it does from there on.
const size = fc.oneof({ weight: 5, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.integer({ min: 105, max: 160 }) });

let decisions = 0;
let clusters = 0;
const property = fc.property(options, size, fc.array(step, { minLength: 10, maxLength: 80 }), (drawn, nodes, steps) => {
  const { tie, retries, preemption, config, percentage, cacheBytes } = drawn;
  const set: KubeSchedulerOptions = {
    tie,
    retries,
    preemption,
    chance: new Streams(7).keyed('tie'),
    config: { percentageOfNodesToScore: percentage, ...config },
    storage: STORAGE,
    ...(cacheBytes !== undefined && { cacheBytes }),
  };
  decisions += compareEngines(set, nodes, steps, { specs, shapes });
  clusters++;
});

for (let seed = firstSeed; decisions < wanted; seed++) fc.assert(property, { seed, numRuns: BATCH });
console.log(`${decisions} decisions in ${clusters} clusters, from seed ${firstSeed} on: fast = plain in every one`);
