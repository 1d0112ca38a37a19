import {
  type ClientLimit,
  type KeyedStream,
  OptionsError,
  type PluginEntry,
  SCHEDULER_PLUGINS,
  type Scenario,
  type Workload,
} from '@plimsoll/core';
import { InputError, readSchedulerConfig } from '@plimsoll/inputs';
import type { KubeSchedulerOptions, UserPlugin } from '@plimsoll/scheduler-sim';

/** A scheduler's options, and how often its client may call, where its configuration says. */
export interface SchedulerSetup extends KubeSchedulerOptions {
  readonly profiles: NonNullable<KubeSchedulerOptions['profiles']>;
  readonly client?: ClientLimit;
}

/** The configuration of a scheduler that nobody has configured. */
const NOTHING = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };

/**
 * How a scenario sets up its scheduler: profiles from its configuration, with plug-ins of the user's own, which take part unless a profile
 * disables them.
 *
 * @throws OptionsError at `scheduler.config` where it names a file, which only {@link loadInput} reads.
 * @throws InputError with the path of what is wrong with the configuration.
 */
export function schedulerOptions(
  { scheduler }: Scenario,
  chance: KeyedStream,
  plugins: readonly UserPlugin[] = [],
): SchedulerSetup {
  const { tie, retries, percentageOfNodesToScore, config } = scheduler;
  if (typeof config === 'string') {
    throw new OptionsError(['scheduler', 'config'], `expected the configuration itself, got the name ${JSON.stringify(config)}`);
  }
  const { profiles, client } = readSchedulerConfig(config ?? NOTHING, { plugins: pluginEntries(plugins), forRun: true });
  const byName = profiles.map((profile) => {
    const percentage = profile.percentageOfNodesToScore ?? percentageOfNodesToScore;
    return [profile.schedulerName, { ...profile, percentageOfNodesToScore: percentage, plugins }] as const;
  });
  return { tie, retries, chance, profiles: Object.fromEntries(byName), ...(client && { client }) };
}

/**
 * What a configuration may say of the user's own plug-ins.
 *
 * @throws OptionsError for one that does nothing, or has the name of another.
 */
function pluginEntries(plugins: readonly UserPlugin[]): PluginEntry[] {
  const names = new Set(SCHEDULER_PLUGINS.map(({ name }) => name));
  for (const { name, filter, score, before } of plugins) {
    const path = ['schedulerPlugins', name];
    if (names.has(name)) throw new OptionsError(path, 'there is a plug-in of this name already');
    if (filter === undefined && score === undefined && before === undefined) {
      throw new OptionsError(path, 'expected at least one of filter, score and before');
    }
    names.add(name);
  }
  return plugins.map(({ name, filter, score, before, weight = 1 }) => ({
    name,
    weight,
    points: [
      ...(filter ? ['filter' as const] : []),
      ...(score ? ['score' as const] : []),
      ...(before ? ['queueSort' as const] : []),
    ],
  }));
}

/** A note for each scheduler that pods name and that is not there: nobody ever tries those pods. */
export function strangerNotes({ scheduler }: Scenario, workload: Workload): string[] {
  const own = new Set(profileNames(scheduler.config));
  const pods = new Map<string, number>();
  for (let row = 0; row < workload.length; row++) {
    const name = workload.templates[workload.template[row]].schedulerName;
    if (name !== undefined && !own.has(name)) pods.set(name, (pods.get(name) ?? 0) + workload.count[row]);
  }
  return [...pods].map(
    ([name, count]) =>
      `- schedulerName ${name} (${count} ${count === 1 ? 'pod' : 'pods'}): no profile has this name, so nobody places them and no autoscaler helps them [F0325]`,
  );
}

function profileNames(config: unknown): string[] {
  try {
    return readSchedulerConfig(config ?? NOTHING).profiles.map(({ schedulerName }) => schedulerName);
  } catch (error) {
    // Told by whoever sets the scheduler up.
    if (error instanceof InputError) return [];
    throw error;
  }
}
