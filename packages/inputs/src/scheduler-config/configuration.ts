import {
  type ClientLimit,
  DEFAULT_SCHEDULER_NAME,
  didYouMean,
  EXTENSION_POINTS,
  type ExtensionPoint,
  type PluginEntry,
  SCHEDULER_PLUGINS,
  type SchedulerProfile,
} from '@plimsoll/core';
import { Field, type Locate, type Path } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { InputError, type Problem, ProblemList } from '../problems/problem.ts';
import { type Receipt, ReceiptWriter } from '../receipt/receipt.ts';
import { knownFields } from './known-fields.ts';
import { readArguments, takesArguments } from './plugin-args.ts';
import { type ExpandedPlugins, readPlugins } from './plugin-sets.ts';
import { isGoDuration } from './values.ts';

/** A scheduler's configuration that was read. */
export interface SchedulerConfigReading {
  /** One or more; pods choose by name. Percentages are absent where the configuration does not say. */
  readonly profiles: readonly SchedulerProfile[];
  /** How often the scheduler's client may call the API server; absent where the configuration does not say. */
  readonly client?: ClientLimit;
  /** The document as it was written. */
  readonly document: unknown;
  readonly receipt: Receipt;
  /** Warnings. */
  readonly problems: readonly Problem[];
}

/** What a reader of a configuration may be told. */
export interface SchedulerConfigOptions {
  /** Name for messages. Default `scheduler.config`. */
  readonly file?: string;
  /** Finds positions, where the document is part of a text. */
  readonly locate?: Locate;
  /** Where the document stands in that text. Default: it is the whole. */
  readonly path?: Path;
  /** Plug-ins beside those that kube-scheduler brings. They take part where a profile enables them, or unless it disables them. */
  readonly plugins?: readonly PluginEntry[];
  /** The scheduler is to place the pods of a run: what the rest of a simulation cannot follow is refused. Default false. */
  readonly forRun?: boolean;
}

const API_VERSION = 'kubescheduler.config.k8s.io/v1';
const KIND = 'KubeSchedulerConfiguration';

/**
 * Reads a KubeSchedulerConfiguration file: YAML or JSON, one document.
 *
 * @throws InputError with the line and column of everything that is wrong.
 */
export function readSchedulerConfigText(
  text: string,
  file: string,
  options: Pick<SchedulerConfigOptions, 'plugins' | 'forRun'> = {},
): SchedulerConfigReading {
  const problems = new ProblemList();
  const documents = parseYaml(text, file, problems);
  problems.settle();
  const [first, second] = documents;
  if (first === undefined || second !== undefined) {
    const message =
      first === undefined ? 'the configuration is empty' : 'a configuration is one document, and here a second begins';
    const position = second?.locate([], 'value') ?? { line: 1, column: 1 };
    const code = first === undefined ? 'E0001' : 'E0108';
    throw new InputError([
      { severity: 'error', file, ...position, code, message, help: `it starts with apiVersion: ${API_VERSION}` },
    ]);
  }
  return readSchedulerConfig(first.value, { ...options, file, locate: first.locate });
}

/**
 * Reads a KubeSchedulerConfiguration as a value, such as the one in a scenario.
 *
 * Defaults, merging of plug-ins and rules are those of kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1` and
 * `pkg/scheduler/apis/config/validation`; unknown fields are errors there, too.
 *
 * @throws InputError with the path of everything that is wrong, and its position where `locate` is given.
 */
export function readSchedulerConfig(document: unknown, options: SchedulerConfigOptions = {}): SchedulerConfigReading {
  const { file = 'scheduler.config', locate, path = [], plugins = [], forRun = false } = options;
  const problems = new ProblemList();
  const receipt = new ReceiptWriter();
  const root = new Field(document, path, { file, problems, receipt, ...(locate && { locate }) });
  readHead(root);
  readBystanders(root, receipt);
  const client = readClient(root.at('clientConnection'), receipt);
  const percentage = readPercentage(root, receipt);
  const backoffs = readBackoffs(root, receipt);
  const known = [
    ...SCHEDULER_PLUGINS.map((entry) => ({ ...entry, ...(replaces(plugins, entry) && { optional: true }) })),
    ...plugins,
  ];
  const list = root.at('profiles').items();
  const fields = list.length > 0 ? list : [root.at('profiles').at('default')];
  const profiles = fields.map((field) => {
    const own = readProfile(field, { known, alone: fields.length === 1, receipt });
    const percentageOfNodesToScore = own.percentageOfNodesToScore ?? percentage;
    return { ...own, ...backoffs, ...(percentageOfNodesToScore !== undefined && { percentageOfNodesToScore }) };
  });
  checkTogether(fields, profiles);
  if (forRun) for (const [i, { filters }] of profiles.entries()) checkForRun(fields[i], filters);
  return {
    profiles,
    ...(client && { client }),
    document,
    receipt: receipt.finish(file, 'profiles', profiles.length),
    problems: problems.settle(),
  };
}

/** There is one plug-in that sorts the queue: another takes the place of the one that is there by default. */
function replaces(plugins: readonly PluginEntry[], { points }: PluginEntry): boolean {
  return points.includes('queueSort') && plugins.some((plugin) => plugin.points.includes('queueSort'));
}

function readHead(root: Field): void {
  knownFields(root, [
    ...['apiVersion', 'kind', 'parallelism', 'leaderElection', 'clientConnection', 'enableProfiling'],
    ...['enableContentionProfiling', 'percentageOfNodesToScore', 'podInitialBackoffSeconds', 'podMaxBackoffSeconds'],
    ...['profiles', 'extenders', 'delayCacheUntilActive'],
  ]);
  const [version, kind] = [root.at('apiVersion'), root.at('kind')];
  if (!version.present) version.missing(`write apiVersion: ${API_VERSION}`);
  else if (version.text() !== API_VERSION) {
    const help = 'Kubernetes 1.36 knows no other; the beta versions differ in the names of some plug-ins';
    version.problem('E0107', `${JSON.stringify(version.value)} is not ${API_VERSION}`, { seen: String(version.value), help });
  }
  if (!kind.present) kind.missing(`write kind: ${KIND}`);
  else kind.oneOf([KIND]);
}

const NOTHING = 'decisions do not depend on it';

/** Fields that are checked and change nothing here, each with a line of the receipt. */
function readBystanders(root: Field, receipt: ReceiptWriter): void {
  const ignore = (field: Field, why: string, code: 'F0321' | 'F0323' = 'F0323'): void => {
    if (field.present) receipt.ignored(String(field.path.at(-1)), field.line, code, why);
  };
  const parallelism = root.at('parallelism');
  parallelism.whole({ min: 1, max: 2 ** 31 - 1 });
  ignore(parallelism, 'nodes are examined one after the other, as with parallelism 1');
  const election = root.at('leaderElection');
  knownFields(election, [
    ...['leaderElect', 'leaseDuration', 'renewDeadline', 'retryPeriod', 'resourceLock', 'resourceName', 'resourceNamespace'],
  ]);
  const elects = election.at('leaderElect');
  const isOff = elects.present && !elects.flag();
  for (const name of ['leaseDuration', 'renewDeadline', 'retryPeriod']) isGoDuration(election.at(name));
  if (!isOff && election.at('resourceLock').present) election.at('resourceLock').oneOf(['leases']);
  ignore(election, NOTHING);
  for (const name of ['enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive']) {
    root.at(name).flag();
    ignore(root.at(name), NOTHING);
  }
  const extenders = root.at('extenders');
  extenders.items();
  if (extenders.present) ignore(extenders, 'extenders are not called: nodes are neither filtered nor scored by them', 'F0321');
}

/** Defaults of the two, where only one is given. Source: `pkg/scheduler/apis/config/v1/defaults.go`. */
const CLIENT = { qps: 50, burst: 100 };

function readClient(field: Field, receipt: ReceiptWriter): ClientLimit | undefined {
  knownFields(field, ['kubeconfig', 'acceptContentTypes', 'contentType', 'qps', 'burst']);
  const qps = field.at('qps');
  if (qps.present && !(typeof qps.value === 'number' && qps.value >= 0)) qps.wrongType('a number from 0');
  const burst = field.at('burst').whole({ min: 0, max: 2 ** 31 - 1 });
  if (!field.present) return undefined;
  if (!qps.present && burst === undefined) {
    receipt.ignored('clientConnection', field.line, 'F0323', NOTHING);
    return undefined;
  }
  receipt.approximated('clientConnection', field.line, 'F0321', 'its limit counts where the scenario has an API server (api)');
  // Zero is taken for a value that is not written.
  return { qps: Number(qps.value) || CLIENT.qps, burst: burst || CLIENT.burst };
}

function readPercentage(object: Field, receipt: ReceiptWriter): number | undefined {
  const field = object.at('percentageOfNodesToScore');
  if (field.present) receipt.honoured('percentageOfNodesToScore', field.line);
  return field.whole({ min: 0, max: 100 });
}

function readBackoffs(root: Field, receipt: ReceiptWriter): { initialBackoffMs: number; maxBackoffMs: number } {
  const seconds = (name: string, min: number): number | undefined => {
    const field = root.at(name);
    if (field.present) receipt.honoured(name, field.line);
    return field.whole({ min, max: 2 ** 31 });
  };
  const initial = seconds('podInitialBackoffSeconds', 1) ?? 1;
  const max = seconds('podMaxBackoffSeconds', 1) ?? 10;
  if (max < initial) {
    const field = root.at(root.at('podMaxBackoffSeconds').present ? 'podMaxBackoffSeconds' : 'podInitialBackoffSeconds');
    const message = `podMaxBackoffSeconds (${max}) must not be below podInitialBackoffSeconds (${initial})`;
    field.problem('E0110', message, { seen: String(field.value) });
  }
  return { initialBackoffMs: initial * 1000, maxBackoffMs: max * 1000 };
}

interface ProfileContext {
  readonly known: readonly PluginEntry[];
  readonly alone: boolean;
  readonly receipt: ReceiptWriter;
}

function readProfile(field: Field, { known, alone, receipt }: ProfileContext) {
  knownFields(field, ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig']);
  const name = field.at('schedulerName');
  if (!alone && !name.present) name.missing('every one of several profiles needs a name of its own');
  else if (name.value === '') name.problem('E0101', 'schedulerName is empty', { seen: '' });
  const schedulerName = name.text() || DEFAULT_SCHEDULER_NAME;
  const percentageOfNodesToScore = readPercentage(field, receipt);
  const plugins = readPlugins(field.at('plugins'), known);
  tellPlugins(field.at('plugins'), plugins, receipt);
  const settings = readArguments(readPluginConfig(field.at('pluginConfig'), known, receipt));
  const { at, weights } = plugins;
  return {
    schedulerName,
    preFilters: at.preFilter,
    filters: at.filter,
    postFilters: at.postFilter,
    preScores: at.preScore,
    scoreWeights: weights,
    queueSort: at.queueSort[0] ?? 'PrioritySort',
    ...(percentageOfNodesToScore !== undefined && { percentageOfNodesToScore }),
    ...settings,
  };
}

function readPluginConfig(list: Field, known: readonly PluginEntry[], receipt: ReceiptWriter): ReadonlyMap<string, Field> {
  const args = new Map<string, Field>();
  for (const item of list.items()) {
    knownFields(item, ['name', 'args']);
    const field = item.at('name');
    const name = field.requiredText();
    if (name === '') continue;
    if (args.has(name)) field.problem('E0108', `plug-in ${JSON.stringify(name)} is configured twice`, { seen: name });
    args.set(name, item.at('args'));
    if (takesArguments(name)) {
      receipt.honoured(`${name} arguments`, item.line);
      continue;
    }
    const names = known.map((entry) => entry.name);
    const there = names.includes(name);
    const near = there ? undefined : didYouMean(name, names);
    const message = `${there ? '' : 'there is no '}plug-in ${JSON.stringify(name)} ${there ? 'takes no arguments' : 'to configure'}`;
    const elsewhere =
      near === undefined
        ? 'plug-ins that are built into a scheduler of your own are not known here'
        : `did you mean ${JSON.stringify(near)}?`;
    const help = there ? 'kube-scheduler does not look at them either' : elsewhere;
    field.problem('W0203', message, { severity: 'warning', seen: name, help });
  }
  return args;
}

/** What runs make of plug-ins at each point. */
const IGNORED_POINTS: Partial<Readonly<Record<ExtensionPoint, string>>> = {
  reserve: 'what plug-ins reserve is not modelled',
  permit: 'no plug-in that is known here holds a pod back after its node was chosen',
  preBind: 'nothing is done before a pod is bound',
  bind: 'a pod is bound in the instant in which its node is chosen',
  postBind: 'nothing is done after a pod is bound',
  placementGenerate: 'pods of a group are placed one by one',
  placementScore: 'pods of a group are placed one by one',
};

function tellPlugins(field: Field, { at }: ExpandedPlugins, receipt: ReceiptWriter): void {
  for (const point of ['multiPoint', ...EXTENSION_POINTS] as const) {
    if (!field.at(point).present) continue;
    const why = point === 'multiPoint' ? undefined : IGNORED_POINTS[point];
    const { line } = field.at(point);
    if (why === undefined) receipt.honoured(`plugins.${point}`, line);
    else receipt.ignored(`plugins.${point}`, line, 'F0321', why);
  }
  const { line } = field;
  if (!at.preEnqueue.includes('SchedulingGates')) {
    receipt.ignored('SchedulingGates disabled', line, 'F0321', 'pods with scheduling gates wait all the same');
  }
  for (const name of ['GangScheduling', 'TopologyPlacementGenerator', 'PodGroupPodsCount']) {
    const used = EXTENSION_POINTS.some((point) => at[point].includes(name));
    if (used) receipt.ignored(name, line, 'F0321', 'pods of a group are placed one by one');
  }
}

/** Without this filter nodes are given more than they have, and it is the kubelet that turns pods away. */
function checkForRun(profile: Field, filters: readonly string[]): void {
  if (filters.includes('NodeResourcesFit')) return;
  const place = profile.at('plugins').at('filter').present ? 'filter' : 'multiPoint';
  profile.at('plugins').at(place).problem('E0132', 'a run needs the filter NodeResourcesFit', {
    part: 'key',
    help: 'without it nodes would be filled beyond what they have; that a kubelet refuses pods is not modelled',
  });
}

/** What profiles must have in common, and must not. */
function checkTogether(fields: readonly Field[], profiles: readonly SchedulerProfile[]): void {
  profiles.forEach(({ schedulerName, queueSort }, i) => {
    if (profiles.findIndex((other) => other.schedulerName === schedulerName) < i) {
      const field = fields[i].at('schedulerName');
      field.problem('E0108', `two profiles are named ${JSON.stringify(schedulerName)}`, { seen: schedulerName });
    }
    if (queueSort !== profiles[0].queueSort) {
      const message = `all profiles share one queue, so they must sort it alike: ${profiles[0].queueSort} or ${queueSort}`;
      fields[i].at('plugins').at('queueSort').problem('E0132', message, { part: 'key', seen: queueSort });
    }
  });
}
