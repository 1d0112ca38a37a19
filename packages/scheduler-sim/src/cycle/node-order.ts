import { type ClusterView, LABEL, type Labels, NONE } from '@plimsoll/core';

/** What the order asks of a node: its name, and the zone that it lies in now, as {@link zoneKey} tells zones apart. */
export interface NodePlaces {
  nameOf(node: number): string;
  zoneOf(node: number): string;
}

/** Names and zones of a cluster's nodes. */
export function placesIn(view: ClusterView): NodePlaces {
  return {
    nameOf: (node) => view.nodeNames[node],
    zoneOf: (node) => zoneKey(view.classes.nodes[view.nodes.class[node]].shape.labels),
  };
}

/**
 * The order in which a scheduling cycle looks at nodes: one of each zone in turn, zones in the order first seen, nodes of a zone in
 * order of arrival.
 *
 * The list is made anew only when a cycle meets a new node name or misses one: after a change of zone, or when a node left and one
 * of the same name came between two cycles, the old places stay until then.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/backend/cache/node_tree.go` and `cache.go` (updateNodeInfoSnapshotList).
 */
export class NodeOrder {
  /** Node rows in order, as of the last {@link refresh}. */
  rows: number[] = [];
  /**
   * Keys of the rows, rising along the list. Nodes that come leave the keys of the others as they are; most nodes that go do not.
   */
  keys = new Int32Array(0);
  /** Grows with every change of {@link rows}. */
  epoch = 0;
  /** Grows when nodes that were there before may have changed places among themselves. */
  reorders = 0;
  readonly #places: NodePlaces;
  readonly #zones = new Map<string, number[]>();
  readonly #zoneOf = new Map<number, string>();
  /** Row by name: of all nodes there are, and of those in the list. */
  readonly #present = new Map<string, number>();
  readonly #listed = new Map<string, number>();
  readonly #touched = new Set<string>();
  readonly #keyOf = new Map<number, number>();

  constructor(places: NodePlaces) {
    this.#places = places;
  }

  /** A node came. */
  add(node: number): void {
    const name = this.#places.nameOf(node);
    this.#present.set(name, node);
    this.#touched.add(name);
    this.#enter(node, this.#places.zoneOf(node));
  }

  /** A node is gone. */
  remove(node: number): void {
    if (!this.#zoneOf.has(node)) return;
    const name = this.#places.nameOf(node);
    if (this.#present.get(name) === node) this.#present.delete(name);
    this.#touched.add(name);
    this.#leave(node);
  }

  /** A node changed: where its zone did, it goes to the end of the new one. */
  update(node: number): void {
    const zone = this.#places.zoneOf(node);
    if (!this.#zoneOf.has(node) || this.#zoneOf.get(node) === zone) return;
    this.#leave(node);
    this.#enter(node, zone);
  }

  /** The node of a name, or NONE. */
  find(name: string): number {
    return this.#present.get(name) ?? NONE;
  }

  /** Brings the list up to date, as each cycle begins with. */
  refresh(): void {
    if (this.#touched.size === 0) return;
    let anew = false;
    for (const name of this.#touched) {
      const [listed, present] = [this.#listed.get(name), this.#present.get(name)];
      if ((listed === undefined) !== (present === undefined)) anew = true;
      else if (listed !== undefined && present !== undefined && listed !== present) this.#replace(name, listed, present);
    }
    if (anew) {
      this.#rebuild();
      for (const name of this.#touched) {
        const present = this.#present.get(name);
        if (present === undefined) this.#listed.delete(name);
        else this.#listed.set(name, present);
      }
    }
    this.#touched.clear();
  }

  /** Zones in order, each with its nodes, and the list: what cannot be rebuilt from the cluster. */
  snapshot(): { zones: [string, number[]][]; rows: number[] } {
    return { zones: [...this.#zones].map(([zone, nodes]) => [zone, [...nodes]]), rows: [...this.rows] };
  }

  restore({ zones, rows }: { zones: [string, number[]][]; rows: number[] }): void {
    for (const map of [this.#zones, this.#zoneOf, this.#present, this.#listed]) map.clear();
    this.#touched.clear();
    for (const [zone, nodes] of zones) {
      for (const node of nodes) {
        const name = this.#places.nameOf(node);
        this.#enter(node, zone);
        this.#present.set(name, node);
        this.#touched.add(name);
      }
    }
    this.rows = [...rows];
    for (const node of rows) {
      this.#listed.set(this.#places.nameOf(node), node);
      this.#touched.add(this.#places.nameOf(node));
    }
    this.#number();
    this.epoch++;
    this.reorders++;
  }

  #enter(node: number, zone: string): void {
    const nodes = this.#zones.get(zone);
    if (nodes === undefined) this.#zones.set(zone, [node]);
    else nodes.push(node);
    this.#zoneOf.set(node, zone);
  }

  #leave(node: number): void {
    const zone = this.#zoneOf.get(node) as string;
    const nodes = this.#zones.get(zone) as number[];
    nodes.splice(nodes.indexOf(node), 1);
    // A zone that comes back goes to the end.
    if (nodes.length === 0) this.#zones.delete(zone);
    this.#zoneOf.delete(node);
  }

  #replace(name: string, before: number, after: number): void {
    const at = this.rows.indexOf(before);
    this.rows[at] = after;
    this.#listed.set(name, after);
    this.#keyOf.set(after, this.keys[at]);
    this.epoch++;
  }

  #rebuild(): void {
    const zones = [...this.#zones.values()];
    if (zones.length > ZONES_MAX) throw new Error(`${zones.length} zones; at most ${ZONES_MAX} can be kept in order`);
    const rows: number[] = [];
    const keys: number[] = [];
    let moved = false;
    let left = zones.length;
    for (let i = 0; left > 0; i++) {
      left = 0;
      for (let zone = 0; zone < zones.length; zone++) {
        const nodes = zones[zone];
        if (i >= nodes.length) continue;
        left++;
        const key = i * ZONES_MAX + zone;
        const known = this.#keyOf.get(nodes[i]);
        if (known !== key) {
          if (known !== undefined) moved = true;
          this.#keyOf.set(nodes[i], key);
        }
        rows.push(nodes[i]);
        keys.push(key);
      }
    }
    if (this.#keyOf.size > rows.length) {
      const gone = new Set(this.#keyOf.keys());
      for (const node of rows) gone.delete(node);
      for (const node of gone) this.#keyOf.delete(node);
    }
    this.rows = rows;
    this.keys = Int32Array.from(keys);
    this.epoch++;
    if (moved) this.reorders++;
  }

  /** Keys for a list that came from outside. */
  #number(): void {
    this.keys = Int32Array.from(this.rows, (_, i) => i * ZONES_MAX);
    this.#keyOf.clear();
    this.rows.forEach((node, i) => {
      this.#keyOf.set(node, this.keys[i]);
    });
  }
}

/** Zones that keys can tell apart. With them, half a million nodes of one zone fit in 31 bits. */
const ZONES_MAX = 4096;

/** What tells zones apart: region and zone, with the labels that stood for them before. Empty where a node has neither. */
export function zoneKey(labels: Labels): string {
  const zone = labels[LABEL.zone] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels[LABEL.region] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' && region === '' ? '' : `${region}:\u0000:${zone}`;
}
