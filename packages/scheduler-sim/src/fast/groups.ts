import type { ClusterView } from '@plimsoll/core';
import { WEIGHT } from '../cycle/weights.ts';
import type { FilterModel } from '../filters/filter-model.ts';
import type { PodFacts } from '../filters/pod-table.ts';
import { labelsOf } from '../filters/static.ts';
import { normalised } from '../scores/normalise.ts';
import { intolerableTaints, preferredWeight, prefersByName } from '../scores/preferences.ts';

/** A node class about which nothing is known yet. */
const UNKNOWN = -32_768;

/**
 * Splits nodes into groups that every normalised score treats alike for one pod class: the same number of taints that it would
 * rather not meet, the same sum of preferred affinity. Most pod classes have one group.
 */
export class Groups {
  /** Raw scores by group. */
  readonly taints: number[] = [];
  readonly affinity: number[] = [];
  /** Whether nodes of one class may be in different groups. */
  readonly byName: boolean;
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #facts: PodFacts;
  readonly #ids = new Map<string, number>();
  #byClass = new Int16Array(16).fill(UNKNOWN);

  constructor(view: ClusterView, filters: FilterModel, facts: PodFacts) {
    this.#view = view;
    this.#filters = filters;
    this.#facts = facts;
    this.byName = facts.byName || prefersByName(facts.spec);
  }

  get count(): number {
    return this.taints.length;
  }

  /** The group of nodes of a class, or -1 - c where filter c rejects whatever runs on them. Not for pods that ask for names. */
  ofClass(nodeClass: number): number {
    if (nodeClass >= this.#byClass.length) this.#widen();
    const known = this.#byClass[nodeClass];
    return known !== UNKNOWN ? known : (this.#byClass[nodeClass] = this.#find(nodeClass, ''));
  }

  /** The same for one node, for pods that ask for names. */
  ofNode(nodeClass: number, node: number): number {
    return this.#find(nodeClass, this.#view.nodeNames[node]);
  }

  /** What the normalised scores of a group come to, when the groups with a node that fits are known by their largest raw scores. */
  total(group: number, mostTaints: number, mostAffinity: number): number {
    return (
      WEIGHT.TaintToleration * normalised(this.taints[group], mostTaints, true) +
      WEIGHT.NodeAffinity * normalised(this.affinity[group], mostAffinity, false)
    );
  }

  #find(nodeClass: number, nodeName: string): number {
    const code = this.#filters.staticRejector(this.#facts.id, nodeClass, nodeName);
    if (code >= 0) return -1 - code;
    const { shape } = this.#view.classes.nodes[nodeClass];
    const taints = intolerableTaints(this.#facts.spec, shape.taints);
    const affinity = preferredWeight(this.#facts.spec, labelsOf(shape, nodeName), nodeName);
    const key = `${taints} ${affinity}`;
    let group = this.#ids.get(key);
    if (group === undefined) {
      group = this.taints.push(taints) - 1;
      this.affinity.push(affinity);
      this.#ids.set(key, group);
    }
    return group;
  }

  #widen(): void {
    const wider = new Int16Array(this.#view.classes.nodes.length * 2).fill(UNKNOWN);
    wider.set(this.#byClass);
    this.#byClass = wider;
  }
}
