import {
  type Decision,
  formatDuration,
  type JsonValue,
  NODE,
  NONE,
  type Provider,
  type ProviderContext,
  RECORD,
  type Reason,
  type Reconciliation,
  TokenBucket,
  type WhatIf,
} from '@plimsoll/core';
import { Actuator } from '../actuation/actuator.ts';
import { updateSoftTaints } from '../actuation/soft-taints.ts';
import { takeOver } from '../actuation/take-over.ts';
import { ExpanderChain } from '../expander/chain.ts';
import { type GroupOptions, groupOptions } from '../groups/group-options.ts';
import { finite, NodeGroups } from '../groups/node-groups.ts';
import { NodeList, READINESS } from '../groups/node-list.ts';
import { Templates } from '../groups/templates.ts';
import type { Flags } from '../options/flags.ts';
import type { ClusterAutoscalerOptions } from '../options/options.ts';
import { PendingPods } from '../pods/pending-pods.ts';
import { PodFacts } from '../pods/pod-facts.ts';
import { ClusterState } from '../registry/cluster-state.ts';
import type { RemovalBucket } from '../scale-down/budgets.ts';
import { GroupDelays } from '../scale-down/group-delays.ts';
import { Planner } from '../scale-down/planner.ts';
import { UnneededNodes } from '../scale-down/unneeded-nodes.ts';
import { ScaleUp } from '../scale-up/orchestrator.ts';
import { ClusterQuota } from '../scale-up/quota.ts';
import { AMONG, ClusterSnapshot, hintKey, NODE_KIND } from '../snapshot/cluster-snapshot.ts';
import { HintingSimulator } from '../snapshot/hinting-simulator.ts';
import { Hints } from '../snapshot/hints.ts';
import { remarkOn } from './remarks.ts';
import { type LoopStatus, newStatus } from './status.ts';
import { LoopTrigger } from './trigger.ts';

/** Pods younger than this are left to the scheduler; pods that ask for GPUs wait longer. Source: `core/static_autoscaler.go`. */
const POD_AGE = 2000;
const GPU_POD_AGE = 30_000;
/** Where the timers of cooldowns stand when the process starts: an hour ago. Same source. */
const LONG_AGO = -3_600_000;

/**
 * The autoscaler: one {@link reconcile} does the steps of removals that are due, and runs a loop if it is time for one. The order of a loop's steps is
 * the real program's: Cluster Autoscaler 1.37, `core/static_autoscaler.go`.
 */
export class ClusterAutoscaler implements Provider {
  /** What the last loop came to. */
  status: LoopStatus = newStatus(LONG_AGO);
  readonly #context: ProviderContext;
  readonly #flags: Flags;
  readonly #options: ClusterAutoscalerOptions;
  readonly #pending = new PendingPods();
  readonly #facts: PodFacts;
  readonly #groups: NodeGroups;
  readonly #groupOptions: readonly GroupOptions[];
  readonly #list: NodeList;
  readonly #templates: Templates;
  readonly #registry: ClusterState;
  readonly #snapshot: ClusterSnapshot;
  readonly #filterHints = new Hints();
  readonly #filter: HintingSimulator;
  readonly #scaleUp: ScaleUp;
  readonly #removalHints = new Hints();
  readonly #unneeded = new UnneededNodes();
  readonly #planner: Planner;
  readonly #actuator: Actuator;
  readonly #quota: ClusterQuota;
  readonly #delays: GroupDelays;
  readonly #trigger: LoopTrigger;
  #pods = new Int32Array(256);
  readonly #drained: number[] = [];
  #lastScaleUp = LONG_AGO;
  /** The version of the list of nodes that the snapshot's real nodes were taken from. */
  #filledFrom = 0;
  /** Groups of which nodes that have not started were left out then. */
  #filledWithout = '';
  /** Whether what a process does once at its start was done. */
  #begun = false;
  /** Nodes whose removal this loop started. */
  readonly #started = new Set<number>();
  /** The smallest time between two loops so far. */
  #interval: number;
  /** The limit of its own calls; undefined where they take no time. */
  readonly #client: TokenBucket | undefined;
  /** Whether this loop met only pods that are too new. */
  #young = false;
  /** Whether this loop left anything other than it found it, and until when all would stay so. */
  #changed = false;
  #quietUntil = Infinity;

  constructor(options: ClusterAutoscalerOptions, context: ProviderContext) {
    this.#context = context;
    this.#options = options;
    const flags = options.flags;
    this.#flags = flags;
    const { view } = context;
    this.#facts = new PodFacts(view.classes, flags);
    this.#groups = new NodeGroups(view, context.groups, options);
    this.#groupOptions = groupOptions(
      options,
      this.#groups.specs.map((spec) => spec.name),
    );
    const startup = this.#groupOptions.map((own) => own.startupTime);
    this.#list = new NodeList(view, this.#groups, flags, startup.length > 0 ? startup : [flags['max-node-startup-time']]);
    this.#templates = new Templates(context, this.#groups, this.#facts, options);
    this.#registry = new ClusterState(
      view,
      this.#groups,
      flags,
      this.#groupOptions.map((own) => own.provisionTime),
      options.model.keepInstanceLists,
    );
    this.#snapshot = new ClusterSnapshot(view, context.scheduling, this.#facts);
    this.#filter = new HintingSimulator(view, this.#facts, this.#snapshot, this.#filterHints);
    this.#quota = new ClusterQuota(view, this.#groups, flags);
    this.#delays = new GroupDelays(flags, this.#groups.count);
    this.#scaleUp = new ScaleUp({
      context,
      flags,
      groupOptions: this.#groupOptions,
      facts: this.#facts,
      snapshot: this.#snapshot,
      groups: this.#groups,
      templates: this.#templates,
      registry: this.#registry,
      quota: this.#quota,
      expander: new ExpanderChain(flags.expander, options.priorities, () => context.random.stream('expander')),
    });
    this.#actuator = new Actuator({
      context,
      flags,
      facts: this.#facts,
      groups: this.#groups,
      groupOptions: this.#groupOptions,
      delays: this.#delays,
    });
    this.#planner = new Planner({
      context,
      flags,
      groupOptions: this.#groupOptions,
      facts: this.#facts,
      snapshot: this.#snapshot,
      groups: this.#groups,
      list: this.#list,
      actuator: this.#actuator,
      quota: this.#quota,
      hints: this.#removalHints,
      unneeded: this.#unneeded,
    });
    this.#actuator.useRules(this.#planner.rules);
    this.#trigger = new LoopTrigger(flags['scan-interval'], context.runningFor);
    const { clientQps: qps, clientBurst: burst } = options.model;
    this.#client = qps > 0 ? new TokenBucket({ qps, burst }) : undefined;
    // A time of 0 counts as the shortest that there is, a nanosecond.
    this.#interval = Math.max(flags['scale-down-unneeded-time'], 1e-6);
  }

  observe(kind: number, a: number, b: number): number | undefined {
    if (kind === RECORD.nodeTerminating || kind === RECORD.nodeGone) {
      this.#groups.observe(kind, a);
      return undefined;
    }
    const reported = this.#pending.observe(kind, a, b);
    return reported && this.#flags['frequent-loops-enabled'] ? this.#trigger.wake(this.#context.view.now) : undefined;
  }

  /** When {@link actuate} has something to do next; Infinity where it has nothing. */
  get actuationDue(): number {
    return Math.min(this.#actuator.due, this.#registry.instances.nextRefresh);
  }

  /** What the process does once when it starts: it takes over the timers of an earlier one, and takes back what that left behind. */
  begin(now: number): Decision[] {
    const decisions: Decision[] = [];
    this.#prepare(decisions);
    this.#begun = true;
    this.#groups.refresh(now);
    this.#list.read(now);
    takeOver(this.#context, this.#flags, this.#list, this.#unneeded, now, decisions);
    this.#list.forget();
    return decisions;
  }

  /** What goes on between loops: every step of removals that is due, and what is read in the background. */
  actuate(now: number): Decision[] {
    const decisions: Decision[] = [];
    this.#prepare(decisions);
    this.#registry.instances.refresh(now);
    this.#actuator.step(now, decisions);
    return decisions;
  }

  /** One loop, whatever the trigger says. */
  runLoop(now: number): Decision[] {
    const decisions: Decision[] = [];
    this.#prepare(decisions);
    this.#loop(now, decisions);
    return decisions;
  }

  reconcile(now: number): Reconciliation {
    if (!this.#begun) {
      const first = this.begin(now);
      if (first.length > 0) return { decisions: first, wake: { at: now + 1 } };
    }
    const decisions: Decision[] = [];
    this.#prepare(decisions);
    this.#registry.instances.refresh(now);
    this.#actuator.step(now, decisions);
    const trigger = this.#trigger;
    let looped = false;
    if (now >= trigger.nextAt) {
      this.#loop(now, decisions);
      looped = true;
    }
    const due = this.#actuator.due;
    if (due < trigger.nextAt || !looped || this.#changed || due !== Infinity) {
      return { decisions, wake: { at: Math.max(now + 1, Math.min(trigger.nextAt, due)) } };
    }
    return { decisions, wake: { at: trigger.nextAt, period: trigger.period, quietUntil: this.#quietUntil } };
  }

  /** By group row: whether the group counts as healthy, and whether it is left alone after a failure. */
  groupState(group: number, now: number): { readonly healthy: boolean; readonly backedOff: boolean } {
    const { registry } = { registry: this.#registry };
    return { healthy: registry.isGroupHealthy(group), backedOff: registry.backoff.isBackedOff(group, now) };
  }

  /** Unneeded nodes, as rows, and since when. */
  get unneededSince(): ReadonlyMap<number, number> {
    const out = new Map<number, number>();
    for (let i = 0; i < this.#unneeded.count; i++) out.set(this.#unneeded.rows[i], this.#unneeded.since(this.#unneeded.rows[i]));
    return out;
  }

  snapshot(): JsonValue {
    return {
      groups: this.#groups.snapshot(),
      templates: this.#templates.snapshot(),
      registry: this.#registry.snapshot(),
      cursor: this.#snapshot.cursor,
      filterHints: this.#filterHints.snapshot(),
      removalHints: this.#removalHints.snapshot(),
      unneeded: this.#unneeded.snapshot(),
      planner: this.#planner.snapshot(),
      actuator: this.#actuator.snapshot(),
      trigger: this.#trigger.snapshot(),
      delays: this.#delays.snapshot(),
      lastScaleUp: this.#lastScaleUp,
      interval: finite(this.#interval),
      ...(this.#client && { client: this.#client.snapshot() }),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as Record<string, JsonValue>;
    this.#pending.rebuild(this.#context.view);
    this.#list.forget();
    this.#groups.restore(saved.groups);
    this.#templates.restore(saved.templates);
    this.#registry.restore(saved.registry);
    this.#snapshot.cursor = saved.cursor as number;
    this.#filterHints.restore(saved.filterHints);
    this.#removalHints.restore(saved.removalHints);
    this.#unneeded.restore(saved.unneeded);
    this.#planner.restore(saved.planner);
    this.#actuator.restore(saved.actuator);
    this.#trigger.restore(saved.trigger);
    this.#delays.restore(saved.delays);
    this.#begun = true;
    this.#lastScaleUp = saved.lastScaleUp as number;
    this.#interval = (saved.interval as number | null) ?? Infinity;
    this.#client?.restore((saved.client as number | null | undefined) ?? null);
  }

  /** One loop, with what lies around it: what skipped loops would have noted, and when the next one is due. */
  #loop(now: number, decisions: Decision[]): void {
    const trigger = this.#trigger;
    const { previous, lastSkipped, smallestInterval } = trigger.arrive(now);
    if (lastSkipped !== undefined) this.#catchUp(lastSkipped);
    this.#changed = false;
    this.#young = false;
    this.#quietUntil = Infinity;
    const { cursor } = this.#snapshot;
    if (smallestInterval < this.#interval) {
      this.#interval = smallestInterval;
      this.#changed = true;
    }
    this.status = newStatus(now);
    // Only where pods depend on each other must the engine's state follow what the loop tries out.
    const seen = this.#facts.anyConstrained
      ? this.#context.view.speculate((whatIf) => this.#look(now, whatIf))
      : this.#look(now, undefined);
    if (seen !== undefined) this.#act(now, seen, decisions);
    this.status.unremovable = this.#planner.unremovable.reasons;
    this.status.results = this.#actuator.takeResults();
    if (this.#context.remark !== undefined) remarkOn(this.status, this.#groups, this.#context.workload, this.#context.remark);
    if (this.#snapshot.cursor !== cursor) this.#changed = true;
    const { loopBase, loopPerNode, loopPerPod } = this.#options.model;
    const work = Math.round(loopBase + loopPerNode * this.#list.count + loopPerPod * this.#pending.count);
    const duration = Math.max(work, this.#callsTake(now));
    // A loop that grew or shrank something is followed at once by up to two more.
    const since = Math.max(previous, 0);
    const again = this.#flags['frequent-loops-enabled'] && (this.#lastScaleUp >= since || this.#actuator.lastStart >= since);
    trigger.finish(now, duration, again);
  }

  /** How long a loop's calls wait for the process's own limit. */
  #callsTake(now: number): number {
    if (this.#client === undefined) return 0;
    const { callsPerLoop } = this.#options.model;
    const calls = this.#young ? Math.ceil(callsPerLoop / 2) : callsPerLoop;
    let last = now;
    for (let call = 0; call < calls; call++) last = this.#client.reserve(now);
    return Math.ceil(last - now);
  }

  /** Does what skipped loops did although nothing came of them: reading the groups. */
  #catchUp(lastSkipped: number): void {
    const { period } = this.#trigger;
    this.#templates.seenUnchanged(lastSkipped);
    const first = this.#trigger.firstSkippedFrom(this.#groups.nextRefresh);
    if (first > lastSkipped) return;
    const step = Math.max(period, Math.ceil(this.#options.model.refreshInterval / period) * period);
    this.#groups.refreshedUnseen(first + Math.floor((lastSkipped - first) / step) * step);
  }

  #prepare(decisions: Decision[]): void {
    this.#groups.begin(decisions);
    this.#facts.update();
  }

  /** The part of a loop that tries things out, growth of groups included. Returns nothing where the loop ends early. */
  #look(now: number, whatIf: WhatIf | undefined): Look | undefined {
    const groups = this.#groups;
    const list = this.#list;
    const registry = this.#registry;
    const { status } = this;
    groups.refresh(now);
    list.read(now);
    if (!this.#flags['scale-up-from-zero'] && list.ready === 0) return undefined;
    status.scaleUp = 'NotTried';
    status.scaleDown = 'NotTried';
    if (this.#templates.update(now, list)) this.#changed = true;
    const { timedOut, changed } = registry.update(now, list);
    if (changed || timedOut.length > 0) this.#changed = true;
    for (const { group, increase } of timedOut) this.#revert(group, increase, now);
    this.#later(list.changesAt, now);
    this.#later(registry.changesAt, now);
    for (let g = 0; g < groups.count; g++) this.#later(registry.backoff.until(g, now) + 1, now);
    this.#removeLateMachines(now);
    status.healthy = registry.healthy;
    if (!registry.healthy) {
      if (this.#unneeded.count > 0) this.#changed = true;
      this.#unneeded.clear();
      return undefined;
    }
    this.#giveUpFailedUnits(now);
    if (this.#fixSizes(now)) return undefined;
    if (groups.outdated) this.#later(groups.nextRefresh, now);
    this.#fillSnapshot(now, whatIf);
    const count = this.#podsToHelp(whatIf);
    const used = this.#flags['enforce-node-group-min-size'] ? this.#snapshot.usage(this.#quota) : [];
    const young = this.#scaleUpFor(now, count);
    this.#young = young;
    if (this.#flags['scale-down-enabled'] && this.#planner.update(now, this.#interval, status)) this.#changed = true;
    return { young, used };
  }

  /** The part of a loop that acts on what it saw: removals, soft taints, groups below their minimum. */
  #act(now: number, { young, used }: Look, decisions: Decision[]): void {
    if (this.#flags['scale-down-enabled']) this.#scaleDown(now, young, decisions);
    if (!this.#flags['enforce-node-group-min-size']) return;
    if (this.#scaleUp.raiseToMinimum(now, used, this.status)) {
      this.#grew(now);
      this.#lastScaleUp = now;
    }
  }

  /** Growth that did not come in time is taken back, where the machines that exist allow it. */
  #revert(group: number, increase: number, now: number): void {
    if (increase <= 0) return;
    const because = this.#reason(
      'ScaleUpTimedOut',
      () => `${increase} nodes of ${this.#groups.name(group)} did not register in time`,
    );
    this.#groups.decrease(group, increase, now, because);
  }

  /** Sizes that have been too large for too long are cut to what is there. Returns whether the loop ends here. */
  #fixSizes(now: number): boolean {
    const groups = this.#groups;
    let fixed = false;
    for (const g of groups.byName) {
      const surplus = this.#registry.surplus(g, now);
      if (surplus <= 0) continue;
      const because = this.#reason(
        'FixNodeGroupSize',
        () => `${groups.name(g)} has had ${surplus} nodes fewer than asked for too long`,
      );
      const error = groups.decrease(g, surplus, now, because);
      if (error !== undefined) {
        this.status.error = `failed to decrease ${groups.name(g)}: ${error}`;
        return true;
      }
      fixed = true;
      this.#changed = true;
    }
    return fixed;
  }

  /** Machines that have been without a Node object for too long are ended. */
  #removeLateMachines(now: number): void {
    const groups = this.#groups;
    const registry = this.#registry;
    const patience = (g: number): string => formatDuration(this.#groupOptions[g].provisionTime);
    const late: number[][] = [];
    for (const node of registry.late) (late[groups.groupOf(node)] ??= []).push(node);
    for (const g of groups.byName) {
      if (late[g] === undefined) continue;
      const possible = groups.target[g] - groups.min[g];
      if (possible <= 0) continue;
      const nodes = this.#wholeGroup(g, late[g].slice(0, possible));
      if (nodes.length === 0) continue;
      const because = this.#reason('DeleteUnregistered', () => `no Node object within ${patience(g)}`);
      const ended = groups.end(nodes, because);
      registry.instances.invalidate(g);
      // The first refusal ends it for this loop.
      if (!ended) break;
      this.#changed = true;
    }
    for (let g = 0; g < groups.count; g++) {
      if (registry.latePlaceholders[g] === 0 || groups.target[g] <= groups.min[g]) continue;
      const because = this.#reason(
        'DeleteUnregistered',
        () => `${groups.name(g)} has had fewer machines than asked for longer than ${patience(g)}`,
      );
      if (groups.cutPlaceholders(g, now, because) > 0) this.#changed = true;
    }
  }

  /** What is ended in place of some machines of a group: all or none of it, where the group knows nothing between. */
  #wholeGroup(group: number, nodes: readonly number[]): readonly number[] {
    const { zeroOrMax, allowNonAtomicScaleUpToMax } = this.#groupOptions[group];
    if (!zeroOrMax) return nodes;
    const all = this.#groups.instances(group);
    return all.length === nodes.length || !allowNonAtomicScaleUpToMax ? all : [];
  }

  /** Units that the cloud failed to launch are given up; the group is left alone for a while. */
  #giveUpFailedUnits(now: number): void {
    const groups = this.#groups;
    const registry = this.#registry;
    let ended = false;
    for (const g of groups.byName) {
      const nodes = this.#wholeGroup(
        g,
        registry.failed[g].filter((node) => !this.#isEnded(node)),
      );
      if (registry.failed[g].length === 0 || nodes.length === 0) continue;
      const because = this.#reason(
        'FailedScaleUp',
        () => `the cloud could not create ${nodes.length} machines of ${groups.name(g)}`,
      );
      if (!groups.end(nodes, because)) continue;
      registry.instances.invalidate(g);
      ended = true;
      this.#changed = true;
    }
    if (ended) registry.recalculate();
    for (let g = 0; g < groups.count; g++) {
      if (!groups.unfulfillable[g] || groups.target[g] <= groups.min[g]) continue;
      const until = registry.registerFailedUnits(g, groups.placeholders[g], now);
      const because = this.#reason('FailedScaleUp', () => {
        const wait = until === undefined ? '' : `; no growth for ${formatDuration(until - now)}`;
        return `the cloud could not launch ${groups.placeholders[g]} of ${groups.target[g]} in ${groups.name(g)}${wait}`;
      });
      if (groups.cutPlaceholders(g, now, because) > 0 || until !== undefined) this.#changed = true;
      if (until !== undefined) this.#later(until + 1, now);
    }
  }

  #isEnded(node: number): boolean {
    const { state, terminating } = this.#context.view.nodes;
    return state[node] === NODE.gone || terminating[node] === 1;
  }

  /** Whether copies of a template stand for a node: it has not started, and growth of its group is under way. */
  #isUpcoming(i: number): boolean {
    const { readiness, group } = this.#list;
    return readiness[i] === READINESS.notStarted && group[i] !== NONE && this.status.upcoming[group[i]] > 0;
  }

  /** Real nodes, then a copy of the template for each node to come. Nodes that have not started are left out: copies stand for them. */
  #fillSnapshot(now: number, whatIf: WhatIf | undefined): void {
    const list = this.#list;
    const snapshot = this.#snapshot;
    const { upcoming } = this.status;
    let leftOut = '';
    for (let g = 0; g < this.#groups.count; g++) {
      upcoming[g] = this.#registry.upcoming(g, now);
      if (upcoming[g] > 0) leftOut += `${g} `;
    }
    const again = list.version === this.#filledFrom && leftOut === this.#filledWithout && snapshot.beginAgain(whatIf);
    if (!again) {
      snapshot.begin(whatIf);
      for (let i = 0; i < list.count; i++) if (!this.#isUpcoming(i)) snapshot.addReal(list.row[i]);
      snapshot.keepReal();
      this.#filledFrom = list.version;
      this.#filledWithout = leftOut;
    }
    if (whatIf !== undefined) for (let i = 0; i < list.count; i++) if (this.#isUpcoming(i)) whatIf.hideNode(list.row[i]);
    this.#placeNominated();
    for (const g of this.#groups.byName) {
      const template = this.#templates.of(g);
      if (template === undefined) continue;
      const { nodeClass, used } = template;
      if (this.#templates.isRemembered(g)) snapshot.rememberNames(g);
      for (let i = 0; i < upcoming[g]; i++) {
        const name = `upcoming-${g}-${i}`;
        snapshot.addImagined({ nodeClass, used, group: g, kind: NODE_KIND.upcoming, name, hint: hintKey(g, i) });
      }
    }
  }

  /** Pods for which the scheduler keeps a node take their room there. */
  #placeNominated(): void {
    const { facts, view } = this.#context;
    if (facts?.nominatedNode === undefined) return;
    for (let pod = view.firstPending; pod !== NONE; pod = view.pods.next[pod]) {
      const node = facts.nominatedNode(pod);
      if (node === NONE || this.#facts.ignored[view.pods.class[pod]]) continue;
      const slot = this.#snapshot.slotOf(node);
      if (slot !== NONE) this.#snapshot.placeNominated(pod, slot);
    }
  }

  /** The pods that the scheduler could not place and that find no place in the snapshot either; returns how many stand in `#pods`. */
  #podsToHelp(whatIf: WhatIf | undefined): number {
    const { view, facts: cluster } = this.#context;
    const { pods } = view;
    const facts = this.#facts;
    this.#drained.length = 0;
    if (this.#actuator.drainInProgress > 0) this.#actuator.drainedPods(this.#drained);
    const most = view.pendingCount + this.#drained.length;
    if (this.#pods.length < most) this.#pods = new Int32Array(most * 2);
    let count = this.#pending.list(this.#pods);
    if (this.#options.model.drawPodOrder) this.#shuffle(count);
    if (cluster?.nominatedNode !== undefined) {
      let kept = 0;
      for (let i = 0; i < count; i++) if (cluster.nominatedNode(this.#pods[i]) === NONE) this.#pods[kept++] = this.#pods[i];
      count = kept;
    }
    if (this.#flags['bypassed-scheduler-names'].length > 0) count = this.#addBypassed(count);
    if (facts.anyIgnored) {
      let kept = 0;
      for (let i = 0; i < count; i++) if (!facts.ignored[pods.class[this.#pods[i]]]) this.#pods[kept++] = this.#pods[i];
      count = kept;
    }
    for (const pod of this.#drained) {
      whatIf?.unbind(pod);
      this.#pods[count++] = pod;
    }
    const placed = count === 0 ? 0 : this.#filter.place(this.#pods, count, AMONG.all, false);
    if (this.#filterHints.endRun()) this.#changed = true;
    let left = 0;
    for (let i = 0; i < count - placed; i++) if (!facts.daemonSet[pods.class[this.#pods[i]]]) this.#pods[left++] = this.#pods[i];
    return left;
  }

  /** Adds pods whose scheduler has not judged them yet and is not waited for. */
  #addBypassed(count: number): number {
    const { view } = this.#context;
    const { pods } = view;
    const found: number[] = [];
    for (let pod = view.firstPending; pod !== NONE; pod = pods.next[pod]) {
      if (pods.unschedulable[pod] === 0 && this.#facts.bypassed[pods.class[pod]]) found.push(pod);
    }
    found.sort((a, b) => a - b);
    for (const pod of found) this.#pods[count++] = pod;
    return count;
  }

  /** Tries to help the first `count` of `#pods`. Returns whether all of them were too young, which also keeps this loop from removing nodes. */
  #scaleUpFor(now: number, count: number): boolean {
    const { status } = this;
    const maxNodes = this.#flags['max-nodes-total'];
    const old = this.#dropYoung(now, count);
    if (old === 0) status.scaleUp = 'NotNeeded';
    else if (maxNodes > 0 && this.#list.ready >= maxNodes) {
      status.scaleUp = 'LimitedByMaxNodesTotal';
      if (this.#context.explain === 'full' || this.#context.remark !== undefined) {
        const pods = Array.from(this.#pods.subarray(0, old));
        status.remaining = pods.map((pod) => ({
          podClass: this.#context.view.pods.class[pod],
          count: 1,
          pods: [pod],
          rejected: {},
          skipped: {},
        }));
      }
    } else if (this.#flags['bypassed-scheduler-names'].length === 0 && this.#allNew(now, old)) {
      status.scaleUp = 'InCooldown';
      return true;
    } else {
      this.#help(now, old);
      if (status.tie.length > 0) this.#changed = true;
      // Growth ends the scale-down of this loop before it began, unless that says something else.
      if (status.scaleUp === 'Successful') status.scaleDown = 'InCooldown';
      if (status.failedGroups.length > 0) this.#changed = true;
    }
    return false;
  }

  /** One scale-up, or a salvo of them: as long as one succeeds and leaves pods, the next goes on from what it will bring. */
  #help(now: number, count: number): void {
    const salvo = this.#flags['salvo-scale-up'];
    const { class: classes } = this.#context.view.pods;
    for (let left = count; ; ) {
      const outcome = this.#scaleUp.run(now, this.#pods, left, this.status);
      if (outcome === undefined) return;
      this.#lastScaleUp = now;
      this.#grew(now);
      if (!salvo || outcome.pods.length === 0) return;
      const helped = new Set(outcome.pods);
      let kept = 0;
      for (let i = 0; i < left; i++) if (!helped.has(this.#pods[i])) this.#pods[kept++] = this.#pods[i];
      left = kept;
      if (left === 0) return;
      const snapshot = this.#snapshot;
      snapshot.beginEstimation();
      for (const { group, from, to } of [...outcome.shares].sort(
        (a, b) => this.#groups.byName.indexOf(a.group) - this.#groups.byName.indexOf(b.group),
      )) {
        const { nodeClass, used } = this.#templates.of(group)!;
        for (let i = from; i < to; i++) {
          snapshot.addImagined({ nodeClass, used, group, kind: NODE_KIND.added, name: `salvo-${group}-${i}` });
        }
      }
      for (const pod of outcome.pods) {
        const slot = snapshot.find(classes[pod], AMONG.added);
        if (slot === NONE) return;
        snapshot.place(pod, classes[pod], slot);
      }
    }
  }

  /** Puts the first pods of `#pods` into a drawn order. A loop that draws is none that may be skipped. */
  #shuffle(count: number): void {
    if (count < 2) return;
    this.#changed = true;
    const chance = this.#context.random.stream('cluster-autoscaler', 'pod order');
    for (let last = count - 1; last > 0; last--) {
      const other = chance.below(last + 1);
      const pod = this.#pods[last];
      this.#pods[last] = this.#pods[other];
      this.#pods[other] = pod;
    }
  }

  /** Notes that groups grew in this loop. */
  #grew(now: number): void {
    this.#changed = true;
    for (const group of this.status.increases.keys()) this.#delays.grew(group, now);
  }

  /** Leaves out pods that are not older than the scale-up delay: without any, those of this very instant. */
  #dropYoung(now: number, count: number): number {
    const flag = this.#flags['new-pod-scale-up-delay'];
    const facts = this.#facts;
    const { pods } = this.#context.view;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const pod = this.#pods[i];
      const delay = Math.max(flag, facts.ownDelay[pods.class[pod]]);
      if (now - pods.createdAt[pod] > delay) this.#pods[kept++] = pod;
      else this.#later(pods.createdAt[pod] + delay + 1, now);
    }
    return kept;
  }

  /** Whether even the oldest pod was created only just now. */
  #allNew(now: number, count: number): boolean {
    const { createdAt, class: classes } = this.#context.view.pods;
    let oldest = Infinity;
    let oldestGpu = Infinity;
    for (let i = 0; i < count; i++) {
      const pod = this.#pods[i];
      if (createdAt[pod] < oldest) oldest = createdAt[pod];
      if (createdAt[pod] < oldestGpu && this.#facts.gpu[classes[pod]]) oldestGpu = createdAt[pod];
    }
    this.#later(oldest + POD_AGE, now);
    if (oldestGpu !== Infinity) this.#later(oldestGpu + GPU_POD_AGE, now);
    return oldest + POD_AGE > now || (oldestGpu !== Infinity && oldestGpu + GPU_POD_AGE > now);
  }

  #scaleDown(now: number, young: boolean, decisions: Decision[]): void {
    const { status } = this;
    const planner = this.#planner;
    const cooldownEnd = this.#cooldownEnd();
    this.#later(cooldownEnd, now);
    this.#started.clear();
    if (young || cooldownEnd > now) status.scaleDown = 'InCooldown';
    else if (planner.candidateCount === 0) status.scaleDown = 'NoCandidates';
    else {
      const { empty, drain } = planner.nodesToDelete(now);
      this.#actuator.beginRound();
      for (const bucket of empty) this.#startRemoval(bucket, false, now, decisions);
      for (const bucket of drain) this.#startRemoval(bucket, true, now, decisions);
      const any = empty.length + drain.length > 0;
      status.scaleDown = any ? 'NodeDeleteStarted' : 'NoNodeDeleted';
      if (any) this.#registry.recalculate();
    }
    this.#later(planner.changesAt, now);
    const tainting = {
      list: this.#list,
      unneeded: this.#unneeded,
      started: this.#started,
      isUpcoming: (i: number): boolean => this.#isUpcoming(i),
      conflictRetry: this.#options.model.conflictRetry,
    };
    if (updateSoftTaints(this.#context, this.#flags, tainting, decisions)) this.#changed = true;
  }

  #startRemoval(bucket: RemovalBucket, drain: boolean, now: number, decisions: Decision[]): void {
    const { view } = this.#context;
    const because = (node: number): Reason =>
      this.#reason(drain ? 'ScaleDown' : 'ScaleDownEmpty', () => {
        const pods = drain ? `its ${view.nodes.pods[node]} pods have other places` : 'it is empty';
        const since = formatDuration(Math.max(0, now - this.#unneeded.since(node)));
        return `${view.nodeNames[node]} of ${this.#groups.name(bucket.group)} unneeded for ${since}: ${pods}`;
      });
    this.#actuator.start(bucket, drain, now, because, decisions);
    for (const node of bucket.nodes) {
      (drain ? this.status.deletedDrain : this.status.deletedEmpty).push(node);
      const pods = drain ? this.#planner.toEvict.get(node) : undefined;
      if (pods !== undefined) this.status.toEvict.set(node, this.#actuator.evictable(pods));
      this.#started.add(node);
    }
    this.#changed = true;
  }

  /** From when on nodes may be removed again: after growth, after a removal. Nothing here makes a removal fail to start. */
  #cooldownEnd(): number {
    const flags = this.#flags;
    if (flags['scale-down-delay-type-local']) return -Infinity;
    return Math.max(
      this.#lastScaleUp + flags['scale-down-delay-after-add'],
      Math.max(this.#actuator.lastStart, LONG_AGO) + flags['scale-down-delay-after-delete'],
    );
  }

  #reason(code: string, message: () => string): Reason {
    return { code, message: this.#context.explain === 'off' ? '' : message() };
  }

  #later(time: number, now: number): void {
    if (time > now && time < this.#quietUntil) this.#quietUntil = time;
  }
}

/** What the first part of a loop hands to the second. */
interface Look {
  /** Whether all pods to help were too young. */
  readonly young: boolean;
  /** What nodes used of resources with limits when the loop began. */
  readonly used: readonly number[];
}
