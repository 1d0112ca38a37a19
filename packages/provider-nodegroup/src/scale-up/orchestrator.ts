import { CPU, type ExplainLevel, type JsonValue, MEMORY, type ProviderContext, type Reason } from '@plimsoll/core';
import type { ExpanderChain } from '../expander/chain.ts';
import type { ExpansionOption } from '../expander/option.ts';
import { waste } from '../expander/strategies.ts';
import type { NodeGroups } from '../groups/node-groups.ts';
import { areSimilar } from '../groups/similar-groups.ts';
import type { Template, Templates } from '../groups/templates.ts';
import type { LoopStatus, RemainingPods, SkipReason } from '../loop/status.ts';
import type { Flags } from '../options/flags.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { ClusterState } from '../registry/cluster-state.ts';
import { type ClusterSnapshot, NODE_KIND } from '../snapshot/cluster-snapshot.ts';
import { balance, type Share } from './balancing.ts';
import { EquivalenceGroups } from './equivalence-groups.ts';
import { Estimator } from './estimator.ts';
import { type Headroom, nodeLimit, withinHeadroom } from './limits.ts';

const GIB = 2 ** 30;

/** What the orchestrator works with. */
export interface ScaleUpParts {
  readonly context: ProviderContext;
  readonly flags: Flags;
  readonly facts: PodFacts;
  readonly snapshot: ClusterSnapshot;
  readonly groups: NodeGroups;
  readonly templates: Templates;
  readonly registry: ClusterState;
  readonly expander: ExpanderChain;
}

/**
 * One scale-up: what each group could do for the pending pods, which option is best, and how much of it the limits allow. One group (with those
 * similar to it) grows per loop. Source: Cluster Autoscaler 1.37, `core/scaleup/orchestrator/orchestrator.go`.
 */
export class ScaleUp {
  readonly #parts: ScaleUpParts;
  readonly #pods: EquivalenceGroups;
  readonly #estimator: Estimator;
  readonly #explain: ExplainLevel;
  /** By pod class, during one scale-up: whether it fits on the template of the group under consideration. */
  #feasible = new Uint8Array(64);

  constructor(parts: ScaleUpParts) {
    this.#parts = parts;
    this.#pods = new EquivalenceGroups(parts.context.view, parts.facts);
    this.#estimator = new Estimator(parts.context.view, parts.facts, parts.snapshot);
    this.#explain = parts.context.explain;
  }

  /** Tries to help the first `count` of `pods`. Decisions go to the groups. */
  run(now: number, pods: Int32Array, count: number, status: LoopStatus): void {
    const { groups, flags, snapshot, expander } = this.#parts;
    const peg = this.#pods;
    peg.build(pods, count);
    const headroom = this.#headroom();
    const skipped: (SkipReason | undefined)[] = [];
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
      const {
        nodes,
        pods: placed,
        packed,
      } = this.#estimator.estimate({
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
      });
      if (nodes > 0 && placed > 0) options.push(this.#option(g, template, nodes, placed, packed));
    }
    const survivors = expander.survivors(options);
    if (survivors.length > 1) status.tie = survivors.map((option) => option.name);
    const best = expander.choose(survivors);
    const helped = new Uint8Array(peg.count);
    for (const list of schedulable) if (list !== undefined) for (const p of list) helped[p] = 1;
    if (this.#explain === 'full') status.remaining = this.#remaining(helped, skipped);
    if (best === undefined) {
      status.scaleUp = 'NoOptionsAvailable';
      return;
    }
    let wanted = best.nodes;
    if (flags['max-nodes-total'] > 0) wanted = Math.min(wanted, flags['max-nodes-total'] - snapshot.count);
    if (wanted < 1) {
      status.scaleUp = 'Error';
      return;
    }
    const { cores, memory } = this.#nodeSize(best.group);
    wanted = withinHeadroom(wanted, headroom, cores, memory);
    if (wanted < 1) {
      status.scaleUp = 'NoOptionsAvailable';
      return;
    }
    const shares = this.#shares(best, wanted, schedulable, headroom, now);
    for (const share of shares) {
      groups.increase(share.group, share.to - share.from, now, this.#reason(best, share, options, skipped));
      this.#parts.registry.registerScaleUp(share.group, share.to - share.from, now);
      status.increases.set(share.group, share.to - share.from);
    }
    if (shares.length > 0) status.scaleUp = 'Successful';
    else status.scaleUp = 'NoOptionsAvailable';
    status.triggered = best.pods;
    for (let p = 0; p < peg.count; p++) if (helped[p] === 1) status.awaiting += peg.size(p) - best.packed[p];
  }

  /** What is left below the limits of the whole cluster. */
  #headroom(): Headroom {
    const { flags, snapshot } = this.#parts;
    const used = snapshot.capacity();
    return {
      cores: Math.max(0, flags['cores-total'].max - used.cores),
      memory: Math.max(0, flags['memory-total'].max * GIB - used.memory),
    };
  }

  /** Why a group is no option at all; undefined where it may be one. */
  #skip(g: number, now: number, template: Template | undefined, headroom: Headroom): SkipReason | undefined {
    const { groups, registry } = this.#parts;
    if (!registry.isGroupHealthy(g)) return 'NotReady';
    if (registry.backoff.isBackedOff(g, now)) return 'Backoff';
    if (groups.target[g] >= groups.max[g]) return 'MaxLimitReached';
    if (template === undefined) return 'NotReady';
    const { cores, memory } = this.#nodeSize(g);
    return withinHeadroom(1, headroom, cores, memory) < 1 ? 'MaxResourceLimitReached' : undefined;
  }

  /** The equivalence groups that fit on one fresh node of a group. */
  #schedulable(g: number, template: Template): number[] {
    const { snapshot, facts, context } = this.#parts;
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
      if (this.#feasible[podClass] === 1 && !facts.daemonSet[podClass]) out.push(p);
    }
    snapshot.revertTo(mark);
    return out;
  }

  /** Groups that may grow together with one: like it, fit to grow, and able to take every pod that it takes. */
  #similar(g: number, template: Template, schedulable: readonly (readonly number[])[], now: number): number[] {
    const { groups, flags, templates, registry, context } = this.#parts;
    if (!flags['balance-similar-node-groups']) return [];
    return groups.byName.filter((other) => {
      const otherTemplate = templates.of(other);
      if (other === g || otherTemplate === undefined) return false;
      if (!registry.isGroupHealthy(other) || registry.backoff.isBackedOff(other, now)) return false;
      if (!areSimilar(template, otherTemplate, context.view.classes.nodes, flags)) return false;
      return schedulable[g].every((p) => schedulable[other]?.includes(p) === true);
    });
  }

  #option(g: number, template: Template, nodes: number, placed: number, packed: readonly number[]): ExpansionOption {
    const { facts, context, groups } = this.#parts;
    const { capacity } = context.view.classes.nodes[template.nodeClass];
    let cpu = 0;
    let memory = 0;
    for (let p = 0; p < this.#pods.count; p++) {
      const podClass = this.#pods.podClass[p];
      cpu += packed[p] * facts.cpu[podClass];
      memory += packed[p] * facts.memory[podClass];
    }
    return {
      group: g,
      name: groups.name(g),
      nodes,
      pods: placed,
      packed,
      cpu,
      memory,
      nodeCpu: capacity[CPU],
      nodeMemory: capacity[MEMORY],
    };
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
    const similar = this.#similar(best.group, template, schedulable, now).filter((g) => {
      const { cores, memory } = this.#nodeSize(g);
      return withinHeadroom(1, headroom, cores, memory) > 0;
    });
    const together = [best.group, ...similar].map((g) => ({
      group: g,
      name: groups.name(g),
      size: groups.target[g],
      max: groups.max[g],
    }));
    const left = { ...headroom };
    const out: Share[] = [];
    for (const share of balance(together, wanted)) {
      const { cores, memory } = this.#nodeSize(share.group);
      const delta = withinHeadroom(share.to - share.from, left, cores, memory);
      left.cores -= delta * cores;
      left.memory -= delta * memory;
      if (delta > 0) out.push({ group: share.group, from: share.from, to: share.from + delta });
    }
    return out;
  }

  #nodeSize(g: number): { cores: number; memory: number } {
    const template = this.#parts.templates.of(g)!;
    const { capacity } = this.#parts.context.view.classes.nodes[template.nodeClass];
    return { cores: Math.ceil(capacity[CPU] / 1000), memory: capacity[MEMORY] };
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
    skipped: readonly (SkipReason | undefined)[],
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
    };
    const skips: Record<string, JsonValue> = {};
    skipped.forEach((why, g) => {
      if (why !== undefined) skips[groups.name(g)] = why;
    });
    details.skipped = skips;
    return { code, message, details };
  }

  /** Pods that no group could take, with what each group said. */
  #remaining(helped: Uint8Array, skipped: readonly (SkipReason | undefined)[]): RemainingPods[] {
    const { groups } = this.#parts;
    const skips: Record<string, SkipReason> = {};
    skipped.forEach((why, g) => {
      if (why !== undefined) skips[groups.name(g)] = why;
    });
    const byClass = new Map<number, RemainingPods & { count: number }>();
    for (let p = 0; p < this.#pods.count; p++) {
      if (helped[p] === 1) continue;
      const podClass = this.#pods.podClass[p];
      const known = byClass.get(podClass);
      if (known !== undefined) known.count += this.#pods.size(p);
      else
        byClass.set(podClass, {
          podClass,
          count: this.#pods.size(p),
          rejected: this.#rejections(podClass, skipped),
          skipped: skips,
        });
    }
    return [...byClass.values()];
  }

  /** By group: why a pod does not fit on a fresh node of it, in the scheduler's words. */
  #rejections(podClass: number, skipped: readonly (SkipReason | undefined)[]): Record<string, readonly string[]> {
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
    const { allocatable } = context.view.classes.nodes[template.nodeClass];
    const { requests } = context.view.classes.pods[podClass];
    const short: string[] = [];
    requests.forEach((amount, r) => {
      if (amount > 0 && amount > (allocatable[r] ?? 0) - (template.used[r] ?? 0)) {
        short.push(r === 3 ? 'Too many pods' : `Insufficient ${context.view.classes.resources.names[r]}`);
      }
    });
    if (short.length > 0) return short;
    return snapshot.rejection(podClass, slot)?.reasons ?? ["node(s) didn't match the pod's taints, selector or affinity"];
  }
}
