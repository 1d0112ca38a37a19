import {
  compareText,
  isHard,
  LABEL,
  type Labels,
  type NodeAffinity,
  type Taint,
  type Toleration,
  termHolds,
  tolerates,
} from '@plimsoll/core';

import { type IntOrPercent, scaledCount } from '../pods/int-or-percent.ts';
import { isAvailable, isTerminal, type PodState } from '../pods/pod-state.ts';

/** What a DaemonSet is told to do. */
export interface DaemonSetSpec {
  /** Stands for the pod template. */
  readonly revision: string;
  readonly nodeName?: string;
  readonly nodeSelector?: Labels;
  readonly nodeAffinity?: NodeAffinity;
  readonly tolerations: readonly Toleration[];
  readonly hostNetwork: boolean;
  readonly minReadyMs: number;
  /** Absent: OnDelete. */
  readonly rollingUpdate?: { readonly maxUnavailable: IntOrPercent; readonly maxSurge: IntOrPercent };
}

/** A node, as far as DaemonSets look at it. */
export interface DaemonNode {
  readonly name: string;
  /** Without the host name, which the name stands for. */
  readonly labels: Labels;
  readonly taints: readonly Taint[];
}

/** A daemon pod, bound or on its way to its node. */
export interface DaemonPod extends PodState {
  readonly node: string;
  readonly revision: string;
}

export interface DaemonSetStatus {
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
  readonly available: number;
  readonly unavailable: number;
  readonly updated: number;
  readonly misscheduled: number;
}

/** What one sync does. */
export interface DaemonPlan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly delete: readonly DaemonPod[];
  /** Failed pods wait for their back-off; look again after this long. */
  readonly resyncMs?: number;
}

/** Tolerations that every daemon pod gets. Source: Kubernetes v1.36.2, `pkg/controller/daemon/util/daemonset_util.go`. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/**
 * Whether a DaemonSet wants a pod on a node, and whether one that is there may stay. Room on the node does not matter, nor does it matter
 * whether the node is ready or cordoned, but for its taints.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/daemon/daemon_controller.go` (NodeShouldRunDaemonPod).
 */
export function daemonRunsOn(spec: DaemonSetSpec, node: DaemonNode): { readonly run: boolean; readonly stay: boolean } {
  if (spec.nodeName !== undefined && spec.nodeName !== node.name) return { run: false, stay: false };
  if (!selects(spec, node)) return { run: false, stay: false };
  const tolerations = [...spec.tolerations, ...DAEMON_TOLERATIONS, ...(spec.hostNetwork ? [HOST_NETWORK_TOLERATION] : [])];
  const untolerated = node.taints.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
  return {
    run: !untolerated.some(({ effect }) => isHard(effect)),
    stay: !untolerated.some(({ effect }) => effect === 'NoExecute'),
  };
}

function selects({ nodeSelector = {}, nodeAffinity }: DaemonSetSpec, { name, labels }: DaemonNode): boolean {
  for (const key in nodeSelector) if ((key === LABEL.hostname ? name : labels[key]) !== nodeSelector[key]) return false;
  return nodeAffinity?.required === undefined || nodeAffinity.required.some((term) => termHolds(term, labels, name));
}

/** Wait after a node's first failed daemon pod, ms. Source: Kubernetes v1.36.2, `cmd/kube-controller-manager/app/apps.go`. */
const FIRST_BACKOFF = 1000;
/** The longest wait, ms. Same source. */
const LONGEST_BACKOFF = 900_000;

/** Back-off of failed daemon pods by node, doubled with each. */
export class DaemonBackoff {
  readonly #entries = new Map<string, { readonly at: number; readonly backoff: number }>();

  /** The back-off that is still running; 0 where none is. */
  waiting(node: string, now: number): number {
    const entry = this.#entries.get(node);
    return entry !== undefined && now - entry.at < entry.backoff ? entry.backoff : 0;
  }

  next(node: string, now: number): void {
    const entry = this.#entries.get(node);
    const expired = entry === undefined || now - entry.at > 2 * LONGEST_BACKOFF;
    this.#entries.set(node, { at: now, backoff: expired ? FIRST_BACKOFF : Math.min(entry.backoff * 2, LONGEST_BACKOFF) });
  }
}

/**
 * One sync of a DaemonSet: a pod where one is wanted, none where none may stay, then the rolling update where nothing else is to be done.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/daemon` (daemon_controller.go, update.go). The real update takes nodes in the order of a map;
 * here they go in the order given.
 */
export function planDaemonSet(
  spec: DaemonSetSpec,
  nodes: readonly DaemonNode[],
  pods: readonly DaemonPod[],
  backoff: DaemonBackoff,
  now: number,
): DaemonPlan {
  const onNode = byNode(pods);
  const create: string[] = [];
  const gone: DaemonPod[] = [];
  let resync = Infinity;
  const surges = surgeAllowed(spec);
  for (const node of nodes) {
    const { run, stay } = daemonRunsOn(spec, node);
    const there = onNode.get(node.name);
    if (run && there === undefined) create.push(node.name);
    else if (stay) {
      const running: DaemonPod[] = [];
      for (const pod of there ?? []) {
        if (pod.deleting) continue;
        if (pod.phase === 'Failed') {
          const waiting = backoff.waiting(node.name, now);
          if (waiting > 0) resync = Math.min(resync, waiting);
          else {
            backoff.next(node.name, now);
            gone.push(pod);
          }
        } else if (pod.phase === 'Succeeded') gone.push(pod);
        else running.push(pod);
      }
      running.sort(oldestFirst);
      if (!surges) gone.push(...running.slice(1));
      else if (running.length === 0 && run) create.push(node.name);
      else if (running.length > 1) gone.push(...surplus(spec, running, now));
    } else gone.push(...(there ?? []).filter((pod) => !pod.deleting));
  }
  const again = resync === Infinity ? {} : { resyncMs: resync };
  if (create.length + gone.length > 0 || spec.rollingUpdate === undefined) return { create, delete: gone, ...again };
  return { ...roll(spec, nodes, onNode, now), ...again };
}

/** Of several pods on a node, where surging is allowed: an old one stays while it is ready and the new one is not available. */
function surplus(spec: DaemonSetSpec, running: readonly DaemonPod[], now: number): DaemonPod[] {
  const fresh = running.find(({ revision }) => revision === spec.revision);
  const old = running.find(({ revision }) => revision !== spec.revision);
  const gone = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh !== undefined && old !== undefined && (!old.ready || isAvailable(fresh, spec.minReadyMs, now))) gone.push(old);
  return gone;
}

function roll(
  spec: DaemonSetSpec,
  nodes: readonly DaemonNode[],
  onNode: ReadonlyMap<string, readonly DaemonPod[]>,
  now: number,
): { readonly create: readonly string[]; readonly delete: readonly DaemonPod[] } {
  const { maxSurge, maxUnavailable } = limits(spec, nodes);
  const wanted = new Map(nodes.map((node) => [node.name, daemonRunsOn(spec, node).run]));
  const names = new Set([...onNode.keys(), ...nodes.filter(({ name }) => wanted.get(name)).map(({ name }) => name)]);
  const available = (pod: DaemonPod): boolean => isAvailable(pod, spec.minReadyMs, now);
  let [unavailable, surging, availableNodes] = [0, 0, 0];
  const atOnce: { readonly delete: DaemonPod[]; readonly create: string[] } = { delete: [], create: [] };
  const later: { readonly delete: DaemonPod[]; readonly create: string[] } = { delete: [], create: [] };
  for (const name of names) {
    const pair = pairOn(spec, onNode.get(name) ?? []);
    if (pair === undefined) {
      unavailable++;
      surging++;
      continue;
    }
    const { fresh, old } = pair;
    if (maxSurge === 0) {
      if ((fresh === undefined) === (old === undefined)) unavailable++;
      else if (fresh !== undefined) unavailable += available(fresh) ? 0 : 1;
      else if (!available(old as DaemonPod)) {
        // It is replaced whatever the limit, and counts against it.
        atOnce.delete.push(old as DaemonPod);
        unavailable++;
      } else if (unavailable < maxUnavailable) later.delete.push(old as DaemonPod);
      continue;
    }
    const counted = old ?? fresh;
    if (counted !== undefined && available(counted)) availableNodes++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (available(fresh)) atOnce.delete.push(old);
      else surging++;
    } else if (!wanted.get(name)) (available(old) ? later : atOnce).delete.push(old);
    else if (!available(old)) atOnce.create.push(name);
    else if (surging < maxSurge) later.create.push(name);
  }
  if (maxSurge === 0)
    return { create: [], delete: [...atOnce.delete, ...later.delete.slice(0, Math.max(0, maxUnavailable - unavailable))] };
  const desired = [...wanted.values()].filter(Boolean).length;
  return {
    create: [...atOnce.create, ...later.create.slice(0, Math.max(0, maxSurge - surging))],
    delete: [...atOnce.delete, ...later.delete.slice(0, Math.max(0, availableNodes - desired))],
  };
}

/** The new and the old pod of a node; undefined where there are several of a kind. */
function pairOn(
  spec: DaemonSetSpec,
  pods: readonly DaemonPod[],
): { readonly fresh: DaemonPod | undefined; readonly old: DaemonPod | undefined } | undefined {
  const staying = pods.filter(({ deleting }) => !deleting);
  const fresh = staying.filter(({ revision }) => revision === spec.revision);
  const old = staying.filter(({ revision }) => revision !== spec.revision);
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

function limits(
  spec: DaemonSetSpec,
  nodes: readonly DaemonNode[],
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const desired = nodes.filter((node) => daemonRunsOn(spec, node).run).length;
  const { maxUnavailable = 1, maxSurge = 0 } = spec.rollingUpdate ?? {};
  const [unavailable, surge] = [scaledCount(maxUnavailable, desired, 'up'), scaledCount(maxSurge, desired, 'up')];
  return { maxSurge: surge, maxUnavailable: unavailable === 0 && surge === 0 ? 1 : unavailable };
}

function surgeAllowed({ rollingUpdate }: DaemonSetSpec): boolean {
  return rollingUpdate !== undefined && scaledCount(rollingUpdate.maxSurge, 100, 'up') > 0;
}

/** Counts the nodes of a DaemonSet. */
export function daemonSetStatus(
  spec: DaemonSetSpec,
  nodes: readonly DaemonNode[],
  pods: readonly DaemonPod[],
  now: number,
): DaemonSetStatus {
  const onNode = byNode(pods);
  let [desired, current, ready, available, updated, misscheduled] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const there = onNode.get(node.name);
    if (!daemonRunsOn(spec, node).run) {
      if (there !== undefined) misscheduled++;
      continue;
    }
    desired++;
    if (there === undefined) continue;
    current++;
    const [pod] = [...there].sort(oldestFirst);
    if (pod.ready) {
      ready++;
      if (isAvailable(pod, spec.minReadyMs, now)) available++;
    }
    if (pod.revision === spec.revision) updated++;
  }
  return { desired, current, ready, available, unavailable: desired - available, updated, misscheduled };
}

/** Pods by node, without those that have finished and are going. */
function byNode(pods: readonly DaemonPod[]): Map<string, DaemonPod[]> {
  const out = new Map<string, DaemonPod[]>();
  for (const pod of pods) {
    if (isTerminal(pod) && pod.deleting) continue;
    const list = out.get(pod.node);
    if (list === undefined) out.set(pod.node, [pod]);
    else list.push(pod);
  }
  return out;
}

function oldestFirst(a: DaemonPod, b: DaemonPod): number {
  const bound = Number(b.nodeName !== undefined) - Number(a.nodeName !== undefined);
  return bound || a.createdAt - b.createdAt || compareText(a.name, b.name);
}
