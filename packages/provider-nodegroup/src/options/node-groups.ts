import {
  type CapacityType,
  compareText,
  type GroupSpec,
  type OfferingsView,
  OptionsError,
  parseResource,
  type Taint,
} from '@plimsoll/core';
import type { GroupFlags } from './flags.ts';
import { suggest } from './suggest.ts';

/** A node group as a scenario describes it. */
export interface NodeGroupOptions {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Size at the start. Default: `min`. */
  readonly desired: number;
  /** In order of preference; the first is what the autoscaler believes a new node to be until it has seen one. */
  readonly instanceTypes: readonly string[];
  /** Default: all zones of the catalogue. */
  readonly zones: readonly string[];
  /** Default `on-demand`. */
  readonly capacityType: CapacityType;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** What tags say of resources of a new node: `k8s.io/cluster-autoscaler/node-template/resources/…`. */
  readonly taggedResources: Readonly<Record<string, number>>;
  /** Flags that the group sets for itself. */
  readonly overrides: Partial<GroupFlags>;
  /** The group grows to its maximum or not at all, and goes whole or not at all. Default false. */
  readonly zeroOrMaxNodeScaling?: boolean;
  /** With it, nodes of such a group stay when others of it failed to come. Default false. */
  readonly allowNonAtomicScaleUpToMax?: boolean;
}

const KEYS = [
  'name',
  'min',
  'max',
  'desired',
  'instanceTypes',
  'zones',
  'capacityType',
  'labels',
  'taints',
  'taggedResources',
  'overrides',
  'zeroOrMaxNodeScaling',
  'allowNonAtomicScaleUpToMax',
];
const CAPACITY_TYPES = ['on-demand', 'spot', 'reserved'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Checks one group of `nodeGroups`; `overrides` reads the group's own flags. */
export function parseNodeGroup(
  input: unknown,
  path: readonly (string | number)[],
  overrides: (value: unknown, path: readonly (string | number)[]) => Partial<GroupFlags>,
): NodeGroupOptions {
  const group = asRecord(input, path);
  for (const key of Object.keys(group)) {
    if (!KEYS.includes(key)) throw new OptionsError([...path, key], 'unknown field of a node group', suggest(key, KEYS));
  }
  const fail = (key: string, message: string): never => {
    throw new OptionsError([...path, key], message);
  };
  const size = (key: string, fallback?: number): number => {
    const value = group[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      fail(key, `expected a whole number, got ${JSON.stringify(group[key])}`);
    return value as number;
  };
  const isSet = (key: string): boolean => {
    const value = group[key] ?? false;
    if (typeof value !== 'boolean') fail(key, `expected true or false, got ${JSON.stringify(value)}`);
    return value === true;
  };
  const name = group.name;
  if (typeof name !== 'string' || name === '') return fail('name', `expected the group's name, got ${JSON.stringify(name)}`);
  const min = size('min', 0);
  const max = size('max');
  if (min > max) fail('min', `the minimum ${min} passes the maximum ${max}`);
  const desired = size('desired', min);
  if (desired < min || desired > max) fail('desired', `${desired} lies outside ${min} to ${max}`);
  const instanceTypes = texts(group.instanceTypes, [...path, 'instanceTypes']);
  if (instanceTypes.length === 0) fail('instanceTypes', 'expected at least one instance type');
  const capacityType = group.capacityType ?? 'on-demand';
  if (!CAPACITY_TYPES.includes(capacityType as string)) {
    fail('capacityType', `expected ${CAPACITY_TYPES.join(', ')}, got ${JSON.stringify(capacityType)}`);
  }
  const labels = asRecord(group.labels ?? {}, [...path, 'labels']);
  for (const key of Object.keys(labels)) if (typeof labels[key] !== 'string') fail('labels', `${key}: expected text`);
  const tagged: Record<string, number> = {};
  for (const [resource, amount] of Object.entries(asRecord(group.taggedResources ?? {}, [...path, 'taggedResources']))) {
    tagged[resource] = parseResource(resource, amount as string | number);
  }
  return {
    name,
    min,
    max,
    desired,
    instanceTypes,
    zones: texts(group.zones ?? [], [...path, 'zones']),
    capacityType: capacityType as CapacityType,
    labels: labels as Record<string, string>,
    taints: ((group.taints ?? []) as readonly Taint[]).map((taint, index) => {
      if (typeof taint?.key !== 'string' || !EFFECTS.includes(taint.effect)) {
        throw new OptionsError([...path, 'taints', index], `expected a key and an effect of ${EFFECTS.join(', ')}`);
      }
      return taint;
    }),
    taggedResources: tagged,
    ...(isSet('zeroOrMaxNodeScaling') && { zeroOrMaxNodeScaling: true }),
    ...(isSet('allowNonAtomicScaleUpToMax') && { allowNonAtomicScaleUpToMax: true }),
    overrides: group.overrides === undefined ? {} : overrides(group.overrides, [...path, 'overrides']),
  };
}

/**
 * The groups that the cloud must have, in order of their names: their rows are this order.
 *
 * @throws OptionsError for an instance type or zone that the catalogue does not have.
 */
export function groupSpecs(groups: readonly NodeGroupOptions[], offerings: OfferingsView): GroupSpec[] {
  const types = new Set(offerings.types.map((type) => type.name));
  return groups.map((group) => {
    group.instanceTypes.forEach((type, at) => {
      if (types.has(type)) return;
      const near = suggest(type, types);
      throw new OptionsError(
        ['nodeGroups', group.name, 'instanceTypes', at],
        `the catalogue has no instance type ${JSON.stringify(type)}${near === undefined ? '' : `; did you mean ${near}?`}`,
        near,
      );
    });
    group.zones.forEach((zone, at) => {
      if (offerings.zones.includes(zone)) return;
      throw new OptionsError(
        ['nodeGroups', group.name, 'zones', at],
        `the catalogue has no zone ${JSON.stringify(zone)}; it has ${offerings.zones.join(', ')}`,
        suggest(zone, offerings.zones),
      );
    });
    return {
      name: group.name,
      min: group.min,
      max: group.max,
      desired: group.desired,
      instanceTypes: group.instanceTypes,
      zones: group.zones.length > 0 ? group.zones : offerings.zones,
      capacityType: group.capacityType,
      labels: group.labels,
      taints: group.taints,
      taggedResources: group.taggedResources,
    };
  });
}

/** Order in which groups stand everywhere: by name, compared by code units. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}

export function asRecord(value: unknown, path: readonly (string | number)[]): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new OptionsError(path, `expected an object, got ${JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}

function texts(value: unknown, path: readonly (string | number)[]): readonly string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    throw new OptionsError(path, `expected a list of texts, got ${JSON.stringify(value)}`);
  }
  return value as string[];
}
