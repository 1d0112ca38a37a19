import { LABEL, type PodSpec } from '@plimsoll/core';
import fc from 'fast-check';
import { offerings } from './offerings.ts';
import type { PlannedNode } from './planning.ts';
import { podSpec } from './world.ts';

/** Types of several shapes and prices in two zones. */
export const ANY_CATALOGUE = offerings(
  [
    { name: 'c1', cpu: 2000, gib: 2, price: 80, spot: { a: 30, b: 60 } },
    { name: 'c2', cpu: 4000, gib: 4, price: 160, spot: { a: 90 } },
    { name: 'm1', cpu: 2000, gib: 8, price: 100, labels: { size: 'one' } },
    { name: 'm2', cpu: 4000, gib: 16, price: 200, spot: { b: 50 } },
    { name: 'm4', cpu: 8000, gib: 32, price: 390, pods: 6 },
    { name: 'r8', cpu: 8000, gib: 64, price: 500, labels: { size: 'eight' } },
    { name: 'arm', cpu: 8000, gib: 32, price: 300, labels: { [LABEL.arch]: 'arm64' } },
  ],
  ['a', 'b'],
);

/**
 * Pods that have nothing to do with each other: selectors, preferences, tolerations, host ports. None asks for a label of which another
 * excludes a value.
 */
export const anyPlainPod: fc.Arbitrary<PodSpec> = fc
  .record({
    cpu: fc.constantFrom(100, 500, 900, 1500, 2500, 4000, 9000),
    gib: fc.constantFrom(1, 2, 3, 7, 20),
    selector: fc.constantFrom<Record<string, string>>(
      {},
      {},
      {},
      { [LABEL.zone]: 'a' },
      { [LABEL.arch]: 'arm64' },
      { team: 'red' },
      { [LABEL.capacityType]: 'spot' },
    ),
    excludes: fc.constantFrom<string | undefined>(undefined, undefined, 'huge'),
    prefers: fc.constantFrom<string | undefined>(undefined, undefined, 'b', 'nowhere'),
    tolerates: fc.boolean(),
    port: fc.constantFrom(0, 0, 0, 80, 443),
  })
  .map(({ cpu, excludes, gib, port, prefers, selector, tolerates }) => {
    const spec = podSpec(cpu, gib, {
      nodeSelector: selector,
      ...(tolerates && { tolerations: [{ key: 'own', operator: 'Exists' as const }] }),
      nodeAffinity: {
        ...(excludes && { required: [{ matchExpressions: [{ key: 'size', operator: 'NotIn' as const, values: [excludes] }] }] }),
        ...(prefers && {
          preferred: [
            { weight: 3, preference: { matchExpressions: [{ key: LABEL.zone, operator: 'In' as const, values: [prefers] }] } },
          ],
        }),
      },
    });
    if (port === 0) return spec;
    const ports = [{ port, protocol: 'TCP' as const, ip: '' }];
    return { ...spec, containers: spec.containers.map((container) => ({ ...container, ports })) };
  });

/** Pools: the default one, one with a user's label, two with taints and limits. */
export const anyPools = fc.constantFrom(
  {},
  {
    nodePools: [
      { metadata: { name: 'any' }, spec: { template: { spec: { requirements: [{ key: 'team', operator: 'Exists' }] } } } },
    ],
  },
  {
    nodePools: [
      {
        metadata: { name: 'own' },
        spec: { weight: 9, limits: { cpu: '20' }, template: { spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] } } },
      },
      { metadata: { name: 'soft' }, spec: { template: { spec: { taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] } } } },
    ],
  },
  {
    nodePools: [
      {
        metadata: { name: 'varied' },
        spec: {
          template: { spec: { requirements: [{ key: LABEL.instanceType, operator: 'Exists', minValues: 3 }] } },
        },
      },
    ],
  },
);

/** Nodes that are there or on their way, with pods. */
export const anyNodes = fc.array(
  fc.record({
    offering: fc.nat(ANY_CATALOGUE.offerings.length - 1),
    ready: fc.boolean(),
    pods: fc.array(anyPlainPod, { maxLength: 5 }),
  }),
  { maxLength: 8 },
) as fc.Arbitrary<PlannedNode[]>;
