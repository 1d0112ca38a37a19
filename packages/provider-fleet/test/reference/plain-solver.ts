import { firstUntolerated, NODE, type PodSpec, type Taint } from '@plimsoll/core';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Planner } from '../../src/planner.ts';
import { podViews } from '../../src/pods/pod-variants.ts';
import { goSortBy } from '../../src/provisioning/go-sort.ts';
import { allows } from '../../src/requirements/requirement.ts';
import { conflict, incompatibility, labelSet, type RequirementSet, withAll } from '../../src/requirements/requirement-set.ts';
import { WELL_KNOWN } from '../../src/requirements/well-known.ts';

interface PlainClaim {
  readonly template: number;
  requirements: RequirementSet;
  types: number[];
  totals: number[];
  readonly pods: number[];
}

/** What a plan comes to: pods by existing node, claims, and pods without a place. */
export interface PlainPlan {
  readonly existing: ReadonlyMap<number, number[]>;
  readonly claims: readonly PlainClaim[];
  readonly failed: readonly number[];
}

/**
 * The plan for some pods in queue order, written the long way in the real program's order of steps: every node is asked for every
 * pod, every claim filters every type, nothing is remembered.
 */
export function plainPlan(planner: Planner, pods: readonly number[], withoutNodes: readonly number[] = []): PlainPlan {
  const { catalogue, fleet, options, templates, view } = planner;
  const { state, group } = view.nodes;
  const ready = (node: number): boolean => state[node] === NODE.ready;
  const nodes = fleet.byName
    .filter((node) => !fleet.isMarked(node) && !withoutNodes.includes(node))
    .sort((a, b) => Number(ready(b)) - Number(ready(a)));
  const free = nodes.map((node) => {
    const { allocatable } = planner.nodeKinds.of(node);
    return allocatable.map((amount, r) => amount - view.used[node * view.stride + r]);
  });
  const existing = new Map<number, number[]>();
  const claims: PlainClaim[] = [];
  let order: PlainClaim[] = [];
  const left = templates.map(({ limits }) => [...limits]);
  templates.forEach((template, row) => {
    for (const node of nodes) {
      if (group[node] !== template.pool) continue;
      template.limitedResources.forEach((r, k) => {
        left[row][k] -= planner.nodeKinds.of(node).capacity[r] ?? 0;
      });
    }
  });
  const relax = options.nodePools.some(({ taints }) => taints.some(({ effect }) => effect === 'PreferNoSchedule'));

  const tolerated = (taints: readonly Taint[], tolerations: PodSpec['tolerations']): boolean =>
    firstUntolerated(taints, tolerations ?? [], () => true) === undefined;

  const add = (pod: number): boolean => {
    const { requests, spec } = view.classes.pods[view.pods.class[pod]];
    for (const { requirements, tolerations } of podViews(spec, false, relax)) {
      for (const [i, node] of nodes.entries()) {
        const { labels, taints } = planner.nodeKinds.of(node);
        if (!tolerated(taints, tolerations) || free[i].some((amount) => amount < 0)) continue;
        if (requests.some((amount, r) => amount > (free[i][r] ?? 0))) continue;
        if (incompatibility(labelSet(labels), requirements, new Set()) !== undefined) continue;
        free[i] = free[i].map((amount, r) => amount - (requests[r] ?? 0));
        existing.set(node, [...(existing.get(node) ?? []), pod]);
        return true;
      }
      order = goSortBy([...order], (a, b) => a.pods.length < b.pods.length);
      for (const claim of order) {
        if (!tolerated(templates[claim.template].nodePool.taints, tolerations)) continue;
        if (incompatibility(claim.requirements, requirements, WELL_KNOWN) !== undefined) continue;
        const merged = withAll(claim.requirements, requirements.values());
        const totals = sum(claim.totals, requests);
        const types = claim.types.filter((type) => survives(catalogue, type, merged, totals));
        if (types.length === 0) continue;
        Object.assign(claim, { requirements: merged, totals, types });
        claim.pods.push(pod);
        return true;
      }
      for (const [row, template] of templates.entries()) {
        if (!tolerated(template.nodePool.taints, tolerations)) continue;
        const own = template.requirements.set;
        if (incompatibility(own, requirements, WELL_KNOWN) !== undefined) continue;
        const merged = withAll(own, requirements.values());
        const types = catalogue.types
          .map((_, type) => type)
          .filter((type) => survives(catalogue, type, merged, requests))
          .filter((type) => template.limitedResources.every((r, k) => (catalogue.types[type].capacity[r] ?? 0) <= left[row][k]));
        if (types.length === 0) continue;
        template.limitedResources.forEach((r, k) => {
          left[row][k] -= Math.max(...types.map((type) => catalogue.types[type].capacity[r] ?? 0));
        });
        const claim = { template: row, requirements: merged, types, totals: [...requests], pods: [pod] };
        claims.push(claim);
        order.push(claim);
        return true;
      }
    }
    return false;
  };

  const queue = [...pods];
  const lengthAt = new Map<number, number>();
  while (queue.length > 0 && lengthAt.get(queue[0]) !== queue.length) {
    const pod = queue.shift()!;
    if (add(pod)) continue;
    queue.push(pod);
    lengthAt.set(pod, queue.length);
  }
  return { existing, claims, failed: queue.sort((a, b) => a - b) };
}

function survives(catalogue: Catalogue, type: number, requirements: RequirementSet, totals: readonly number[]): boolean {
  const { requirements: own, allocatable } = catalogue.types[type];
  if (conflict(requirements, own) !== undefined) return false;
  if (totals.some((amount, r) => amount > (allocatable[r] ?? 0))) return false;
  const sold = (key: string, value: string): boolean => allows(requirements.get(key) ?? { ...ANY, key }, value);
  return catalogue.offerings.some(
    (o) => o.type === type && sold('topology.kubernetes.io/zone', o.zone) && sold('karpenter.sh/capacity-type', o.capacityType),
  );
}

const ANY = { complement: true, values: [], lower: undefined, upper: undefined, minValues: undefined };

function sum(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, r) => (a[r] ?? 0) + (b[r] ?? 0));
}
