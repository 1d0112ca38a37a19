import { OptionsError } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { parseKarpenterOptions } from '../../src/options/karpenter-options.ts';

const pool = (spec: unknown) => ({
  nodePools: [{ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'p' }, spec }],
});

function refusal(input: unknown): { path: string; message: string; suggestion: string | undefined } {
  try {
    parseKarpenterOptions(input);
  } catch (error) {
    if (error instanceof OptionsError)
      return { path: error.path.join('.'), message: error.message, suggestion: error.suggestion };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('options of Karpenter', () => {
  it('have the program’s defaults', () => {
    const { nodePools, settings, featureGates } = parseKarpenterOptions(undefined);
    expect(settings).toEqual({
      batchIdleMs: 1000,
      batchMaxMs: 10_000,
      preferencePolicy: 'Respect',
      minValuesPolicy: 'Strict',
      startsAt: Date.parse('2026-01-05T00:00:00Z'),
      version: '1.14',
    });
    expect(featureGates).toEqual({ spotToSpotConsolidation: false });
    expect(nodePools).toHaveLength(1);
    expect(nodePools[0]).toMatchObject({
      name: 'default',
      weight: 0,
      expireAfterMs: 720 * 3_600_000,
      consolidationPolicy: 'WhenEmptyOrUnderutilized',
      consolidateAfterMs: 0,
      budgets: [{ percent: 10, count: undefined, reasons: undefined }],
    });
  });

  it('read a NodePool as it is applied to a cluster', () => {
    const { nodePools } = parseKarpenterOptions(
      pool({
        weight: 10,
        limits: { cpu: '100', memory: '64Gi', nodes: 3 },
        disruption: { consolidateAfter: 'Never', budgets: [{ nodes: '0' }, { nodes: '33%', reasons: ['Empty'] }] },
        template: {
          metadata: { labels: { team: 'red' } },
          spec: {
            nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
            expireAfter: 'Never',
            taints: [{ key: 'gpu', effect: 'NoSchedule' }],
            requirements: [{ key: 'karpenter.k8s.aws/instance-cpu', operator: 'Gt', values: ['3'] }],
          },
        },
      }),
    );
    expect(nodePools[0]).toMatchObject({
      weight: 10,
      limits: { cpu: 100_000, memory: 64 * 2 ** 30, nodes: 3 },
      consolidateAfterMs: Infinity,
      expireAfterMs: Infinity,
      budgets: [
        { percent: undefined, count: 0 },
        { percent: 33, reasons: ['Empty'] },
      ],
    });
  });

  it.each([
    ['an unknown key', { nodePool: [] }, 'nodePool', 'nodePools'],
    [
      'a misspelt field',
      pool({ disruption: { consolidateAftr: '1m' } }),
      'nodePools.0.spec.disruption.consolidateAftr',
      'consolidateAfter',
    ],
    [
      'a wrong operator',
      pool({ template: { spec: { requirements: [{ key: 'k', operator: 'in', values: ['a'] }] } } }),
      'nodePools.0.spec.template.spec.requirements.0.operator',
      'In',
    ],
    [
      'In without values',
      pool({ template: { spec: { requirements: [{ key: 'k', operator: 'In' }] } } }),
      'nodePools.0.spec.template.spec.requirements.0.values',
      undefined,
    ],
    [
      'a bound that is no number',
      pool({ template: { spec: { requirements: [{ key: 'k', operator: 'Gt', values: ['x'] }] } } }),
      'nodePools.0.spec.template.spec.requirements.0.values',
      undefined,
    ],
    ['a wrong duration', { settings: { batchIdleDuration: 'soon' } }, 'settings.batchIdleDuration', undefined],
    ['a wrong quantity', pool({ limits: { cpu: 'lots' } }), 'nodePools.0.spec.limits.cpu', undefined],
    [
      'more than all nodes',
      pool({ disruption: { budgets: [{ nodes: '101%' }] } }),
      'nodePools.0.spec.disruption.budgets.0.nodes',
      undefined,
    ],
    [
      'a budget with a schedule and no duration',
      pool({ disruption: { budgets: [{ nodes: '1', schedule: '@daily' }] } }),
      'nodePools.0.spec.disruption.budgets.0.duration',
      undefined,
    ],
    [
      'a schedule that is none',
      pool({ disruption: { budgets: [{ nodes: '1', schedule: '0 24 * * *', duration: '1h' }] } }),
      'nodePools.0.spec.disruption.budgets.0.schedule',
      undefined,
    ],
    ['a start that is no instant', { settings: { startsAt: 'monday' } }, 'settings.startsAt', undefined],
    ['a static pool', pool({ replicas: 3 }), 'nodePools.0.spec.replicas', undefined],
    ['no name', { nodePools: [{ spec: {} }] }, 'nodePools.0.metadata.name', undefined],
    [
      'a label of Karpenter’s own',
      pool({ template: { metadata: { labels: { 'karpenter.sh/nodepool': 'x' } } } }),
      'nodePools.0.spec.template.metadata.labels.karpenter.sh/nodepool',
      undefined,
    ],
  ])('refuse %s', (_name, input, path, suggestion) => {
    const seen = refusal(input);
    expect(seen.path).toBe(path);
    expect(seen.suggestion).toBe(suggestion);
    expect(seen.message.startsWith(`${path}: `)).toBe(true);
  });
});
