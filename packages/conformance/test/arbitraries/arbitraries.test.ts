import {
  Classes,
  canonical,
  effectiveRequests,
  type PodSpec,
  parseMilli,
  parseUnits,
  requirementHolds,
  Workload,
} from '@plimsoll/core';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogues, INSTANCE_TYPES, nodeGroups } from '../../src/arbitraries/catalogues.ts';
import { nodeSelectorTerms } from '../../src/arbitraries/labels.ts';
import { nodeShapes } from '../../src/arbitraries/nodes.ts';
import { POD_PARTS, podSpecs } from '../../src/arbitraries/pods.ts';
import { quantityTexts } from '../../src/arbitraries/quantities.ts';
import { seeded } from '../../src/arbitraries/seeded.ts';
import { taints, tolerations } from '../../src/arbitraries/taints.ts';
import { workloadParts, workloads } from '../../src/arbitraries/workloads.ts';

const holds = <T>(arbitrary: Arbitrary<T>, law: (value: T) => void): void =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      law(value);
    }),
    seeded({ numRuns: 300 }),
  );

const sample = <T>(arbitrary: Arbitrary<T>, count = 300): T[] => fc.sample(arbitrary, { seed: 1, numRuns: count });

describe('quantityTexts', () => {
  it('are parsed to what they mean, rounded away from zero', () => {
    const awayFromZero = (numerator: bigint, denominator: bigint): number => {
      const magnitude = numerator < 0n ? -numerator : numerator;
      const up = (magnitude + denominator - 1n) / denominator;
      return Number(numerator < 0n ? -up : up);
    };
    holds(quantityTexts(), ({ text, numerator, denominator }) => {
      expect(parseUnits(text)).toBe(awayFromZero(numerator, denominator));
      expect(parseMilli(text)).toBe(awayFromZero(1000n * numerator, denominator));
    });
  });
});

describe('podSpecs', () => {
  it('have each part at times, and lack it at times', () => {
    const specs = sample(podSpecs());
    const has = (part: (typeof POD_PARTS)[number]) => (spec: PodSpec) =>
      part === 'hostPorts' ? spec.containers.some((c) => c.ports !== undefined) : spec[part] !== undefined;
    for (const part of POD_PARTS) {
      expect(specs.some(has(part)), part).toBe(true);
      expect(
        specs.some((spec) => !has(part)(spec)),
        part,
      ).toBe(true);
    }
    expect(specs.some((spec) => spec.initContainers?.some((c) => c.restartPolicy === 'Always'))).toBe(true);
  });

  it('have only the parts that were asked for', () => {
    for (const spec of sample(podSpecs({ parts: ['tolerations'] }))) {
      expect(Object.keys(spec).filter((key) => (POD_PARTS as readonly string[]).includes(key) && key !== 'tolerations')).toEqual(
        [],
      );
      expect(spec.containers.every((c) => c.ports === undefined)).toBe(true);
    }
  });

  it('are often alike where they have few parts', () => {
    const specs = sample(podSpecs({ parts: [] }));
    expect(new Set(specs.map(canonical)).size).toBeLessThan(specs.length);
  });

  it('make pod classes, with whole amounts that no node class would round', () => {
    holds(podSpecs(), (spec) => {
      const { requests } = new Classes().pod(spec);
      for (const amount of requests) expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
    });
  });

  it('ask at pod level for no less than their containers do', () => {
    holds(podSpecs({ parts: ['podRequests', 'initContainers', 'overhead'] }), (spec) => {
      const { podRequests = {}, overhead: _, ...rest } = spec;
      const least = effectiveRequests(rest as PodSpec);
      for (const [name, amount] of Object.entries(podRequests)) expect(amount).toBeGreaterThanOrEqual(least[name] ?? 0);
    });
  });

  it('fit some generated node and miss another', () => {
    const classes = new Classes();
    const nodes = sample(nodeShapes(), 50).map((shape) => classes.node(shape));
    const pods = sample(podSpecs(), 50).map((spec) => classes.pod(spec));
    const fits = pods.map(
      (pod) => nodes.filter((node) => pod.requests.every((amount, r) => amount <= (node.allocatable[r] ?? 0))).length,
    );
    expect(fits.some((count) => count > 0)).toBe(true);
    expect(fits.some((count) => count < nodes.length)).toBe(true);
  });
});

describe('labels, taints and tolerations', () => {
  it('are valid for the API', () => {
    holds(nodeSelectorTerms(), ({ matchExpressions = [] }) => {
      for (const { operator, values } of matchExpressions) {
        if (operator === 'Exists' || operator === 'DoesNotExist') expect(values).toBeUndefined();
        else expect(values!.length).toBeGreaterThan(0);
        if (operator === 'Gt' || operator === 'Lt')
          expect(requirementHolds({ key: 'k', operator, values: values! }, 'x')).toBe(false);
      }
    });
    holds(tolerations(), (list) => {
      for (const { key, operator, value } of list) {
        if (operator === 'Exists') expect(value).toBeUndefined();
        else expect(key).toBeDefined();
      }
    });
    holds(taints(), (list) => expect(new Set(list.map(({ key, effect }) => `${key} ${effect}`)).size).toBe(list.length));
  });
});

describe('catalogues', () => {
  it('have types whose views shrink from nominal to allocatable', () => {
    for (const { nominal, capacity, allocatable, predictedCapacity, predictedAllocatable } of INSTANCE_TYPES) {
      for (const name of Object.keys(nominal)) {
        expect(capacity[name]).toBeLessThanOrEqual(nominal[name]);
        expect(allocatable[name]).toBeLessThanOrEqual(capacity[name]);
        expect(predictedCapacity[name]).toBeLessThanOrEqual(capacity[name]);
        expect(predictedAllocatable[name]).toBeLessThanOrEqual(allocatable[name]);
        expect(allocatable[name]).toBeGreaterThan(0);
      }
    }
  });

  it('sell something, with rows that point to each other and prices that tie', () => {
    holds(catalogues(), ({ types, zones, offerings }) => {
      expect(offerings.length).toBeGreaterThan(0);
      offerings.forEach((offering, index) => {
        expect(offering.id).toBe(index);
        expect(types[offering.type]).toBeDefined();
        expect(zones).toContain(offering.zone);
        expect(Number.isSafeInteger(offering.price) && offering.price > 0).toBe(true);
      });
    });
    const ties = sample(catalogues({ minTypes: 6 })).filter(
      ({ offerings }) => new Set(offerings.map((o) => o.price)).size < offerings.length,
    );
    expect(ties.length).toBeGreaterThan(290);
  });

  it('make node groups that something can fill', () => {
    const both = catalogues().chain((catalogue) => nodeGroups(catalogue).map((groups) => ({ catalogue, groups })));
    holds(both, ({ catalogue: { types, offerings }, groups }) => {
      expect(new Set(groups.map((group) => group.name)).size).toBe(groups.length);
      for (const { min, desired, max, instanceTypes, zones, capacityType } of groups) {
        expect(min <= desired && desired <= max && max >= 1).toBe(true);
        expect(
          offerings.some(
            (offering) =>
              offering.capacityType === capacityType &&
              zones.includes(offering.zone) &&
              instanceTypes.includes(types[offering.type].name),
          ),
        ).toBe(true);
      }
    });
  });
});

describe('workloads', () => {
  it('are sorted by time and hold what their rows say', () => {
    holds(workloadParts(), ({ templates, rows }) => {
      const workload = Workload.of(templates, rows);
      expect(workload.length).toBe(rows.length);
      expect(workload.pods).toBe(rows.reduce((sum, row) => sum + row.count, 0));
      expect([...workload.time]).toEqual(rows.map((row) => row.time).sort((a, b) => a - b));
    });
  });

  it('let services run on, end jobs, and often bring several rows at one moment', () => {
    const all = sample(workloads());
    let ties = 0;
    for (const { length, templates, template, duration, time } of all) {
      for (let row = 0; row < length; row++) {
        const { controller } = templates[template[row]];
        if (controller !== 'none') expect(duration[row] === Infinity).toBe(controller === 'ReplicaSet');
      }
      if (new Set(time).size < length) ties++;
    }
    expect(ties).toBeGreaterThan(all.length / 2);
  });
});
