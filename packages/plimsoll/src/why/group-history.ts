import { arrivedNode, describedNode, type TemplateGap, templateGaps } from '@plimsoll/cloud';
import { GROUP_ACT, type GroupSpec, NODE, NOTICE, ORDER_ERROR, RECORD } from '@plimsoll/core';
import type { RunSpec } from '@plimsoll/lab';
import { type LiveRun, offeringsOf, prepare, providerOf } from '../simulate.ts';

/** Something that happened to a group. */
export interface GroupStep {
  /** Simulated milliseconds. */
  readonly at: number;
  /** `sized 4`, `rolled workers-3`, `refused m5.large in us-east-1a: InsufficientInstanceCapacity` */
  readonly text: string;
  /** Why, where somebody decided it. */
  readonly because?: string;
}

/** What became of a group: its sizes, what it did of its own accord, what it bought, and what was believed of it and did not hold. */
export interface GroupHistory {
  readonly group: string;
  readonly autoscaler: string;
  readonly seed: number;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly steps: readonly GroupStep[];
  /** Machines that ran, by what they are: `spot m5.large us-east-1a`. */
  readonly bought: Readonly<Record<string, number>>;
  /** Each kind of gap once for each kind of machine, with how many machines it is about. */
  readonly gaps: readonly (TemplateGap & { readonly machines: number })[];
  readonly until: number;
}

/** No group of the run has this name. */
export class UnknownGroupError extends Error {
  override readonly name = 'UnknownGroupError';
  readonly groups: readonly string[];

  constructor(group: string, groups: readonly string[]) {
    super(`there is no group ${group}; ${groups.length === 0 ? 'this autoscaler has none' : `there are ${groups.join(', ')}`}`);
    this.groups = groups;
  }
}

/**
 * Runs a spec again and tells of one group, up to a time or to the end of the run.
 *
 * @throws UnknownGroupError
 */
export function explainGroup(spec: RunSpec, name: string, { until }: { readonly until?: number } = {}): GroupHistory {
  const { scenario, autoscaler, seed } = spec;
  const offerings = offeringsOf(scenario);
  const { plugin, options } = providerOf(scenario, autoscaler);
  const groups: readonly GroupSpec[] = plugin.groups?.(options, offerings) ?? [];
  const row = groups.findIndex((group) => group.name === name);
  if (row < 0)
    throw new UnknownGroupError(
      name,
      groups.map((group) => group.name),
    );
  const run = prepare(spec);
  if (until === undefined) run.simulation.run();
  else run.simulation.runUntil(until);
  const steps = stepsOf(run, row, spec);
  const sizes = sizesOf(run, row);
  return {
    group: name,
    autoscaler,
    seed,
    min: groups[row].min,
    max: groups[row].max,
    desired: sizes.at(-1) ?? groups[row].desired,
    steps,
    ...machinesOf(run, row, groups[row], spec),
    until: run.simulation.now,
  };
}

const ACTS: Readonly<Record<number, string>> = {
  [GROUP_ACT.zoneRebalance]: 'moves between zones:',
  [GROUP_ACT.capacityRebalance]: 'replaces what is likely to be taken:',
  [GROUP_ACT.unhealthy]: 'ends as unhealthy:',
  [GROUP_ACT.refresh]: 'rolls to the new template:',
  [GROUP_ACT.lifetime]: 'ends as too old:',
  [GROUP_ACT.abandoned]: 'ends, for its launch hook was abandoned:',
  [GROUP_ACT.scaleIn]: 'has too many and ends',
  [GROUP_ACT.fromWarmPool]: 'takes from the warm pool',
  [GROUP_ACT.toWarmPool]: 'puts into the warm pool',
};

const ERRORS: Readonly<Record<number, string>> = {
  [ORDER_ERROR.insufficientCapacity]: 'InsufficientInstanceCapacity',
  [ORDER_ERROR.limitExceeded]: 'LimitExceeded',
  [ORDER_ERROR.maxSpotInstanceCountExceeded]: 'MaxSpotInstanceCountExceeded',
  [ORDER_ERROR.vcpuLimitExceeded]: 'VcpuLimitExceeded',
  [ORDER_ERROR.insufficientFreeAddressesInSubnet]: 'InsufficientFreeAddressesInSubnet',
  [ORDER_ERROR.reservationCapacityExceeded]: 'ReservationCapacityExceeded',
  [ORDER_ERROR.requestLimitExceeded]: 'RequestLimitExceeded',
  [ORDER_ERROR.spotMaxPriceTooLow]: 'SpotMaxPriceTooLow',
  [ORDER_ERROR.unfulfillableCapacity]: 'UnfulfillableCapacity',
};

function stepsOf({ simulation, view }: LiveRun, group: number, { scenario }: RunSpec): GroupStep[] {
  const { types, offerings } = offeringsOf(scenario);
  const { decisions } = simulation.log;
  const { length, time, kind, a, b, c } = simulation.log.columns();
  const named = (node: number): string => view.nodeNames[node] ?? `machine ${node}`;
  const out: GroupStep[] = [];
  const add = (row: number, text: string, decision = -1): void => {
    const { because } = decisions[decision] ?? {};
    out.push({ at: time[row], text, ...(because && { because: because.message || because.code }) });
  };
  for (let row = 0; row < length; row++) {
    const isOfGroup = a[row] === group;
    switch (kind[row]) {
      case RECORD.groupResized:
        if (isOfGroup) add(row, `is sized ${b[row]}`, c[row]);
        break;
      case RECORD.groupActed:
        if (isOfGroup) add(row, `${ACTS[b[row]] ?? 'acts on'} ${named(c[row])}`);
        break;
      case RECORD.orderFailed: {
        if (!isOfGroup) break;
        const sold = offerings[b[row]];
        const what = sold === undefined ? '' : ` ${sold.capacityType} ${types[sold.type].name} in ${sold.zone}`;
        add(row, `is refused${what}: ${ERRORS[c[row]] ?? 'an error'}`);
        break;
      }
      case RECORD.nodeNotice:
        if (view.nodes.group[a[row]] !== group) break;
        add(row, b[row] === NOTICE.rebalance ? `is told that ${named(a[row])} may be taken` : `gets notice for ${named(a[row])}`);
    }
  }
  return out;
}

function sizesOf({ simulation }: LiveRun, group: number): number[] {
  const { length, kind, a, b } = simulation.log.columns();
  const out: number[] = [];
  for (let row = 0; row < length; row++) if (kind[row] === RECORD.groupResized && a[row] === group) out.push(b[row]);
  return out;
}

function machinesOf(
  { view }: LiveRun,
  group: number,
  spec: GroupSpec,
  { scenario }: RunSpec,
): Pick<GroupHistory, 'bought' | 'gaps'> {
  const offerings = offeringsOf(scenario);
  const { groups } = scenario.cloud;
  const weights = (groups?.[spec.name] ?? groups?.['*'])?.weights ?? {};
  const believed = describedNode(spec, offerings);
  const bought: Record<string, number> = {};
  const gaps = new Map<string, TemplateGap & { machines: number }>();
  const { nodes, nodeCount, classes } = view;
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.group[node] !== group || Number.isNaN(nodes.runningAt[node])) continue;
    const offering = nodes.offering[node];
    const { type, zone, capacityType } = offerings.offerings[offering];
    const key = `${capacityType} ${offerings.types[type].name} ${zone}`;
    bought[key] = (bought[key] ?? 0) + 1;
    if (nodes.state[node] < NODE.registered || Number.isNaN(nodes.registeredAt[node])) continue;
    const { labels, allocatable } = classes.nodes[nodes.class[node]].shape;
    const came = arrivedNode({ offering, labels, allocatable, units: weights[offerings.types[type].name] ?? 1 }, offerings);
    for (const gap of templateGaps(spec.name, believed, came)) {
      const known = gaps.get(gap.message);
      if (known === undefined) gaps.set(gap.message, { ...gap, machines: 1 });
      else known.machines++;
    }
  }
  return { bought, gaps: [...gaps.values()] };
}
