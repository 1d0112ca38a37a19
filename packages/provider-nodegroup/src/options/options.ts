import { OptionsError } from '@plimsoll/core';
import { EXPANDERS } from '../expander/chain.ts';
import type { FlagKind } from './flag-kinds.ts';
import { FLAGS, type FlagName, type Flags, GROUP_FLAGS, type GroupFlags, NOT_MODELLED_FLAGS } from './flags.ts';
import { asRecord, byName, type NodeGroupOptions, parseNodeGroup } from './node-groups.ts';
import { suggest } from './suggest.ts';

/** What this simulator assumes where the real program has no flag, because its own speed or the cloud decides it. */
export interface ModelOptions {
  /**
   * How long a loop takes, milliseconds: it is the least time between two loops. `base` + `perNode` × nodes + `perPod` × pending pods.
   * Default 100 + 0.2 + 0.1, rounded from CPU times measured on the real program (1,000 nodes and 10,000 pods 0.2 s; 5,000 pending pods
   * 0.32 s; 50,000 5.6 s), with API round trips on top.
   */
  readonly loopBase: number;
  readonly loopPerNode: number;
  readonly loopPerPod: number;
  /** How often at most the groups are read from the cloud, milliseconds. Default 60,000. Source: `cloudprovider/aws/aws_manager.go`. */
  readonly refreshInterval: number;
  /** CPU in millicores of the kube-proxy that a template from zero carries. Default 100. Source: `cloudprovider/aws/aws_cloud_provider.go`. */
  readonly kubeProxyCpu: number;
  /**
   * Calls a second that the process allows itself, and how many at once; 0: calls take no time. The real flags kube-client-qps and
   * kube-client-burst have 5 and 10; the model's default is 0.
   */
  readonly clientQps: number;
  readonly clientBurst: number;
  /** Calls of one loop; one that only meets pods that are too new makes half of them. Default 4, as recorded runs of the real program show. */
  readonly callsPerLoop: number;
  /**
   * Whether pods of equal priority are looked at in an order that is drawn anew in each loop, as the real program's cache gives them.
   * Default false: the oldest first.
   */
  readonly drawPodOrder: boolean;
  /** How long a call waits that met a change of its node, milliseconds. Default 750. Source: `utils/taints/taints.go`. */
  readonly conflictRetry: number;
  /** Whether the registry works with lists of machines that are up to two minutes old. Default false: they are read with the groups. */
  readonly keepInstanceLists: boolean;
}

/** Defaults of {@link ModelOptions}. */
export const defaultModelOptions: ModelOptions = {
  loopBase: 100,
  loopPerNode: 0.2,
  loopPerPod: 0.1,
  refreshInterval: 60_000,
  kubeProxyCpu: 100,
  clientQps: 0,
  clientBurst: 10,
  callsPerLoop: 4,
  drawPodOrder: false,
  conflictRetry: 750,
  keepInstanceLists: false,
};

/** Checked options of the autoscaler. */
export interface ClusterAutoscalerOptions {
  readonly flags: Flags;
  /** In order of their names. */
  readonly nodeGroups: readonly NodeGroupOptions[];
  /** What the priority expander's ConfigMap says: patterns of group names by priority. Absent: there is no ConfigMap. */
  readonly priorities?: Readonly<Record<string, readonly string[]>>;
  readonly model: ModelOptions;
  /** Flags that were given and change nothing here. */
  readonly ignored: readonly string[];
}

const FIELDS = ['flags', 'nodeGroups', 'priorities', 'model'];
const NOT_MODELLED: readonly string[] = NOT_MODELLED_FLAGS;
const KNOWN_FLAGS: readonly string[] = [...Object.keys(FLAGS), ...NOT_MODELLED];

/**
 * Checks options: a command line (`['--scan-interval=10s', …]`), or an object with `nodeGroups`, `priorities`, `model`, `flags` (object
 * or command line), whose other keys are flags.
 *
 * @throws OptionsError with the path of what is wrong, and the nearest known name.
 */
export function parseOptions(input: unknown): ClusterAutoscalerOptions {
  const given: GivenFlag[] = [];
  let fields: Record<string, unknown> = {};
  if (Array.isArray(input)) given.push(...fromCommandLine(input, []));
  else if (input !== undefined && input !== null) {
    fields = asRecord(input, []);
    for (const [name, value] of Object.entries(fields)) {
      if (!FIELDS.includes(name)) given.push({ name, value, path: [name] });
      else if (name !== 'flags') continue;
      else if (Array.isArray(value)) given.push(...fromCommandLine(value, ['flags']));
      else
        for (const [flag, of] of Object.entries(asRecord(value, ['flags'])))
          given.push({ name: flag, value: of, path: ['flags', flag] });
    }
  }
  const { values, ignored } = readFlags(given);
  const flags = { ...defaultFlags(), ...values };
  checkTogether(flags, values);
  const nodeGroups = parseNodeGroups(fields.nodeGroups, flags);
  const priorities = parsePriorities(fields.priorities);
  return { flags, nodeGroups, ...(priorities && { priorities }), model: parseModel(fields.model), ignored };
}

/** Every flag at its default. */
export function defaultFlags(): Flags {
  return Object.fromEntries(Object.entries(FLAGS).map(([name, kind]) => [name, kind.initial])) as unknown as Flags;
}

/** One flag as it was given. */
interface GivenFlag {
  readonly name: string;
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

function fromCommandLine(line: readonly unknown[], path: readonly (string | number)[]): GivenFlag[] {
  const given: GivenFlag[] = [];
  for (let i = 0; i < line.length; i++) {
    const at = [...path, i];
    const text = line[i];
    const match = typeof text === 'string' ? /^--?([^=]+)(?:=(.*))?$/.exec(text) : null;
    if (match === null) throw new OptionsError(at, `expected a flag such as "--scan-interval=10s", got ${JSON.stringify(text)}`);
    const [, name, value] = match;
    const kind = (FLAGS as Record<string, FlagKind<unknown>>)[name];
    const next = line[i + 1];
    if (value !== undefined) given.push({ name, value, path: at });
    else if (kind?.bare === true || typeof next !== 'string' || next.startsWith('-')) given.push({ name, value: true, path: at });
    else {
      given.push({ name, value: next, path: at });
      i++;
    }
  }
  return given;
}

function readFlags(given: readonly GivenFlag[]): { values: Partial<Flags>; ignored: string[] } {
  const values: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const { name, value, path } of given) {
    const kind = (FLAGS as Record<string, FlagKind<unknown> | undefined>)[name];
    if (kind === undefined) {
      if (NOT_MODELLED.includes(name)) {
        if (!ignored.includes(name)) ignored.push(name);
        continue;
      }
      const near = suggest(name, [...KNOWN_FLAGS, ...FIELDS]);
      throw new OptionsError(
        path,
        `Cluster Autoscaler has no flag ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
        near,
      );
    }
    const parsed = readFlag(kind, value, path);
    const before = values[name];
    values[name] = kind.repeated && Array.isArray(before) ? [...before, ...(parsed as unknown[])] : parsed;
  }
  return { values: values as Partial<Flags>, ignored };
}

function readFlag<T>(kind: FlagKind<T>, value: unknown, path: readonly (string | number)[]): T {
  try {
    return kind.parse(value);
  } catch {
    throw new OptionsError(path, `expected ${kind.expects}, got ${JSON.stringify(value)}`);
  }
}

/** Values that are each fine and make no sense together. */
function checkTogether(flags: Flags, values: Partial<Flags>): void {
  const { expander } = flags;
  expander.forEach((name, at) => {
    if (!EXPANDERS.includes(name)) {
      const why =
        name === 'price'
          ? 'price needs a pricing model, which the AWS provider does not have; the real process exits'
          : name === 'grpc'
            ? 'grpc asks an external server, which a simulation does not have'
            : `expected some of ${EXPANDERS.join(', ')}, got ${JSON.stringify(name)}`;
      throw new OptionsError(['expander'], why, suggest(name, EXPANDERS));
    }
    if (expander.indexOf(name) !== at) throw new OptionsError(['expander'], `${name} stands twice`);
    if (name === 'random' && at < expander.length - 1) {
      throw new OptionsError(['expander'], 'nothing may follow random, which always leaves one option');
    }
  });
  if (flags['balancing-label'].length > 0 && flags['balancing-ignore-label'].length > 0) {
    throw new OptionsError(['balancing-label'], 'cannot be used together with balancing-ignore-label');
  }
  if (flags['scan-interval'] <= 0) throw new OptionsError(['scan-interval'], 'expected more than 0');
  if (flags['drain-priority-config'].length > 0 && values['max-graceful-termination-sec'] !== undefined) {
    throw new OptionsError(['drain-priority-config'], 'cannot be used together with max-graceful-termination-sec');
  }
}

function parseNodeGroups(input: unknown, flags: Flags): NodeGroupOptions[] {
  if (input !== undefined && !Array.isArray(input)) throw new OptionsError(['nodeGroups'], 'expected a list of node groups');
  const groups = ((input ?? []) as unknown[]).map((group, index) => parseNodeGroup(group, ['nodeGroups', index], parseOverrides));
  groups.forEach((group, index) => {
    if (groups.findIndex((other) => other.name === group.name) !== index) {
      throw new OptionsError(['nodeGroups', index, 'name'], `another group is called ${group.name}`);
    }
  });
  flags.nodes.forEach((text, index) => {
    const match = /^(\d+):(\d+):(.+)$/.exec(text);
    if (match === null) throw new OptionsError(['nodes', index], `expected "min:max:name", got ${JSON.stringify(text)}`);
    const [min, max, name] = [Number(match[1]), Number(match[2]), match[3]];
    const at = groups.findIndex((group) => group.name === name);
    if (at < 0) {
      const names = groups.map((group) => group.name);
      throw new OptionsError(['nodes', index], `nodeGroups describes no group called ${name}`, suggest(name, names));
    }
    if (min > max) throw new OptionsError(['nodes', index], `the minimum ${min} passes the maximum ${max}`);
    // Limits given here are authoritative for the autoscaler.
    groups[at] = { ...groups[at], min, max, desired: Math.min(Math.max(groups[at].desired, min), max) };
  });
  return groups.sort(byName);
}

function parseOverrides(value: unknown, path: readonly (string | number)[]): Partial<GroupFlags> {
  const out: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(asRecord(value, path))) {
    if (!(GROUP_FLAGS as readonly string[]).includes(name)) {
      throw new OptionsError([...path, name], 'a group cannot set this flag for itself', suggest(name, GROUP_FLAGS));
    }
    out[name] = readFlag(FLAGS[name as FlagName] as FlagKind<unknown>, of, [...path, name]);
  }
  return out as Partial<GroupFlags>;
}

function parsePriorities(value: unknown): Readonly<Record<string, readonly string[]>> | undefined {
  if (value === undefined) return undefined;
  const out: Record<string, readonly string[]> = {};
  for (const [priority, patterns] of Object.entries(asRecord(value, ['priorities']))) {
    if (!/^-?\d+$/.test(priority)) throw new OptionsError(['priorities', priority], 'expected a whole number as priority');
    if (!Array.isArray(patterns)) throw new OptionsError(['priorities', priority], 'expected a list of patterns');
    patterns.forEach((pattern, at) => {
      try {
        new RegExp(pattern);
      } catch {
        throw new OptionsError(['priorities', priority, at], `expected a regular expression, got ${JSON.stringify(pattern)}`);
      }
    });
    out[priority] = patterns;
  }
  return out;
}

function parseModel(value: unknown): ModelOptions {
  const model: Record<string, number | boolean> = { ...defaultModelOptions };
  for (const [name, of] of Object.entries(value === undefined ? {} : asRecord(value, ['model']))) {
    if (model[name] === undefined) throw new OptionsError(['model', name], 'unknown field', suggest(name, Object.keys(model)));
    if (typeof model[name] === 'boolean') {
      if (typeof of !== 'boolean') throw new OptionsError(['model', name], `expected true or false, got ${JSON.stringify(of)}`);
    } else if (typeof of !== 'number' || !(of >= 0))
      throw new OptionsError(['model', name], `expected a number from 0, got ${JSON.stringify(of)}`);
    model[name] = of as number | boolean;
  }
  return model as unknown as ModelOptions;
}
