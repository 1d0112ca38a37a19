import { CPU, type ExplainLevel, type JsonValue, MEMORY, PODS, type ProviderContext, type Reason } from '@plimsoll/core';
import type { ExpanderChain } from '../expander/chain.ts';
import type { ExpansionOption } from '../expander/option.ts';
import { waste } from '../expander/strategies.ts';
import { gpuIndex } from '../groups/gpus.ts';
import type { GroupOptions } from '../groups/group-options.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import { areSimilar } from '../groups/similar-groups.ts';
import type { Template, Templates } from '../groups/templates.ts';
import type { LoopStatus, RemainingPods } from '../loop/status.ts';
import type { Flags } from '../options/flags.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { ClusterState } from '../registry/cluster-state.ts';
import { type ClusterSnapshot, NODE_KIND } from '../snapshot/cluster-snapshot.ts';
import { balance, type Share } from './balancing.ts';
import { EquivalenceGroups } from './equivalence-groups.ts';
import { Estimator } from './estimator.ts';
import { nodeLimit } from './limits.ts';
import { type ClusterQuota, consume, exceeded, type Headroom, withinHeadroom } from './quota.ts';

/** Why a pod that a group could take was not helped by it. Source: `core/scaleup/orchestrator/rejectedreasons.go`. */
const EXECUTION_FAILED = 'scale-up execution failed';

/** What the orchestrator works with. */
export interface ScaleUpParts {
  readonly context: ProviderContext;
  readonly flags: Flags;
  readonly groupOptions: readonly GroupOptions[];
  readonly facts: PodFacts;
  readonly snapshot: ClusterSnapshot;
  readonly groups: NodeGroups;
  readonly templates: Templates;
  readonly registry: ClusterState;
  readonly quota: ClusterQuota;
  readonly expander: ExpanderChain;
}

/** What a scale-up placed where: what the next one of a salvo goes on from. */
export interface ScaleUpOutcome {
  readonly shares: readonly Share[];
  /** Rows of the pods that the chosen option places. */
  readonly pods: readonly number[];
}

/**
 * One scale-up: what each group could do for the pending pods, which option is best, and how much of it the limits allow. One group (with those
 * similar to it) grows per loop. Source: Cluster Autoscaler 1.37, `core/scaleup/orchestrator/orchestrator.go` and `executor.go`.
 */
export class ScaleUp {
  readonly #parts: ScaleUpParts;
  readonly #pods: EquivalenceGroups;
  readonly #estimator: Estimator;
  readonly #explain: ExplainLevel;
  /** Whether the status names pods one by one. */
  readonly #full: boolean;
  /** By pod class, during one scale-up: whether it fits on the template of the group under consideration. */
  #feasible = new Uint8Array(64);

  constructor(parts: ScaleUpParts) {
    this.#parts = parts;
    this.#pods = new EquivalenceGroups(parts.context.view, parts.facts);
    this.#estimator = new Estimator(parts.context.view, parts.facts, parts.snapshot);
    this.#explain = parts.context.explain;
    this.#full = this.#explain === 'full' || parts.context.remark !== undefined;
  }

  /** Tries to help the first `count` of `pods`. Decisions go to the groups. Returns what was done where it succeeded. */
  run(now: number, pods: Int32Array, count: number, status: LoopStatus): ScaleUpOutcome | undefined {
    const { groups, flags, snapshot, expander, quota, groupOptions } = this.#parts;
    const peg = this.#pods;
    peg.build(pods, count);
    status.triggered = 0;
    status.awaiting = 0;
    status.triggeredPods = [];
    status.awaitingPods = [];
    status.remaining = [];
    status.failedGroups = [];
    status.increases.clear();
    const headroom = quota.roomAbove(snapshot.usage(quota));
    const skipped: (string | undefined)[] = [];
    const schedulable: (readonly number[])[] = [];
    const options: ExpansionOption[] = [];
    for (const g of groups.byName) {
      const template = this.#parts.templates.of(g);
      skipped[g] = this.#skip(g, now, template, headroom);
      if (skipped[g] !== undefined || template === undefined) continue;
      schedulable[g] = this.#schedulable(g, template);
    }
    for (const g of groups.byName) {
      const template = this.#parts.templates.of(g);
      if (template === undefined || schedulable[g] === undefined || schedulable[g].length === 0) continue;
      const similar = this.#similar(g, template, schedulable, now);
      const room = [g, ...similar].reduce((sum, other) => sum + Math.max(0, groups.max[other] - groups.target[other]), 0);
      const estimate = this.#estimator.estimate({
        template,
        group: g,
        pods: peg,
        schedulable: schedulable[g],
        maxNodes: nodeLimit({
          maxPerScaleUp: flags['max-nodes-per-scaleup'],
          groupRoom: room,
          maxNodesTotal: flags['max-nodes-total'],
          currentNodes: snapshot.count,
        }),
        fastPath: flags['fastpath-binpacking-enabled'],
      });
      const nodes = groupOptions[g].zeroOrMax && estimate.nodes > 0 ? groups.max[g] : estimate.nodes;
      if (nodes > 0 && estimate.pods > 0) options.push(this.#option(g, template, { ...estimate, nodes }));
    }
    const survivors = expander.survivors(options, this.#prices());
    if (survivors.length > 1) status.tie = survivors.map((option) => option.name);
    const best = expander.choose(survivors);
    const unhelped = new Helped(peg.count, schedulable);
    const tell = (): void => {
      if (this.#full) status.remaining = this.#remaining(unhelped, skipped);
    };
    if (best === undefined) {
      status.scaleUp = 'NoOptionsAvailable';
      tell();
      return undefined;
    }
    const triggered = this.#full || flags['salvo-scale-up'] ? this.#packedPods(best) : [];
    status.triggered = best.pods;
    status.triggeredPods = triggered;
    let wanted = best.nodes;
    if (flags['max-nodes-total'] > 0) wanted = Math.min(wanted, flags['max-nodes-total'] - snapshot.count);
    if (wanted < 1) {
      status.scaleUp = 'Error';
      unhelped.failAll();
      tell();
      return undefined;
    }
    wanted = withinHeadroom(wanted, headroom, this.#nodeSize(best.group));
    const shares = this.#shares(best, wanted, schedulable, headroom, now);
    const failed = this.#execute(shares, best, options, skipped, now);
    if (failed.length > 0) {
      status.scaleUp = 'Error';
      status.failedGroups = failed;
      unhelped.fail(this.#failedWith(failed, shares));
      tell();
      return undefined;
    }
    for (const { group, from, to } of shares) status.increases.set(group, to - from);
    this.#parts.registry.recalculate();
    status.scaleUp = 'Successful';
    tell();
    const awaiting: number[] = [];
    for (let p = 0; p < peg.count; p++) {
      if (!unhelped.isSchedulable(p) || schedulable[best.group].includes(p)) continue;
      status.awaiting += peg.size(p);
      if (this.#full) for (let i = peg.start[p]; i < peg.start[p + 1]; i++) awaiting.push(peg.pods[i]);
    }
    status.awaitingPods = awaiting;
    return { shares, pods: triggered };
  }

  /** Grows groups that are below their minimum. Returns whether any grew. */
  raiseToMinimum(now: number, used: readonly number[], status: LoopStatus): boolean {
    const { groups, flags, quota, templates } = this.#parts;
    const headroom = quota.roomAbove(used);
    const shares: Share[] = [];
    for (const g of groups.byName) {
      const target = groups.target[g];
      if (target >= groups.min[g] || !this.#isSafe(g, now) || templates.of(g) === undefined) continue;
      const size = this.#nodeSize(g);
      if (withinHeadroom(1, headroom, size) < 1) continue;
      let delta = withinHeadroom(groups.min[g] - target, headroom, size);
      // The real program compares the limit of the whole cluster with the size of the one group.
      const total = flags['max-nodes-total'];
      if (total > 0 && delta + target > total) {
        delta = total - target;
        if (delta < 1) continue;
      }
      shares.push({ group: g, from: target, to: target + delta });
    }
    status.triggeredPods = [];
    status.awaitingPods = [];
    status.remaining = [];
    status.failedGroups = [];
    status.triggered = 0;
    status.awaiting = 0;
    status.increases.clear();
    if (shares.length === 0) {
      status.scaleUp = 'NotNeeded';
      return false;
    }
    const because = ({ group, from, to }: Share): Reason => ({
      code: 'ScaleUpToMinSize',
      message: this.#explain === 'off' ? '' : `${groups.name(group)} ${from}->${to}, its minimum`,
    });
    const failed = this.#grow(shares, because, now);
    if (failed.length > 0) {
      status.scaleUp = 'Error';
      status.failedGroups = failed;
      return false;
    }
    for (const { group, from, to } of shares) status.increases.set(group, to - from);
    this.#parts.registry.recalculate();
    status.scaleUp = 'Successful';
    return true;
  }

  /** Why a group is no option at all; undefined where it may be one. */
  #skip(g: number, now: number, template: Template | undefined, headroom: Headroom): string | undefined {
    const { groups, registry, groupOptions, flags, snapshot, quota } = this.#parts;
    if (!registry.isGroupHealthy(g)) return 'not ready for scale-up';
    if (registry.backoff.isBackedOff(g, now)) return 'in backoff after failed scale-up';
    if (groups.target[g] >= groups.max[g]) return 'max node group size reached';
    let nodes = 1;
    if (groupOptions[g].zeroOrMax) {
      nodes = groups.max[g] - groups.target[g];
      const total = flags['max-nodes-total'];
      if (total !== 0 && snapshot.count + nodes > total) return 'atomic scale-up exceeds cluster node count limit';
    }
    if (template === undefined) return 'not ready for scale-up';
    const over = exceeded(nodes, headroom, this.#nodeSize(g), quota.resources);
    return over.length > 0 ? `exceeded quota: "cluster-wide", resources: ${over.join(', ')}` : undefined;
  }

  #isSafe(g: number, now: number): boolean {
    const { registry } = this.#parts;
    return registry.isGroupHealthy(g) && !registry.backoff.isBackedOff(g, now);
  }

  /** The equivalence groups that fit on one fresh node of a group. */
  #schedulable(g: number, template: Template): number[] {
    const { snapshot, context } = this.#parts;
    const peg = this.#pods;
    const classes = context.view.classes.pods.length;
    if (this.#feasible.length < classes) this.#feasible = new Uint8Array(classes * 2);
    else this.#feasible.fill(0);
    const mark = snapshot.mark();
    const slot = this.#imagine(g, template);
    const out: number[] = [];
    for (let p = 0; p < peg.count; p++) {
      const podClass = peg.podClass[p];
      if (this.#feasible[podClass] === 0) this.#feasible[podClass] = snapshot.fits(podClass, slot) ? 1 : 2;
      if (this.#feasible[podClass] === 1) out.push(p);
    }
    snapshot.revertTo(mark);
    return out;
  }

  /** Groups that may grow together with one: like it, fit to grow, and able to take every pod that it takes. */
  #similar(g: number, template: Template, schedulable: readonly (readonly number[])[], now: number): number[] {
    const { groups, flags, templates, groupOptions, context } = this.#parts;
    if (!flags['balance-similar-node-groups'] || groupOptions[g].zeroOrMax) return [];
    return groups.byName.filter((other) => {
      const otherTemplate = templates.of(other);
      if (other === g || otherTemplate === undefined || !this.#isSafe(other, now)) return false;
      if (!areSimilar(template, otherTemplate, context.view.classes.nodes, flags)) return false;
      return schedulable[g].every((p) => schedulable[other]?.includes(p) === true);
    });
  }

  #option(
    g: number,
    template: Template,
    {
      nodes,
      pods,
      packed,
      order,
    }: { readonly nodes: number; readonly pods: number; readonly packed: readonly number[]; readonly order: readonly number[] },
  ): ExpansionOption {
    const { facts, context, groups } = this.#parts;
    const { classes } = context.view;
    const node = classes.nodes[template.nodeClass];
    const { pricing } = context.groups;
    let cpu = 0;
    let memory = 0;
    let price = 0;
    for (const p of order) {
      const podClass = this.#pods.podClass[p];
      cpu += packed[p] * facts.cpu[podClass];
      memory += packed[p] * facts.memory[podClass];
      if (pricing === undefined) continue;
      const one = pricing.podPrice(classes.pods[podClass].spec);
      // Pod by pod, as the real program adds them up: the last digits decide ties.
      for (let i = 0; i < packed[p]; i++) price += one;
    }
    return {
      group: g,
      name: groups.name(g),
      nodes,
      pods,
      packed,
      order,
      cpu,
      memory,
      nodeCpu: node.capacity[CPU],
      nodeMemory: node.capacity[MEMORY],
      gpu: gpuIndex(classes, node) >= 0,
      ...(pricing && { price: { node: pricing.nodePrice(node.shape), pods: price } }),
    };
  }

  #prices(): { readonly nodes: number; readonly stabilisingPod: number } | undefined {
    const { view, groups } = this.#parts.context;
    if (groups.pricing === undefined) return undefined;
    const requests = { cpu: 500, memory: 500 * 2 ** 20 };
    const pod = { namespace: 'default', labels: {}, annotations: {}, controller: 'none', containers: [{ requests }] };
    return { nodes: view.registeredCount, stabilisingPod: groups.pricing.podPrice(pod) };
  }

  /** Rows of the pods that an option places. */
  #packedPods({ packed, order }: ExpansionOption): number[] {
    const out: number[] = [];
    for (const p of order) for (let i = 0; i < packed[p]; i++) out.push(this.#pods.pods[this.#pods.start[p] + i]);
    return out;
  }

  /** How the new nodes are shared among the best group and those similar to it, each share within the limits of the cluster. */
  #shares(
    best: ExpansionOption,
    wanted: number,
    schedulable: readonly (readonly number[])[],
    headroom: Headroom,
    now: number,
  ): Share[] {
    const { groups, templates } = this.#parts;
    const template = templates.of(best.group)!;
    const similar = this.#similar(best.group, template, schedulable, now).filter(
      (g) => withinHeadroom(1, headroom, this.#nodeSize(g)) > 0,
    );
    const together = [best.group, ...similar].map((g) => ({
      group: g,
      name: groups.name(g),
      size: groups.target[g],
      max: groups.max[g],
    }));
    const left = [...headroom];
    const out: Share[] = [];
    for (const { group, from, to } of balance(together, wanted)) {
      const size = this.#nodeSize(group);
      const delta = withinHeadroom(to - from, left, size);
      if (delta <= 0) continue;
      consume(delta, left, size);
      out.push({ group, from, to: from + delta });
    }
    return out;
  }

  #execute(
    shares: readonly Share[],
    best: ExpansionOption,
    options: readonly ExpansionOption[],
    skipped: readonly (string | undefined)[],
    now: number,
  ): number[] {
    return this.#grow(shares, (share) => this.#reason(best, share, options, skipped), now);
  }

  /** Asks the cloud for each share; returns the groups that refused. One after another, the first refusal ends it. */
  #grow(shares: readonly Share[], because: (share: Share) => Reason, now: number): number[] {
    const { groups, registry, flags } = this.#parts;
    const failed: number[] = [];
    for (const share of shares) {
      const { group, from, to } = share;
      if (groups.increase(group, to - from, now, because(share)) === undefined) {
        registry.registerScaleUp(group, to - from, now);
        continue;
      }
      registry.backoff.fail(group, now);
      failed.push(group);
      if (!flags['parallel-scale-up']) break;
    }
    return failed;
  }

  /** The groups that count as failed: those that refused, and those that were not asked for it. */
  #failedWith(failed: readonly number[], shares: readonly Share[]): number[] {
    if (this.#parts.flags['parallel-scale-up'] || failed.length !== 1) return [...failed];
    return shares.slice(shares.findIndex(({ group }) => group === failed[0])).map(({ group }) => group);
  }

  #nodeSize(g: number): readonly number[] {
    const { quota, templates } = this.#parts;
    return quota.of(templates.of(g)!.nodeClass, g);
  }

  #imagine(g: number, template: Template): number {
    return this.#parts.snapshot.addImagined({
      nodeClass: template.nodeClass,
      used: template.used,
      group: g,
      kind: NODE_KIND.added,
      name: `template-node-for-${this.#parts.groups.name(g)}`,
    });
  }

  #reason(
    best: ExpansionOption,
    share: Share,
    options: readonly ExpansionOption[],
    skipped: readonly (string | undefined)[],
  ): Reason {
    const code = 'TriggeredScaleUp';
    if (this.#explain === 'off') return { code, message: '' };
    const { groups, context } = this.#parts;
    const first = best.packed.findIndex((count) => count > 0);
    const pod = context.workload.podName(this.#pods.pods[this.#pods.start[first]]);
    const others = best.pods > 1 ? ` and ${best.pods - 1} more` : '';
    const message =
      `pod ${pod}${others} found no place: ${groups.name(share.group)} ${share.from}->${share.to} (max: ${groups.max[share.group]})` +
      `, ${best.nodes} ${best.nodes === 1 ? 'node' : 'nodes'} wanted for ${best.pods} ${best.pods === 1 ? 'pod' : 'pods'}` +
      (options.length > 1 ? `, best of ${options.length} groups` : '');
    if (this.#explain !== 'full') return { code, message };
    const details: Record<string, JsonValue> = {
      group: groups.name(best.group),
      pods: best.pods,
      nodes: best.nodes,
      options: options.map((option) => ({ group: option.name, nodes: option.nodes, pods: option.pods, waste: waste(option) })),
      skipped: this.#skips(skipped),
    };
    return { code, message, details };
  }

  #skips(skipped: readonly (string | undefined)[]): Record<string, string> {
    const skips: Record<string, string> = {};
    skipped.forEach((why, g) => {
      if (why !== undefined) skips[this.#parts.groups.name(g)] = why;
    });
    return skips;
  }

  /** Pods that no group could take, with what each group said. */
  #remaining(helped: Helped, skipped: readonly (string | undefined)[]): RemainingPods[] {
    const { groups } = this.#parts;
    const peg = this.#pods;
    const skips = this.#skips(skipped);
    const out: RemainingPods[] = [];
    for (let p = 0; p < peg.count; p++) {
      if (helped.isSchedulable(p)) continue;
      const rejected: Record<string, readonly string[]> = { ...this.#rejections(peg.podClass[p], skipped) };
      for (const g of helped.failedFor(p)) rejected[groups.name(g)] = [EXECUTION_FAILED];
      out.push({
        podClass: peg.podClass[p],
        count: peg.size(p),
        pods: Array.from(peg.pods.subarray(peg.start[p], peg.start[p + 1])),
        rejected,
        skipped: skips,
      });
    }
    return out;
  }

  /** By group: why a pod does not fit on a fresh node of it, in the scheduler's words. */
  #rejections(podClass: number, skipped: readonly (string | undefined)[]): Record<string, readonly string[]> {
    const { groups, templates, snapshot } = this.#parts;
    const out: Record<string, readonly string[]> = {};
    for (const g of groups.byName) {
      const template = templates.of(g);
      if (skipped[g] !== undefined || template === undefined) continue;
      const mark = snapshot.mark();
      const slot = this.#imagine(g, template);
      if (!snapshot.fits(podClass, slot)) out[groups.name(g)] = this.#why(podClass, template, slot);
      snapshot.revertTo(mark);
    }
    return out;
  }

  #why(podClass: number, template: Template, slot: number): readonly string[] {
    const { snapshot, context } = this.#parts;
    const { classes } = context.view;
    const byClass = context.scheduling.rejectClass?.(podClass, template.nodeClass, '');
    if (byClass !== undefined) return byClass.reasons;
    const inEngine = snapshot.rejection(podClass, slot);
    if (inEngine?.plugin === 'NodePorts') return inEngine.reasons;
    const { allocatable } = classes.nodes[template.nodeClass];
    const { requests } = classes.pods[podClass];
    const short: string[] = [];
    requests.forEach((amount, r) => {
      if (amount > 0 && amount > (allocatable[r] ?? 0) - (template.used[r] ?? 0)) {
        short.push(r === PODS ? 'Too many pods' : `Insufficient ${classes.resources.names[r]}`);
      }
    });
    if (short.length > 0) return short.sort();
    return inEngine?.reasons ?? ["node(s) didn't match the pod's taints, selector or affinity"];
  }
}

/** Which equivalence groups some group could take, and which of those groups failed. */
class Helped {
  readonly #groupsOf: number[][];
  readonly #unhelped: boolean[];
  #failed: ReadonlySet<number> = new Set();

  constructor(count: number, schedulable: readonly (readonly number[])[]) {
    this.#groupsOf = Array.from({ length: count }, () => []);
    schedulable.forEach((list, g) => {
      for (const p of list ?? []) this.#groupsOf[p].push(g);
    });
    this.#unhelped = this.#groupsOf.map((groups) => groups.length === 0);
  }

  isSchedulable(p: number): boolean {
    return !this.#unhelped[p];
  }

  /** These groups failed: what only they could take stays. */
  fail(failed: readonly number[]): void {
    this.#failed = new Set(failed);
    this.#groupsOf.forEach((groups, p) => {
      if (groups.every((g) => this.#failed.has(g))) this.#unhelped[p] = true;
    });
  }

  /** No group can help. */
  failAll(): void {
    this.fail([...new Set(this.#groupsOf.flat())]);
  }

  failedFor(p: number): number[] {
    return this.#groupsOf[p].filter((g) => this.#failed.has(g));
  }
}
