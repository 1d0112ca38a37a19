import { type ClusterView, firstUntolerated, NONE, PODS, type Rejection, type SchedulingModel } from '@plimsoll/core';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../plain/config.ts';
import { ConstraintTable, type PodConstraints } from '../topology/constraints.ts';
import { NodePlace } from '../topology/node-place.ts';
import { Topology } from '../topology/topology.ts';
import { filterOf, rejectionOf, VERDICT, verdictOn } from '../topology/verdict.ts';
import { AskedFilters } from './asked-filters.ts';
import { portsConflict } from './node-ports.ts';
import { NodeTable } from './node-table.ts';
import { FILTER, FILTER_PLUGINS, REASON } from './plugins.ts';
import { type PodFacts, PodTable } from './pod-table.ts';
import { labelsOf, matchesNodeSelection, matchesTerm, staticRejection } from './static.ts';

/** In a row of remembered static answers: nothing known. Other values are the filter's code + 2, so 1 means that all accept. */
const UNKNOWN = 0;
const ACCEPTED = 1;

/**
 * The filters of kube-scheduler over the live cluster, what-ifs included. Asked about a pod class and a node row, in the real
 * order; what depends only on the two classes is worked out once.
 */
export class FilterModel implements SchedulingModel {
  /** What the configuration makes of the filters. */
  readonly asked: AskedFilters;
  readonly #view: ClusterView;
  readonly #pods: PodTable;
  readonly #nodes: NodeTable;
  readonly #static: Uint8Array[] = [];

  readonly #topology: Topology;
  readonly #constraints: ConstraintTable;
  readonly #place: NodePlace;

  constructor(view: ClusterView, config: SchedulerConfig = DEFAULT_CONFIG) {
    this.#view = view;
    this.asked = new AskedFilters(config);
    this.#pods = new PodTable(view.classes, this.asked);
    this.#nodes = new NodeTable(view.classes);
    this.#topology = new Topology(view);
    this.#constraints = new ConstraintTable(view.classes, this.#topology, config);
    this.#place = new NodePlace(view, this.#topology);
  }

  /** Pods counted by node and domain, and what pod classes make of them: for the cycle that shares these filters. */
  get topology(): Topology {
    return this.#topology;
  }

  get constraints(): ConstraintTable {
    return this.#constraints;
  }

  fits(podClass: number, node: number): boolean {
    return this.rejector(podClass, node) < 0;
  }

  /** The code of the first filter that rejects, or -1 where the pod fits. */
  rejector(podClass: number, node: number): number {
    const pod = this.#pods.of(podClass);
    const nodeClass = this.#view.nodes.class[node];
    const code = this.staticRejector(podClass, nodeClass, this.#view.nodeNames[node]);
    if (code >= 0) return code;
    if (pod.ports.length > 0 && this.portsTaken(pod, node)) return FILTER.NodePorts;
    if (!this.#hasRoom(pod, node, nodeClass)) return FILTER.NodeResourcesFit;
    const constraints = this.#constraints.of(podClass);
    if (!constraints.filters) return -1;
    const verdict = this.#verdict(constraints, node);
    return verdict === VERDICT.accepted ? -1 : filterOf(verdict);
  }

  fitsClass(podClass: number, nodeClass: number, nodeName: string): boolean {
    return this.staticRejector(podClass, nodeClass, nodeName) < 0;
  }

  rejectClass(podClass: number, nodeClass: number, nodeName: string): Rejection | undefined {
    const code = this.staticRejector(podClass, nodeClass, nodeName);
    return code < 0 ? undefined : this.#rejectionFor(code, nodeClass, nodeName);
  }

  /** The code of the first filter that rejects a node for what it is, or -1. */
  staticRejector(podClass: number, nodeClass: number, nodeName: string): number {
    const pod = this.#pods.of(podClass);
    return pod.byName ? this.#byName(pod, nodeClass, nodeName) : this.#byClass(pod, nodeClass);
  }

  /** Whether a node of a class would have room for the pod if nothing ran on it. */
  fitsEmpty(podClass: number, nodeClass: number): boolean {
    const { resources, amounts } = this.#pods.of(podClass);
    const allocatable = this.#view.classes.nodes[nodeClass].allocatable;
    if (allocatable[PODS] < 1) return false;
    return resources.every((r, i) => amounts[i] <= (allocatable[r] ?? 0));
  }

  reject(podClass: number, node: number): Rejection | undefined {
    const code = this.rejector(podClass, node);
    if (code < 0) return undefined;
    const plugin = FILTER_PLUGINS[code];
    const pod = this.#pods.of(podClass);
    switch (code) {
      case FILTER.NodeUnschedulable:
      case FILTER.NodeName:
      case FILTER.NodeAffinity:
      case FILTER.TaintToleration:
        return this.#rejectionFor(code, this.#view.nodes.class[node], this.#view.nodeNames[node]);
      case FILTER.NodePorts:
        return { plugin, reasons: [REASON.NodePorts], unresolvable: false };
      case FILTER.NodeResourcesFit:
        return this.#missing(pod, node);
      default:
        return rejectionOf(this.#verdict(this.#constraints.of(podClass), node));
    }
  }

  /** Whether a pod tolerates the hard taints of a node class. */
  toleratesTaints(podClass: number, nodeClass: number): boolean {
    const { taints } = this.#view.classes.nodes[nodeClass].shape;
    return firstUntolerated(taints, this.#pods.of(podClass).spec.tolerations ?? []) === undefined;
  }

  /** Whether node selector and required affinity hold on a node of a class. */
  selects(podClass: number, nodeClass: number, nodeName: string): boolean {
    const { shape } = this.#view.classes.nodes[nodeClass];
    return matchesNodeSelection(this.#pods.of(podClass).spec, labelsOf(shape, nodeName), nodeName);
  }

  /** Whether pods of two classes cannot share a node for their host ports. */
  portsMeet(a: number, b: number): boolean {
    return portsConflict(this.#pods.of(a).ports, this.#pods.of(b).ports);
  }

  /** What a filter says that asks only what a node is. */
  #rejectionFor(code: number, nodeClass: number, nodeName: string): Rejection {
    const plugin = FILTER_PLUGINS[code] as 'NodeName';
    const { addedTerms } = this.asked;
    const label = labelsOf(this.#view.classes.nodes[nodeClass].shape, nodeName);
    const enforced =
      code === FILTER.NodeAffinity && addedTerms !== undefined && !addedTerms.some((term) => matchesTerm(term, label, nodeName));
    return { plugin, reasons: [enforced ? REASON.addedAffinity : REASON[plugin]], unresolvable: true };
  }

  #verdict(constraints: PodConstraints, node: number): number {
    this.#topology.sync();
    return verdictOn(constraints, this.#place.at(node));
  }

  #byName(pod: PodFacts, nodeClass: number, nodeName: string): number {
    return staticRejection(pod.spec, this.#view.classes.nodes[nodeClass].shape, nodeName, this.asked);
  }

  #byClass(pod: PodFacts, nodeClass: number): number {
    let row = this.#static[pod.id];
    if (row === undefined || nodeClass >= row.length) row = this.#widen(pod.id);
    const known = row[nodeClass];
    if (known === ACCEPTED) return -1;
    if (known !== UNKNOWN) return known - 2;
    const code = staticRejection(pod.spec, this.#view.classes.nodes[nodeClass].shape, '', this.asked);
    row[nodeClass] = code + 2;
    return code;
  }

  #widen(podClass: number): Uint8Array {
    const wider = new Uint8Array(Math.max(16, this.#view.classes.nodes.length * 2));
    const row = this.#static[podClass];
    if (row !== undefined) wider.set(row);
    this.#static[podClass] = wider;
    return wider;
  }

  /** Whether a pod on the node holds a host port that the class asks for. */
  portsTaken(pod: PodFacts, node: number): boolean {
    const { class: classOf, next } = this.#view.pods;
    for (let other = this.#view.nodes.firstPod[node]; other !== NONE; other = next[other]) {
      const { ports } = this.#pods.of(classOf[other]);
      if (ports.length > 0 && portsConflict(pod.ports, ports)) return true;
    }
    return false;
  }

  /**
   * Source: kube-scheduler v1.36.2, `plugins/noderesources/fit.go` (fitsRequest).
   */
  #hasRoom(pod: PodFacts, node: number, nodeClass: number): boolean {
    const table = this.#nodes;
    table.sync();
    const { used, stride } = this.#view;
    const allocatable = table.amounts;
    const base = nodeClass * table.width;
    const use = node * stride;
    if (used[use + PODS] + 1 > allocatable[base + PODS]) return false;
    const { resources, amounts } = pod;
    for (let i = 0; i < resources.length; i++) {
      const r = resources[i];
      // A resource beyond the stride has never been used by any pod.
      if (amounts[i] > allocatable[base + r] - (r < stride ? used[use + r] : 0)) return false;
    }
    return true;
  }

  #missing(pod: PodFacts, node: number): Rejection {
    const { used, stride, classes } = this.#view;
    const { allocatable } = classes.nodes[this.#view.nodes.class[node]];
    const reasons: string[] = [];
    let unresolvable = false;
    if (used[node * stride + PODS] + 1 > allocatable[PODS]) reasons.push(REASON.tooManyPods);
    pod.resources.forEach((r, i) => {
      const capacity = allocatable[r] ?? 0;
      const use = r < stride ? used[node * stride + r] : 0;
      if (pod.amounts[i] <= capacity - use) return;
      reasons.push(`Insufficient ${classes.resources.names[r]}`);
      if (pod.amounts[i] > capacity) unresolvable = true;
    });
    return { plugin: 'NodeResourcesFit', reasons, unresolvable };
  }
}
