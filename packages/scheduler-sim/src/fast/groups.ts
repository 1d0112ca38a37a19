import type { ClusterView, PreferredNodeTerm } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import type { PodFacts } from '../filters/pod-table.ts';
import { labelsOf } from '../filters/static.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { intolerableTaints, preferByName, preferredWeight } from '../scores/preferences.ts';
import type { PodConstraints } from '../topology/constraints.ts';
import { type DomainSums, EVERY_NODE, NO_DOMAIN, type TopologyKey } from '../topology/domain-sums.ts';
import type { Tally } from '../topology/tally.ts';
import type { Topology } from '../topology/topology.ts';
import type { Place } from '../topology/verdict.ts';

/** A node class about which nothing is known yet. */
export const UNKNOWN = -32_768;

/** A count on the node itself that tells groups apart: over the one domain that a host is, or of a tally. */
interface HostAxis {
  readonly of: DomainSums | Tally;
  readonly tally: Tally;
  /** Where not every node's pods count; else the tally has the same numbers, and those of one node side by side. */
  readonly sums: DomainSums | undefined;
}

/** What the class of a node says of it, if no filter rejects it for that: raw scores, and domains by key. */
interface Kind {
  readonly taints: number;
  readonly affinity: number;
  readonly domains: readonly number[];
  /** Groups by the values of the host axes. */
  readonly groups: Tree;
}

/** Small counts are looked up in a table: by number of host axes, how many bits each count may have. */
const BITS = [6, 3, 2] as const;
/** Places of a kind in the table. */
const TABLE = 64;

/**
 * Splits nodes into groups that a pod class finds alike, but for room: the same number of taints that it would rather not meet, the same
 * sum of preferred affinity, the same domains, and as many pods that matter to it on the node. Whatever is normalised over nodes, and
 * every filter about other pods, has one answer per group. Most pod classes have one group.
 */
export class Groups implements Place {
  /** Raw scores by group. */
  readonly taints: number[] = [];
  readonly affinity: number[] = [];
  /** Whether nodes of one class may be in different groups. */
  readonly byNode: boolean;
  /** The group that answers as a {@link Place}. */
  at = 0;
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #facts: PodFacts;
  readonly #preferred: readonly PreferredNodeTerm[];
  readonly #byName: boolean;
  /** Topology keys other than the host name, and counts on the node. */
  readonly #keys: readonly TopologyKey[];
  readonly #hosts: readonly HostAxis[];
  /** Place of each key among a kind's domains, and of each count among a group's. */
  readonly #placeOf = new Map<TopologyKey | DomainSums | Tally, number>();
  readonly #kinds: Kind[] = [];
  readonly #kindIds = new Map<string, number>();
  /** By node class: what {@link ofClass} says, or {@link UNKNOWN}. Fetch anew after asking it. */
  kindOfClass = new Int16Array(16).fill(UNKNOWN);
  /** By group: its kind, and its counts. */
  readonly #kindOf: number[] = [];
  readonly #counts: (readonly number[])[] = [];
  /** Groups by kind and small counts on the host axes, the last axis in the lowest bits: 0 for none, else the group + 1. */
  #table = new Uint16Array(8 * TABLE);

  constructor(
    view: ClusterView,
    filters: FilterModel,
    facts: PodFacts,
    constraints: PodConstraints,
    { scoreWeights, nodeAffinity }: SchedulerConfig,
  ) {
    this.#view = view;
    this.#filters = filters;
    this.#facts = facts;
    const { keys, hosts } = axesOf(constraints);
    this.#keys = keys;
    this.#hosts = hosts;
    keys.forEach((key, i) => {
      this.#placeOf.set(key, i);
    });
    hosts.forEach((axis, i) => {
      this.#placeOf.set(axis.of, i);
    });
    this.#preferred =
      'NodeAffinity' in scoreWeights
        ? [...(nodeAffinity.addedPreferred ?? []), ...(facts.spec.nodeAffinity?.preferred ?? [])]
        : [];
    this.#byName = facts.byName || preferByName(this.#preferred);
    this.byNode = this.#byName || hosts.length > 0;
  }

  get count(): number {
    return this.taints.length;
  }

  /** The group of nodes of a class, or -1 - c where filter c rejects whatever runs on them. Not where nodes of a class differ. */
  ofClass(nodeClass: number): number {
    if (nodeClass >= this.kindOfClass.length) this.#widen();
    const known = this.kindOfClass[nodeClass];
    return known !== UNKNOWN ? known : (this.kindOfClass[nodeClass] = this.#find(nodeClass, ''));
  }

  /** The same for one node. */
  ofNode(nodeClass: number, node: number): number {
    const kind = this.#byName ? this.#find(nodeClass, this.#view.nodeNames[node]) : this.ofClass(nodeClass);
    if (kind < 0 || this.#hosts.length === 0) return kind;
    const { topology } = this.#filters;
    const slot = topology.slotOf(node);
    const hosts = this.#hosts;
    if (hosts.length > BITS.length) return this.#lookUp(kind, slot);
    const bits = BITS[hosts.length - 1];
    let at = kind;
    for (let i = 0; i < hosts.length; i++) {
      const count = countOn(hosts[i], slot, topology);
      if (count < 0 || count >> bits > 0) return this.#lookUp(kind, slot);
      at = (at << bits) | count;
    }
    if (at < this.#table.length && this.#table[at] > 0) return this.#table[at] - 1;
    const group = this.#lookUp(kind, slot);
    if (at >= this.#table.length) {
      const wider = new Uint16Array((kind + 1) * 2 * TABLE);
      wider.set(this.#table);
      this.#table = wider;
    }
    this.#table[at] = group + 1;
    return group;
  }

  /** The domain of the current group, or NO_DOMAIN. Host names are there always, and their domains have no numbers. */
  domainOf({ key }: DomainSums): number {
    return key.byHost ? 0 : this.#kinds[this.#kindOf[this.at]].domains[this.#placeOf.get(key) as number];
  }

  sumAt(sums: DomainSums): number {
    if (sums.key.byHost) return this.#counts[this.at][this.#placeOf.get(sums) as number];
    const domain = this.domainOf(sums);
    return domain === NO_DOMAIN ? 0 : sums.of(domain);
  }

  /** How many pods of a tally are on each node of the current group. */
  onNode(tally: Tally): number {
    return this.#counts[this.at][this.#placeOf.get(tally) as number];
  }

  #lookUp(kind: number, slot: number): number {
    const counts = this.#hosts.map((axis) => countOn(axis, slot, this.#filters.topology));
    let tree = this.#kinds[kind].groups;
    for (let i = 0; i < counts.length - 1; i++) {
      let next = tree.get(counts[i]);
      if (next === undefined) tree.set(counts[i], (next = new Map()));
      tree = next as Tree;
    }
    const last = counts[counts.length - 1];
    let group = tree.get(last) as number | undefined;
    if (group === undefined) tree.set(last, (group = this.#open(kind, counts)));
    return group;
  }

  #open(kind: number, counts: readonly number[]): number {
    const { taints, affinity } = this.#kinds[kind];
    this.affinity.push(affinity);
    this.#kindOf.push(kind);
    this.#counts.push(counts);
    return this.taints.push(taints) - 1;
  }

  /** What the node alone says: a static rejection, or its kind. Without counts on nodes, that is the group. */
  #find(nodeClass: number, nodeName: string): number {
    const code = this.#filters.staticRejector(this.#facts.id, nodeClass, nodeName);
    if (code >= 0) return -1 - code;
    const { shape } = this.#view.classes.nodes[nodeClass];
    const taints = intolerableTaints(this.#facts.spec, shape.taints);
    const affinity = preferredWeight(this.#preferred, labelsOf(shape, nodeName), nodeName);
    const domains = this.#keys.map((key) => key.domainOf(nodeClass, 0));
    const text = `${taints} ${affinity} ${domains.join(' ')}`;
    let kind = this.#kindIds.get(text);
    if (kind === undefined) {
      kind = this.#kinds.push({ taints, affinity, domains, groups: new Map() }) - 1;
      this.#kindIds.set(text, kind);
      if (this.#hosts.length === 0) this.#open(kind, []);
    }
    return kind;
  }

  #widen(): void {
    const wider = new Int16Array(this.#view.classes.nodes.length * 2).fill(UNKNOWN);
    wider.set(this.kindOfClass);
    this.kindOfClass = wider;
  }
}

/** Groups by count, one level for each host axis. */
type Tree = Map<number, Tree | number>;

function countOn(axis: HostAxis, slot: number, topology: Topology): number {
  return axis.sums !== undefined ? axis.sums.of(slot) : topology.onSlot(slot, axis.tally);
}

function axesOf({ hard, soft, wanted, unwanted, refusing, preferences }: PodConstraints) {
  const keys = new Set<TopologyKey>();
  const sums = new Set<DomainSums>();
  const tallies = new Set<Tally>();
  for (const each of [...hard.map((spread) => spread.sums), ...wanted, ...unwanted, ...refusing, ...preferences]) {
    if (each.key.byHost) sums.add(each);
    else keys.add(each.key);
  }
  for (const { sums: each, tally } of soft) {
    // The soft score of the host name counts what is on the node, whatever the constraint's policies.
    if (each.key.byHost) tallies.add(tally);
    else keys.add(each.key);
  }
  const hosts: HostAxis[] = [
    ...[...sums].map((each) => ({ of: each, tally: each.tally, sums: each.nodes === EVERY_NODE ? undefined : each })),
    ...[...tallies].map((tally) => ({ of: tally, tally, sums: undefined })),
  ];
  return { keys: [...keys], hosts };
}
