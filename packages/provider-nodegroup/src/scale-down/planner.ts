import { type JsonValue, NODE, NONE, type ProviderContext, TAINT } from '@plimsoll/core';
import type { Actuator } from '../actuation/actuator.ts';
import type { GroupOptions } from '../groups/group-options.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import { type NodeList, READINESS } from '../groups/node-list.ts';
import type { LoopStatus } from '../loop/status.ts';
import type { Flags } from '../options/flags.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import { type ClusterQuota, consume, type Headroom, withinHeadroom } from '../scale-up/quota.ts';
import { AMONG, type ClusterSnapshot, type SnapshotMark } from '../snapshot/cluster-snapshot.ts';
import { HintingSimulator } from '../snapshot/hinting-simulator.ts';
import type { Hints } from '../snapshot/hints.ts';
import { cropToBudgets, type RemovableNode, type RemovalBucket } from './budgets.ts';
import { DrainRules } from './drain-rules.ts';
import { RemainingBudgets } from './remaining-budgets.ts';
import { unneededLimit } from './unneeded-limit.ts';
import type { UnneededNodes } from './unneeded-nodes.ts';
import { UnremovableNodes } from './unremovable-nodes.ts';
import { UtilizationOf } from './utilization.ts';

const DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

/** How long a node counts as being deleted after it was tainted. Source: `core/scaledown/actuation/delete_in_batch.go`. */
const DELETION_TIME = 300_000;

/** What a look at a node's use came to; 0 is no look yet. */
const USE = { none: 1, high: 2, low: 3 } as const;

/** What the planner works with. */
export interface PlannerParts {
  readonly context: ProviderContext;
  readonly flags: Flags;
  readonly groupOptions: readonly GroupOptions[];
  readonly facts: PodFacts;
  readonly snapshot: ClusterSnapshot;
  readonly groups: NodeGroups;
  readonly list: NodeList;
  readonly actuator: Actuator;
  readonly quota: ClusterQuota;
  readonly hints: Hints;
  readonly unneeded: UnneededNodes;
}

/**
 * Which nodes could go: those little used whose pods all find another place, one after another, each on what the earlier ones left. Source: Cluster
 * Autoscaler 1.37, `core/scaledown/planner/planner.go`, `eligibility/eligibility.go`, `simulator/cluster.go`.
 */
export class Planner {
  readonly unremovable: UnremovableNodes;
  /** Earliest time from now on at which an answer of the last update changes by itself. */
  changesAt = Infinity;
  /** By node that may be drained: its pods, and those that the loop had put there before. Only with explanations `full`. */
  readonly toEvict = new Map<number, readonly number[]>();
  /** How many nodes the last update looked at. */
  candidateCount = 0;
  readonly #parts: PlannerParts;
  readonly #full: boolean;
  readonly #simulator: HintingSimulator;
  readonly #rules: DrainRules;
  readonly #budgets: RemainingBudgets;
  readonly #utilization: UtilizationOf;
  /** Candidates of the loop as slots, in the order in which they are looked at. */
  #candidates = new Int32Array(256);
  #rank = new Uint8Array(256);
  #sorted = new Int32Array(256);
  #found = new Int32Array(256);
  /** By position in what was found: bits of {@link FOUND}. */
  #foundFacts = new Uint8Array(256);
  #pods = new Int32Array(256);
  /** Rows of the nodes that the last look found unneeded; it stays where they were forgotten since. */
  readonly #before = new Set<number>();
  /** By group that goes all or nothing: its registered nodes in the snapshot. */
  readonly #registered: number[] = [];
  /** What all nodes together use of resources with limits; only where a lower limit is set. */
  #used: readonly number[] = [];
  readonly #onNode: number[] = [];
  readonly #moving: number[] = [];

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    const { context, facts, snapshot, hints, flags } = parts;
    this.#full = context.explain === 'full' || context.remark !== undefined;
    this.#simulator = new HintingSimulator(context.view, facts, snapshot, hints);
    this.#rules = new DrainRules(context, facts, flags);
    this.#budgets = new RemainingBudgets(context.view);
    this.#utilization = new UtilizationOf(context.view, facts, snapshot, this.#rules);
    this.unremovable = new UnremovableNodes(flags['unremovable-node-recheck-timeout']);
  }

  snapshot(): JsonValue {
    return { before: [...this.#before], unremovable: this.unremovable.snapshot() };
  }

  restore(value: JsonValue): void {
    const saved = value as { before: number[]; unremovable: JsonValue };
    this.#before.clear();
    for (const node of saved.before) this.#before.add(node);
    this.unremovable.restore(saved.unremovable);
  }

  get rules(): DrainRules {
    return this.#rules;
  }

  /**
   * Looks at all nodes and takes over which are unneeded. `interval` is the smallest time between two loops seen so far. The snapshot is used up
   * afterwards. Returns whether the next loop would meet another state than this one did.
   */
  update(now: number, interval: number, status: LoopStatus): boolean {
    const { flags, unneeded, hints, snapshot, groupOptions, groups, quota, context } = this.#parts;
    this.changesAt = Infinity;
    this.#rules.begin();
    this.#budgets.set(context.facts?.budgets?.() ?? []);
    groupOptions.forEach(({ zeroOrMax }, g) => {
      if (zeroOrMax) this.#registered[g] = snapshot.registered(g);
    });
    if (quota.keepsNodes) this.#used = snapshot.usage(quota);
    this.toEvict.clear();
    const start = snapshot.mark();
    let changed = this.unremovable.begin(now, (node) => snapshot.slotOf(node) !== NONE);
    const count = this.#sort(this.#eligible(now, status));
    const limit = unneededLimit({
      parallelism: flags['max-scale-down-parallelism'],
      unneeded: unneeded.count,
      interval,
      unneededTime: flags['scale-down-unneeded-time'],
    });
    let found = 0;
    let atomic = 0;
    for (let i = 0; i < count && found - atomic < limit; i++) {
      const slot = this.#sorted[i];
      const node = snapshot.row[slot];
      const why = this.#simulate(slot, now, start);
      if (why !== undefined) {
        const { pod, reason } = this.#rules.verdict;
        this.unremovable.add(node, now, why === 'BlockedByPod' ? { reason: why, blocking: { pod, reason } } : { reason: why });
        changed = true;
        continue;
      }
      let facts = this.#moving.length > 0 ? FOUND.drain : 0;
      if (this.#rules.verdict.waits) facts |= FOUND.waits;
      if (!this.#budgets.allowsTogether(this.#moving)) facts |= FOUND.risky;
      this.#budgets.take(this.#moving);
      this.#found[found] = node;
      this.#foundFacts[found++] = facts;
      if (groupOptions[groups.groupOf(node)].zeroOrMax) atomic++;
    }
    if (unneeded.update(now, this.#found, this.#foundFacts, found)) changed = true;
    if (changed) {
      this.#before.clear();
      for (let i = 0; i < unneeded.count; i++) this.#before.add(unneeded.rows[i]);
    }
    if (hints.endRun()) changed = true;
    this.#later(this.unremovable.changesAt, now);
    this.#later(this.#rules.changesAt, now);
    return changed;
  }

  /** The nodes that may be removed now, cut to the budgets. */
  nodesToDelete(now: number): { readonly empty: RemovalBucket[]; readonly drain: RemovalBucket[] } {
    const { groups, actuator, flags, groupOptions } = this.#parts;
    const removable = this.#removable(now);
    const candidates: Candidate[] = [
      ...removable.filter(({ facts }) => (facts & FOUND.drain) === 0),
      ...removable.filter(({ facts }) => (facts & (FOUND.drain | FOUND.risky)) === FOUND.drain),
      ...removable.filter(({ facts }) => (facts & (FOUND.drain | FOUND.risky)) === (FOUND.drain | FOUND.risky)),
    ];
    const sizes = (group: number): { target: number; registered: number } => ({
      target: groups.target[group],
      registered: this.#registered[group],
    });
    const empty: RemovableNode[] = [];
    const drain: RemovableNode[] = [];
    for (const { node, group, facts } of this.#wholeGroups(candidates, sizes)) {
      if ((facts & FOUND.waits) !== 0) {
        this.unremovable.note(node, { reason: 'BlockedByOnCompletionPod' });
        continue;
      }
      ((facts & FOUND.drain) !== 0 ? drain : empty).push({ node, group, atomic: groupOptions[group].zeroOrMax });
    }
    return cropToBudgets(empty, drain, {
      parallelism: flags['max-scale-down-parallelism'],
      drainParallelism: flags['max-drain-parallelism'],
      emptyInProgress: actuator.emptyInProgress,
      drainInProgress: actuator.drainInProgress,
      sizes,
    });
  }

  /** Unneeded nodes whose time has come and that their group and the cluster can spare: first those without pods to move. */
  #removable(now: number): Candidate[] {
    const { unneeded, groups, actuator, quota, context } = this.#parts;
    const { class: classes } = context.view.nodes;
    const size = groups.target.map((target, g) => target - actuator.inProgress(g));
    const room: Headroom | undefined = quota.keepsNodes ? quota.roomBelow(this.#used) : undefined;
    const out: Candidate[] = [];
    for (const wanted of [0, FOUND.drain]) {
      for (let i = 0; i < unneeded.count; i++) {
        const facts = unneeded.facts[i];
        if ((facts & FOUND.drain) !== wanted) continue;
        const node = unneeded.rows[i];
        const group = groups.groupOf(node);
        if (group === NONE) continue;
        const ready = this.#parts.list.readinessOf(node) === READINESS.ready;
        const removableFrom = this.#removableFrom(node, group, ready);
        if (removableFrom > now) {
          this.#later(removableFrom, now);
          this.#note(node, ready ? 'NotUnneededLongEnough' : 'NotUnreadyLongEnough');
          continue;
        }
        if (size[group] <= groups.min[group]) {
          this.#note(node, 'NodeGroupMinSizeReached');
          continue;
        }
        if (room !== undefined) {
          const amounts = quota.of(classes[node], group);
          if (withinHeadroom(1, room, amounts) < 1) {
            this.#note(node, 'MinimalResourceLimitExceeded');
            continue;
          }
          consume(1, room, amounts);
        }
        size[group]--;
        out.push({ node, group, facts });
      }
    }
    return out;
  }

  /** Leaves out groups that go all or nothing of which not all may go. Source: `processors/nodes/scale_down_set_processor.go`. */
  #wholeGroups(
    candidates: readonly Candidate[],
    sizes: (group: number) => { readonly target: number; readonly registered: number },
  ): readonly Candidate[] {
    const { groupOptions, groups } = this.#parts;
    if (!groupOptions.some(({ zeroOrMax }) => zeroOrMax)) return candidates;
    const out = candidates.filter(({ group }) => !groupOptions[group].zeroOrMax);
    for (const g of groups.byName) {
      if (!groupOptions[g].zeroOrMax) continue;
      const of = candidates.filter(({ group }) => group === g);
      const { target, registered } = sizes(g);
      if (of.length === target || of.length === registered) out.push(...of);
      else for (const { node } of of) this.#note(node, 'AtomicScaleDownFailed');
    }
    return out;
  }

  #note(node: number, reason: string): void {
    if (this.#full) this.unremovable.note(node, { reason });
  }

  /** Fills the candidates with the slots of eligible nodes in list order; returns how many. */
  #eligible(now: number, status: LoopStatus): number {
    const { snapshot, list, groups, actuator } = this.#parts;
    const { unremovable } = this;
    const { row, group: groupOf } = list;
    const { destination, judged } = snapshot;
    const { active } = actuator;
    this.candidateCount = 0;
    this.#reserve(snapshot.count);
    let count = 0;
    for (let i = 0; i < list.count; i++) {
      const node = row[i];
      const slot = snapshot.slotOf(node);
      if (slot === NONE) continue;
      const group = groupOf[i];
      const candidate = group !== NONE && groups.target[group] > groups.min[group] && !this.#isDelayed(group, now);
      if (candidate) this.candidateCount++;
      if (active && actuator.isDeleting(node)) continue;
      destination[slot] = 1;
      if (!candidate) continue;
      if (unremovable.has(node)) {
        this.#note(node, 'RecentlyUnremovable');
        continue;
      }
      if (this.#isBeingDeleted(node, now)) {
        this.#note(node, 'CurrentlyBeingDeleted');
        continue;
      }
      let use = judged[slot];
      if (use === 0 || this.#full || snapshot.received(slot)) {
        use = this.#useOf(slot, group, list.readiness[i], now, status);
        judged[slot] = use;
      }
      if (use !== USE.low) continue;
      this.#candidates[count] = slot;
      this.#rank[count++] = this.#rankOf(slot, now);
    }
    return count;
  }

  /** Whether a group rests after it grew or shrank, where that is looked at group by group. */
  #isDelayed(group: number, now: number): boolean {
    if (!this.#parts.flags['scale-down-delay-type-local']) return false;
    const until = this.#parts.actuator.restsUntil(group);
    this.#later(until, now);
    return until > now;
  }

  #isBeingDeleted(node: number, now: number): boolean {
    const { actuator, context } = this.#parts;
    const at = actuator.taintedAt(node);
    if (at === undefined || now - at >= DELETION_TIME) return false;
    const { nodes, classes } = context.view;
    if (nodes.state[node] === NODE.gone) return false;
    const { taints } = classes.nodes[nodes.class[node]].shape;
    if (!taints.some(({ key }) => key === TAINT.toBeDeleted)) return false;
    this.#later(at + DELETION_TIME, now);
    return true;
  }

  /** Whether a node is used little enough to go. */
  #useOf(slot: number, group: number, readiness: number, now: number, status: LoopStatus): number {
    const { snapshot, context, flags, groupOptions } = this.#parts;
    const node = snapshot.row[slot];
    const { shape } = context.view.classes.nodes[context.view.nodes.class[node]];
    if (shape.annotations?.[DISABLED] === 'true') {
      this.#note(node, 'ScaleDownDisabledAnnotation');
      return USE.none;
    }
    const own = groupOptions[group];
    const rules = {
      ignoreDaemonSets: own.ignoreDaemonSetsUtilization,
      ignoreMirror: flags['ignore-mirror-pods-utilization'],
      now,
    };
    const { value, gpu, cpu, memory } = this.#utilization.of(slot, rules);
    if (Number.isNaN(value)) {
      this.#note(node, 'UnexpectedError');
      return USE.none;
    }
    if (readiness !== READINESS.ready && !flags['scale-down-unready-enabled']) {
      this.#note(node, 'ScaleDownUnreadyDisabled');
      return USE.none;
    }
    if (this.#full) status.utilization.set(node, gpu ? [0, 0, value, value] : [cpu, memory, 0, value]);
    if (value <= (gpu ? own.gpuUtilizationThreshold : own.utilizationThreshold)) return USE.low;
    this.#note(node, 'NotUnderutilized');
    return USE.high;
  }

  /**
   * Nodes without pods to move come before others, and among equals those that were unneeded already. Source: `processors/scaledowncandidates`.
   */
  #rankOf(slot: number, now: number): number {
    const node = this.#parts.snapshot.row[slot];
    const before = this.#before.has(node) ? 0 : 1;
    if (!this.#looksEmpty(slot, now)) return 4 + before;
    return (this.#rules.verdict.waits ? 2 : 0) + before;
  }

  #looksEmpty(slot: number, now: number): boolean {
    const { snapshot, context } = this.#parts;
    this.#rules.verdict.waits = false;
    if (context.view.nodes.pods[snapshot.row[slot]] === 0 && !snapshot.received(slot)) return true;
    this.#onNode.length = 0;
    this.#moving.length = 0;
    snapshot.podsOn(slot, this.#onNode);
    return this.#rules.judge(this.#onNode, now, this.#moving, undefined) && this.#moving.length === 0;
  }

  /** A stable sort by rank, of which there are six. */
  #sort(count: number): number {
    let out = 0;
    for (let rank = 0; rank < 6; rank++) {
      for (let i = 0; i < count; i++) if (this.#rank[i] === rank) this.#sorted[out++] = this.#candidates[i];
    }
    return count;
  }

  /** Tries to do without a node: undefined where its pods all found a place, which they keep for the rest of the loop. */
  #simulate(slot: number, now: number, start: SnapshotMark): string | undefined {
    const { snapshot } = this.#parts;
    this.#onNode.length = 0;
    this.#moving.length = 0;
    snapshot.podsOn(slot, this.#onNode);
    if (!this.#rules.judge(this.#onNode, now, this.#moving, this.#budgets)) return 'BlockedByPod';
    const moving = this.#moving;
    if (this.#pods.length < moving.length) this.#pods = new Int32Array(moving.length * 2);
    for (let i = 0; i < moving.length; i++) this.#pods[i] = moving[i];
    if (this.#full && moving.length > 0) {
      const own: number[] = [];
      snapshot.podsOn(slot, own, start);
      this.toEvict.set(snapshot.row[slot], own);
    }
    const mark = snapshot.mark();
    snapshot.ghost(slot, this.#onNode);
    if (this.#simulator.place(this.#pods, moving.length, AMONG.destinations, true) < moving.length) {
      snapshot.revertTo(mark);
      snapshot.destination[slot] = 1;
      return 'NoPlaceToMovePods';
    }
    snapshot.remove(slot);
    return undefined;
  }

  #removableFrom(node: number, group: number, ready: boolean): number {
    const { groupOptions, unneeded } = this.#parts;
    const own = groupOptions[group];
    const threshold = ready ? own.unneededTime : own.unreadyTime;
    // Strictly longer than the threshold; a threshold of 0 means at once.
    return threshold > 0 ? unneeded.since(node) + threshold + 1 : -Infinity;
  }

  #reserve(count: number): void {
    if (this.#candidates.length >= count) return;
    this.#candidates = new Int32Array(count * 2);
    this.#rank = new Uint8Array(count * 2);
    this.#sorted = new Int32Array(count * 2);
    this.#found = new Int32Array(count * 2);
    this.#foundFacts = new Uint8Array(count * 2);
  }

  #later(time: number, now: number): void {
    if (time > now && time < this.changesAt) this.changesAt = time;
  }
}

/** What was found of an unneeded node, as bits: it has pods to move, some pod must end first, its pods cannot all go at once. */
const FOUND = { drain: 1, waits: 2, risky: 4 } as const;

interface Candidate {
  readonly node: number;
  readonly group: number;
  readonly facts: number;
}
