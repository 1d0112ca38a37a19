import { LABEL, type Labels, type NodeShape, type OfferingsView, sortedRecord, TAINT, type Taint } from '@plimsoll/core';

/** What a machine gets beside what its type and place give it. */
export interface NodeExtras {
  readonly labels: Labels;
  readonly taints: readonly Taint[];
}

/** The taint that a node has from registration until it is ready. */
export const notReadyTaint: Taint = { key: TAINT.notReady, effect: 'NoSchedule' };

/** Labels of a type that every node of it has, whoever bought it; the other labels of a type are Karpenter's. */
const KUBELET_LABELS = [LABEL.instanceType, LABEL.arch, LABEL.os];

/**
 * The node that a machine registers as: real capacity and allocatable, labels of type and place, and the not-ready taint.
 *
 * A machine that a fleet request bought has all labels of its type and its capacity type, as Karpenter sets them; one of a group has
 * only those that the kubelet and the cloud controller set. The extra labels win over both. The host name is no label here: it is
 * the node's name.
 */
export function realShape(
  { region, types, offerings }: OfferingsView,
  offering: number,
  { labels, taints }: NodeExtras,
  boughtBy: 'fleet' | 'group',
): NodeShape {
  const { type, zone, capacityType } = offerings[offering];
  const { labels: typeLabels, capacity, allocatable } = types[type];
  const own: Record<string, string> = { [LABEL.region]: region, [LABEL.zone]: zone };
  if (boughtBy === 'fleet') Object.assign(own, typeLabels, { [LABEL.capacityType]: capacityType });
  else for (const key of KUBELET_LABELS) if (typeLabels[key] !== undefined) own[key] = typeLabels[key];
  return {
    labels: sortedRecord({ ...own, ...labels }),
    taints: [...taints, notReadyTaint],
    unschedulable: false,
    capacity,
    allocatable,
  };
}
