import { EXTENSION_POINTS, type ExtensionPoint, type PluginEntry } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { suggestion } from '../problems/did-you-mean.ts';
import { knownFields } from './known-fields.ts';

/** Plug-ins of a profile at each extension point, in the order in which they are asked, and the weights of those that score. */
export interface ExpandedPlugins {
  readonly at: Readonly<Record<ExtensionPoint, readonly string[]>>;
  readonly weights: Readonly<Record<string, number>>;
}

/** A plug-in as a list of a configuration names it. A weight that is not written, or is 0, counts as 1. */
interface Named {
  readonly name: string;
  readonly weight: number;
  readonly field?: Field;
}

interface PluginSet {
  readonly enabled: readonly Named[];
  readonly disabled: ReadonlySet<string>;
}

const INT32_MAX = 2 ** 31 - 1;
const ALL = '*';
/** Plug-ins that earlier versions had. Source: `pkg/scheduler/apis/config/validation/validation.go` (invalidPluginsByVersion). */
const REMOVED = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'];

/**
 * Reads `plugins` of a profile: what it enables and disables at single extension points and, with `multiPoint`, at all that a plug-in
 * extends, on top of the default profile.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/default_plugins.go` (mergePlugins) and
 * `pkg/scheduler/framework/runtime/framework.go` (NewFramework, expandMultiPointPlugins, getValidScoreWeights).
 */
export function readPlugins(plugins: Field, known: readonly PluginEntry[]): ExpandedPlugins {
  knownFields(plugins, ['multiPoint', ...EXTENSION_POINTS]);
  const everywhere = readSet(plugins.at('multiPoint'), known);
  const multiPoint = merged(everywhere, known);
  const weights: Record<string, number> = {};
  const at = {} as Record<ExtensionPoint, readonly string[]>;
  for (const point of EXTENSION_POINTS) {
    const set = readSet(plugins.at(point), known, point);
    at[point] = expanded(set, multiPoint, (name) => extendsPoint(known, name, point));
    if (point === 'score') weighPlugins(weights, at.score, [...set.enabled, ...multiPoint]);
  }
  checkPairs(plugins, at, known);
  return { at, weights };
}

function extendsPoint(known: readonly PluginEntry[], name: string, point: ExtensionPoint): boolean {
  return known.find((entry) => entry.name === name)?.points.includes(point) === true;
}

/** The plug-ins that are enabled at all points that they extend: the default ones unless disabled, replaced in place, then the others. */
function merged({ enabled, disabled }: PluginSet, known: readonly PluginEntry[]): readonly Named[] {
  const defaults = disabled.has(ALL) ? [] : known.filter(({ name, optional }) => optional !== true && !disabled.has(name));
  const kept = defaults.map(({ name, weight = 1 }) => enabled.find((plugin) => plugin.name === name) ?? { name, weight });
  return [...kept, ...enabled.filter(({ name }) => !defaults.some((plugin) => plugin.name === name))];
}

/** The order at one point: what overrides a plug-in of `multiPoint`, then the rest of `multiPoint`, then what is enabled here alone. */
function expanded(
  { enabled, disabled }: PluginSet,
  multiPoint: readonly Named[],
  extendsIt: (name: string) => boolean,
): readonly string[] {
  const here = enabled.map(({ name }) => name);
  if (disabled.has(ALL)) return here;
  const everywhere = multiPoint.map(({ name }) => name).filter((name) => extendsIt(name) && !disabled.has(name));
  return [
    ...here.filter((name) => everywhere.includes(name)),
    ...everywhere.filter((name) => !here.includes(name)),
    ...here.filter((name) => !everywhere.includes(name)),
  ];
}

/** A weight at the point itself comes before that of `multiPoint`. */
function weighPlugins(weights: Record<string, number>, names: readonly string[], sources: readonly Named[]): void {
  for (const name of names) weights[name] = (sources.find((plugin) => plugin.name === name) as Named).weight;
}

function readSet(set: Field, known: readonly PluginEntry[], point?: ExtensionPoint): PluginSet {
  knownFields(set, ['enabled', 'disabled']);
  const names = known.map(({ name }) => name);
  const enabled: Named[] = [];
  for (const item of set.at('enabled').items()) {
    knownFields(item, ['name', 'weight']);
    const field = item.at('name');
    const name = field.requiredText();
    const weight = item.at('weight').whole({ min: -INT32_MAX - 1, max: INT32_MAX }) || 1;
    if (name === '' || !isKnown(field, name, known, point)) continue;
    if (enabled.some((plugin) => plugin.name === name)) {
      field.problem('E0108', `plug-in ${JSON.stringify(name)} is enabled twice here`, { seen: name });
    } else enabled.push({ name, weight, field });
  }
  const disabled = new Set<string>();
  for (const item of set.at('disabled').items()) {
    knownFields(item, ['name', 'weight']);
    const field = item.at('name');
    const name = field.requiredText();
    disabled.add(name);
    const reach = point === undefined ? names : known.filter(({ points }) => points.includes(point)).map((entry) => entry.name);
    if (name === '' || name === ALL || reach.includes(name)) continue;
    const help = names.includes(name) ? `it takes part in ${pointsOf(known, name)}` : suggestion(name, reach);
    field.problem('W0203', `there is no plug-in ${JSON.stringify(name)} to disable here`, {
      severity: 'warning',
      seen: name,
      ...(help !== undefined && { help }),
    });
  }
  return { enabled, disabled };
}

function isKnown(field: Field, name: string, known: readonly PluginEntry[], point: ExtensionPoint | undefined): boolean {
  const entry = known.find((plugin) => plugin.name === name);
  if (entry === undefined) {
    const names = known.filter(({ points }) => point === undefined || points.includes(point)).map((plugin) => plugin.name);
    const help = REMOVED.includes(name)
      ? 'Kubernetes took it out; NodeVolumeLimits does its work'
      : (suggestion(name, names) ?? 'plug-ins that are built into a scheduler of your own are not known here');
    field.problem('E0107', `there is no plug-in ${JSON.stringify(name)}`, { seen: name, accepted: names.join(', '), help });
    return false;
  }
  if (point === undefined || entry.points.includes(point)) return true;
  field.problem('E0132', `plug-in ${JSON.stringify(name)} does not take part in ${point}`, {
    seen: name,
    accepted: known
      .filter(({ points }) => points.includes(point))
      .map((plugin) => plugin.name)
      .join(', '),
    help: `it takes part in ${pointsOf(known, name)}`,
  });
  return false;
}

function pointsOf(known: readonly PluginEntry[], name: string): string {
  return (known.find((entry) => entry.name === name)?.points ?? []).join(', ');
}

/** What a scheduler refuses to start with, and what it starts with only to fail in every cycle. */
function checkPairs(
  plugins: Field,
  at: Readonly<Record<ExtensionPoint, readonly string[]>>,
  known: readonly PluginEntry[],
): void {
  if (at.queueSort.length !== 1) {
    const message = `exactly one plug-in sorts the queue, and ${at.queueSort.length === 0 ? 'none is' : `${at.queueSort.length} are`} enabled`;
    plugins.at('queueSort').problem('E0132', message, { part: 'key', seen: at.queueSort.join(', ') });
  }
  if (at.bind.length === 0) {
    plugins.at('bind').problem('E0132', 'no plug-in is left that binds pods', { part: 'key', help: 'enable DefaultBinder' });
  }
  for (const { name, points } of known) {
    for (const [before, then] of [
      ['preFilter', 'filter'],
      ['preScore', 'score'],
    ] as const) {
      if (!points.includes(before) || !points.includes(then)) continue;
      const [prepares, acts] = [at[before].includes(name), at[then].includes(name)];
      // A plug-in that prepares for scores that nobody asks for does no harm.
      if (prepares === acts || (before === 'preScore' && prepares)) continue;
      const missing = prepares ? then : before;
      plugins.at(missing).problem('E0132', `${name} is disabled for ${missing} and not for ${prepares ? before : then}`, {
        part: 'key',
        seen: name,
        help: `the two belong together: disable it for both, or under multiPoint`,
      });
    }
  }
}
