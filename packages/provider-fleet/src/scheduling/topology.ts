import { LABEL, type Taint } from '@plimsoll/core';
import type { Requirement } from '../requirements/requirement.ts';
import { operatorOf } from '../requirements/requirement.ts';
import type { PodObject } from '../state/objects.ts';
import type { DomainUniverse } from './domains.ts';
import type { GroupRule, GroupRules } from './group-rules.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';
import { type Machine, type MachineNode, nodeLabel } from './machine.ts';
import type { PodShape, PodView } from './pod-shape.ts';
import { inDomains, TopologyGroup } from './topology-group.ts';

/** Where a pod would stand: what its machine may become, and its host name. */
export interface Place {
  readonly set: KnownSet;
  readonly hostName: string;
  readonly taints: readonly Taint[];
}

/** A pod and the Node that it is bound to. */
export interface BoundPod {
  readonly pod: PodObject;
  readonly node: MachineNode;
}

/** Pods that run, by what they are: a group asks each kind once whether it picks it. */
export interface BoundPods {
  /** Those that have neither ended nor begun to terminate. */
  readonly byShape: ReadonlyMap<PodShape, readonly BoundPod[]>;
  /** Those with required anti-affinity that have not ended, on machines that Karpenter knows, in the order of (namespace, name). */
  readonly repelling: readonly (BoundPod & { readonly shape: PodShape })[];
}

/** What a topology is made of, the same for all simulations of a cluster. */
export interface TopologyParts {
  readonly sets: KnownSets;
  readonly rules: GroupRules;
  readonly universe: DomainUniverse;
  readonly bound: BoundPods;
}

/** The groups that a view is bound by, and whether each picks the pod itself. */
interface Owned {
  readonly groups: readonly TopologyGroup[];
  readonly selected: readonly boolean[];
}

/**
 * The counts of pods over domains while pods are being placed.
 *
 * Groups are made when the first pod that is bound by them is read, with that pod's tolerations, and count what runs on nodes; a
 * group that a relaxed pod brings up later does not know what was placed before.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/topology.go`.
 */
export class Topology {
  readonly #parts: TopologyParts;
  readonly #nodes: readonly Machine[];
  readonly #excluded: ReadonlySet<PodObject>;
  readonly #groups: TopologyGroup[] = [];
  readonly #byIdentity = new Map<string, TopologyGroup>();
  readonly #inverse: TopologyGroup[] = [];
  readonly #inverseByIdentity = new Map<string, TopologyGroup>();
  readonly #owned: (Owned | undefined)[] = [];
  readonly #ownedInverse: (readonly TopologyGroup[] | undefined)[] = [];
  readonly #picking: { groups: TopologyGroup[]; seen: number; inverse: TopologyGroup[]; inverseSeen: number }[] = [];

  /** @param excluded pods that are to be placed: where they run now, they do not count */
  constructor(parts: TopologyParts, nodes: readonly Machine[], excluded: ReadonlySet<PodObject>) {
    this.#parts = parts;
    this.#nodes = nodes;
    this.#excluded = excluded;
    for (const { node, pod, shape } of parts.bound.repelling) {
      if (excluded.has(pod)) continue;
      for (const rule of parts.rules.inverse(shape.spec)) {
        const group = this.#inverseOf(rule);
        const domain = nodeLabel(node, rule.key);
        if (domain !== undefined) group.record(domain);
      }
    }
  }

  /** Reads the rules of a pod's view; what is there already stays as it is. */
  update(shape: PodShape, view: PodView): void {
    if (this.#owned[view.id] !== undefined) return;
    const { rules } = this.#parts;
    const { podAntiAffinity } = view.spec;
    if (podAntiAffinity !== undefined && this.#ownedInverse[shape.id] === undefined) {
      this.#ownedInverse[shape.id] = rules.inverse(view.spec).map((rule) => this.#inverseOf(rule));
    }
    const groups = [...new Set(rules.owned(view.spec).map((rule) => this.#groupOf(rule)))];
    this.#owned[view.id] = { groups, selected: groups.map((group) => group.selects(shape.spec)) };
  }

  /** Whether a pod's place decides nothing about others and nothing decides about its place. */
  isFree(shape: PodShape, view: PodView): boolean {
    return this.#owned[view.id]?.groups.length === 0 && this.#pickingOf(shape).inverse.length === 0;
  }

  /**
   * What the rules ask of a place: further requirements (none, mostly), or the group that refuses it.
   *
   * @returns requirements on keys other than the host name, or the group
   */
  require(shape: PodShape, view: PodView, { hostName, set }: Place): readonly Requirement[] | TopologyGroup {
    const { groups, selected } = this.#owned[view.id] as Owned;
    const { inverse } = this.#pickingOf(shape);
    if (groups.length === 0 && inverse.length === 0) return NOTHING;
    const strict = view.strict;
    const picks: Requirement[] = [];
    for (let i = 0; i < groups.length + inverse.length; i++) {
      const own = i < groups.length;
      const group = own ? groups[i] : inverse[i - groups.length];
      const picked = own ? selected[i] : true;
      if (group.isHost) {
        if (!group.allowsHost(picked, strict.host, hostName)) return group;
        continue;
      }
      const { key } = group.rule;
      const domains = group.domains(picked, strict.set.get(key), set.set.get(key));
      if (domains.length === 0) return group;
      picks.push(inDomains(key, domains));
    }
    return picks;
  }

  /** All groups that refuse a place; the real program names any one of them. */
  refusing(shape: PodShape, view: PodView, { hostName, set }: Place): readonly TopologyGroup[] {
    const { groups, selected } = this.#owned[view.id] as Owned;
    const out: TopologyGroup[] = [];
    const look = (group: TopologyGroup, picked: boolean): void => {
      const { key } = group.rule;
      const passes = group.isHost
        ? group.allowsHost(picked, view.strict.host, hostName)
        : group.domains(picked, view.strict.set.get(key), set.set.get(key)).length > 0;
      if (!passes) out.push(group);
    };
    groups.forEach((group, i) => {
      look(group, selected[i]);
    });
    for (const group of this.#pickingOf(shape).inverse) look(group, true);
    return out;
  }

  /** Whether a refusal of the group will never turn into leave: pods on a host only grow in number. */
  isFinal({ isHost, rule }: TopologyGroup): boolean {
    return rule.kind === 'pod-anti-affinity' || (isHost && rule.kind === 'topology-spread');
  }

  /** Counts a pod that was given a place. */
  record(shape: PodShape, { hostName, set, taints }: Place): void {
    const picking = this.#pickingOf(shape);
    for (const group of picking.groups) {
      if (!group.includes(taints, set, hostName)) continue;
      if (group.isHost) {
        group.record(hostName);
        continue;
      }
      const where = set.set.get(group.rule.key);
      if (where === undefined) continue;
      // Anti-affinity keeps others away from wherever the pod may come to be; the rest counts a pod once its domain is certain.
      if (group.rule.kind === 'pod-anti-affinity') for (const value of where.values) group.record(value);
      else if (operatorOf(where) === 'In' && where.values.length === 1) group.record(where.values[0]);
    }
    for (const group of this.#ownedInverse[shape.id] ?? []) {
      if (group.isHost) group.record(hostName);
      else for (const value of set.set.get(group.rule.key)?.values ?? []) group.record(value);
    }
  }

  #pickingOf(shape: PodShape): { groups: TopologyGroup[]; inverse: TopologyGroup[] } {
    let picking = this.#picking[shape.id];
    if (picking === undefined) this.#picking[shape.id] = picking = { groups: [], seen: 0, inverse: [], inverseSeen: 0 };
    for (; picking.seen < this.#groups.length; picking.seen++) {
      const group = this.#groups[picking.seen];
      if (group.selects(shape.spec)) picking.groups.push(group);
    }
    for (; picking.inverseSeen < this.#inverse.length; picking.inverseSeen++) {
      const group = this.#inverse[picking.inverseSeen];
      if (group.selects(shape.spec)) picking.inverse.push(group);
    }
    return picking;
  }

  #inverseOf(rule: GroupRule): TopologyGroup {
    let group = this.#inverseByIdentity.get(rule.identity);
    if (group === undefined) {
      group = new TopologyGroup(rule, this.#parts.universe, this.#parts.sets);
      this.#inverseByIdentity.set(rule.identity, group);
      this.#inverse.push(group);
    }
    return group;
  }

  #groupOf(rule: GroupRule): TopologyGroup {
    let group = this.#byIdentity.get(rule.identity);
    if (group === undefined) {
      group = new TopologyGroup(rule, this.#parts.universe, this.#parts.sets);
      this.#count(group);
      this.#byIdentity.set(rule.identity, group);
      this.#groups.push(group);
    }
    return group;
  }

  /** Makes the domains of real nodes known and counts what runs. */
  #count(group: TopologyGroup): void {
    const { bound, sets } = this.#parts;
    const { key } = group.rule;
    if (!group.isHost) {
      for (const { labels, node } of this.#nodes) {
        const domain = labels[key];
        if (node === undefined || domain === undefined) continue;
        if (group.includes(node.taints, sets.ofLabels(node.labels), hostOf(node))) group.register(domain);
      }
    }
    for (const [shape, pods] of bound.byShape) {
      if (!group.lists(shape.spec)) continue;
      for (const { node, pod } of pods) {
        if (this.#excluded.has(pod)) continue;
        const domain = nodeLabel(node, key) ?? (group.isHost ? node.name : undefined);
        if (domain === undefined || !group.includes(node.taints, sets.ofLabels(node.labels), hostOf(node))) continue;
        group.record(domain);
      }
    }
  }
}

const NOTHING: readonly Requirement[] = [];

/** The host name that a Node's labels show; empty where they show none. */
function hostOf(node: MachineNode): string {
  return nodeLabel(node, LABEL.hostname) ?? '';
}
