import { catalogue, defaultTerminationHandler, SimulatedCloud, TerminationHandler, withReservations } from '@plimsoll/cloud';
import {
  AutoscalerHost,
  type ClusterFacts,
  type ClusterView,
  CPU,
  type GroupSpec,
  MEMORY,
  NONE,
  type OfferingsView,
  OptionsError,
  type ProviderPlugin,
  type ProviderRemark,
  RunEnd,
  type Scenario,
  type Scheduler,
  SchedulerHost,
  Simulation,
  viewOf,
  Workload,
  type WorkloadView,
} from '@plimsoll/core';
import {
  ApiServer,
  Controllers,
  defaultKubeletSettings,
  defaultOwnersSettings,
  Kubelet,
  Owners,
  StartingNodes,
} from '@plimsoll/kubernetes';
import type { Progress, RunResult, RunSpec } from '@plimsoll/lab';
import { karpenter } from '@plimsoll/provider-fleet';
import { clusterAutoscaler } from '@plimsoll/provider-nodegroup';
import { type AttemptWatcher, DEFAULT_CONFIG, isIgnored, kubeScheduler, type UserPlugin } from '@plimsoll/scheduler-sim';
import { autoscalerAge, controllerPace, schedulerPace, seatsOf } from './api-settings.ts';
import { cloudSettings } from './cloud-settings.ts';
import { defined } from './defined.ts';
import { machinesAsOfferings } from './own-machines.ts';
import { schedulerOptions } from './scheduler-setup.ts';

/** The providers that scenarios may name, by id. */
export const bundledProviders: readonly ProviderPlugin[] = [clusterAutoscaler, karpenter] as readonly ProviderPlugin[];

/** A run that is set up and may be stepped, saved and forked. */
export interface LiveRun {
  readonly simulation: Simulation;
  /** The cluster as it is. */
  readonly view: ClusterView;
  /** How its pods are called. */
  readonly workload: WorkloadView;
  /** What the run has come to so far; complete once the simulation has ended. */
  result(): RunResult;
}

/** What a run may have beside its spec. */
export interface SchedulingExtras {
  /** Plug-ins of the user's own. They take part unless the configuration disables them. */
  readonly plugins?: readonly UserPlugin[];
  /** Hears of attempts as they are made. */
  readonly watcher?: AttemptWatcher;
  /** Hears what the autoscaler says of pods and nodes beside its decisions. */
  readonly remark?: (remark: ProviderRemark) => void;
}

/** Everything that can be bought in a scenario. */
export function offeringsOf({ cloud }: Scenario): OfferingsView {
  const { catalog, region, zones, instanceTypes, machines, reservations = [] } = cloud;
  if (machines !== undefined) return withReservations(machinesAsOfferings(machines, region, zones), reservations);
  const sold = catalogue(catalog, {
    ...(region && { region }),
    ...(zones && { zones }),
    ...(instanceTypes && { types: instanceTypes }),
  });
  return withReservations(sold, reservations);
}

/**
 * The plug-in of an autoscaler of a scenario, with its options checked.
 *
 * @throws OptionsError with the path in the scenario.
 */
export function providerOf(
  scenario: Scenario,
  name: string,
  providers: readonly ProviderPlugin[] = bundledProviders,
): { plugin: ProviderPlugin; options: unknown } {
  const entry = scenario.autoscalers[name];
  const path = ['autoscalers', name];
  if (entry === undefined) {
    throw new OptionsError(path, `there is no such autoscaler; the scenario has ${Object.keys(scenario.autoscalers).join(', ')}`);
  }
  const plugin = providers.find((candidate) => candidate.id === entry.use);
  if (plugin === undefined) {
    throw new OptionsError(
      [...path, 'use'],
      `expected one of ${providers.map(({ id }) => id).join(', ')}, got ${JSON.stringify(entry.use)}`,
    );
  }
  try {
    return { plugin, options: plugin.parseOptions(entry.config ?? {}) };
  } catch (error) {
    throw error instanceof OptionsError ? within([...path, 'config'], error) : error;
  }
}

/** Sets up a run. Nothing has happened yet; `simulation.run()` runs it to its end. */
export function prepare(
  spec: RunSpec,
  providers: readonly ProviderPlugin[] = bundledProviders,
  extras: SchedulingExtras = {},
): LiveRun {
  const { scenario, autoscaler, seed } = spec;
  const workload = Workload.open(spec.workload);
  const offerings = offeringsOf(scenario);
  const { plugin, options } = providerOf(scenario, autoscaler, providers);
  const groups = groupsOf(plugin, options, offerings, autoscaler);

  const simulation = new Simulation(seed);
  const { cluster, log, streams } = simulation;
  const view = viewOf(cluster);
  const { plugins: schedulerPlugins, watcher, remark } = extras;
  const { client, ...schedulerOwn } = schedulerOptions(scenario, streams.keyed('tie'), schedulerPlugins);
  const scheduler = kubeScheduler({ ...schedulerOwn, ...(watcher && { watcher }) });
  const profiles = Object.values(schedulerOwn.profiles);
  cluster.unchecked = (resource) => profiles.some((profile) => isIgnored(resource, { ...DEFAULT_CONFIG, ...profile }));

  // The order of components is the order in which they hear of changes: the world first, then those who look at it.
  const owners = simulation.add(
    (timer) => new Owners(cluster, timer, workload, { ...defaultOwnersSettings, ...defined(scenario.controllers) }),
  );
  const { api } = scenario;
  const server = api && simulation.add(() => new ApiServer(seatsOf(api)));
  const controllers =
    workload.calls.length === 0
      ? undefined
      : simulation.add((timer) => new Controllers(cluster, timer, streams, workload, owners, controllerPace(scenario, server)));
  const names = controllers ?? owners;
  simulation.add((timer) => new Kubelet(cluster, timer, streams, { ...defaultKubeletSettings, ...defined(scenario.kubelet) }));
  const cloud = simulation.add(
    (timer) => new SimulatedCloud({ cluster, timer, streams, offerings, groups, settings: cloudSettings(scenario.cloud) }),
  );
  const { terminationHandler } = scenario.cloud;
  if (terminationHandler !== undefined) {
    const settings = { ...defaultTerminationHandler, ...defined(terminationHandler) };
    const evictionBlocked = (pod: number): boolean => names.evictionBlocked(pod);
    simulation.add((timer) => new TerminationHandler({ cluster, timer, streams, cloud, evictionBlocked, settings }));
  }
  const { nodeLifecycle } = scenario.controllers;
  if (nodeLifecycle !== undefined) {
    const { monitorPeriod } = nodeLifecycle;
    const phase = Math.floor(streams.keyed('phase', 'node-lifecycle').at(0) * monitorPeriod);
    simulation.add((timer) => new StartingNodes(cluster, timer, monitorPeriod, phase));
  }
  const placing = scheduler.create(view);
  simulation.add((timer) => new SchedulerHost(cluster, timer, placing, schedulerPace(scenario, streams, server, client)));
  const runningFor = autoscalerAge(scenario, streams);
  simulation.add((timer) => {
    const provider = createProvider(plugin, options, autoscaler, {
      name: autoscaler,
      view,
      random: streams,
      offerings,
      groups: cloud.groups,
      scheduling: scheduler.model(view),
      workload: names,
      ...(controllers && { facts: clusterFacts(controllers, placing) }),
      runningFor,
      explain: scenario.explain,
      ...(remark && { remark }),
    });
    return new AutoscalerHost({
      name: autoscaler,
      cluster,
      log,
      timer,
      cloud,
      workload: names,
      provider,
      explain: scenario.explain,
      skipQuiet: spec.skipQuiet ?? true,
      phase: () => simulation.phase,
    });
  });
  const { duration, settle } = scenario.time;
  const lastArrival = workload.lastTime;
  simulation.add(
    (timer) =>
      new RunEnd(cluster, timer, { settle, lastArrival, ...(duration !== undefined && { duration }) }, () => simulation.end()),
  );

  return {
    simulation,
    view,
    workload: names,
    result: () => ({
      autoscaler,
      seed,
      digest: log.digest(),
      log: log.columns(),
      decisions: log.decisions,
      span: simulation.now,
      events: simulation.events,
      tables: {
        nodeNames: cluster.nodeNames,
        offerings: offerings.offerings.map(({ type, zone, capacityType, price }) => ({
          type: offerings.types[type].name,
          zone,
          capacityType,
          price,
        })),
        podClasses: simulation.classes.pods.map(({ requests }) => ({ cpu: requests[CPU], memory: requests[MEMORY] })),
        nodeClasses: simulation.classes.nodes.map(({ allocatable }) => ({ cpu: allocatable[CPU], memory: allocatable[MEMORY] })),
      },
    }),
  };
}

/** A run with plug-ins for its scheduler. Functions do not cross threads: such a run is made where it is asked for. */
export interface SimulateSpec extends RunSpec {
  readonly schedulerPlugins?: readonly UserPlugin[];
}

/** Runs a spec to its end. Equal specs give equal results, on any machine and in any thread. */
export function simulate(spec: SimulateSpec, onProgress?: Progress): RunResult {
  const { schedulerPlugins: plugins } = spec;
  const run = prepare(spec, undefined, plugins && { plugins });
  run.simulation.onProgress = onProgress;
  run.simulation.run();
  return run.result();
}

/** What providers are told beside pods and nodes, where objects of the API are part of the run. */
function clusterFacts(controllers: Controllers, scheduler: Scheduler): ClusterFacts {
  return {
    get daemonSets() {
      return controllers.daemonSets;
    },
    budgets: () => controllers.budgets(),
    controller: (pod) => controllers.controller(pod),
    lingers: (pod) => controllers.lingers(pod),
    nominatedNode: (pod) => scheduler.nominatedNode?.(pod) ?? NONE,
  };
}

function groupsOf(plugin: ProviderPlugin, options: unknown, offerings: OfferingsView, name: string): readonly GroupSpec[] {
  try {
    return plugin.groups?.(options, offerings) ?? [];
  } catch (error) {
    throw error instanceof OptionsError ? within(['autoscalers', name, 'config'], error) : error;
  }
}

function createProvider(
  plugin: ProviderPlugin,
  options: unknown,
  name: string,
  context: Parameters<ProviderPlugin['create']>[1],
) {
  try {
    return plugin.create(options, context);
  } catch (error) {
    throw error instanceof OptionsError ? within(['autoscalers', name, 'config'], error) : error;
  }
}

/** An options error with its path seen from the scenario's root. */
function within(path: readonly (string | number)[], error: OptionsError): OptionsError {
  const prefix = `${error.path.join('.')}: `;
  const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return new OptionsError([...path, ...error.path], message, error.suggestion);
}
