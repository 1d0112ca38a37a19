import { LABEL } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { candidates, isEmpty } from '../../src/disruption/candidates.ts';
import { offerings } from '../support/offerings.ts';
import { type PlannedNode, planning } from '../support/planning.ts';
import { podSpec } from '../support/world.ts';

const ladder = offerings(
  [
    { name: 's', cpu: 2000, gib: 8, price: 100 },
    { name: 'l', cpu: 8000, gib: 32, price: 400 },
  ],
  ['a'],
);
const [S, L] = [0, 1];
const glad = podSpec(100, 1, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-2147483647' } });
const plain = podSpec(100, 1);

function looked(version: string, nodes: readonly PlannedNode[]) {
  const requirements = [{ key: LABEL.capacityType, operator: 'In', values: ['on-demand'] }];
  const nodePools = [{ metadata: { name: 'p' }, spec: { template: { spec: { requirements } } } }];
  const { cluster, planner } = planning(ladder, { nodePools, settings: { version } }, nodes, []);
  const { list } = candidates(planner, 0);
  return {
    order: list.map(({ node }) => cluster.nodeNames[node]),
    empty: list.filter((candidate) => isEmpty(candidate, planner.rules)).map(({ node }) => cluster.nodeNames[node]),
    methods: planner.rules.methods,
  };
}

describe('versions of Karpenter', () => {
  const nodes = [
    { offering: S, pods: [plain, plain] },
    { offering: L, pods: [plain, plain, plain] },
  ];

  it('1.14 tries the best savings for their disruption first', () => {
    expect(looked('1.14', nodes).order).toEqual(['p-001', 'p-000']);
  });

  it('1.13 tries the least disruption first, whatever it saves', () => {
    expect(looked('1.13', nodes).order).toEqual(['p-000', 'p-001']);
  });

  it('1.14 takes nodes for empty whose pods are glad to go, 1.13 only those without pods', () => {
    const some = [{ offering: S, pods: [glad] }, { offering: S }];
    expect(looked('1.14', some).empty).toEqual(['p-000', 'p-001']);
    expect(looked('1.13', some).empty).toEqual(['p-001']);
  });

  it('1.4 replaces what has drifted before it deletes what is empty', () => {
    expect(looked('1.4', []).methods[0]).toBe('Drift');
    expect(looked('1.13', []).methods[0]).toBe('Emptiness');
  });
});
