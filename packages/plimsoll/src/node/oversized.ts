import { didYouMean, formatResource, type InstanceType, type OptionsError, type Workload } from '@plimsoll/core';
import { InputError, largestRequest, type RowPlace } from '@plimsoll/inputs';
import { oversizedRow } from '../default-scenario.ts';

/** Pods that were read from one input, and the way back to it. */
export interface ReadPods {
  readonly workload: Workload;
  placeOf(row: number): RowPlace;
}

/** What a user can do where such pods are meant. */
const KEEP = 'if such pods are part of the question, a scenario keeps them with workload.oversized: keep';

/**
 * Refuses pods that fit no type of a price list: no autoscaler could ever help them.
 *
 * @throws InputError with the place of the first one, and the most that any type offers.
 */
export function refuseOversized({ workload, placeOf }: ReadPods, types: readonly InstanceType[]): void {
  const found = oversizedRow(workload, types);
  if (found === undefined) return;
  const asked = Object.entries(found.requests).filter(([, amount]) => amount > 0);
  const tooMuch = asked.filter(([name, amount]) => amount > mostOf(name, types).amount);
  const told = tooMuch.length > 0 ? tooMuch : asked;
  const wants = told.map(([name, amount]) => `${name} ${amountText(name, amount, Math.ceil)}`).join(' and ');
  const who = `a pod of ${JSON.stringify(workload.name(found.row))} asks for ${wants}`;
  const message = tooMuch.length > 0 ? `${who}, more than any instance type has` : `${who}, and no instance type has all of it`;
  const most = told.map(([name]) => mostText(name, types)).join('; ');
  throw oversized(placeOf(found.row), message, wants, `${most}; ${KEEP}`);
}

/** The same refusal for a scenario of ours, which buys from fewer types than the catalogue has. */
export function refusedByDefaults(
  { workload, placeOf }: ReadPods,
  fits: (row: number) => boolean,
  error: OptionsError,
): InputError | OptionsError {
  const pod = largestRequest(workload).find(({ row }) => !fits(row));
  if (pod === undefined) return error;
  const wants = Object.entries(pod.requests)
    .map(([name, amount]) => `${name} ${amountText(name, amount, Math.ceil)}`)
    .join(' and ');
  const message = `a pod of ${JSON.stringify(pod.name)} asks for ${wants}, more than any instance type that the default scenario buys`;
  const help = 'the defaults are amd64 types of generation 5 and later, on demand; a scenario.yaml of your own may allow others';
  return oversized(placeOf(pod.row), message, wants, help);
}

function oversized(place: RowPlace, message: string, seen: string, help: string): InputError {
  return new InputError([{ code: 'E0130', severity: 'error', ...place, message, seen, help }]);
}

function mostOf(resource: string, types: readonly InstanceType[]): { amount: number; type?: string } {
  let most: { amount: number; type?: string } = { amount: 0 };
  for (const { allocatable, name } of types) {
    if ((allocatable[resource] ?? 0) > most.amount) most = { amount: allocatable[resource], type: name };
  }
  return most;
}

function mostText(resource: string, types: readonly InstanceType[]): string {
  const { amount, type } = mostOf(resource, types);
  if (type !== undefined) return `the most ${resource} is ${amountText(resource, amount, Math.floor)} on ${type}`;
  const near = didYouMean(resource, new Set(types.flatMap(({ allocatable }) => Object.keys(allocatable))));
  return `no type has any ${resource}${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`;
}

/** Memory in tenths of a GiB, so that a few bytes of a node's reserve don't turn it into a row of digits. */
function amountText(resource: string, amount: number, round: (value: number) => number): string {
  if (resource === 'cpu') return String(amount / 1000);
  const bytes = resource === 'memory' || resource === 'ephemeral-storage';
  return bytes && amount >= 2 ** 30 ? `${round((amount / 2 ** 30) * 10) / 10}Gi` : formatResource(resource, amount);
}
