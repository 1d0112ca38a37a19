import { LABEL, type NodeSelectorTerm, type PodSpec } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { GroupRules } from '../../src/scheduling/group-rules.ts';
import { KnownSets } from '../../src/scheduling/known-sets.ts';
import { podSpec } from '../support/world.ts';

const rules = new GroupRules(new KnownSets(), [], true);

/** A pod spread over hosts whose nodes must serve one of some terms. */
function spread(required: NodeSelectorTerm[], extra: Partial<PodSpec> = {}): PodSpec {
  return podSpec(1, 1, {
    nodeAffinity: { required },
    topologySpread: [
      {
        topologyKey: LABEL.hostname,
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
    ...extra,
  });
}

function identity(spec: PodSpec): string {
  return rules.owned(spec)[0].identity;
}

const inZone = (zone: string): NodeSelectorTerm => ({
  matchExpressions: [{ key: LABEL.zone, operator: 'In', values: [zone] }],
});
const onArm: NodeSelectorTerm = { matchExpressions: [{ key: LABEL.arch, operator: 'In', values: ['arm64'] }] };

describe('a rule of spread', () => {
  it('is told from others by the keys of its node terms, not by their values', () => {
    expect(identity(spread([inZone('a')]))).toBe(identity(spread([inZone('b')])));
    expect(identity(spread([inZone('a')]))).not.toBe(identity(spread([onArm])));
  });

  it('does not see terms on the same keys in pairs, nor tolerations that are given twice', () => {
    expect(identity(spread([inZone('a'), inZone('b'), onArm]))).toBe(identity(spread([onArm])));
    const twice = [{ key: 'x' }, { key: 'x' }];
    expect(identity(spread([onArm], { tolerations: twice }))).toBe(identity(spread([onArm])));
    expect(identity(spread([onArm], { tolerations: [{ key: 'x' }] }))).not.toBe(identity(spread([onArm])));
  });

  it('tells no selector from an empty one', () => {
    const [constraint] = spread([onArm]).topologySpread ?? [];
    const { labelSelector: _, ...without } = constraint;
    const empty = { ...constraint, labelSelector: {} };
    expect(identity(spread([onArm], { topologySpread: [without] }))).not.toBe(
      identity(spread([onArm], { topologySpread: [empty] })),
    );
  });
});
