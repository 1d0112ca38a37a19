import { Streams } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { KubeSchedulerOptions } from '../../src/kube-scheduler.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from '../../src/plain/config.ts';
import { anyConfig } from '../support/configs.ts';
import { PICTURED, SHAPES, STOCKED, STORAGE, STORING } from '../support/palette.ts';
import { compareEngines, PODS, step } from '../support/two-engines.ts';

/** Pods, some of which name another scheduler. */
const SHARED = PODS.map((spec, i) => (i % 3 === 1 ? { ...spec, schedulerName: 'second' } : spec));

describe('the fast engine decides as the plain one', () => {
  const ties: [string, () => KubeSchedulerOptions][] = [
    ['first', () => ({ tie: 'first' })],
    ['first, one pod trying for its class', () => ({ tie: 'first', retries: 'class' })],
    ['first, with room for two classes in memory', () => ({ tie: 'first', cacheBytes: 1000 })],
    ['preorder', () => ({ tie: 'preorder' })],
    ['random', () => ({ tie: 'random', chance: new Streams(7).keyed('tie') })],
  ];
  for (const [name, options] of ties) {
    it(`with ties by ${name}, whatever happens to a small cluster`, () => {
      fc.assert(
        fc.property(fc.nat(6), fc.array(step, { minLength: 5, maxLength: 60 }), (nodes, steps) => {
          compareEngines(options(), nodes, steps);
        }),
        { numRuns: 60, seed: 20_260_101 },
      );
    });
  }

  const most = {
    type: 'MostAllocated' as const,
    resources: [
      { name: 'cpu', weight: 2 },
      { name: 'nvidia.com/gpu', weight: 1 },
    ],
  };
  const configs: [string, Partial<SchedulerConfig>][] = [
    ['packing', { fit: { ...DEFAULT_CONFIG.fit, strategy: most } }],
    ['other weights', { scoreWeights: { NodeResourcesFit: 5, InterPodAffinity: 1, PodTopologySpread: 10, NodeAffinity: 1 } }],
    [
      'its own spread defaults',
      { spread: { defaults: [{ topologyKey: 'disk', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] } },
    ],
    ['no word of other pods', { podAffinity: { hardWeight: 0, ignorePreferredOfExisting: true } }],
  ];
  for (const [name, config] of configs) {
    it(`configured for ${name}`, () => {
      fc.assert(
        fc.property(fc.nat(6), fc.array(step, { minLength: 5, maxLength: 50 }), (nodes, steps) => {
          compareEngines({ config }, nodes, steps);
        }),
        { numRuns: 25, seed: 20_260_103 },
      );
    });
  }

  it('under any configuration', () => {
    fc.assert(
      fc.property(anyConfig, fc.nat(6), fc.array(step, { minLength: 5, maxLength: 40 }), (config, nodes, steps) => {
        compareEngines({ config }, nodes, steps);
      }),
      { numRuns: 120, seed: 20_260_105 },
    );
  });

  it('with profiles that pods choose by name, which share one queue and one round through the nodes', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, fc.array(step, { minLength: 5, maxLength: 40 }), (a, b, steps) => {
        const backoff = { initialBackoffMs: 1000 };
        compareEngines({ profiles: { 'default-scheduler': { ...a, ...backoff }, second: { ...b, ...backoff } } }, 5, steps, {
          specs: SHARED,
        });
      }),
      { numRuns: 40, seed: 20_260_106 },
    );
  });

  it('with claims that are bound, wait for a pod, exclude others or are not there', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(step, { minLength: 10, maxLength: 60 }), (nodes, steps) => {
        compareEngines({ storage: STORAGE }, nodes, steps, { specs: [...STORING, ...PODS.slice(0, 12)] });
      }),
      { numRuns: 60, seed: 20_260_107 },
    );
  });

  it('with images that nodes hold', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(step, { minLength: 5, maxLength: 40 }), (nodes, steps) => {
        compareEngines({}, nodes, steps, { specs: [...PICTURED, ...PODS], shapes: [...STOCKED, ...SHAPES] });
      }),
      { numRuns: 40, seed: 20_260_108 },
    );
  });

  it('when it stops at enough nodes and goes on from there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('first' as const, 'preorder' as const),
        fc.array(step, { minLength: 20, maxLength: 60 }),
        (tie, steps) => {
          compareEngines({ tie, config: { percentageOfNodesToScore: 60 } }, 190, steps);
        },
      ),
      { numRuns: 8, seed: 20_260_104 },
    );
  });

  it('in a cluster of several blocks, where caches are patched and not rebuilt', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120 }), (steps) => {
        compareEngines({}, 150, steps);
      }),
      { numRuns: 12, seed: 20_260_102 },
    );
  });
});
