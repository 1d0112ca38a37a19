import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TERMINATION_POLICIES, type TerminationPolicy } from '../../src/groups/behaviour.ts';
import { chooseScaleIn, type ScaleInCandidate } from '../../src/groups/termination-policy.ts';

const HOUR = 3_600_000;

function machine(node: number, more: Partial<ScaleInCandidate> = {}): ScaleInCandidate {
  return {
    node,
    zone: 'a',
    pool: node,
    capacityType: 'on-demand',
    units: 1,
    version: 1,
    launchedAt: 0,
    isProtected: false,
    ...more,
  };
}

function choose(members: readonly ScaleInCandidate[], policies: readonly TerminationPolicy[], more: object = {}) {
  const rules = { policies, now: 10 * HOUR, onDemandUnits: undefined, distance: () => 0, lot: (node: number) => node, ...more };
  return chooseScaleIn(members, rules);
}

describe('the machine that a group ends', () => {
  it('stands in the zone with the most, whatever the policy', () => {
    const members = [
      machine(0, { launchedAt: 1 }),
      machine(1, { zone: 'b', launchedAt: 5 }),
      machine(2, { zone: 'b', launchedAt: 7 }),
    ];
    expect(choose(members, ['OldestInstance'])).toBe(1);
    expect(choose(members, ['NewestInstance'])).toBe(2);
  });

  it('is never a protected one: a zone of protected machines is passed over', () => {
    const members = [machine(0, { isProtected: true }), machine(1, { isProtected: true }), machine(2, { zone: 'b' })];
    expect(choose(members, ['Default'])).toBe(2);
    expect(choose(members.slice(0, 2), ['Default'])).toBeUndefined();
  });

  it('comes from the oldest template', () => {
    const members = [machine(0, { version: 3 }), machine(1, { version: 2 }), machine(2, { version: 3 })];
    expect(choose(members, ['OldestLaunchTemplate'])).toBe(1);
    expect(choose(members, ['Default'])).toBe(1);
  });

  it('is closest to its next hour', () => {
    const members = [
      machine(0, { launchedAt: 0.5 * HOUR }),
      machine(1, { launchedAt: 0.1 * HOUR }),
      machine(2, { launchedAt: 0.9 * HOUR }),
    ];
    // Minutes into the hour at 10 h: 30, 54 and 6.
    expect(choose(members, ['ClosestToNextInstanceHour'])).toBe(1);
  });

  it('is bought in the way of which there is too much', () => {
    const members = [machine(0), machine(1), machine(2, { capacityType: 'spot' })];
    expect(choose(members, ['Default'], { onDemandUnits: 2 })).toBe(2);
    expect(choose(members, ['Default'], { onDemandUnits: 1 })).toBe(0);
  });

  it('is furthest from what the allocation strategy would buy', () => {
    const members = [machine(0), machine(1), machine(2)];
    const distance = (pool: number): number => [0, 2, 1][pool];
    expect(choose(members, ['AllocationStrategy'], { distance })).toBe(1);
  });

  it('is drawn where nothing else decides', () => {
    const lot = (node: number): number => [0.5, 0.2, 0.9][node];
    expect(choose([machine(0), machine(1), machine(2)], ['OldestInstance'], { lot })).toBe(1);
  });

  it('is always there unless all are protected', () => {
    const one = fc.record({
      zone: fc.constantFrom('a', 'b'),
      version: fc.integer({ min: 1, max: 3 }),
      launchedAt: fc.integer({ min: 0, max: 9 * HOUR }),
      isProtected: fc.boolean(),
      capacityType: fc.constantFrom('on-demand' as const, 'spot' as const),
    });
    const policies = fc.array(fc.constantFrom(...TERMINATION_POLICIES), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), policies, fc.nat(8), (facts, chosen, onDemandUnits) => {
        const members = facts.map((fact, node) => machine(node, fact));
        const victim = choose(members, chosen, { onDemandUnits });
        const open = members.filter(({ isProtected }) => !isProtected).map(({ node }) => node);
        if (open.length === 0) expect(victim).toBeUndefined();
        else expect(open).toContain(victim);
      }),
    );
  });
});
