import { LABEL, type ScenarioDocument } from '@plimsoll/core';
import { Field, isRecord } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { ProblemList } from '../problems/problem.ts';

/** A recorded cluster: what it was made of, and the scenario that is the same. */
export interface RecordedCluster {
  /** Name of the run. */
  readonly run: string;
  readonly autoscaler: 'karpenter' | 'cluster-autoscaler';
  readonly durationMs: number;
  readonly scenario: ScenarioDocument;
}

const ANY = { min: 0, max: Number.MAX_SAFE_INTEGER };

/**
 * Calls and attempts beside Karpenter: it took 42 to 51 CPU seconds in 26 minutes of the two cores that everything shared (Cluster
 * Autoscaler 7), and a pod that found room waited half as long again for its binding.
 */
const BESIDE_KARPENTER: ScenarioDocument['api'] = {
  preset: 'kubernetes',
  watchDelay: { uniform: ['2ms', '10ms'] },
  write: { uniform: ['6ms', '22ms'] },
  schedulerLatency: { uniform: ['5ms', '40ms'] },
  schedulingCycle: { uniform: ['4ms', '18ms'] },
};

/**
 * Reads `cluster.json` of a recorded run, format `plimsoll-real-run/1`, into the scenario that rebuilds it: machines and prices as they were
 * offered, the delays of its kubelets, and the autoscaler with its options.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export function readRecordedCluster(text: string, file: string): RecordedCluster {
  const problems = new ProblemList();
  const [document] = parseYaml(text, file, problems);
  const root = new Field(document?.value, [], { file, problems, ...(document && { locate: document.locate }) });
  const autoscaler = root.at('autoscaler').oneOf(['karpenter', 'cluster-autoscaler']);
  if (document !== undefined && !root.at('autoscaler').present) root.at('autoscaler').missing();
  const run = root.at('run').text() ?? 'recorded';
  const durationMs = root.at('durationMs').whole(ANY) ?? 0;
  const karpenter = autoscaler !== 'cluster-autoscaler';
  const cloud = karpenter ? karpenterCloud(root) : groupsCloud(root);
  const scenario: ScenarioDocument = {
    apiVersion: 'plimsoll/v1',
    kind: 'Scenario',
    metadata: { name: nameOf(run), description: `The recorded run ${run}` },
    time: { duration: `${durationMs}ms` },
    workload: { calls: 'workload.jsonl.gz', oversized: 'keep' },
    cloud: cloud as ScenarioDocument['cloud'],
    scheduler: { tie: 'random' },
    kubelet: {
      podStart: uniform(root.at('delaysMs').at('podRunningAfterBinding')),
      podStop: uniform(root.at('delaysMs').at('podStopAfterDeletionAsked')),
    },
    controllers: { nodeLifecycle: { monitorPeriod: '5s' } },
    api: karpenter ? BESIDE_KARPENTER : { preset: 'kubernetes' },
    autoscalers: { [autoscaler ?? 'karpenter']: karpenter ? karpenterOptions(root) : autoscalerOptions(root) },
  };
  problems.settle();
  return { run, autoscaler: autoscaler ?? 'karpenter', durationMs, scenario };
}

/** Machines as Karpenter's KWOK provider offered them. Capacity is allocatable with 100m of CPU and 10 MiB of memory on top. */
function karpenterCloud(root: Field): unknown {
  const delays = root.at('delaysMs');
  const types = root
    .at('karpenter')
    .at('catalog')
    .items()
    .map((item) => {
      const name = item.at('name').requiredText();
      const allocatable = item.at('allocatable');
      const cpu = allocatable.at('cpu_m').whole(ANY) ?? 0;
      const memory = allocatable.at('mem_mib').whole(ANY) ?? 0;
      const rest = {
        pods: allocatable.at('pods').whole(ANY) ?? 110,
        'ephemeral-storage': `${allocatable.at('ephemeral_mib').whole(ANY) ?? 0}Mi`,
      };
      return {
        name,
        labels: {
          'kubernetes.io/arch': item.at('arch').text() ?? 'amd64',
          'kubernetes.io/os': item.at('os').text() ?? 'linux',
        },
        capacity: { cpu: `${cpu + 100}m`, memory: `${memory + 10}Mi`, ...rest },
        allocatable: { cpu: `${cpu}m`, memory: `${memory}Mi`, ...rest },
        offerings: item
          .at('offerings')
          .items()
          .map((offering) => ({
            zone: offering.at('zone').requiredText(),
            capacityType: offering.at('capacityType').requiredText(),
            price: offering.at('price').value,
          })),
      };
    });
  return {
    region: 'us-east-1',
    zones: [...new Set(types.flatMap(({ offerings }) => offerings.map(({ zone }) => zone)))].sort(),
    machines: types,
    launch: {
      // From a claim until its launch the real program writes it twice: 30 to 250 ms were seen, and the machine is paid for from then on.
      fleetCall: { uniform: ['30ms', '250ms'] },
      orderToRunning: { constant: '0ms' },
      runningToRegistered: uniform(delays.at('nodeObjectAfterLaunch')),
      registeredToReady: readyAfter(delays.at('nodeReadyAfterNodeObject').at('creationStampPlusMs')),
      termination: { constant: '0ms' },
      fleetTie: 'drawn',
    },
  };
}

/** Groups of Cluster Autoscaler's KWOK provider, whose Node objects appear inside the call that grows the group. */
function groupsCloud(root: Field): unknown {
  const delays = root.at('delaysMs');
  const own = root.at('clusterAutoscaler');
  const templates = templatesOf(own);
  const machines = new Map<string, { name: string; labels: object; capacity: object; allocatable: object; offerings: Sold[] }>();
  for (const group of own.at('nodeGroups').items()) {
    const status = templates.get(group.at('name').text())?.at('status');
    const name = group.at('instanceType').requiredText();
    const sold: Sold = {
      zone: group.at('zone').requiredText(),
      capacityType: group.at('capacityType').requiredText(),
      price: group.at('price').value,
    };
    const known = machines.get(name);
    // Groups of one type differ in where and how it is bought.
    if (known !== undefined) {
      if (!known.offerings.some(({ zone, capacityType }) => zone === sold.zone && capacityType === sold.capacityType)) {
        known.offerings.push(sold);
      }
      continue;
    }
    machines.set(name, {
      name,
      labels: { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' },
      capacity: quantitiesOf(status?.at('capacity')),
      allocatable: quantitiesOf(status?.at('allocatable')),
      offerings: [sold],
    });
  }
  return {
    region: 'us-east-1',
    zones: [...new Set([...machines.values()].flatMap(({ offerings }) => offerings.map(({ zone }) => zone)))].sort(),
    machines: [...machines.values()],
    launch: {
      groupReaction: { constant: '0ms' },
      orderToRunning: { constant: '0ms' },
      runningToRegistered: { constant: '0ms' },
      registeredToReady: readyAfter(delays.at('nodeReadyAfterNodeObject').at('creationStampPlusMs')),
      termination: { constant: '0ms' },
    },
  };
}

/** Node templates by the name of their group. */
function templatesOf(own: Field): Map<string | undefined, Field> {
  return new Map(
    own
      .at('templates')
      .items()
      .map((item) => [item.at('metadata').at('annotations').at('cluster-autoscaler.kwok.nodegroup/name').text(), item] as const),
  );
}

/** Labels and taints that a template gives beside those of type and place. */
function extrasOf(template: Field | undefined): { labels: Record<string, string>; taints: unknown } {
  const labels = Object.entries(template?.at('metadata').at('labels').labels() ?? {});
  return {
    labels: Object.fromEntries(labels.filter(([key]) => !OF_TYPE_AND_PLACE.includes(key))),
    taints: template?.at('spec').at('taints').value ?? [],
  };
}

/** Where and how a machine is sold. */
interface Sold {
  readonly zone: string;
  readonly capacityType: string;
  readonly price: unknown;
}

function quantitiesOf(field: Field | undefined): object {
  return isRecord(field?.value) ? field.value : {};
}

/** Labels that every node has by its type and place. */
const OF_TYPE_AND_PLACE: readonly string[] = [LABEL.arch, LABEL.os, LABEL.instanceType, LABEL.zone, LABEL.region, LABEL.hostname];

/** Ready comes so long after the creation stamp, which is cut to the second: the part of a second that was cut off is drawn. */
function readyAfter(range: Field): unknown {
  const [least, most] = bounds(range);
  return { uniform: [`${Math.max(0, least - 1000)}ms`, `${most}ms`] };
}

function uniform(range: Field): { uniform: [string, string] } {
  const [least, most] = bounds(range);
  return { uniform: [`${least}ms`, `${most}ms`] };
}

function bounds(range: Field): [number, number] {
  if (!range.present) range.missing();
  if (typeof range.value === 'number') {
    const always = range.whole(ANY) ?? 0;
    return [always, always];
  }
  const [least, most = least] = range.items().map((item) => item.whole(ANY) ?? 0);
  return [least ?? 0, most ?? 0];
}

function karpenterOptions(root: Field): { use: string; config: unknown } {
  const own = root.at('karpenter');
  const options = own.at('options');
  const gates = options.at('featureGates').text() ?? '';
  return {
    use: 'karpenter',
    config: {
      nodePools: own.at('nodePools').value,
      settings: {
        batchIdleDuration: options.at('batchIdleDuration').text() ?? '1s',
        batchMaxDuration: options.at('batchMaxDuration').text() ?? '10s',
        preferencePolicy: options.at('preferencePolicy').text() ?? 'Respect',
        minValuesPolicy: options.at('minValuesPolicy').text() ?? 'Strict',
      },
      featureGates: { SpotToSpotConsolidation: gates.includes('SpotToSpotConsolidation=true') },
    },
  };
}

function autoscalerOptions(root: Field): { use: string; config: unknown } {
  const own = root.at('clusterAutoscaler');
  const flags = own.at('flags').texts();
  const flag = (name: string): string | undefined =>
    flags.map((text) => new RegExp(`^--?${name}=(.+)$`).exec(text)?.[1]).find((value) => value !== undefined);
  const templates = templatesOf(own);
  return {
    use: 'cluster-autoscaler',
    config: {
      flags,
      // A small cluster: a loop of the recorded program takes 10 to 100 ms while its client is within its limit.
      model: {
        loopBase: 40,
        clientQps: Number(flag('kube-client-qps') ?? 5),
        clientBurst: Number(flag('kube-client-burst') ?? 10),
        drawPodOrder: true,
      },
      nodeGroups: own
        .at('nodeGroups')
        .items()
        .map((group) => ({
          name: group.at('name').requiredText(),
          min: group.at('min').whole(ANY) ?? 0,
          max: group.at('max').whole(ANY) ?? 0,
          instanceTypes: [group.at('instanceType').requiredText()],
          zones: [group.at('zone').requiredText()],
          capacityType: group.at('capacityType').requiredText(),
          ...extrasOf(templates.get(group.at('name').text())),
        })),
    },
  };
}

function nameOf(run: string): string {
  return run.toLowerCase().replace(/[^-a-z0-9.]+/g, '-');
}
