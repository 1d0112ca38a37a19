import type { Taint } from '@plimsoll/core';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export interface NodeCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason?: string;
}

/** A node, as the controllers of its life read it. */
export interface LifecycleNode {
  readonly name: string;
  /** Region and zone; empty where it has neither. */
  readonly zone: string;
  readonly conditions: readonly NodeCondition[];
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** When its lease was last renewed. */
  readonly renewedAt?: number;
  /** When its kubelet last posted its status. */
  readonly postedAt?: number;
}

export const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
export const UNREACHABLE: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

export function readyStatus({ conditions }: LifecycleNode): ConditionStatus | undefined {
  return conditions.find(({ type }) => type === 'Ready')?.status;
}

export function hasTaint({ taints }: LifecycleNode, { key, effect }: Taint): boolean {
  return taints.some((taint) => taint.key === key && taint.effect === effect);
}

export function withoutTaint(taints: readonly Taint[], { key, effect }: Taint): Taint[] {
  return taints.filter((taint) => taint.key !== key || taint.effect !== effect);
}

/** Conditions that bring a NoSchedule taint, by type and status. */
const TAINT_OF_CONDITION: Readonly<Record<string, string>> = {
  'Ready=False': 'node.kubernetes.io/not-ready',
  'Ready=Unknown': 'node.kubernetes.io/unreachable',
  'MemoryPressure=True': 'node.kubernetes.io/memory-pressure',
  'DiskPressure=True': 'node.kubernetes.io/disk-pressure',
  'PIDPressure=True': 'node.kubernetes.io/pid-pressure',
  'NetworkUnavailable=True': 'node.kubernetes.io/network-unavailable',
};
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED = new Set([...Object.values(TAINT_OF_CONDITION), UNSCHEDULABLE]);

/**
 * The taints that a node is to have by its conditions: those of its own, and NoSchedule taints as its conditions say.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/nodelifecycle/node_lifecycle_controller.go` (doNoScheduleTaintingPass).
 */
export function taintsByCondition({ conditions, taints, unschedulable }: LifecycleNode): readonly Taint[] {
  const wanted = conditions.flatMap(({ type, status }) => TAINT_OF_CONDITION[`${type}=${status}`] ?? []);
  if (unschedulable) wanted.push(UNSCHEDULABLE);
  const isManaged = ({ key, effect }: Taint): boolean => effect === 'NoSchedule' && MANAGED.has(key);
  const kept = taints.filter((taint) => !isManaged(taint) || wanted.includes(taint.key));
  const missing = wanted.filter((key) => !kept.some((taint) => isManaged(taint) && taint.key === key));
  if (missing.length === 0 && kept.length === taints.length) return taints;
  return [...kept, ...missing.map((key): Taint => ({ key, effect: 'NoSchedule' }))];
}
