import {
  type ClusterView,
  firstUntolerated,
  LABEL,
  type Labels,
  NODE,
  type ResourceVector,
  TAINT,
  type Taint,
} from '@plimsoll/core';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { NodePool } from '../options/node-pool.ts';
import type { PodVariant } from '../pods/pod-kinds.ts';
import { allowsAbsence, hasIntersection, requirement } from '../requirements/requirement.ts';
import { NODE_CLASS_LABEL, normalised } from '../requirements/well-known.ts';

/** Nodes that no static requirement can tell apart, as Karpenter sees them. */
export interface NodeKind {
  readonly id: number;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly allocatable: ResourceVector;
  /** What counts against a pool's limits. */
  readonly capacity: ResourceVector;
  /** Row of the instance type that its label names; -1 where the catalogue has none of that name. */
  readonly type: number;
  /** Row of the offering of that type, zone and capacity type, to be had now or not; -1 where there is none. */
  readonly offering: number;
  /** Whether an annotation forbids to disrupt it. */
  readonly doNotDisrupt: boolean;
  /** Whether it tells what it is, where, and how it was bought. */
  readonly priceable: boolean;
}

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';

const UNKNOWN = 0;
const ADMITS = 1;
const REFUSES = 2;

/** Taints that go away by themselves while a node starts. Source: Karpenter 1.14.1, `pkg/scheduling/taints.go`. */
function isEphemeral({ key, effect }: Taint): boolean {
  if (key === TAINT.notReady) return effect !== 'PreferNoSchedule';
  if (key === TAINT.unreachable) return effect === 'NoSchedule';
  if (key === TAINT.unregistered) return effect === 'NoExecute';
  return key === 'node.cloudprovider.kubernetes.io/uninitialized' || key.startsWith('readiness.k8s.io/');
}

/** Whether a node has been ready once: then it counts as initialized for good. */
export function isInitialized({ nodes }: ClusterView, node: number): boolean {
  const state = nodes.state[node];
  return state === NODE.ready || (state === NODE.registered && !Number.isNaN(nodes.readyAt[node]));
}

/** The kinds of a run's nodes, and which pods they admit. */
export class NodeKinds {
  readonly #view: ClusterView;
  readonly #catalogue: Catalogue;
  readonly #pools: readonly NodePool[];
  readonly #kinds = new Map<number, NodeKind>();
  readonly #admits: Uint8Array[] = [];

  constructor(view: ClusterView, catalogue: Catalogue, pools: readonly NodePool[]) {
    this.#view = view;
    this.#catalogue = catalogue;
    this.#pools = pools;
  }

  /** The kind of a node that was launched or is registered. Before registration it is what its claim promised. */
  of(node: number): NodeKind {
    const { nodes } = this.#view;
    const state = nodes.state[node];
    const key =
      state === NODE.running
        ? -1 - (nodes.group[node] * this.#catalogue.offerings.length + nodes.offering[node])
        : nodes.class[node] * 2 + (isInitialized(this.#view, node) ? 1 : 0);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const id = this.#kinds.size;
      kind =
        state === NODE.running
          ? this.#promised(id, nodes.group[node], nodes.offering[node])
          : this.#real(id, nodes.class[node], isInitialized(this.#view, node));
      this.#kinds.set(key, kind);
    }
    return kind;
  }

  /** Whether taints and labels of a kind let a pod in. Labels that a node lacks are refused, unless their absence is asked for. */
  admits(kind: NodeKind, variant: PodVariant): boolean {
    let row = this.#admits[variant.id];
    if (row === undefined || row.length <= kind.id) {
      const wider = new Uint8Array(Math.max(64, 2 * kind.id + 2));
      if (row !== undefined) wider.set(row);
      row = wider;
      this.#admits[variant.id] = row;
    }
    if (row[kind.id] === UNKNOWN) row[kind.id] = admitsStatically(kind, variant) ? ADMITS : REFUSES;
    return row[kind.id] === ADMITS;
  }

  #real(id: number, nodeClass: number, initialized: boolean): NodeKind {
    const { shape, allocatable, capacity } = this.#view.classes.nodes[nodeClass];
    const taints = initialized ? [...shape.taints] : shape.taints.filter((taint) => !isEphemeral(taint));
    if (shape.unschedulable && !taints.some((taint) => taint.key === TAINT.unschedulable)) {
      taints.push({ key: TAINT.unschedulable, effect: 'NoSchedule' });
    }
    const labels = normalisedLabels(shape.labels);
    const doNotDisrupt = shape.annotations?.[DO_NOT_DISRUPT] === 'true';
    return { id, labels, taints, allocatable, capacity, doNotDisrupt, ...this.#bought(labels) };
  }

  /** What a node's labels say of how it was bought. */
  #bought(labels: Labels): Pick<NodeKind, 'type' | 'offering' | 'priceable'> {
    const { [LABEL.zone]: zone, [LABEL.capacityType]: capacityType, [LABEL.instanceType]: name } = labels;
    const { offerings, types } = this.#catalogue;
    const type = types.findIndex((candidate) => candidate.name === name);
    const offering = offerings.findIndex((o) => o.type === type && o.zone === zone && o.capacityType === capacityType);
    return { type, offering, priceable: type >= 0 && zone !== undefined && capacityType !== undefined };
  }

  #promised(id: number, pool: number, offering: number): NodeKind {
    const { type: row, zone, capacityType } = this.#catalogue.offerings[offering];
    const type = this.#catalogue.types[row];
    const { name, labels: own, taints } = this.#pools[pool];
    const labels: Record<string, string> = {};
    for (const r of type.requirements.values()) if (!r.complement && r.values.length === 1) labels[r.key] = r.values[0];
    const place = { [LABEL.zone]: zone, [LABEL.capacityType]: capacityType };
    Object.assign(labels, place, own, { [LABEL.nodePool]: name, [NODE_CLASS_LABEL.key]: NODE_CLASS_LABEL.value });
    const { allocatable, capacity } = type;
    return { id, labels, taints, allocatable, capacity, doNotDisrupt: false, type: row, offering, priceable: true };
  }
}

function admitsStatically({ taints, labels }: NodeKind, { requirements, tolerations }: PodVariant): boolean {
  if (firstUntolerated(taints, tolerations, () => true) !== undefined) return false;
  for (const wanted of requirements.set.values()) {
    const value = labels[wanted.key];
    if (value === undefined ? !allowsAbsence(wanted) : !hasIntersection(requirement(wanted.key, 'In', [value]), wanted))
      return false;
  }
  return true;
}

function normalisedLabels(labels: Labels): Labels {
  const out: Record<string, string> = {};
  for (const key of Object.keys(labels)) out[normalised(key)] = labels[key];
  return out;
}
