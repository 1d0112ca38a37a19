import {
  type Decision,
  formatDuration,
  type JsonValue,
  NONE,
  type Provider,
  type ProviderContext,
  RECORD,
  type Reason,
  type Reconciliation,
  type WhatIf,
} from '@plimsoll/core';
import { Actuator } from '../actuation/actuator.ts';
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
import type { RemovableNode } from '../scale-down/budgets.ts';
import { Planner } from '../scale-down/planner.ts';
import { UnneededNodes } from '../scale-down/unneeded-nodes.ts';
import { ScaleUp } from '../scale-up/orchestrator.ts';
import { AMONG, ClusterSnapshot, NODE_KIND } from '../snapshot/cluster-snapshot.ts';
import { HintingSimulator } from '../snapshot/hinting-simulator.ts';
import { Hints } from '../snapshot/hints.ts';
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
  readonly #trigger: LoopTrigger;
  #pods = new Int32Array(256);
  readonly #drained: number[] = [];
  #lastScaleUp = LONG_AGO;
  /** The version of the list of nodes that the snapshot's real nodes were taken from. */
  #filledFrom = 0;
  /** The smallest time between two loops so far. */
  #interval: number;
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
    this.#templates = new Templates(view, context.offerings, this.#groups, this.#facts, options);
    this.#registry = new ClusterState(
      view,
      this.#groups,
      flags,
      this.#groupOptions.map((own) => own.provisionTime),
    );
    this.#snapshot = new ClusterSnapshot(view, context.scheduling, this.#facts);
    this.#filter = new HintingSimulator(view, this.#facts, this.#snapshot, this.#filterHints);
    this.#scaleUp = new ScaleUp({
      context,
      flags,
      facts: this.#facts,
      snapshot: this.#snapshot,
      groups: this.#groups,
      templates: this.#templates,
      registry: this.#registry,
      expander: new ExpanderChain(flags.expander, options.priorities, () => context.random.stream('expander')),
    });
    this.#actuator = new Actuator(context, flags, this.#facts, this.#groups);
    this.#planner = new Planner({
      context,
      flags,
      groupOptions: this.#groupOptions,
      facts: this.#facts,
      snapshot: this.#snapshot,
      groups: this.#groups,
      list: this.#list,
      actuator: this.#actuator,
      hints: this.#removalHints,
      unneeded: this.#unneeded,
    });
    this.#actuator.useRules(this.#planner.rules);
    this.#trigger = new LoopTrigger(flags['scan-interval']);
    this.#interval = flags['scale-down-unneeded-time'];
  }

  observe(kind: number, a: number, b: number): number | undefined {
    if (kind === RECORD.nodeTerminating || kind === RECORD.nodeGone) {
      this.#groups.observe(kind, a);
      return undefined;
    }
    const reported = this.#pending.observe(kind, a, b);
    return reported && this.#flags['frequent-loops-enabled'] ? this.#trigger.wake(this.#context.view.now) : undefined;
  }

  reconcile(now: number): Reconciliation {
    const decisions: Decision[] = [];
    this.#groups.begin(decisions);
    this.#facts.update();
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

  snapshot(): JsonValue {
    return {
      groups: this.#groups.snapshot(),
      templates: this.#templates.snapshot(),
      registry: this.#registry.snapshot(),
      cursor: this.#snapshot.cursor,
      filterHints: this.#filterHints.snapshot(),
      removalHints: this.#removalHints.snapshot(),
      unneeded: this.#unneeded.snapshot(),
      unremovable: this.#planner.unremovable.snapshot(),
      actuator: this.#actuator.snapshot(),
      trigger: this.#trigger.snapshot(),
      lastScaleUp: this.#lastScaleUp,
      interval: finite(this.#interval),
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
    this.#planner.unremovable.restore(saved.unremovable);
    this.#actuator.restore(saved.actuator);
    this.#trigger.restore(saved.trigger);
    this.#lastScaleUp = saved.lastScaleUp as number;
    this.#interval = (saved.interval as number | null) ?? Infinity;
  }

  /** One loop, with what lies around it: what skipped loops would have noted, and when the next one is due. */
  #loop(now: number, decisions: Decision[]): void {
    const trigger = this.#trigger;
    const { previous, lastSkipped, smallestInterval } = trigger.arrive(now);
    if (lastSkipped !== undefined) this.#catchUp(lastSkipped);
    this.#changed = false;
    this.#quietUntil = Infinity;
    const { cursor } = this.#snapshot;
    if (smallestInterval < this.#interval) {
      this.#interval = smallestInterval;
      this.#changed = true;
    }
    this.status = newStatus(now);
    // Only where pods depend on each other must the engine's state follow what the loop tries out.
    if (this.#facts.anyConstrained) this.#context.view.speculate((whatIf) => this.#runOnce(now, decisions, whatIf));
    else this.#runOnce(now, decisions, undefined);
    if (this.#snapshot.cursor !== cursor) this.#changed = true;
    const { loopBase, loopPerNode, loopPerPod } = this.#options.model;
    const duration = Math.round(loopBase + loopPerNode * this.#list.count + loopPerPod * this.#pending.count);
    // A loop that grew or shrank something is followed at once by up to two more.
    const since = Math.max(previous, 0);
    const again = this.#flags['frequent-loops-enabled'] && (this.#lastScaleUp >= since || this.#actuator.lastStart >= since);
    trigger.finish(now, duration, again);
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

  #runOnce(now: number, decisions: Decision[], whatIf: WhatIf | undefined): void {
    const groups = this.#groups;
    const list = this.#list;
    const registry = this.#registry;
    groups.refresh(now);
    list.read(now);
    if (!this.#flags['scale-up-from-zero'] && list.ready === 0) return;
    if (this.#templates.update(now, list)) this.#changed = true;
    const { timedOut, changed } = registry.update(now, list);
    if (changed || timedOut.length > 0) this.#changed = true;
    this.#later(list.changesAt, now);
    this.#later(registry.changesAt, now);
    for (let g = 0; g < groups.count; g++) this.#later(registry.backoff.until(g, now) + 1, now);
    this.#removeLateMachines(now);
    if (!registry.healthy) {
      if (this.#unneeded.count > 0) this.#changed = true;
      this.#unneeded.clear();
      return;
    }
    this.#giveUpFailedUnits(now);
    if (groups.outdated) this.#later(groups.nextRefresh, now);
    this.#fillSnapshot(now, whatIf);
    const count = this.#podsToHelp(whatIf);
    const young = this.#scaleUpFor(now, count);
    if (this.#flags['scale-down-enabled']) this.#scaleDown(now, young, decisions);
    if (this.#flags['enforce-node-group-min-size']) this.#raiseToMinimum(now);
  }

  /** Machines that have been without a Node object for too long are ended. */
  #removeLateMachines(now: number): void {
    const groups = this.#groups;
    const registry = this.#registry;
    const patience = (g: number): string => formatDuration(this.#groupOptions[g].provisionTime);
    for (const node of registry.late) {
      const g = groups.groupOf(node);
      const because = this.#reason('DeleteUnregistered', () => `no Node object within ${patience(g)}`);
      if (groups.end(node, because)) this.#changed = true;
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

  /** Units that the cloud failed to launch are given up; the group is left alone for a while. */
  #giveUpFailedUnits(now: number): void {
    const groups = this.#groups;
    for (let g = 0; g < groups.count; g++) {
      if (!groups.unfulfillable[g] || groups.target[g] <= groups.min[g]) continue;
      const until = this.#registry.registerFailedUnits(g, groups.placeholders[g], now);
      const because = this.#reason('FailedScaleUp', () => {
        const wait = until === undefined ? '' : `; no growth for ${formatDuration(until - now)}`;
        return `the cloud could not launch ${groups.placeholders[g]} of ${groups.target[g]} in ${groups.name(g)}${wait}`;
      });
      if (groups.cutPlaceholders(g, now, because) > 0 || until !== undefined) this.#changed = true;
      if (until !== undefined) this.#later(until + 1, now);
    }
  }

  /** Real nodes, then a copy of the template for each node to come. Nodes that have not started are left out: copies stand for them. */
  #fillSnapshot(now: number, whatIf: WhatIf | undefined): void {
    const list = this.#list;
    const snapshot = this.#snapshot;
    const isLeftOut = (i: number): boolean => list.readiness[i] === READINESS.notStarted && list.group[i] !== NONE;
    const again = list.version === this.#filledFrom && snapshot.beginAgain(whatIf);
    if (!again) {
      snapshot.begin(whatIf);
      for (let i = 0; i < list.count; i++) if (!isLeftOut(i)) snapshot.addReal(list.row[i]);
      snapshot.keepReal();
      this.#filledFrom = list.version;
    }
    if (whatIf !== undefined) for (let i = 0; i < list.count; i++) if (isLeftOut(i)) whatIf.hideNode(list.row[i]);
    for (const g of this.#groups.byName) {
      const upcoming = this.#registry.upcoming(g, now);
      this.status.upcoming[g] = upcoming;
      const template = this.#templates.of(g);
      if (template === undefined) continue;
      const { nodeClass, used } = template;
      for (let i = 0; i < upcoming; i++) {
        snapshot.addImagined({ nodeClass, used, group: g, kind: NODE_KIND.upcoming, name: `upcoming-${g}-${i}` });
      }
    }
  }

  /** The pods that the scheduler could not place and that find no place in the snapshot either; returns how many stand in `#pods`. */
  #podsToHelp(whatIf: WhatIf | undefined): number {
    const { pods } = this.#context.view;
    const facts = this.#facts;
    this.#drained.length = 0;
    if (this.#actuator.drainInProgress > 0) this.#actuator.drainedPods(this.#drained);
    const most = this.#pending.count + this.#drained.length;
    if (this.#pods.length < most) this.#pods = new Int32Array(most * 2);
    let count = this.#pending.list(this.#pods);
    if (facts.anyExpendable) {
      let kept = 0;
      for (let i = 0; i < count; i++) if (!facts.expendable[pods.class[this.#pods[i]]]) this.#pods[kept++] = this.#pods[i];
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

  /** Tries to help the first `count` of `#pods`. Returns whether all of them were too young, which also keeps this loop from removing nodes. */
  #scaleUpFor(now: number, count: number): boolean {
    const { status } = this;
    const maxNodes = this.#flags['max-nodes-total'];
    const old = this.#dropYoung(now, count);
    if (old === 0) status.scaleUp = 'NotNeeded';
    else if (maxNodes > 0 && this.#list.ready >= maxNodes) status.scaleUp = 'LimitedByMaxNodesTotal';
    else if (this.#allNew(now, old)) {
      status.scaleUp = 'InCooldown';
      return true;
    } else {
      this.#scaleUp.run(now, this.#pods, old, status);
      if (status.tie.length > 0 || status.scaleUp === 'Successful') this.#changed = true;
      if (status.scaleUp === 'Successful') this.#lastScaleUp = now;
    }
    return false;
  }

  /** Leaves out pods younger than the scale-up delay. */
  #dropYoung(now: number, count: number): number {
    const flag = this.#flags['new-pod-scale-up-delay'];
    const facts = this.#facts;
    if (flag === 0 && !facts.anyOwnDelay) return count;
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
    if (planner.update(now, this.#interval, status)) this.#changed = true;
    const cooldownEnd = this.#cooldownEnd();
    this.#later(cooldownEnd, now);
    if (young || cooldownEnd > now) status.scaleDown = 'InCooldown';
    else if (this.#unneeded.count === 0) status.scaleDown = 'NoCandidates';
    else {
      const { empty, drain } = planner.nodesToDelete(now, status);
      for (const removable of empty) this.#startRemoval(removable, false, now, decisions);
      for (const removable of drain) this.#startRemoval(removable, true, now, decisions);
      status.scaleDown = empty.length + drain.length > 0 ? 'NodeDeleteStarted' : 'NoNodeDeleted';
    }
    this.#later(planner.changesAt, now);
  }

  #startRemoval({ node, group }: RemovableNode, drain: boolean, now: number, decisions: Decision[]): void {
    const { view } = this.#context;
    const because = this.#reason(drain ? 'ScaleDown' : 'ScaleDownEmpty', () => {
      const pods = drain ? `its ${view.nodes.pods[node]} pods have other places` : 'it is empty';
      return `${view.nodeNames[node]} of ${this.#groups.name(group)} unneeded for ${formatDuration(now - this.#unneeded.since(node))}: ${pods}`;
    });
    this.#actuator.start(node, group, drain, now, because, decisions);
    (drain ? this.status.deletedDrain : this.status.deletedEmpty).push(node);
    this.#changed = true;
  }

  /** From when on nodes may be removed again: after growth, after a removal. Nothing here makes a removal fail to start. */
  #cooldownEnd(): number {
    const flags = this.#flags;
    return Math.max(
      this.#lastScaleUp + flags['scale-down-delay-after-add'],
      Math.max(this.#actuator.lastStart, LONG_AGO) + flags['scale-down-delay-after-delete'],
    );
  }

  /** Grows groups that are below their minimum. */
  #raiseToMinimum(now: number): void {
    const groups = this.#groups;
    for (const g of groups.byName) {
      const delta = groups.min[g] - groups.target[g];
      if (delta <= 0 || !this.#registry.isGroupHealthy(g) || this.#registry.backoff.isBackedOff(g, now)) continue;
      const because = this.#reason(
        'ScaleUpToMinSize',
        () => `${groups.name(g)} ${groups.target[g]}->${groups.min[g]}, its minimum`,
      );
      groups.increase(g, delta, now, because);
      this.#registry.registerScaleUp(g, delta, now);
      this.status.increases.set(g, delta);
      this.#lastScaleUp = now;
      this.#changed = true;
    }
  }

  #reason(code: string, message: () => string): Reason {
    return { code, message: this.#context.explain === 'off' ? '' : message() };
  }

  #later(time: number, now: number): void {
    if (time > now && time < this.#quietUntil) this.#quietUntil = time;
  }
}
