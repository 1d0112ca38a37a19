import { LABEL, type NodeClass, type ResourceVector } from '@plimsoll/core';
import type { Flags } from '../options/flags.ts';
import type { Template } from './templates.ts';

/** Labels in which similar groups may differ. Source: `processors/nodegroupset/compare_nodegroups.go`, `aws_nodegroups.go`. */
const IGNORED_LABELS: readonly string[] = [
  LABEL.hostname,
  LABEL.zone,
  LABEL.region,
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/fluentd-ds-ready',
  'kops.k8s.io/instancegroup',
  'alpha.eksctl.io/instance-id',
  'alpha.eksctl.io/nodegroup-name',
  'eks.amazonaws.com/nodegroup',
  'k8s.amazonaws.com/eniConfig',
  'lifecycle',
  'topology.ebs.csi.aws.com/zone',
  'topology.k8s.aws/zone-id',
];

/** Memory is compared with a tolerance of its own. */
const MEMORY_INDEX = 1;

/**
 * Whether two groups are similar enough to be grown together: capacities equal (memory nearly), allocatable and free amounts nearly equal,
 * labels equal but for those that tell where a node stands. With `balancing-label`, those labels alone decide.
 */
export function areSimilar(a: Template, b: Template, nodes: readonly NodeClass[], flags: Flags): boolean {
  const [left, right] = [nodes[a.nodeClass], nodes[b.nodeClass]];
  const only = flags['balancing-label'];
  if (only.length > 0) return only.every((key) => left.shape.labels[key] === right.shape.labels[key]);
  const size = Math.max(left.capacity.length, right.capacity.length);
  for (let r = 0; r < size; r++) {
    const [x, y] = [left.capacity[r] ?? 0, right.capacity[r] ?? 0];
    if (r === MEMORY_INDEX ? !within(x, y, flags['memory-difference-ratio']) : x !== y) return false;
  }
  if (!nearlyEqual(left.allocatable, right.allocatable, flags['max-allocatable-difference-ratio'])) return false;
  const free = (allocatable: ResourceVector, used: readonly number[]): number[] => allocatable.map((n, r) => n - (used[r] ?? 0));
  if (!nearlyEqual(free(left.allocatable, a.used), free(right.allocatable, b.used), flags['max-free-difference-ratio']))
    return false;
  return sameLabels(left.shape.labels, right.shape.labels, flags['balancing-ignore-label']);
}

function nearlyEqual(a: ResourceVector, b: ResourceVector, ratio: number): boolean {
  for (let r = 0; r < Math.max(a.length, b.length); r++) if (!within(a[r] ?? 0, b[r] ?? 0, ratio)) return false;
  return true;
}

function within(a: number, b: number, ratio: number): boolean {
  return Math.abs(a - b) <= ratio * Math.max(a, b);
}

function sameLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
  ignored: readonly string[],
): boolean {
  const counts = (key: string): boolean => !IGNORED_LABELS.includes(key) && !ignored.includes(key);
  return (
    Object.keys(a).every((key) => !counts(key) || a[key] === b[key]) &&
    Object.keys(b).every((key) => !counts(key) || a[key] === b[key])
  );
}
