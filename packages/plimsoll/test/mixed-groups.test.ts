import { arrivedNode, describedNode, type GroupBehaviourInput, type TemplateGap, templateGaps } from '@plimsoll/cloud';
import { NODE, type PodSpec, RECORD, type Scenario, Workload } from '@plimsoll/core';
import { type LiveRun, offeringsOf, prepare, providerOf } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { podSpec } from './support/pods.ts';
import { smallScenario } from './support/scenarios.ts';

const HOUR = 3_600_000;

interface Mixed {
  readonly instanceTypes: readonly string[];
  readonly zones?: readonly string[];
  readonly behaviour?: Omit<GroupBehaviourInput, 'spotMaxPrice'>;
  readonly max?: number;
  readonly desired?: number;
}

/** A cluster whose Cluster Autoscaler has one mixed group. */
function scenarioOf({ instanceTypes, zones = ['us-east-1a'], behaviour = {}, max = 50, desired = 0 }: Mixed): Scenario {
  return smallScenario({
    cloud: { catalog: 'aws', zones: ['us-east-1a', 'us-east-1b'], groups: { mixed: behaviour } },
    time: { settle: '45m' },
    autoscalers: {
      ca: {
        use: 'cluster-autoscaler',
        config: { nodeGroups: [{ name: 'mixed', min: 0, max, desired, instanceTypes, zones }] },
      },
    },
  });
}

/** A run with so many pods of a kind from the start, for three hours each, seen after an hour. */
function ran(scenario: Scenario, spec: PodSpec, count: number, until = HOUR): LiveRun {
  const workload = Workload.of([spec], [{ name: 'work', template: 0, time: 0, duration: 3 * HOUR, count }]).share();
  const run = prepare({ scenario, workload, autoscaler: 'ca', seed: 3 });
  run.simulation.runUntil(until);
  return run;
}

/** What was believed of the machines that came, and did not hold: each message once. */
function gapsOf(scenario: Scenario, { simulation }: LiveRun): readonly TemplateGap[] {
  const offerings = offeringsOf(scenario);
  const { plugin, options } = providerOf(scenario, 'ca');
  const [spec] = plugin.groups?.(options, offerings) ?? [];
  const believed = describedNode(spec, offerings);
  const weights = scenario.cloud.groups?.mixed.weights ?? {};
  const { cluster } = simulation;
  const out = new Map<string, TemplateGap>();
  for (let node = 0; node < cluster.nodeCount; node++) {
    if (cluster.nodes.state[node] < NODE.registered) continue;
    const { labels, allocatable } = cluster.classes.nodes[cluster.nodes.class[node]].shape;
    const offering = cluster.nodes.offering[node];
    const units = weights[offerings.types[offerings.offerings[offering].type].name] ?? 1;
    for (const gap of templateGaps('mixed', believed, arrivedNode({ offering, labels, allocatable, units }, offerings))) {
      out.set(gap.message, gap);
    }
  }
  return [...out.values()];
}

const messages = (gaps: readonly TemplateGap[], kind: TemplateGap['kind']): string[] =>
  gaps.filter((gap) => gap.kind === kind).map(({ message }) => message);

/** Sizes that the group was set to, in order. */
function sizesOf(run: LiveRun): number[] {
  const { log } = run.result();
  const out: number[] = [];
  for (let row = 0; row < log.length; row++) if (log.kind[row] === RECORD.groupResized) out.push(log.b[row]);
  return out;
}

const ordered = ({ simulation }: LiveRun): number => simulation.cluster.nodeCount;
const pending = ({ simulation }: LiveRun): number => simulation.cluster.pendingCount;

describe('a mixed group breaks the belief that all its nodes are alike', () => {
  it('1. by a template that is larger than what comes: the pods stay pending, for all the machines', () => {
    const scenario = scenarioOf({ instanceTypes: ['m5.2xlarge', 'm5.large'], behaviour: { onDemandStrategy: 'lowest-price' } });
    const run = ran(scenario, podSpec(3000, 1024, 'Job'), 10);
    // Two pods a node were planned: five nodes, of which none holds one, and more where the template is believed a second time.
    expect(sizesOf(run)[0]).toBe(5);
    expect(pending(run)).toBe(10);
    expect(messages(gapsOf(scenario, run), 'template-larger')).toEqual([
      'group mixed: the template promised m5.2xlarge (cpu 8, memory 32Gi), and m5.large (cpu 1930m, memory 7137Mi) came: pods that were counted on it stay pending, and the group may grow for them again and again',
    ]);
  });

  it('2. by a template that is smaller than what comes: machines that nobody needs', () => {
    // The small type is listed first and cannot be had.
    const scenario = smallScenario({
      ...scenarioOf({ instanceTypes: ['m5.large', 'm5.2xlarge'] }),
      cloud: { catalog: 'aws', zones: ['us-east-1a'], groups: { mixed: {} }, limits: [{ instanceType: 'm5.large', max: 0 }] },
      autoscalers: scenarioOf({ instanceTypes: ['m5.large', 'm5.2xlarge'] }).autoscalers,
      time: { settle: '45m' },
    });
    const run = ran(scenario, podSpec(1500, 1024, 'Job'), 40, 8 * 60_000);
    expect(pending(run)).toBe(0);
    expect(ordered(run)).toBe(40);
    const { cluster } = run.simulation;
    const busy = [...Array(cluster.nodeCount).keys()].filter((node) => cluster.nodes.pods[node] > 0).length;
    expect(busy).toBeLessThan(40);
    expect(messages(gapsOf(scenario, run), 'template-smaller')[0]).toContain(
      'the template promised m5.large (cpu 2, memory 8Gi), and m5.2xlarge (cpu 7910m, memory',
    );
  });

  it('3. by labels: a pod that asks for the second type never makes the group grow, one that asks for the first may get the second', () => {
    const types = ['m5.2xlarge', 'm5.large'];
    const asksFor = (type: string): PodSpec => ({
      ...podSpec(500, 512, 'Job'),
      nodeSelector: { 'node.kubernetes.io/instance-type': type },
    });
    const cheap = scenarioOf({ instanceTypes: types, behaviour: { onDemandStrategy: 'lowest-price' } });
    expect(ordered(ran(cheap, asksFor('m5.large'), 1))).toBe(0);
    const run = ran(cheap, asksFor('m5.2xlarge'), 1);
    expect(ordered(run)).toBeGreaterThan(0);
    expect(pending(run)).toBe(1);
    expect(messages(gapsOf(cheap, run), 'labels')).toEqual([
      'group mixed: the template has node.kubernetes.io/instance-type=m5.2xlarge, and the node that came has m5.large: a pod that asks for the former does not run on it, and one that asks for the latter never makes the group grow',
    ]);
  });

  it('4. by zones: the template stands in the first, wherever machines come', () => {
    const scenario = scenarioOf({ instanceTypes: ['m5.large'], zones: ['us-east-1a', 'us-east-1b'], max: 2 });
    const inZone = (zone: string): PodSpec => ({
      ...podSpec(1500, 512, 'Job'),
      nodeSelector: { 'topology.kubernetes.io/zone': zone },
    });
    // The group could buy in zone b, and is never asked to.
    expect(ordered(ran(scenario, inZone('us-east-1b'), 2))).toBe(0);
    const run = ran(scenario, inZone('us-east-1a'), 2);
    // Two were counted on for zone a; the group balances its zones.
    expect(pending(run)).toBe(1);
    expect(messages(gapsOf(scenario, run), 'zone')).toEqual([
      "group mixed: the template stands in us-east-1a, and the machine came in us-east-1b: a pod or a volume of another zone than the template's never makes the group grow, and one of the template's may wait for a machine that came elsewhere",
    ]);
  });

  it('5. by price: the same pods cost what the order of the types makes them cost', () => {
    const spec = podSpec(1500, 512, 'Job');
    const rate = (instanceTypes: readonly string[]): { nano: number; gaps: readonly TemplateGap[] } => {
      const scenario = scenarioOf({ instanceTypes, behaviour: { onDemandPercentage: 0 } });
      const run = ran(scenario, spec, 6);
      expect(pending(run)).toBe(0);
      const { offerings } = offeringsOf(scenario);
      const { nodes, nodeCount } = run.simulation.cluster;
      const nano = [...nodes.offering.slice(0, nodeCount)].reduce((sum, row) => sum + offerings[row].price, 0);
      return { nano, gaps: gapsOf(scenario, run) };
    };
    // Alike in CPU and memory; the group buys spot by price and capacity, and the template is on-demand.
    const { gaps } = rate(['m5.large', 'm6i.large', 'm5a.large']);
    expect(messages(gaps, 'price')[0]).toMatch(
      /^group mixed: the template's m5\.large costs \$0\.0960\/h, and the group bought m\w+\.large at \$0\.0\d+\/h: no expander of node groups sees/,
    );
    const onDemand = (instanceTypes: readonly string[]): number => {
      const scenario = scenarioOf({ instanceTypes });
      const run = ran(scenario, spec, 6);
      const { offerings } = offeringsOf(scenario);
      return offerings[run.simulation.cluster.nodes.offering[0]].price;
    };
    expect(onDemand(['m5.large', 'm5a.large'])).toBeGreaterThan(onDemand(['m5a.large', 'm5.large']));
  });

  it('6. by weights: the size counts units, and what machines do not cover looks like machines that never come', () => {
    const scenario = scenarioOf({
      instanceTypes: ['m5.xlarge', 'm5.large'],
      behaviour: { weights: { 'm5.xlarge': 2, 'm5.large': 1 } },
    });
    const run = ran(scenario, podSpec(1500, 512, 'Job'), 8, 2 * HOUR);
    const gaps = gapsOf(scenario, run);
    expect(messages(gaps, 'weight')).toEqual([
      'group mixed: one machine was counted as 1 of the size, and the m5.xlarge that came counts 2: what the size lacks looks like machines that never register, and is cut after their time',
    ]);
    // Four machines of two pods each were asked for, and four units are two machines.
    const sizes = sizesOf(run);
    expect(sizes[0]).toBe(4);
    expect(Math.min(...sizes)).toBeLessThan(4);
  });

  it('and not at all where types are alike, zones are one and nothing has a weight, but for the price', () => {
    const scenario = scenarioOf({
      instanceTypes: ['m5.xlarge', 'm5a.xlarge', 'm6i.xlarge'],
      behaviour: { onDemandPercentage: 0 },
    });
    const run = ran(scenario, podSpec(1500, 512, 'Job'), 8);
    expect(pending(run)).toBe(0);
    const kinds = new Set(gapsOf(scenario, run).map(({ kind }) => kind));
    for (const kind of ['template-larger', 'template-smaller', 'zone', 'weight'] as const) expect(kinds.has(kind)).toBe(false);
  });
});
