import {
  compareText,
  firstUntolerated,
  formatResource,
  LABEL,
  maxLists,
  type ResourceList,
  type Taint,
  type Toleration,
} from '@plimsoll/core';
import { allowsAbsence, hasIntersection, operatorOf, type Requirement } from '../requirements/requirement.ts';
import type { RequirementSet } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import type { TypeFailure } from './failure.ts';
import type { TopologyGroup } from './topology-group.ts';

/**
 * Failures in the real program's words. Where it walks a map the words stand in text order here; amounts of memory are printed in binary units
 * where they come out even, for the form in which they were written is not kept.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/nodeclaim.go`, `topology.go`, `pkg/scheduling/requirements.go`, `taints.go`.
 */

/** Values of a requirement that are printed in full. */
const VALUES_SHOWN = 5;
/** Domains of a group whose counts are printed. */
const DOMAINS_SHOWN = 25;
/** From so many cores on the program asks whether millicores were meant. */
const TYPO_MILLICORES = 1e9;

/** The taints that a pod does not tolerate. */
export function taintsText(taints: readonly Taint[], tolerations: readonly Toleration[]): string {
  return taints
    .filter((taint) => firstUntolerated([taint], tolerations, () => true) !== undefined)
    .map(({ effect, key, value }) => `did not tolerate taint (taint=${key}${value ? `=${value}` : ''}:${effect})`)
    .join('; ');
}

/** On which keys a machine cannot serve what is asked of it: the first label that it does not have, or else every clash. */
export function clashText(machine: RequirementSet, asked: RequirementSet): string {
  const keys = [...asked.keys()].sort(compareText);
  const unknown = keys.find((key) => !WELL_KNOWN.has(key) && !machine.has(key) && !allowsAbsence(asked.get(key) as Requirement));
  if (unknown !== undefined) return `label "${unknown}" does not have known values${typoHint(unknown, machine)}`;
  return keys
    .flatMap((key) => {
      const [existing, incoming] = [machine.get(key), asked.get(key) as Requirement];
      if (existing === undefined || hasIntersection(existing, incoming)) return [];
      if (allowsAbsence(existing) && allowsAbsence(incoming)) return [];
      return `key ${key}, ${requirementWords(incoming)} not in ${requirementWords(existing)}`;
    })
    .join('; ');
}

/** What a topology group counts, and what pod and machine allow of its key. */
export function topologyText(
  { counts, rule }: TopologyGroup,
  pod: Requirement | undefined,
  machine: Requirement | undefined,
  hosts: readonly string[],
): string {
  const all = new Map([...hosts.map((host) => [host, 0] as const), ...counts]);
  const domains = [...all.keys()].sort(compareText);
  const shown = domains.slice(0, DOMAINS_SHOWN).map((domain) => `${domain}: ${all.get(domain)}`);
  const more = domains.length > DOMAINS_SHOWN ? ` and ${domains.length - DOMAINS_SHOWN} other(s)` : '';
  const words = (r: Requirement | undefined): string => (r === undefined ? `${rule.key} Exists` : requirementWords(r));
  const kind = { 'topology-spread': 'topology spread', 'pod-affinity': 'pod affinity', 'pod-anti-affinity': 'pod anti-affinity' };
  return (
    `unsatisfiable topology constraint for ${kind[rule.kind]}, key=${rule.key} (counts = ${shown.join(', ')}${more}, ` +
    `podDomains = ${words(pod)}, nodeDomains = ${words(machine)}`
  );
}

/** What a claim would have had to meet: its requirements, the pod's requests, and what daemons ask for on some types. */
export interface Asked {
  readonly requirements: RequirementSet;
  readonly requests: ResourceList;
  readonly overheads: readonly ResourceList[];
}

/** That too few values of some keys are left. */
export function minValuesText(keys: readonly string[], asked: Asked): string {
  const labels = [...keys].sort(compareText).join(' ');
  return `minValues requirement is not met for label(s) (label(s)=[${labels}]), ${askedWords(asked)}`;
}

/** What no instance type had. */
export function typesText([form, ...missing]: TypeFailure, asked: Asked): string {
  const text = `${form === 'none' ? noneWords(missing) : (PAIRS[missing[0] ?? 'tuple'] as string)}, ${askedWords(asked)}`;
  const many = (asked.requests.cpu ?? 0) >= TYPO_MILLICORES;
  return form === 'none' && missing.join() === 'resources' && many ? `${text} (CPU request >= 1 Million, m vs M typo?)` : text;
}

const PAIRS: Readonly<Record<string, string>> = {
  offering: 'no instance type which met the scheduling requirements and had enough resources, had a required offering',
  requirements: 'no instance type which had enough resources and the required offering met the scheduling requirements',
  resources: 'no instance type which met the scheduling requirements and the required offering had the required resources',
  tuple: 'no instance type met the requirements/resources/offering tuple',
};

function noneWords(missing: readonly string[]): string {
  const alone: Readonly<Record<string, string>> = {
    requirements: 'no instance type met all requirements',
    resources: 'no instance type has enough resources',
    offering: 'no instance type has the required offering',
  };
  if (missing.length === 1) return alone[missing[0]];
  const together: Readonly<Record<string, string>> = {
    requirements: 'met the scheduling requirements',
    resources: 'had enough resources',
    offering: 'had a required offering',
  };
  return `no instance type ${missing.map((name) => together[name]).join(' or ')}`;
}

function askedWords({ overheads, requests, requirements }: Asked): string {
  const words = [...requirements.values()].filter(({ key }) => key !== LABEL.hostname).map(requirementWords);
  return `requirements=${words.sort(compareText).join(', ')}, resources=${resourcesWords(requests, overheads)}`;
}

function resourcesWords(requests: ResourceList, overheads: readonly ResourceList[]): string {
  if (overheads.length === 0) return listWords(requests);
  let least = overheads[0];
  for (const next of overheads) {
    const common = Object.keys(least).filter((name) => next[name] !== undefined);
    least = Object.fromEntries(common.map((name) => [name, Math.min(least[name], next[name])]));
  }
  const most = overheads.reduce((a, b) => maxLists(a, b));
  const [min, max] = [least, most].map((overhead) => listWords(sum(overhead, requests)));
  return min === max ? min : `min=${min}, max=${max}`;
}

function sum(a: ResourceList, b: ResourceList): ResourceList {
  const out: Record<string, number> = { ...a };
  for (const name of Object.keys(b)) out[name] = (out[name] ?? 0) + b[name];
  return out;
}

function listWords(list: ResourceList): string {
  const names = Object.keys(list).sort(compareText);
  return `{${names.map((name) => `"${name}":"${amountWords(name, list[name])}"`).join(',')}}`;
}

/** An amount with the largest decimal suffix that comes out even; memory and disk in binary units. */
function amountWords(name: string, amount: number): string {
  if (name === 'cpu' ? amount % 1_000_000 !== 0 || amount === 0 : amount % 1000 !== 0 || isBytes(name)) {
    return formatResource(name, amount);
  }
  let value = name === 'cpu' ? amount / 1000 : amount;
  let suffix = 0;
  for (; value !== 0 && value % 1000 === 0 && suffix < DECIMAL.length - 1; suffix++) value /= 1000;
  return `${value}${DECIMAL[suffix]}`;
}

const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

function isBytes(name: string): boolean {
  return name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
}

/** A requirement as the program prints it: `key In [a b]`, `key Exists >=2 minValues 3`. */
function requirementWords(r: Requirement): string {
  const operator = operatorOf(r);
  const more = r.values.length - VALUES_SHOWN;
  const values = more > 0 ? [...r.values.slice(0, VALUES_SHOWN), `and ${more} others`] : r.values;
  return [
    r.key,
    operator,
    ...(operator === 'In' || operator === 'NotIn' ? [`[${values.join(' ')}]`] : []),
    ...(r.lower === undefined ? [] : [`>=${r.lower}`]),
    ...(r.upper === undefined ? [] : [`<=${r.upper}`]),
    ...(r.minValues === undefined ? [] : [`minValues ${r.minValues}`]),
  ].join(' ');
}

function typoHint(key: string, machine: RequirementSet): string {
  const suffix = key.slice(key.indexOf('/') + 1);
  for (const keys of [WELL_KNOWN, machine.keys()]) {
    const like = [...keys].sort(compareText).find((known) => known.includes(key) || known.endsWith(suffix));
    if (like !== undefined) return ` (typo of "${like}"?)`;
  }
  return '';
}
