import { addLists, LABEL, type ResourceList } from '@plimsoll/core';
import { type InstanceType, type Offering, requirementSet } from '@plimsoll/provider-fleet';
import { Json } from '../kube-scheduler/json.ts';
import { requirementsOf } from './objects.ts';
import { amounts } from './pod-spec.ts';

const RESERVATION_ID = 'karpenter.k8s.aws/capacity-reservation-id';

/** Types by the list that they were read from: lists are shared by the cases of a file. */
const read = new WeakMap<object, readonly InstanceType[]>();

/** The instance types of each NodePool, in the provider's order, with what a case says is unavailable or reserved. */
export function instanceTypesOf(input: Json, definitions: Json): ReadonlyMap<string, readonly InstanceType[]> {
  const out = new Map<string, readonly InstanceType[]>();
  const [lists, reserved, unavailable] = [input.at('instanceTypes'), input.at('reserved').items, input.at('unavailable').items];
  const built = new Map<string, readonly InstanceType[]>();
  for (const pool of input.at('nodePools').items) {
    const name = pool.at('metadata', 'name').text ?? '';
    const own = lists.at(name);
    const which = own.present ? own : lists.at('*');
    const list = which.text === undefined ? which : definitions.at(which.text);
    const extra = reserved.filter((r) => !r.at('nodePool').present || r.at('nodePool').text === name);
    const key = JSON.stringify([which.text ?? name, extra.map((r) => r.value)]);
    let types = built.get(key);
    if (types === undefined) {
      types = typesOf(list);
      if (extra.length > 0) types = types.map((type) => withReserved(type, extra));
      if (unavailable.length > 0) types = types.map((type) => without(type, unavailable));
      built.set(key, types);
    }
    out.set(name, types);
  }
  return out;
}

function typesOf(list: Json): readonly InstanceType[] {
  const key = list.value as object;
  let types = read.get(key);
  if (types === undefined) read.set(key, (types = list.items.map(typeOf)));
  return types;
}

function typeOf(raw: Json): InstanceType {
  const capacity = amounts(raw.at('capacity'));
  const parts = ['kubeReserved', 'systemReserved', 'evictionThreshold'];
  const overhead = addLists(...parts.map((part) => amounts(raw.at('overhead', part))));
  return {
    name: raw.at('name').text ?? '',
    requirements: requirementSet([...requirementsOf(raw.at('requirements')), { key: RESERVATION_ID, operator: 'DoesNotExist' }]),
    capacity,
    allocatable: allocatable(capacity, overhead),
    offerings: raw.at('offerings').items.map(offeringOf),
  };
}

/** Capacity without the overhead; huge pages come out of the memory. */
function allocatable(capacity: ResourceList, overhead: ResourceList): ResourceList {
  const out: Record<string, number> = {};
  for (const name of Object.keys(capacity)) out[name] = capacity[name] - (overhead[name] ?? 0);
  for (const name of Object.keys(capacity)) {
    if (name.startsWith('hugepages-')) out.memory = Math.max(0, (out.memory ?? 0) - capacity[name]);
  }
  return out;
}

function offeringOf(raw: Json): Offering {
  const [zone, capacityType, id] = [raw.at('zone').text ?? '', raw.at('capacityType').text ?? '', raw.at('reservationID').text];
  return {
    zone,
    capacityType,
    price: raw.at('price').number ?? 0,
    available: raw.at('available').value !== false,
    requirements: requirementSet([
      { key: LABEL.capacityType, operator: 'In', values: [capacityType] },
      { key: LABEL.zone, operator: 'In', values: [zone] },
      id === undefined
        ? { key: RESERVATION_ID, operator: 'DoesNotExist' }
        : { key: RESERVATION_ID, operator: 'In', values: [id] },
    ]),
    ...(id !== undefined && { reservationId: id, reservationCapacity: raw.at('reservationCapacity').number ?? 0 }),
  };
}

/** A type with its reservations: offerings after its own, and their ids and capacity type among its requirements. */
function withReserved(type: InstanceType, reserved: readonly Json[]): InstanceType {
  const own = reserved.filter((r) => r.at('instanceType').text === type.name);
  if (own.length === 0) return type;
  const offerings = own.map((raw) =>
    offeringOf(new Json({ ...(raw.value as object), capacityType: raw.at('capacityType').text ?? 'reserved' })),
  );
  const requirements = new Map(type.requirements);
  const replace = (key: string, values: readonly string[]): void => {
    for (const r of requirementSet([{ key, operator: 'In', values }]).values()) requirements.set(key, r);
  };
  replace(
    RESERVATION_ID,
    offerings.map(({ reservationId }) => reservationId as string),
  );
  replace(LABEL.capacityType, [...(requirements.get(LABEL.capacityType)?.values ?? []), 'reserved']);
  return { ...type, requirements, offerings: [...type.offerings, ...offerings] };
}

/** A type in which the named offerings are not to be had. */
function without(type: InstanceType, unavailable: readonly Json[]): InstanceType {
  const gone = (offering: Offering): boolean =>
    unavailable.some((entry) => {
      const holds = (key: string, value: string): boolean => !entry.at(key).present || entry.at(key).text === value;
      return holds('instanceType', type.name) && holds('zone', offering.zone) && holds('capacityType', offering.capacityType);
    });
  if (!type.offerings.some(gone)) return type;
  return {
    ...type,
    offerings: type.offerings.map((offering) => (gone(offering) ? { ...offering, available: false } : offering)),
  };
}
