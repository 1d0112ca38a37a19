import type { ClusterView } from '../cluster/view.ts';
import type { JsonValue } from './component.ts';

/** What one scheduling attempt came to. The object is reused by the next attempt. */
export interface Placement {
  pod: number;
  /** Node row, or -1 where none was found. */
  node: number;
  /** Pods to be evicted to make room for the pod, the most important first. Only where no node was found; absent counts as none. */
  readonly victims?: readonly number[];
}

/** Places pods, one attempt at a time. It proposes; the engine binds. */
export interface Scheduler {
  /** A change of the cluster, as its log record. */
  observe(kind: number, a: number, b: number, c: number): void;
  /** Makes the next attempt, or returns undefined where no pod is ready for one now. */
  next(now: number): Placement | undefined;
  /** From when on {@link next} may have something to try: the past or now for at once, Infinity for never without a change. */
  readonly readyAt: number;
  /** The node that is kept for a waiting pod while room is made for it there, or -1. Absent: none ever is. */
  nominatedNode?(pod: number): number;
  /** The unschedulable message of a pod's last failed attempt, in the real scheduler's words. */
  explain(pod: number): string;
  snapshot(): JsonValue;
  restore(value: JsonValue): void;
}

/** The filters of a scheduler, as providers may ask them about real, hypothetical and what-if nodes. No scores, no queue. */
export interface SchedulingModel {
  /** The first filter that rejects a pod of a class on a node, in the real order; undefined where it fits. */
  reject(podClass: number, node: number): Rejection | undefined;
  /** Whether every filter accepts. The fast form of {@link reject}. */
  fits(podClass: number, node: number): boolean;
  /** The filters that do not depend on what runs on the node: taints, cordon, node selector and affinity. */
  fitsClass(podClass: number, nodeClass: number, nodeName: string): boolean;
  /** The first filter of those of {@link fitsClass} that rejects. Only for explanations: a model may leave it out. */
  rejectClass?(podClass: number, nodeClass: number, nodeName: string): Rejection | undefined;
}

/** Who said no, and why, in the real filter's words. */
export interface Rejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Whether no eviction could change it. */
  readonly unresolvable: boolean;
}

/** Makes a scheduler over a cluster. */
export interface SchedulerPlugin {
  readonly id: string;
  readonly contract: 1;
  create(view: ClusterView): Scheduler;
  model(view: ClusterView): SchedulingModel;
}
