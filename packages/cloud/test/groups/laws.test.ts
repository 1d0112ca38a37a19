import { NODE } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupBehaviourInput } from '../../src/groups/behaviour.ts';
import { catalogue, defaultCloudSettings } from '../../src/index.ts';
import { World } from '../world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const offerings = catalogue('aws', { types: ['m5.large', 'm5.xlarge'] });

const refresh = fc.record({
  at: fc.integer({ min: 0, max: 20 * MINUTE }),
  minHealthy: fc.constantFrom(0, 50, 90, 100),
  maxHealthy: fc.constantFrom(100, 110, 200),
  warmup: fc.constantFrom(0, 2 * MINUTE),
});
const hook = fc.record({
  on: fc.constantFrom('launch' as const, 'terminate' as const),
  timeout: fc.constant(MINUTE),
  defaultResult: fc.constant('CONTINUE' as const),
});

/** Any behaviour that settles: hooks let machines in, and nothing replaces them for ever. */
const behaviour: fc.Arbitrary<GroupBehaviourInput> = fc.record(
  {
    zoneDistribution: fc.constantFrom('balanced-best-effort' as const, 'balanced-only' as const, 'any' as const),
    suspended: fc.subarray(['AZRebalance' as const, 'ReplaceUnhealthy' as const]),
    onDemandBase: fc.nat(4),
    onDemandPercentage: fc.integer({ min: 0, max: 100 }),
    spotStrategy: fc.constantFrom('lowest-price' as const, 'capacity-optimized' as const, 'price-capacity-optimized' as const),
    terminationPolicies: fc.subarray(['Default' as const, 'OldestInstance' as const, 'NewestInstance' as const]),
    launchBatch: fc.record({ most: fc.integer({ min: 1, max: 4 }), pause: fc.constant(5_000) }),
    hooks: fc.array(hook, { maxLength: 2 }),
    capacityRebalance: fc.boolean(),
    refreshes: fc.array(refresh, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const step = fc.record({
  pause: fc.integer({ min: 0, max: 300 }),
  what: fc.constantFrom(
    'resize' as const,
    'decrement' as const,
    'end' as const,
    'lose' as const,
    'sick' as const,
    'risk' as const,
  ),
  pick: fc.nat(20),
});

/** Lives through a story; `each` looks at the world after every step. */
function live(world: World, story: readonly { pause: number; what: string; pick: number }[], each: () => void): number {
  let now = world.cluster.now;
  const { cloud, cluster } = world;
  for (const { pause, what, pick } of story) {
    now += pause * 1000;
    world.runUntil(now);
    const listed = cloud.groups.instances(0).filter((node) => cluster.nodes.terminating[node] === 0);
    const node = listed[pick % Math.max(1, listed.length)];
    if (what === 'resize') cloud.setDesired(0, pick % 13, 1);
    else if (node !== undefined) {
      if (what === 'lose') cloud.lose(node);
      else if (what === 'sick') cloud.markUnhealthy(node);
      else if (what === 'risk') cloud.recommendRebalance(node);
      else if (what === 'end' || cloud.groups.desired(0) > 0) cloud.terminate(node, 2, what === 'decrement');
    }
    each();
  }
  return now;
}

const stories = fc.array(step, { maxLength: 14 });
const group = { desired: 2, max: 12, instanceTypes: ['m5.large', 'm5.xlarge'] };

describe('laws of groups that do more than keep their size', () => {
  it('a group settles at its desired size, and nothing is left to happen', () => {
    const shortages = [{ zone: 'us-east-1b', intervals: [[200_000, 400_000]] as const }];
    fc.assert(
      fc.property(behaviour, stories, fc.nat(1000), (workers, story, seed) => {
        const world = new World({ offerings, groups: [group], settings: { groups: { workers }, shortages }, seed }).start();
        const now = live(world, story, () => {});
        world.runUntil(now + 24 * HOUR);
        const desired = world.cloud.groups.desired(0);
        // Every unit of the size is a machine that runs: none is pending any more, none is too many.
        expect(world.cloud.groups.instances(0)).toHaveLength(desired);
        expect(world.cluster.registeredCount).toBe(desired);
        expect(world.queue.size).toBe(0);
        // Every roll came to its end: no machine is older than the last one.
        const rolls = (workers.refreshes ?? []).map(({ at }) => at);
        for (const node of world.cloud.groups.instances(0)) {
          expect(world.cluster.nodes.orderedAt[node]).toBeGreaterThanOrEqual(rolls.at(-1) ?? 0);
          if (rolls.length > 0) expect(node).toBeGreaterThanOrEqual(group.desired);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('never has more machines than its maximum and a tenth or one, or what a roll may have, but for those on their way out', () => {
    fc.assert(
      fc.property(behaviour, stories, fc.nat(1000), (workers, story, seed) => {
        const world = new World({
          offerings,
          groups: [group],
          settings: { groups: { workers }, initialMachines: 'launched' },
          seed,
        });
        world.start();
        const roll = Math.max(100, ...(workers.refreshes ?? []).map(({ maxHealthy }) => maxHealthy ?? 100));
        const waits = (workers.hooks ?? []).some(({ on }) => on === 'terminate');
        const check = (): void => {
          const { length } = world.cloud.groups.instances(0);
          const desired = world.cloud.groups.desired(0);
          expect(desired >= 0 && desired <= 12).toBe(true);
          if (!waits) expect(length).toBeLessThanOrEqual(Math.max(13, Math.floor((12 * roll) / 100)));
        };
        live(world, story, check);
      }),
      { numRuns: 100 },
    );
  });

  it('a group that was saved goes on exactly as one that was not, and the same seed gives the same log', () => {
    fc.assert(
      fc.property(behaviour, stories, fc.nat(14), fc.nat(1000), (workers, story, cut, seed) => {
        const settings = { ...defaultCloudSettings, groups: { workers }, shortages: [{ every: 600_000, lasts: 60_000 }] };
        const make = (): World => new World({ offerings, groups: [group], settings, seed });
        const whole = make().start();
        live(whole, story, () => {});
        const first = make().start();
        live(first, story.slice(0, cut), () => {});
        const second = make().load(first.save());
        expect(second.save()).toBe(first.save());
        live(second, story.slice(cut), () => {});
        expect(second.log.digest()).toBe(whole.log.digest());
        expect(second.save()).toBe(whole.save());
      }),
      { numRuns: 60 },
    );
  });

  it('every machine that was ordered ran, was lost or was ended, and pools get back what they gave', () => {
    fc.assert(
      fc.property(behaviour, stories, (workers, story) => {
        const limits = [{ max: 5 }];
        const world = new World({ offerings, groups: [group], settings: { groups: { workers }, limits } }).start();
        const now = live(world, story, () => {});
        world.cloud.setDesired(0, 0, 9);
        world.runUntil(now + 48 * HOUR);
        const { state } = world.cluster.nodes;
        for (let node = 0; node < world.cluster.nodeCount; node++) expect(state[node]).toBe(NODE.gone);
        const saved = JSON.parse(JSON.stringify(world.cloud.snapshot())) as { machines: unknown[] };
        expect(saved.machines).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
