import {
  type ClusterView,
  firstUntolerated,
  LABEL,
  type Labels,
  matchesSelector,
  NODE,
  NONE,
  type PodSpec,
  type Rejection,
  type SchedulingModel,
  type TopologySpread,
  termHolds,
} from '@plimsoll/core';

/** A scheduler's filters, slow and plain: cordon, taints, selectors, host ports, resources and hard topology spread. */
export class SlowModel implements SchedulingModel {
  readonly #view: ClusterView;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  fits(podClass: number, node: number): boolean {
    return this.reject(podClass, node) === undefined;
  }

  fitsClass(podClass: number, nodeClass: number, nodeName: string): boolean {
    const { spec } = this.#view.classes.pods[podClass];
    const { shape } = this.#view.classes.nodes[nodeClass];
    if (shape.unschedulable || firstUntolerated(shape.taints, spec.tolerations ?? []) !== undefined) return false;
    const labels: Labels = { ...shape.labels, [LABEL.hostname]: nodeName };
    for (const key in spec.nodeSelector) if (labels[key] !== spec.nodeSelector[key]) return false;
    const terms = spec.nodeAffinity?.required;
    return terms === undefined || terms.some((term) => termHolds(term, labels, nodeName));
  }

  reject(podClass: number, node: number): Rejection | undefined {
    const view = this.#view;
    const { spec, requests } = view.classes.pods[podClass];
    const no = (plugin: string): Rejection => ({ plugin, reasons: [plugin], unresolvable: false });
    if (!this.fitsClass(podClass, view.nodes.class[node], view.nodeNames[node])) return no('NodeAffinity');
    const ports = portsOf(spec);
    for (const other of this.#podsOn(node)) if (portsOf(other).some((port) => ports.includes(port))) return no('NodePorts');
    const { allocatable } = view.classes.nodes[view.nodes.class[node]];
    for (let r = 0; r < requests.length; r++) {
      if (requests[r] > 0 && view.used[node * view.stride + r] + requests[r] > (allocatable[r] ?? 0))
        return no('NodeResourcesFit');
    }
    const hard = (spec.topologySpread ?? []).filter((spread) => spread.whenUnsatisfiable === 'DoNotSchedule');
    return hard.some((spread) => this.#skews(spec, spread, node)) ? no('PodTopologySpread') : undefined;
  }

  #skews(spec: PodSpec, { topologyKey, maxSkew, labelSelector, minDomains = 1 }: TopologySpread, node: number): boolean {
    const counts = new Map<string, number>();
    for (let other = this.#view.firstNode; other !== NONE; other = this.#view.nodes.next[other]) {
      const domain = this.#domain(other, topologyKey);
      if (domain === undefined) continue;
      const matching = this.#podsOn(other).filter((pod) => matchesSelector(pod.labels, labelSelector)).length;
      counts.set(domain, (counts.get(domain) ?? 0) + matching);
    }
    const own = this.#domain(node, topologyKey);
    if (own === undefined) return true;
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    return (counts.get(own) ?? 0) + (matchesSelector(spec.labels, labelSelector) ? 1 : 0) - least > maxSkew;
  }

  #domain(node: number, key: string): string | undefined {
    const view = this.#view;
    if (view.nodes.state[node] !== NODE.ready) return undefined;
    return key === LABEL.hostname ? view.nodeNames[node] : view.classes.nodes[view.nodes.class[node]].shape.labels[key];
  }

  #podsOn(node: number): PodSpec[] {
    const view = this.#view;
    const out: PodSpec[] = [];
    for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = view.pods.next[pod]) {
      out.push(view.classes.pods[view.pods.class[pod]].spec);
    }
    return out;
  }
}

function portsOf(spec: PodSpec): number[] {
  return spec.containers.flatMap((container) => (container.ports ?? []).map((port) => port.port));
}
