import type { ClusterView } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import type { PodFacts } from '../filters/pod-table.ts';
import { labelsOf } from '../filters/static.ts';
import { intolerableTaints, preferredWeight, prefersByName } from '../scores/preferences.ts';
import type { PodConstraints } from '../topology/constraints.ts';
import { type DomainSums, NO_DOMAIN, type TopologyKey } from '../topology/domain-sums.ts';
import type { Tally } from '../topology/tally.ts';
import type { Place } from '../topology/verdict.ts';

/** A node class about which nothing is known yet. */
const UNKNOWN = -32_768;

/** Something that tells groups apart: the domain of a key, or a count on the node itself. */
type Axis = { readonly key: TopologyKey } | { readonly sums: DomainSums } | { readonly tally: Tally };

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
  readonly #byName: boolean;
  readonly #axes: readonly Axis[];
  /** Place of each key, sum and tally among the axes. */
  readonly #axisOf = new Map<TopologyKey | DomainSums | Tally, number>();
  /** Values by group, axis by axis. */
  readonly #values: (readonly number[])[] = [];
  readonly #ids: Tree = new Map();
  readonly #static: { taints: number; affinity: number }[] = [];
  readonly #staticIds = new Map<string, number>();
  #byClass = new Int16Array(16).fill(UNKNOWN);

  constructor(view: ClusterView, filters: FilterModel, facts: PodFacts, constraints: PodConstraints) {
    this.#view = view;
    this.#filters = filters;
    this.#facts = facts;
    this.#axes = this.#findAxes(constraints);
    this.#byName = facts.byName || prefersByName(facts.spec);
    this.byNode = this.#byName || this.#axes.length > 0;
  }

  get count(): number {
    return this.taints.length;
  }

  /** The group of nodes of a class, or -1 - c where filter c rejects whatever runs on them. Not where nodes of a class differ. */
  ofClass(nodeClass: number): number {
    const id = this.#ofClass(nodeClass);
    return id < 0 || this.#axes.length === 0 ? id : this.#ofNode(id, nodeClass, -1);
  }

  /** The same for one node. */
  ofNode(nodeClass: number, node: number): number {
    const id = this.#byName ? this.#find(nodeClass, this.#view.nodeNames[node]) : this.#ofClass(nodeClass);
    return id < 0 || this.#axes.length === 0 ? id : this.#ofNode(id, nodeClass, this.#filters.topology.slotOf(node));
  }

  /** The domain of the current group, or NO_DOMAIN. Host names are there always, and their domains have no numbers. */
  domainOf({ key }: DomainSums): number {
    return key.byHost ? 0 : this.#values[this.at][this.#axisOf.get(key) as number];
  }

  sumAt(sums: DomainSums): number {
    if (sums.key.byHost) return this.#values[this.at][this.#axisOf.get(sums) as number];
    const domain = this.#values[this.at][this.#axisOf.get(sums.key) as number];
    return domain === NO_DOMAIN ? 0 : sums.of(domain);
  }

  /** How many pods of a tally are on each node of the current group. */
  onNode(tally: Tally): number {
    return this.#values[this.at][this.#axisOf.get(tally) as number];
  }

  #findAxes({ hard, soft, wanted, unwanted, refusing, preferences }: PodConstraints): Axis[] {
    const axes: Axis[] = [];
    const add = (of: TopologyKey | DomainSums | Tally, axis: Axis): void => {
      if (!this.#axisOf.has(of)) this.#axisOf.set(of, axes.push(axis) - 1);
    };
    const sums = [...hard.map((spread) => spread.sums), ...wanted, ...unwanted, ...refusing, ...preferences];
    for (const each of sums) {
      if (each.key.byHost) add(each, { sums: each });
      else add(each.key, { key: each.key });
    }
    for (const { sums: each, tally } of soft) {
      // The soft score of the host name counts what is on the node, whatever the constraint's policies.
      if (each.key.byHost) add(tally, { tally });
      else add(each.key, { key: each.key });
    }
    return axes;
  }

  #ofNode(staticId: number, nodeClass: number, slot: number): number {
    let tree: Tree = this.#ids;
    let value = staticId;
    for (let i = 0; i < this.#axes.length; i++) {
      let next = tree.get(value);
      if (next === undefined) tree.set(value, (next = new Map()));
      tree = next as Tree;
      value = valueOn(this.#axes[i], nodeClass, slot);
    }
    return (tree.get(value) as number | undefined) ?? this.#open(tree, value, staticId, nodeClass, slot);
  }

  #open(tree: Tree, value: number, staticId: number, nodeClass: number, slot: number): number {
    const group = this.taints.push(this.#static[staticId].taints) - 1;
    this.affinity.push(this.#static[staticId].affinity);
    this.#values.push(this.#axes.map((axis) => valueOn(axis, nodeClass, slot)));
    tree.set(value, group);
    return group;
  }

  #ofClass(nodeClass: number): number {
    if (nodeClass >= this.#byClass.length) this.#widen();
    const known = this.#byClass[nodeClass];
    return known !== UNKNOWN ? known : (this.#byClass[nodeClass] = this.#find(nodeClass, ''));
  }

  /** What the node alone says: a static rejection, or the number of its raw scores. Without axes that is the group. */
  #find(nodeClass: number, nodeName: string): number {
    const code = this.#filters.staticRejector(this.#facts.id, nodeClass, nodeName);
    if (code >= 0) return -1 - code;
    const { shape } = this.#view.classes.nodes[nodeClass];
    const taints = intolerableTaints(this.#facts.spec, shape.taints);
    const affinity = preferredWeight(this.#facts.spec, labelsOf(shape, nodeName), nodeName);
    const key = `${taints} ${affinity}`;
    let id = this.#staticIds.get(key);
    if (id === undefined) {
      id = this.#static.push({ taints, affinity }) - 1;
      this.#staticIds.set(key, id);
      if (this.#axes.length === 0) {
        this.taints.push(taints);
        this.affinity.push(affinity);
      }
    }
    return id;
  }

  #widen(): void {
    const wider = new Int16Array(this.#view.classes.nodes.length * 2).fill(UNKNOWN);
    wider.set(this.#byClass);
    this.#byClass = wider;
  }
}

/** Values of axes, one level each, down to the group. */
type Tree = Map<number, Tree | number>;

function valueOn(axis: Axis, nodeClass: number, slot: number): number {
  if ('key' in axis) return axis.key.domainOf(nodeClass, slot);
  return 'sums' in axis ? axis.sums.of(slot) : axis.tally.onSlot[slot];
}
