// One day in which a sample of the decisions is made again by an exhaustive scan and by the plain engine, and timed. Prints JSON.
import { type Placement, type Scheduler, viewOf } from '@plimsoll/core';
import { kubeScheduler } from '@plimsoll/scheduler-sim';
import { ExhaustiveScan } from '../reference/exhaustive-scan.ts';
import { type DaySize, makeDay } from './day.ts';
import { CONFIG, setUp } from './play.ts';

const SCAN_EVERY = 500;
const PLAIN_EVERY = 100_000;

const size = JSON.parse(process.argv[2]) as DaySize;
const times = { fast: [] as number[], scan: [] as number[], plain: [] as number[] };
const wrong: string[] = [];
let decisions = 0;

const simulation = setUp(makeDay(size), (scheduler, { cluster }): Scheduler => {
  const view = viewOf(cluster);
  const scan = new ExhaustiveScan(view, listed(size.nodes));
  const next = (now: number): Placement | undefined => {
    const alone = cluster.pendingCount === 1;
    const pod = cluster.firstPending;
    const start = performance.now();
    const made = scheduler.next(now);
    const micros = (performance.now() - start) * 1000;
    if (made === undefined || ++decisions % SCAN_EVERY !== 0 || !alone) return made;
    times.fast.push(micros);
    const podClass = cluster.pods.class[pod];
    scan.sync();
    const judge = (name: 'scan' | 'plain', choose: () => number): void => {
      const before = performance.now();
      const node = choose();
      times[name].push((performance.now() - before) * 1000);
      if (node !== made.node) wrong.push(`decision ${decisions}: ${made.node}, by the ${name} ${node}`);
    };
    judge('scan', () => scan.choose(podClass));
    if (decisions % PLAIN_EVERY === 0) {
      const plain = kubeScheduler({ engine: 'plain', config: CONFIG }).create(view);
      judge('plain', () => plain.next(now)?.node as number);
    }
    return made;
  };
  return {
    next,
    observe: scheduler.observe.bind(scheduler),
    get readyAt() {
      return scheduler.readyAt;
    },
    explain: scheduler.explain.bind(scheduler),
    snapshot: () => scheduler.snapshot(),
    restore: (saved) => scheduler.restore(saved),
  };
});
simulation.run();

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
console.log(
  JSON.stringify({
    fastMicros: median(times.fast),
    scanMicros: median(times.scan),
    plainMicros: median(times.plain),
    scans: times.scan.length,
    plains: times.plain.length,
    wrong,
    digest: simulation.log.digest(),
  }),
);

/** Nodes in the order of the scheduler's list: the zones in turn, each from its first node on. */
function listed(nodes: number): number[] {
  const day = makeDay({ nodes, pods: 1 });
  const zones = new Map<string, number[]>();
  day.nodes.forEach((row, node) => {
    const zone = day.nodeShapes[row].labels['topology.kubernetes.io/zone'];
    zones.set(zone, [...(zones.get(zone) ?? []), node]);
  });
  const order: number[] = [];
  for (let i = 0; order.length < nodes; i++) {
    for (const members of zones.values()) if (i < members.length) order.push(members[i]);
  }
  return order;
}
