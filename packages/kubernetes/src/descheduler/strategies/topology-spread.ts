import { canonical, goSortBy, type LabelSelector, matchesSelector, type TopologySpread } from '@plimsoll/core';
import type { DeschedulerNode, DeschedulerPod } from '../cluster.ts';
import { fitsElsewhere, labelOf, selectsNode, toleratesTaint } from '../node-fit.ts';
import type { TopologySpreadArgs } from '../policy.ts';
import { concerns, type StrategyContext } from './strategy.ts';

/** A constraint with the pod that brought it, whose node affinity and tolerations say which nodes count. */
interface Constraint {
  readonly spread: TopologySpread;
  readonly selector: LabelSelector | undefined;
  readonly pod: DeschedulerPod;
}

interface Domain {
  readonly value: string;
  pods: DeschedulerPod[];
}

/**
 * Evicts pods from the fullest domains where a spread constraint is broken.
 *
 * Source: descheduler v0.36.0, `plugins/removepodsviolatingtopologyspreadconstraint`. Where the real one goes by the order of a map (namespaces,
 * domains of one size, pods to evict), this goes by the order they are met.
 */
export function removePodsViolatingTopologySpread(context: StrategyContext, args: TopologySpreadArgs): void {
  const { cluster, nodes } = context;
  const byNamespace = new Map<string, DeschedulerPod[]>();
  for (const { name } of nodes) {
    for (const pod of cluster.podsOn(name)) {
      if (!concerns(args, pod) || !context.evictable(pod)) continue;
      const list = byNamespace.get(pod.spec.namespace);
      if (list === undefined) byNamespace.set(pod.spec.namespace, [pod]);
      else list.push(pod);
    }
  }
  const chosen = new Set<DeschedulerPod>();
  for (const pods of byNamespace.values()) {
    for (const constraint of constraintsOf(pods, args)) {
      const domains = domainsOf(constraint, pods, nodes);
      if (isBalanced(domains, constraint.spread.maxSkew)) continue;
      for (const pod of surplus(domains, constraint, context, args)) chosen.add(pod);
    }
  }
  const full = new Set<string>();
  for (const pod of context.order([...chosen], (one) => [one])) {
    if (full.has(pod.nodeName) || !concerns(args, pod) || !context.evictable(pod) || !context.passes(pod)) continue;
    const outcome = context.evict(pod);
    if (outcome === 'total limit') return;
    if (outcome === 'node limit') full.add(pod.nodeName);
  }
}

/** The different constraints of the pods. */
function constraintsOf(pods: readonly DeschedulerPod[], { constraints }: TopologySpreadArgs): Constraint[] {
  const found = new Map<string, Constraint>();
  for (const pod of pods) {
    for (const spread of pod.spec.topologySpread ?? []) {
      if (!constraints.includes(spread.whenUnsatisfiable)) continue;
      const { maxSkew, topologyKey, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = spread;
      const selector = spread.labelSelector;
      const key = canonical([
        maxSkew,
        topologyKey,
        selector ?? null,
        nodeAffinityPolicy,
        nodeTaintsPolicy,
        nodeAffinityPolicy === 'Honor' ? [pod.spec.nodeSelector ?? null, pod.spec.nodeAffinity?.required ?? null] : null,
        nodeTaintsPolicy === 'Honor' ? (pod.spec.tolerations ?? null) : null,
      ]);
      if (!found.has(key)) found.set(key, { spread, selector, pod });
    }
  }
  return [...found.values()];
}

function counts({ spread, pod }: Constraint, node: DeschedulerNode): boolean {
  if ((spread.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !selectsNode(pod, node)) return false;
  if ((spread.nodeTaintsPolicy ?? 'Ignore') !== 'Honor') return true;
  return node.shape.taints.every((taint) => taint.effect === 'PreferNoSchedule' || toleratesTaint(pod, taint));
}

function domainsOf(constraint: Constraint, pods: readonly DeschedulerPod[], nodes: readonly DeschedulerNode[]): Domain[] {
  const key = constraint.spread.topologyKey;
  const byNode = new Map(nodes.map((node) => [node.name, labelOf(node.name, node.shape.labels, key)]));
  const domains = new Map<string, Domain>();
  for (const node of nodes) {
    const value = byNode.get(node.name);
    if (value !== undefined && counts(constraint, node)) domains.set(value, { value, pods: [] });
  }
  for (const pod of pods) {
    if (pod.deleting || !matchesSelector(pod.spec.labels, constraint.selector)) continue;
    const value = byNode.get(pod.nodeName);
    if (value === undefined) continue;
    const domain = domains.get(value);
    if (domain === undefined) domains.set(value, { value, pods: [pod] });
    else domain.pods.push(pod);
  }
  return [...domains.values()];
}

function isBalanced(domains: readonly Domain[], maxSkew: number): boolean {
  const sizes = domains.map(({ pods }) => pods.length);
  return sizes.length === 0 || Math.max(...sizes) - Math.min(...sizes) <= maxSkew;
}

/** Which pods would have to go from the fullest domains to the emptiest. */
function surplus(
  unsorted: readonly Domain[],
  constraint: Constraint,
  context: StrategyContext,
  { topologyBalanceNodeFit }: TopologySpreadArgs,
): DeschedulerPod[] {
  const { maxSkew, topologyKey } = constraint.spread;
  const { cluster } = context;
  let total = 0;
  for (const { pods } of unsorted) total += pods.length;
  const ideal = total / unsorted.length;
  for (const { pods } of unsorted) sortMovable(pods, context);
  const domains = goSortBy([...unsorted], (a, b) => a.pods.length < b.pods.length);
  const below = domains
    .filter(({ pods }) => pods.length < ideal)
    .flatMap(({ value }) =>
      context.nodes.filter((node) => labelOf(node.name, node.shape.labels, topologyKey) === value && counts(constraint, node)),
    );
  const fits = (pod: DeschedulerPod): boolean => fitsElsewhere(pod, below, cluster);
  const going: DeschedulerPod[] = [];
  let low = 0;
  let high = domains.length - 1;
  while (low < high) {
    if (domains[high].pods.length <= ideal) high--;
    const [from, to] = [domains[high], domains[low]];
    const skew = from.pods.length - to.pods.length;
    const move = Math.min(
      Math.ceil(from.pods.length - ideal),
      Math.ceil(ideal - to.pods.length),
      Math.ceil((skew - maxSkew) / 2),
    );
    if (skew <= maxSkew || move <= 0) {
      low++;
      continue;
    }
    // Pods that fit nowhere stay in front, where they are not taken from.
    const movable = new Map(from.pods.map((pod) => [pod, fits(pod)]));
    const sorted = [...from.pods].sort((a, b) => Number(movable.get(a)) - Number(movable.get(b)));
    const moved = sorted.slice(sorted.length - move);
    for (const pod of moved) if (!topologyBalanceNodeFit || movable.get(pod)) going.push(pod);
    from.pods = sorted.slice(0, sorted.length - move);
    to.pods = [...to.pods, ...moved];
  }
  return going;
}

/** Those to be moved last: pods that may not be evicted, then those with a node selector or affinity, then low priorities at the end. */
function sortMovable(pods: DeschedulerPod[], { evictable }: StrategyContext): void {
  goSortBy(pods, (a, b) => {
    const [mayA, mayB] = [evictable(a), evictable(b)];
    if (!mayA || !mayB) return !(mayA && !mayB);
    const [boundA, boundB] = [isBound(a), isBound(b)];
    if (boundA !== boundB) return boundA;
    const [mine, other] = [a.spec.priority, b.spec.priority];
    // Two without a priority, as with the real one, are each not before the other.
    return mine !== undefined ? other !== undefined && mine <= other : other !== undefined;
  });
}

function isBound({ spec }: DeschedulerPod): boolean {
  return spec.nodeSelector !== undefined || spec.nodeAffinity !== undefined;
}
