import { LABEL, type NodeShape, sortedRecord } from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';
import { INSTANCE_TYPES } from './catalogues.ts';
import { nodeLabels, ZONES } from './labels.ts';
import { taints } from './taints.ts';

/** Shapes of ready nodes: a type of {@link INSTANCE_TYPES} in a zone, with own labels, sometimes tainted, seldom cordoned. */
export function nodeShapes(): Arbitrary<NodeShape> {
  return fc
    .tuple(
      fc.constantFrom(...INSTANCE_TYPES),
      fc.constantFrom(...ZONES),
      fc.constantFrom('on-demand', 'spot'),
      nodeLabels(),
      taints(),
      fc.constantFrom(false, false, false, false, false, false, false, true),
    )
    .map(([type, zone, capacityType, own, list, unschedulable]) => ({
      labels: sortedRecord({
        ...type.labels,
        ...own,
        [LABEL.zone]: zone,
        [LABEL.region]: 'region-1',
        [LABEL.capacityType]: capacityType,
      }),
      taints: list,
      unschedulable,
      capacity: type.capacity,
      allocatable: type.allocatable,
    }));
}
