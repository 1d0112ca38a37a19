import { CPU, type ExplainLevel, MEMORY, NONE, type ProviderContext } from '@plimsoll/core';
import type { Actuator } from '../actuation/actuator.ts';
import type { GroupOptions } from '../groups/group-options.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import { type NodeList, READINESS } from '../groups/node-list.ts';
import type { LoopStatus } from '../loop/status.ts';
import type { Flags } from '../options/flags.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import { AMONG, type ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import { HintingSimulator } from '../snapshot/hinting-simulator.ts';
import type { Hints } from '../snapshot/hints.ts';
import { cropToBudgets, type RemovableNode } from './budgets.ts';
import { DrainRules } from './drain-rules.ts';
import { unneededLimit } from './unneeded-limit.ts';
import type { UnneededNodes } from './unneeded-nodes.ts';
import { UnremovableNodes } from './unremovable-nodes.ts';
import { UtilizationOf } from './utilization.ts';

const GIB = 2 ** 30;
const DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

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
  readonly #parts: PlannerParts;
  readonly #explain: ExplainLevel;
  readonly #simulator: HintingSimulator;
  readonly #rules: DrainRules;
  readonly #utilization: UtilizationOf;
  /** Candidates of the loop as slots, in the order in which they are looked at. */
  #candidates = new Int32Array(256);
  #rank = new Uint8Array(256);
  #sorted = new Int32Array(256);
  #found = new Int32Array(256);
  #foundDrain = new Uint8Array(256);
  #waits = new Uint8Array(256);
  #pods = new Int32Array(256);
  /** Capacity of all nodes of the list in a version of it. */
  readonly #capacity = { version: 0, cores: 0, memory: 0 };
  readonly #onNode: number[] = [];
  readonly #moving: number[] = [];

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#explain = parts.context.explain;
    const { context, facts, snapshot, hints, flags } = parts;
    this.#simulator = new HintingSimulator(context.view, facts, snapshot, hints);
    this.#rules = new DrainRules(context.view, context.workload, facts, flags);
    this.#utilization = new UtilizationOf(context.view, facts, snapshot);
    this.unremovable = new UnremovableNodes(flags['unremovable-node-recheck-timeout']);
  }

  get rules(): DrainRules {
    return this.#rules;
  }

  /**
   * Looks at all nodes and takes over which are unneeded. `interval` is the smallest time between two loops seen so far. The snapshot is used up
   * afterwards. Returns whether the next loop would meet another state than this one did.
   */
  update(now: number, interval: number, status: LoopStatus): boolean {
    const { flags, unneeded, hints, snapshot } = this.#parts;
    this.changesAt = Infinity;
    this.#rules.begin();
    let changed = this.unremovable.expire(now);
    const count = this.#sort(this.#eligible(now, status));
    const limit = unneededLimit({
      parallelism: flags['max-scale-down-parallelism'],
      unneeded: unneeded.count,
      interval,
      unneededTime: flags['scale-down-unneeded-time'],
    });
    let found = 0;
    for (let i = 0; i < count && found < limit; i++) {
      const slot = this.#sorted[i];
      const node = snapshot.row[slot];
      const why = this.#simulate(slot, now);
      if (why !== undefined) {
        this.unremovable.add(node, now, why);
        status.unremovable.set(node, why);
        changed = true;
        continue;
      }
      this.#found[found] = node;
      this.#foundDrain[found] = this.#moving.length > 0 ? 1 : 0;
      this.#waits[found] = this.#rules.verdict.waits ? 1 : 0;
      found++;
    }
    if (unneeded.update(now, this.#found, this.#foundDrain, found)) changed = true;
    if (hints.endRun()) changed = true;
    this.#later(this.unremovable.changesAt, now);
    this.#later(this.#rules.changesAt, now);
    return changed;
  }

  /** The nodes that may be removed now, cut to the budgets. */
  nodesToDelete(now: number, status: LoopStatus): { readonly empty: RemovableNode[]; readonly drain: RemovableNode[] } {
    const { unneeded, groups, actuator, flags, context } = this.#parts;
    const size = groups.target.map((target, g) => target - actuator.inProgress(g));
    const left = this.#capacityLeft();
    const empty: RemovableNode[] = [];
    const drain: RemovableNode[] = [];
    for (const wantDrain of [0, 1]) {
      for (let i = 0; i < unneeded.count; i++) {
        if (unneeded.drain[i] !== wantDrain) continue;
        const node = unneeded.rows[i];
        const group = groups.groupOf(node);
        if (group === NONE) continue;
        const removableFrom = this.#removableFrom(node, group);
        if (removableFrom > now) {
          this.#later(removableFrom, now);
          status.unremovable.set(node, 'NotUnneededLongEnough');
          continue;
        }
        if (size[group] <= groups.min[group]) {
          status.unremovable.set(node, 'NodeGroupMinSizeReached');
          continue;
        }
        const { capacity } = context.view.classes.nodes[context.view.nodes.class[node]];
        const cores = Math.ceil(capacity[CPU] / 1000);
        if (left.cores - cores < flags['cores-total'].min || left.memory - capacity[MEMORY] < flags['memory-total'].min * GIB) {
          status.unremovable.set(node, 'MinimalResourceLimitExceeded');
          continue;
        }
        if (this.#waits[i] === 1) {
          status.unremovable.set(node, 'BlockedByOnCompletionPod');
          continue;
        }
        left.cores -= cores;
        left.memory -= capacity[MEMORY];
        size[group]--;
        (wantDrain === 1 ? drain : empty).push({ node, group });
      }
    }
    return cropToBudgets(empty, drain, {
      parallelism: flags['max-scale-down-parallelism'],
      drainParallelism: flags['max-drain-parallelism'],
      emptyInProgress: actuator.emptyInProgress,
      drainInProgress: actuator.drainInProgress,
    });
  }

  /** Fills the candidates with the slots of eligible nodes in list order; returns how many. */
  #eligible(now: number, status: LoopStatus): number {
    const { snapshot, list, groups, actuator, context } = this.#parts;
    const { terminating } = context.view.nodes;
    const { unremovable } = this;
    const { row, group: groupOf } = list;
    const { destination, judged } = snapshot;
    const { active } = actuator;
    const full = this.#explain === 'full';
    this.#reserve(snapshot.count);
    let count = 0;
    for (let i = 0; i < list.count; i++) {
      const node = row[i];
      const slot = snapshot.slotOf(node);
      if (slot === NONE || terminating[node] === 1 || (active && actuator.isDeleting(node))) continue;
      destination[slot] = 1;
      const group = groupOf[i];
      if (group === NONE || groups.target[group] <= groups.min[group]) continue;
      if (unremovable.has(node)) {
        status.unremovable.set(node, 'RecentlyUnremovable');
        continue;
      }
      let use = judged[slot];
      if (use === 0 || snapshot.received(slot)) {
        use = this.#useOf(slot, group, list.readiness[i]);
        judged[slot] = use;
      }
      if (use !== USE.low) {
        if (full && use === USE.high) status.unremovable.set(node, 'NotUnderutilized');
        continue;
      }
      this.#candidates[count] = slot;
      this.#rank[count++] = this.#rankOf(slot, now);
    }
    return count;
  }

  /** Whether a node is used little enough to go. */
  #useOf(slot: number, group: number, readiness: number): number {
    const { snapshot, context, flags, groupOptions } = this.#parts;
    const { shape } = context.view.classes.nodes[snapshot.nodeClass[slot]];
    if (shape.annotations?.[DISABLED] === 'true') return USE.none;
    const own = groupOptions[group];
    const { value, gpu } = this.#utilization.of(slot, {
      ignoreDaemonSets: own.ignoreDaemonSetsUtilization,
      ignoreMirror: flags['ignore-mirror-pods-utilization'],
    });
    if (Number.isNaN(value)) return USE.none;
    if (readiness !== READINESS.ready && !flags['scale-down-unready-enabled']) return USE.none;
    return value > (gpu ? own.gpuUtilizationThreshold : own.utilizationThreshold) ? USE.high : USE.low;
  }

  /**
   * Nodes without pods to move come before others, and among equals those that were unneeded already. Source: `processors/scaledowncandidates`.
   */
  #rankOf(slot: number, now: number): number {
    const { snapshot, unneeded } = this.#parts;
    const node = snapshot.row[slot];
    const before = unneeded.has(node) ? 0 : 1;
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
    return this.#rules.judge(this.#onNode, now, this.#moving) && this.#moving.length === 0;
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
  #simulate(slot: number, now: number): string | undefined {
    const { snapshot } = this.#parts;
    this.#onNode.length = 0;
    this.#moving.length = 0;
    snapshot.podsOn(slot, this.#onNode);
    if (!this.#rules.judge(this.#onNode, now, this.#moving)) return 'BlockedByPod';
    const moving = this.#moving;
    if (this.#pods.length < moving.length) this.#pods = new Int32Array(moving.length * 2);
    for (let i = 0; i < moving.length; i++) this.#pods[i] = moving[i];
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

  #removableFrom(node: number, group: number): number {
    const { groupOptions, unneeded, context } = this.#parts;
    const own = groupOptions[group];
    const ready = context.view.nodes.readyAt[node] <= context.view.now;
    const threshold = ready ? own.unneededTime : own.unreadyTime;
    // Strictly longer than the threshold; a threshold of 0 means at once.
    return unneeded.since(node) + threshold + (threshold > 0 ? 1 : 0);
  }

  #capacityLeft(): { cores: number; memory: number } {
    const { list, context } = this.#parts;
    const sum = this.#capacity;
    if (sum.version !== list.version) {
      const { class: classes } = context.view.nodes;
      const { nodes } = context.view.classes;
      sum.version = list.version;
      sum.cores = 0;
      sum.memory = 0;
      for (let i = 0; i < list.count; i++) {
        const { capacity } = nodes[classes[list.row[i]]];
        sum.cores += Math.ceil(capacity[CPU] / 1000);
        sum.memory += capacity[MEMORY];
      }
    }
    return { cores: sum.cores, memory: sum.memory };
  }

  #reserve(count: number): void {
    if (this.#candidates.length >= count) return;
    this.#candidates = new Int32Array(count * 2);
    this.#rank = new Uint8Array(count * 2);
    this.#sorted = new Int32Array(count * 2);
    this.#found = new Int32Array(count * 2);
    this.#foundDrain = new Uint8Array(count * 2);
    this.#waits = new Uint8Array(count * 2);
  }

  #later(time: number, now: number): void {
    if (time > now && time < this.changesAt) this.changesAt = time;
  }
}
