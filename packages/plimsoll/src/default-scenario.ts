import { catalogue } from '@plimsoll/cloud';
import {
  effectiveRequests,
  type InstanceType,
  type Offering,
  type OfferingsView,
  OptionsError,
  type PodSpec,
  parseScenario,
  type ResourceList,
  type Scenario,
  type Workload,
} from '@plimsoll/core';

/** Families from which default node groups are taken: memory per vCPU of about 2, 4 and 8 GiB. */
const FAMILIES = [
  { name: 'compute', family: 'c6i', gibPerCore: 2 },
  { name: 'general', family: 'm6i', gibPerCore: 4 },
  { name: 'memory', family: 'r6i', gibPerCore: 8 },
] as const;

/** Sizes that a default group may have, smallest first. */
const SIZES = ['xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge', '32xlarge'] as const;
/** A group's machine holds so many of its typical large pods, where a size allows it. */
const PODS_PER_NODE = [4, 2, 1] as const;
/** Largest size of a default group. */
const GROUP_MAX = 5000;
/** At most so many default groups. */
const GROUPS_MAX = 12;

/** A scenario that suits a bare trace, and what was chosen, in sentences for people. */
export interface DefaultScenario {
  readonly scenario: Scenario;
  readonly notes: readonly string[];
}

interface Demand {
  readonly requests: ResourceList;
  /** How many pods ask for it. */
  pods: number;
}

/**
 * The scenario for a trace that comes without one: Cluster Autoscaler on node groups that fit its pods, and Karpenter with one
 * NodePool over the same kinds of machines, both on demand.
 *
 * @throws OptionsError when a pod fits no type of the catalogue.
 */
export function defaultScenario(name: string, workload: Workload): DefaultScenario {
  const offerings = catalogue('aws');
  const demands = demandsOf(workload);
  const groups = chooseGroups(demands, offerings);
  const categories = [...new Set(groups.map(({ type }) => categoryOf(type)))];
  for (const basic of ['c', 'm', 'r']) if (!categories.includes(basic)) categories.push(basic);
  categories.sort();
  const document = {
    apiVersion: 'plimsoll/v1',
    kind: 'Scenario',
    metadata: { name: nameFrom(name), description: 'Defaults that suit the trace' },
    workload: {},
    scheduler: { retries: 'class' },
    autoscalers: {
      'cluster-autoscaler': {
        use: 'cluster-autoscaler',
        config: {
          // The real defaults stop at 320,000 cores, which large traces pass.
          flags: { 'cores-total': '0:100000000', 'memory-total': '0:1000000000' },
          nodeGroups: groups.map((group) => ({ name: group.name, min: 0, max: GROUP_MAX, instanceTypes: [group.type.name] })),
        },
      },
      karpenter: { use: 'karpenter', config: { nodePools: [defaultNodePool(categories)] } },
    },
  };
  const parsed = parseScenario(document);
  if (!parsed.ok) throw new Error(`the default scenario is invalid: ${JSON.stringify(parsed.issues)}`);
  return {
    scenario: parsed.scenario,
    notes: [
      `Defaults for a bare trace: EC2 ${offerings.region}, zones ${offerings.zones.join(', ')}, on-demand prices`,
      `cluster-autoscaler on ${groups.length} groups of up to ${GROUP_MAX}: ${groups.map(({ type }) => type.name).join(', ')}`,
      `karpenter with one NodePool: amd64, on-demand, categories ${categories.join(', ')}, generation above 4`,
    ],
  };
}

function defaultNodePool(categories: readonly string[]): unknown {
  const requirement = (key: string, operator: string, values: readonly string[]) => ({ key, operator, values });
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'default' },
    spec: {
      template: {
        spec: {
          requirements: [
            requirement('kubernetes.io/arch', 'In', ['amd64']),
            requirement('karpenter.sh/capacity-type', 'In', ['on-demand']),
            requirement('karpenter.k8s.aws/instance-category', 'In', categories),
            requirement('karpenter.k8s.aws/instance-generation', 'Gt', ['4']),
          ],
        },
      },
      disruption: { consolidationPolicy: 'WhenEmptyOrUnderutilized', consolidateAfter: '0s' },
    },
  };
}

function demandsOf(workload: Workload): Demand[] {
  const pods = new Map<number, number>();
  for (let row = 0; row < workload.length; row++) {
    const template = workload.template[row];
    pods.set(template, (pods.get(template) ?? 0) + workload.count[row]);
  }
  return [...pods].map(([template, count]) => ({ requests: effectiveRequests(workload.templates[template]), pods: count }));
}

/**
 * Groups for CPU pods: per kind of shape (compute, general, memory) a machine that holds several of its large pods; then, as long as
 * some pod fits none of the groups, the cheapest type that holds it.
 */
function chooseGroups(demands: readonly Demand[], offerings: OfferingsView): { name: string; type: InstanceType }[] {
  const types = eligibleTypes(offerings);
  const chosen = new Map<string, { name: string; type: InstanceType }>();
  for (const { name, family, gibPerCore } of FAMILIES) {
    const share = demands.filter(({ requests }) => gpus(requests) === 0 && shapeOf(requests) === gibPerCore);
    const large = weightedLarge(share);
    if (large === undefined) continue;
    const sizes = SIZES.flatMap((size) => types.find((candidate) => candidate.name === `${family}.${size}`) ?? []);
    const type = PODS_PER_NODE.flatMap((pods) => sizes.find((candidate) => holds(candidate, large, pods)) ?? [])[0];
    if (type !== undefined) chosen.set(type.name, { name, type });
  }
  for (const { requests } of [...demands].sort((x, y) => sizeOf(y.requests) - sizeOf(x.requests))) {
    if ([...chosen.values()].some(({ type }) => suits(type, requests))) continue;
    const type =
      types.find((candidate) => suits(candidate, requests)) ?? types.find((candidate) => holds(candidate, requests, 1));
    if (type === undefined) throw tooLarge(requests, types);
    if (chosen.size < GROUPS_MAX) chosen.set(type.name, { name: type.name.replaceAll('.', '-'), type });
  }
  return [...chosen.values()];
}

/** Types for default groups and pools: amd64, generation above 4, sold on demand; cheapest first. */
function eligibleTypes(offerings: OfferingsView): InstanceType[] {
  const price = new Map<number, number>();
  for (const { type, capacityType, price: amount } of offerings.offerings as readonly Offering[]) {
    if (capacityType === 'on-demand' && !(amount >= (price.get(type) ?? Infinity))) price.set(type, amount);
  }
  return offerings.types
    .map((type, index) => ({ type, price: price.get(index) }))
    .filter(
      (entry): entry is { type: InstanceType; price: number } =>
        entry.price !== undefined &&
        entry.type.labels['kubernetes.io/arch'] === 'amd64' &&
        Number(entry.type.labels['karpenter.k8s.aws/instance-generation']) > 4 &&
        categoryOf(entry.type) !== 't',
    )
    .sort((x, y) => x.price - y.price || (x.type.name < y.type.name ? -1 : 1))
    .map(({ type }) => type);
}

/** Whether a group of the type serves a request: it holds it, and has not twice the GPUs that one pod asks for. */
function suits(type: InstanceType, requests: ResourceList): boolean {
  const [offered, asked] = [gpus(type.allocatable), gpus(requests)];
  return holds(type, requests, 1) && (asked === 0 ? offered === 0 : offered < 2 * asked);
}

/** Whether a real and a believed node of the type hold so many pods at once. */
function holds(type: InstanceType, requests: ResourceList, pods: number): boolean {
  return Object.entries(requests).every(
    ([name, amount]) => amount * pods <= (type.allocatable[name] ?? 0) && amount * pods <= (type.predictedAllocatable[name] ?? 0),
  );
}

/** The request below which 99 % of the pods of a kind lie, in CPU and memory each. */
function weightedLarge(demands: readonly Demand[]): ResourceList | undefined {
  if (demands.length === 0) return undefined;
  const at = (resource: 'cpu' | 'memory'): number => {
    const sorted = [...demands].sort((x, y) => (x.requests[resource] ?? 0) - (y.requests[resource] ?? 0));
    let left = 0.99 * sorted.reduce((sum, { pods }) => sum + pods, 0);
    for (const { requests, pods } of sorted) {
      left -= pods;
      if (left <= 0) return requests[resource] ?? 0;
    }
    return 0;
  };
  return { cpu: at('cpu'), memory: at('memory') };
}

/** The memory per core of the family that a request suits best. */
function shapeOf(requests: ResourceList): number {
  const gibPerCore = (requests.memory ?? 0) / 2 ** 30 / Math.max((requests.cpu ?? 0) / 1000, 0.1);
  return gibPerCore <= 2 ? 2 : gibPerCore <= 4 ? 4 : 8;
}

function gpus(resources: ResourceList): number {
  return resources['nvidia.com/gpu'] ?? 0;
}

function sizeOf(requests: ResourceList): number {
  return gpus(requests) * 1e9 + (requests.cpu ?? 0) + (requests.memory ?? 0) / 2 ** 22;
}

function categoryOf(type: InstanceType): string {
  return type.labels['karpenter.k8s.aws/instance-category'] ?? '';
}

function tooLarge(requests: ResourceList, types: readonly InstanceType[]): OptionsError {
  const most = (name: string): number => Math.max(...types.map(({ allocatable }) => allocatable[name] ?? 0));
  const asked = Object.entries(requests).map(([name, amount]) => `${amount} ${name} (most: ${most(name)})`);
  return new OptionsError(['workload'], `a pod fits no instance type of the catalogue: it asks for ${asked.join(', ')}`);
}

function nameFrom(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^-a-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'trace'
  );
}

/** The first row whose pods fit no type of a price list, with what they ask for; undefined where all fit one. */
export function oversizedRow(
  workload: Workload,
  types: readonly InstanceType[],
): { row: number; requests: ResourceList } | undefined {
  const bad = new Set<number>();
  workload.templates.forEach((template: PodSpec, index) => {
    const requests = effectiveRequests(template);
    const fits = types.some((type) =>
      Object.entries(requests).every(([name, amount]) => amount <= (type.allocatable[name] ?? 0)),
    );
    if (!fits) bad.add(index);
  });
  if (bad.size === 0) return undefined;
  for (let row = 0; row < workload.length; row++) {
    const template = workload.template[row];
    if (bad.has(template)) return { row, requests: effectiveRequests(workload.templates[template]) };
  }
  return undefined;
}
