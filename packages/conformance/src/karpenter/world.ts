import { ClusterState, Fleet, type SchedulingOptions } from '@plimsoll/provider-fleet';
import { Json } from '../kube-scheduler/json.ts';
import type { Definitions } from '../parity/golden-case.ts';
import { instanceTypesOf } from './instance-types.ts';
import { clusterObjects } from './objects.ts';

/** The cluster of a case and its pools, ready for planning. */
export interface World {
  readonly now: number;
  readonly input: Json;
  readonly state: ClusterState;
  readonly fleet: Fleet;
}

export function worldOf(raw: unknown, definitions: Definitions): World {
  const input = new Json(raw);
  const now = input.at('now').time ?? 0;
  const state = new ClusterState(clusterObjects(input));
  for (const name of input.at('markedForDeletion').texts) {
    const node = state.nodeNamed(name);
    if (node !== undefined) node.marked = true;
  }
  for (const name of input.at('nominated').texts) {
    const node = state.nodeNamed(name);
    if (node !== undefined) node.nominatedUntil = now + NOMINATION_MS;
  }
  const types = instanceTypesOf(input, new Json(definitions.instanceTypes));
  return { now, input, state, fleet: new Fleet(state, types, optionsOf(input)) };
}

const NOMINATION_MS = 20_000;

function optionsOf(input: Json): SchedulingOptions {
  const options = input.at('options');
  return {
    preferencePolicy: options.at('preferencePolicy').text === 'Ignore' ? 'Ignore' : 'Respect',
    minValuesPolicy: options.at('minValuesPolicy').text === 'BestEffort' ? 'BestEffort' : 'Strict',
    reservedCapacity: options.at('reservedCapacity').value !== false,
  };
}
