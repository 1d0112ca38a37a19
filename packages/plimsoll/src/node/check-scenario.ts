import { catalogue } from '@plimsoll/cloud';
import {
  DurationError,
  didYouMean,
  type OfferingsView,
  OptionsError,
  QuantityError,
  type Scenario,
  Workload,
  withVariants,
} from '@plimsoll/core';
import type { InputError, Path, ScenarioReading } from '@plimsoll/inputs';
import { bundledProviders, offeringsOf, prepare, providerOf } from '../simulate.ts';
import { optionsText, placeInConfig, valueAt } from './option-place.ts';

/**
 * The scenario of a file with its variants as autoscalers, after everything that a run would refuse was tried: prices, the cloud's
 * rules, and the options of every autoscaler.
 *
 * @throws InputError with the place in the file.
 */
export function checkedScenario(document: ScenarioReading): Scenario {
  const scenario = variantsOf(document);
  if (Object.keys(scenario.autoscalers).length === 0) {
    const help = `give at least one, with use: ${bundledProviders.map(({ id }) => id).join(' or ')}`;
    throw document.problem(['autoscalers'], 'E0101', 'the scenario has no autoscaler', { help, part: 'key' });
  }
  const offerings = told(document, scenario, () => offeringsOf(scenario));
  checkNames(document, scenario, offerings);
  for (const name of Object.keys(scenario.autoscalers)) told(document, scenario, () => tryOut(scenario, name), name);
  told(document, scenario, () => checkGroups(scenario, offerings));
  return scenario;
}

/** Zones and types that the price list does not have: rules that name them would never mean a machine. */
function checkNames(document: ScenarioReading, { cloud }: Scenario, { region, zones, types }: OfferingsView): void {
  const refuse = (path: Path, what: string, name: string, known: readonly string[]): never => {
    const near = didYouMean(name, known);
    const help = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
    throw document.problem(['cloud', ...path], 'E0107', `unknown ${what} ${JSON.stringify(name)}`, {
      ...((near !== undefined || known.length < 10) && { help }),
    });
  };
  for (const [index, zone] of (cloud.catalog === 'kwok' || cloud.machines !== undefined ? [] : zones).entries()) {
    if (!zone.startsWith(region)) refuse(['zones', index], `zone of ${region}`, zone, catalogue(cloud.catalog, { region }).zones);
  }
  const names = types.map(({ name }) => name);
  for (const rules of ['limits', 'shortages'] as const) {
    for (const [index, { instanceType, zone }] of (cloud[rules] ?? []).entries()) {
      if (instanceType !== undefined && !names.includes(instanceType))
        refuse([rules, index, 'instanceType'], 'instance type', instanceType, names);
      if (zone !== undefined && !zones.includes(zone)) refuse([rules, index, 'zone'], 'zone', zone, zones);
    }
  }
}

/** Groups that no autoscaler has: what is said of them would never hold. */
function checkGroups(scenario: Scenario, offerings: OfferingsView): void {
  const named = Object.keys(scenario.cloud.groups ?? {}).filter((name) => name !== '*');
  if (named.length === 0) return;
  const known = new Set<string>();
  for (const autoscaler of Object.keys(scenario.autoscalers)) {
    const { plugin, options } = parsedOptions(scenario, autoscaler);
    for (const { name } of plugin.groups?.(options, offerings) ?? []) known.add(name);
  }
  const stray = named.find((name) => !known.has(name));
  if (stray === undefined) return;
  const near = didYouMean(stray, known);
  const groups = known.size === 0 ? 'none has a group' : `the groups are ${[...known].join(', ')}`;
  throw new OptionsError(['cloud', 'groups', stray], `no autoscaler has a group ${JSON.stringify(stray)}; ${groups}`, near);
}

/** Variants are applied edit by edit: one that does not fit is told where it stands, not at the autoscaler that it edits. */
function variantsOf(document: ScenarioReading): Scenario {
  const { scenario } = document;
  for (const [name, { of, set }] of Object.entries(scenario.variants)) {
    const edits = Object.entries(set);
    for (let count = 0; count <= edits.length; count++) {
      try {
        withVariants({ ...scenario, variants: { [name]: { of, set: Object.fromEntries(edits.slice(0, count)) } } });
      } catch (error) {
        if (count === 0) throw error instanceof OptionsError ? problemOf(document, scenario, error) : error;
        const path = edits[count - 1][0];
        const message = `${JSON.stringify(path)} is no place in the config of ${of}`;
        const help =
          'all but the last part must be there already; items of lists have numbers from 0, as in nodePools.0.spec.weight';
        throw document.problem(['variants', name, 'set', path], 'E0131', message, { help, part: 'key' });
      }
    }
  }
  return withVariants(scenario);
}

/** Sets up a run without pods: it reads and checks all that a run with pods would, and costs little. */
function tryOut(scenario: Scenario, autoscaler: string): void {
  const { plugin, options } = parsedOptions(scenario, autoscaler);
  try {
    prepare({ scenario, workload: Workload.of([], []).share(), autoscaler, seed: scenario.seed });
  } catch (error) {
    if (!(error instanceof OptionsError) || error.path[0] !== 'groups') throw error;
    const group = plugin.groups?.(options, offeringsOf(scenario))[Number(error.path[1])];
    const path = ['autoscalers', autoscaler, 'config', 'nodeGroups', group?.name ?? '', ...error.path.slice(2)];
    throw new OptionsError(path, bare(error), error.suggestion);
  }
}

/** A plug-in that stumbles over a value of a type that it did not expect has not checked it: that, too, is the input's fault. */
function parsedOptions(scenario: Scenario, autoscaler: string): ReturnType<typeof providerOf> {
  try {
    return providerOf(scenario, autoscaler);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new OptionsError(['autoscalers', autoscaler, 'config'], `these options cannot be read (${error.message})`);
  }
}

/** Runs a check, and tells what it throws at its place in the file. */
function told<T>(document: ScenarioReading, scenario: Scenario, check: () => T, autoscaler = ''): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof OptionsError) throw problemOf(document, scenario, error);
    if (!(error instanceof QuantityError) && !(error instanceof DurationError)) throw error;
    throw document.problem(['autoscalers', autoscaler, 'config'], 'E0131', error.message, { part: 'key' });
  }
}

function problemOf(document: ScenarioReading, scenario: Scenario, error: OptionsError): InputError {
  const path = placeInScenario(scenario, error.path);
  const { message, help, part } = optionsText(error, valueAt(scenario, path));
  const code = path[2] === 'config' ? 'E0131' : 'E0107';
  return document.problem(path, code, message, { part, ...(help !== undefined && { help }) });
}

/** Names that the assembly has for what stands below `cloud` in a scenario. */
const CLOUD: Readonly<Record<string, string>> = {
  catalogue: 'catalog',
  types: 'instanceTypes',
  region: 'region',
  zones: 'zones',
  limits: 'limits',
  shortages: 'shortages',
  quotas: 'quotas',
  subnets: 'subnets',
  reservations: 'reservations',
};

function placeInScenario({ autoscalers }: Scenario, path: Path): Path {
  const [top, name, part, ...rest] = path;
  if (CLOUD[top] !== undefined) return ['cloud', CLOUD[top], ...path.slice(1)];
  if (top === 'spotPrices') return ['cloud', 'spot', 'prices', ...path.slice(1)];
  if (top === 'spotHazards') return ['cloud', 'spot', 'interruptions', ...path.slice(1)];
  if (top !== 'autoscalers' || part !== 'config') return path;
  return [top, name, part, ...placeInConfig(autoscalers[name]?.config, rest)];
}

function bare({ message, path }: OptionsError): string {
  return message.slice(`${path.join('.')}: `.length);
}
