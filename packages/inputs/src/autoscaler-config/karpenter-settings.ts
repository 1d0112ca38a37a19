import { type Field, isRecord } from '../document/field.ts';
import { suggestion } from '../problems/did-you-mean.ts';
import type { ConfigPart, Origin } from './config-part.ts';
import { originOf } from './config-part.ts';
import type { ContainerSettings } from './container.ts';

/**
 * Settings of the controller by the names of its Helm values; environment variables and flags are spelt from them:
 * `batchMaxDuration`, `BATCH_MAX_DURATION`, `--batch-max-duration`.
 *
 * Source: Karpenter 1.14.1, `pkg/operator/options/options.go`, and the AWS provider's file of the same name.
 */
const SETTINGS = [
  'karpenterService',
  'metricsPort',
  'healthProbePort',
  'kubeClientQPS',
  'kubeClientBurst',
  'enableProfiling',
  'disableControllerWarmup',
  'disableLeaderElection',
  'disableClusterStateObservability',
  'leaderElectionName',
  'leaderElectionNamespace',
  'memoryLimit',
  'cpuRequests',
  'logLevel',
  'logOutputPaths',
  'logErrorOutputPaths',
  'batchMaxDuration',
  'batchIdleDuration',
  'preferencePolicy',
  'minValuesPolicy',
  'ignoreDRARequests',
  'schedulerConfig',
  'clusterCABundle',
  'clusterName',
  'clusterEndpoint',
  'isolatedVPC',
  'eksControlPlane',
  'vmMemoryOverheadPercent',
  'interruptionQueue',
  'reservedENIs',
  'disableDryRun',
  'enableZonalShift',
  'amiRefreshInterval',
  'subnetRefreshInterval',
] as const;

const GATES = { featureGates: 'FEATURE_GATES', awsFeatureGates: 'AWS_FEATURE_GATES' } as const;

/** `kubeClientQPS` as `kube-client-qps`; runs of capitals are one word, but for a plural's s. */
function dashed(name: string): string {
  return name
    .replace('ENIs', 'Enis')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

const BY_FLAG = new Map<string, string>(SETTINGS.map((name) => [dashed(name), name]));
const BY_ENV = new Map<string, string>(SETTINGS.map((name) => [dashed(name).replaceAll('-', '_').toUpperCase(), name]));

export function isKarpenterValues(values: Field): boolean {
  return isRecord(values.at('settings').value);
}

/** What values of the chart say: `settings`, with the gates below them, and `controller.env`. Other values do not bear on decisions. */
export function readKarpenterValues(values: Field): ConfigPart[] {
  const parts: ConfigPart[] = [];
  for (const [key, value] of values.at('settings').entries()) {
    if (key in GATES) {
      for (const [gate, on] of value.entries()) {
        const name = gate.slice(0, 1).toUpperCase() + gate.slice(1);
        parts.push({ kind: 'featureGate', name, value: plain(on.value), origin: originOf(on) });
      }
    } else if (!(SETTINGS as readonly string[]).includes(key)) unknown(value, key, SETTINGS);
    else if (value.value !== '') parts.push({ kind: 'setting', name: key, value: plain(value.value), origin: originOf(value) });
  }
  const env = values
    .at('controller')
    .at('env')
    .items()
    .map((entry) => ({ name: entry.at('name').text() ?? '', value: entry.at('value') }))
    .filter(({ value }) => value.text() !== undefined);
  return [...parts, ...fromEnv(env)];
}

/** What the controller's container is given. A flag wins over the variable of the same setting. */
export function readKarpenterContainer({ words, env }: ContainerSettings): ConfigPart[] {
  return [...fromEnv(env), ...fromFlags(words)];
}

/** Variables that mean nothing to the controller are anybody's. */
function fromEnv(env: ContainerSettings['env']): ConfigPart[] {
  return env.flatMap(({ name, value }): ConfigPart[] => {
    if (Object.values(GATES).includes(name as 'FEATURE_GATES')) return gates(String(value.value), originOf(value));
    const setting = BY_ENV.get(name);
    return setting === undefined || value.value === ''
      ? []
      : [{ kind: 'setting', name: setting, value: plain(value.value), origin: originOf(value) }];
  });
}

function fromFlags(words: readonly Field[]): ConfigPart[] {
  const parts: ConfigPart[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const match = /^--?([^=]+)(?:=(.*))?$/.exec(String(word.value));
    if (match === null) {
      word.problem('E0103', `expected a flag such as "--batch-max-duration=10s", got ${JSON.stringify(word.value)}`);
      continue;
    }
    const [, name] = match;
    let value: string | undefined = match[2];
    const next = words[at + 1];
    if (value === undefined && next !== undefined && !String(next.value).startsWith('-')) {
      value = String(next.value);
      at++;
    }
    const setting = BY_FLAG.get(name);
    const gateFlags = Object.values(GATES).map((variable) => variable.toLowerCase().replaceAll('_', '-'));
    if (gateFlags.includes(name)) parts.push(...gates(value ?? '', originOf(word)));
    else if (setting === undefined) unknown(word, name, [...BY_FLAG.keys(), ...gateFlags]);
    else parts.push({ kind: 'setting', name: setting, value: plain(value ?? 'true'), origin: originOf(word) });
  }
  return parts;
}

/** `NodeRepair=true,SpotToSpotConsolidation=false`. */
function gates(text: string, origin: Origin): ConfigPart[] {
  return text.split(',').flatMap((pair): ConfigPart[] => {
    const [name, value] = pair.split('=', 2).map((part) => part.trim());
    return name === '' ? [] : [{ kind: 'featureGate', name, value: plain(value ?? ''), origin }];
  });
}

/** Environment variables and flags are texts; what they mean is a truth value or a number where they read as one. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function unknown(field: Field, name: string, known: readonly string[]): void {
  const help = suggestion(name, known);
  field.problem('E0102', `Karpenter has no setting ${JSON.stringify(name)}`, {
    part: 'key',
    seen: name,
    ...(help !== undefined && { help }),
  });
}
