import { type LabelSelector, parseDuration } from '@plimsoll/core';
import type {
  CommonArgs,
  DeschedulerPolicy,
  DeschedulerProfile,
  EvictorArgs,
  NamespaceFilter,
  PodProtection,
  ResourceThresholds,
  Strategy,
} from './policy.ts';

/** A policy that the descheduler would refuse. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** From this priority on pods are critical to the system. Source: descheduler v0.36.0, `pkg/utils/priority.go`. */
export const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

const DEFAULT_PROTECTIONS: readonly PodProtection[] = [
  'PodsWithLocalStorage',
  'SystemCriticalPods',
  'FailedBarePods',
  'DaemonSetPods',
];
const EXTRA_PROTECTIONS: readonly PodProtection[] = ['PodsWithPVC', 'PodsWithoutPDB', 'PodsWithResourceClaims'];

/** The old switches: those that turn a protection off, and those that turn one on. */
const SWITCHES: readonly (readonly [string, PodProtection, 'off' | 'on'])[] = [
  ['evictLocalStoragePods', 'PodsWithLocalStorage', 'off'],
  ['evictDaemonSetPods', 'DaemonSetPods', 'off'],
  ['evictSystemCriticalPods', 'SystemCriticalPods', 'off'],
  ['evictFailedBarePods', 'FailedBarePods', 'off'],
  ['ignorePvcPods', 'PodsWithPVC', 'on'],
  ['ignorePodsWithoutPDB', 'PodsWithoutPDB', 'on'],
];

type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads a DeschedulerPolicy (v1alpha2) from its parsed file, with the defaults of the real loader.
 *
 * Source: descheduler v0.36.0, `pkg/descheduler/policyconfig.go` and each plug-in's `defaults.go` and `validation.go`. Not read: node
 * selectors, sources of metrics, namespace selectors, protected storage classes, priority classes by name.
 * @throws PolicyError with the path of what is wrong
 */
export function readDeschedulerPolicy(raw: unknown): DeschedulerPolicy {
  const policy = record(raw, 'policy');
  const limit = (name: string, key: string): Record<string, number> => {
    const value = number(policy, name);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    ...limit('maxNoOfPodsToEvictPerNode', 'maxPerNode'),
    ...limit('maxNoOfPodsToEvictPerNamespace', 'maxPerNamespace'),
    ...limit('maxNoOfPodsToEvictTotal', 'maxTotal'),
    profiles: list(policy, 'profiles').map((profile, index) => readProfile(record(profile, `profiles[${index}]`))),
  };
}

function readProfile(raw: Raw): DeschedulerProfile {
  const configs = new Map<string, Raw>();
  for (const entry of list(raw, 'pluginConfig')) {
    const { name, args } = record(entry, 'pluginConfig');
    configs.set(String(name), args === undefined ? {} : record(args, `${name}.args`));
  }
  const plugins = raw.plugins === undefined ? {} : record(raw.plugins, 'plugins');
  const enabled = (point: string): Strategy[] => {
    const { [point]: part } = plugins;
    return (part === undefined ? [] : (texts(record(part, point), 'enabled') ?? [])).map((name) => {
      const args = configs.get(name);
      if (args === undefined) throw new PolicyError(`plugins.${point}: ${name} has no entry in pluginConfig`);
      return readStrategy(name, args);
    });
  };
  return {
    name: String(raw.name ?? ''),
    evictor: readEvictor(configs.get('DefaultEvictor') ?? {}),
    deschedule: enabled('deschedule'),
    balance: enabled('balance'),
  };
}

function readEvictor(args: Raw): EvictorArgs {
  const selector = selectorOf(args);
  const minPodAge = args.minPodAge === undefined ? undefined : parseDuration(String(args.minPodAge));
  const threshold = args.priorityThreshold === undefined ? {} : record(args.priorityThreshold, 'priorityThreshold');
  const priorityThreshold = number(threshold, 'value') ?? SYSTEM_CRITICAL_PRIORITY;
  if (priorityThreshold > SYSTEM_CRITICAL_PRIORITY)
    throw new PolicyError(
      `DefaultEvictor.priorityThreshold: expected at most ${SYSTEM_CRITICAL_PRIORITY}, got ${priorityThreshold}`,
    );
  const policy = args.noEvictionPolicy ?? 'Preferred';
  if (policy !== 'Preferred' && policy !== 'Mandatory')
    throw new PolicyError(`DefaultEvictor.noEvictionPolicy: expected Preferred or Mandatory, got ${JSON.stringify(policy)}`);
  return {
    protections: protectionsOf(args),
    priorityThreshold,
    ...(selector && { labelSelector: selector }),
    minReplicas: number(args, 'minReplicas') ?? 0,
    ...(minPodAge !== undefined && { minPodAgeMs: minPodAge }),
    nodeFit: args.nodeFit === true,
    noEvictionPolicy: policy,
  };
}

function protectionsOf(args: Raw): PodProtection[] {
  const lists = args.podProtections === undefined ? {} : record(args.podProtections, 'podProtections');
  const disabled = (texts(lists, 'defaultDisabled') ?? []) as PodProtection[];
  const extra = (texts(lists, 'extraEnabled') ?? []) as PodProtection[];
  if (disabled.length + extra.length === 0) {
    return SWITCHES.flatMap(([name, protection, turns]) => ((args[name] === true) === (turns === 'on') ? [protection] : []));
  }
  if (SWITCHES.some(([name]) => args[name] === true))
    throw new PolicyError('DefaultEvictor: podProtections and the switches it replaced cannot be used together');
  check('defaultDisabled', disabled, DEFAULT_PROTECTIONS);
  check('extraEnabled', extra, EXTRA_PROTECTIONS);
  return [...DEFAULT_PROTECTIONS.filter((protection) => !disabled.includes(protection)), ...extra];
}

function check(name: string, given: readonly string[], allowed: readonly string[]): void {
  const wrong = given.find((one, index) => !allowed.includes(one) || given.indexOf(one) !== index);
  if (wrong !== undefined)
    throw new PolicyError(
      `DefaultEvictor.podProtections.${name}: expected each of ${allowed.join(', ')} at most once, got ${wrong}`,
    );
}

function readStrategy(name: string, args: Raw): Strategy {
  const refuse = (path: string, expected: string): never => {
    throw new PolicyError(`${name}.${path}: expected ${expected}, got ${JSON.stringify(args[path])}`);
  };
  const flag = (key: string): boolean => args[key] === true;
  const words = (key: string): string[] => texts(args, key) ?? [];
  const exitCodes = (): number[] => list(args, 'exitCodes').map(Number);
  switch (name) {
    case 'RemoveFailedPods':
      return {
        name,
        args: {
          ...common(name, args),
          minPodLifetimeSeconds: number(args, 'minPodLifetimeSeconds') ?? 3600,
          excludeOwnerKinds: words('excludeOwnerKinds'),
          reasons: words('reasons'),
          exitCodes: exitCodes(),
          includingInitContainers: flag('includingInitContainers'),
        },
      };
    case 'RemovePodsHavingTooManyRestarts': {
      const podRestartThreshold = number(args, 'podRestartThreshold') ?? 0;
      if (podRestartThreshold < 1) refuse('podRestartThreshold', 'a number from 1');
      const states = words('states');
      if (states.some((state) => state !== 'Running' && state !== 'CrashLoopBackOff'))
        refuse('states', 'Running or CrashLoopBackOff');
      return {
        name,
        args: { ...common(name, args), podRestartThreshold, includingInitContainers: flag('includingInitContainers'), states },
      };
    }
    case 'RemovePodsViolatingInterPodAntiAffinity':
      return { name, args: common(name, args) };
    case 'RemovePodsViolatingNodeAffinity': {
      const nodeAffinityType = words('nodeAffinityType');
      if (nodeAffinityType.length === 0) refuse('nodeAffinityType', 'at least one type');
      return { name, args: { ...common(name, args), nodeAffinityType } };
    }
    case 'RemovePodsViolatingNodeTaints': {
      const includedTaints = texts(args, 'includedTaints');
      const excludedTaints = words('excludedTaints');
      if (excludedTaints.length > 0 && (includedTaints ?? []).length > 0)
        refuse('includedTaints', 'either included or excluded taints');
      return {
        name,
        args: {
          ...common(name, args),
          includePreferNoSchedule: flag('includePreferNoSchedule'),
          excludedTaints,
          ...(includedTaints && { includedTaints }),
        },
      };
    }
    case 'PodLifeTime': {
      const maxPodLifeTimeSeconds = number(args, 'maxPodLifeTimeSeconds');
      const states = words('states');
      const conditions = list(args, 'conditions').map((condition) => record(condition, 'conditions'));
      if (maxPodLifeTimeSeconds === undefined && states.length + conditions.length + exitCodes().length === 0)
        refuse('maxPodLifeTimeSeconds', 'at least one of maxPodLifeTimeSeconds, states, conditions and exitCodes');
      return {
        name,
        args: {
          ...common(name, args),
          ...(maxPodLifeTimeSeconds !== undefined && { maxPodLifeTimeSeconds }),
          states,
          ...(args.ownerKinds !== undefined && { ownerKinds: filterOf(name, 'ownerKinds', args.ownerKinds) }),
          conditions,
          exitCodes: exitCodes(),
          includingInitContainers: flag('includingInitContainers'),
        },
      };
    }
    case 'RemoveDuplicates': {
      const { labelSelector: _, ...rest } = common(name, args);
      return { name, args: { ...rest, excludeOwnerKinds: words('excludeOwnerKinds') } };
    }
    case 'RemovePodsViolatingTopologySpreadConstraint': {
      const constraints = words('constraints');
      return {
        name,
        args: {
          ...common(name, args),
          topologyBalanceNodeFit: args.topologyBalanceNodeFit !== false,
          constraints: constraints.length > 0 ? constraints : ['DoNotSchedule'],
        },
      };
    }
    case 'LowNodeUtilization': {
      const [low, high] = [thresholds(name, args, 'thresholds'), thresholds(name, args, 'targetThresholds')];
      const useDeviationThresholds = flag('useDeviationThresholds');
      const same = Object.keys(low).length === Object.keys(high).length;
      if (!same || Object.keys(low).some((key) => !(key in high) || (low[key] > high[key] && !useDeviationThresholds)))
        refuse('targetThresholds', 'the resources of thresholds, none below its threshold');
      const nodeLimit =
        args.evictionLimits === undefined ? undefined : number(record(args.evictionLimits, 'evictionLimits'), 'node');
      return {
        name,
        args: {
          thresholds: low,
          targetThresholds: high,
          useDeviationThresholds,
          numberOfNodes: number(args, 'numberOfNodes') ?? 0,
          ...evictable(name, args),
          ...(nodeLimit !== undefined && { nodeLimit }),
        },
      };
    }
    case 'HighNodeUtilization': {
      const evictionModes = words('evictionModes');
      if (evictionModes.some((mode) => mode !== 'OnlyThresholdingResources'))
        refuse('evictionModes', 'OnlyThresholdingResources');
      return {
        name,
        args: {
          thresholds: thresholds(name, args, 'thresholds'),
          numberOfNodes: number(args, 'numberOfNodes') ?? 0,
          ...evictable(name, args),
          evictionModes,
        },
      };
    }
    default:
      throw new PolicyError(`pluginConfig: there is no plug-in ${name}`);
  }
}

function common(name: string, args: Raw): CommonArgs {
  const labelSelector = selectorOf(args);
  return {
    ...(args.namespaces !== undefined && { namespaces: filterOf(name, 'namespaces', args.namespaces) }),
    ...(labelSelector && { labelSelector }),
  };
}

function evictable(name: string, args: Raw): { evictableNamespaces?: NamespaceFilter } {
  if (args.evictableNamespaces === undefined) return {};
  const filter = filterOf(name, 'evictableNamespaces', args.evictableNamespaces);
  if (filter.include?.length) throw new PolicyError(`${name}.evictableNamespaces: only exclude can be set`);
  return { evictableNamespaces: filter };
}

function filterOf(name: string, path: string, raw: unknown): NamespaceFilter {
  const filter = record(raw, `${name}.${path}`);
  const [include, exclude] = [texts(filter, 'include'), texts(filter, 'exclude')];
  if (include?.length && exclude?.length) throw new PolicyError(`${name}.${path}: only one of include and exclude can be set`);
  return { ...(include && { include }), ...(exclude && { exclude }) };
}

function thresholds(name: string, args: Raw, path: string): ResourceThresholds {
  const raw = args[path] === undefined ? {} : record(args[path], `${name}.${path}`);
  const entries = Object.entries(raw);
  if (entries.length === 0) throw new PolicyError(`${name}.${path}: expected at least one resource`);
  return Object.fromEntries(
    entries.map(([resource, value]) => {
      if (typeof value !== 'number' || value < 0 || value > 100)
        throw new PolicyError(`${name}.${path}.${resource}: expected a percentage from 0 to 100, got ${JSON.stringify(value)}`);
      return [resource, value];
    }),
  );
}

function selectorOf(args: Raw): LabelSelector | undefined {
  return args.labelSelector as LabelSelector | undefined;
}

function record(value: unknown, path: string): Raw {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new PolicyError(`${path}: expected an object, got ${JSON.stringify(value)}`);
  return value as Raw;
}

function list(raw: Raw, key: string): readonly unknown[] {
  const value = raw[key] ?? [];
  if (!Array.isArray(value)) throw new PolicyError(`${key}: expected a list, got ${JSON.stringify(value)}`);
  return value;
}

function texts(raw: Raw, key: string): string[] | undefined {
  return raw[key] === undefined || raw[key] === null ? undefined : list(raw, key).map(String);
}

function number(raw: Raw, key: string): number | undefined {
  const value = raw[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw new PolicyError(`${key}: expected a number, got ${JSON.stringify(value)}`);
  return value;
}
