import { type Classes, CPU, canonical, LABEL, MEMORY, PODS, type PodClass, type PodSpec } from '@plimsoll/core';
import { isGpuResource } from '../groups/gpus.ts';
import type { Flags } from '../options/flags.ts';

/** What a drain may do with pods of a class. Source: Cluster Autoscaler 1.37, `simulator/drainability/rules`. */
export const DRAIN = {
  /** Not looked at: static pods. */
  skip: 0,
  /** Ends with the node and needs no new place: DaemonSet pods. */
  daemonSet: 1,
  /** Moves, whatever a later rule says: `safe-to-evict: "true"`. */
  always: 2,
  /** Must end by itself first: `safe-to-evict: on-completion`. */
  onCompletion: 3,
  /** Moves, if its disruption budget allows. */
  moves: 4,
  /** Blocks until it is older than the timeout for system pods; then moves. */
  system: 5,
  notReplicated: 6,
  notSafeToEvict: 7,
  localStorage: 8,
} as const;

const SAFE_TO_EVICT = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const SAFE_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
const DAEMON_SET_POD = 'cluster-autoscaler.kubernetes.io/daemonset-pod';
const SCALE_UP_DELAY = 'cluster-autoscaler.kubernetes.io/pod-scale-up-delay';
const MIRROR = 'kubernetes.io/config.mirror';
const REPLICATED = ['ReplicaSet', 'ReplicationController', 'Job', 'StatefulSet'];

/** What the autoscaler asks of a pod class, worked out once per class and read by class id. Grows with the run's classes. */
export class PodFacts {
  readonly cpu: number[] = [];
  readonly memory: number[] = [];
  /** Resources beyond CPU, memory and the number of pods: index and amount in turn. */
  readonly others: (readonly number[] | undefined)[] = [];
  /** Whether the place depends on more than the node's class and free resources: affinity between pods, spread, ports, volumes. */
  readonly constrained: boolean[] = [];
  /** Whether the node's name matters. */
  readonly named: boolean[] = [];
  /** Has a spread constraint over host names, so that the estimator retries it on other nodes. */
  readonly hostSpread: boolean[] = [];
  readonly expendable: boolean[] = [];
  /** Not there for the autoscaler: expendable, or of a scheduler that is not among the allowed ones. */
  readonly ignored: boolean[] = [];
  /** Of a scheduler whose verdict is not waited for. */
  readonly bypassed: boolean[] = [];
  /** A DaemonSet's pod, or one annotated as such. */
  readonly daemonSet: boolean[] = [];
  readonly mirror: boolean[] = [];
  /** Whether some controller would replace it. */
  readonly controlled: boolean[] = [];
  readonly priority: number[] = [];
  readonly gpu: boolean[] = [];
  /** One of {@link DRAIN}. */
  readonly drain: number[] = [];
  /** The same for a system pod that a budget selects: its namespace means nothing then. */
  readonly drainOfSystem: number[] = [];
  /** The pod's own scale-up delay, milliseconds; 0 where it names none. */
  readonly ownDelay: number[] = [];
  /** Milliseconds between deletion and kill. */
  readonly grace: number[] = [];
  /** Whether any class of the run is constrained: then every what-if must show the scheduler what was placed before. */
  anyConstrained = false;
  anyExpendable = false;
  anyIgnored = false;
  /** Whether any class keeps other pods away (required anti-affinity): then even a plain pod must ask the scheduler. */
  anyRepelling = false;
  anyPriority = false;
  anyOwnDelay = false;
  readonly #classes: Classes;
  readonly #flags: Flags;
  /** By pod class: its text without what makes no difference to {@link alike}. */
  readonly #texts: (string | undefined)[] = [];

  constructor(classes: Classes, flags: Flags) {
    this.#classes = classes;
    this.#flags = flags;
  }

  /** Takes in the classes that were made since the last call. */
  update(): void {
    const { pods } = this.#classes;
    for (let id = this.cpu.length; id < pods.length; id++) this.#add(pods[id]);
  }

  /** Whether two classes differ in annotations and scheduling gates at most. */
  alike(a: number, b: number): boolean {
    return a === b || this.#textOf(a) === this.#textOf(b);
  }

  #textOf(podClass: number): string {
    const { spec } = this.#classes.pods[podClass];
    return (this.#texts[podClass] ??= canonical({ ...spec, annotations: undefined, schedulingGates: undefined }));
  }

  #add({ requests, spec, priority }: PodClass): void {
    this.cpu.push(requests[CPU]);
    this.memory.push(requests[MEMORY]);
    const others: number[] = [];
    requests.forEach((amount, r) => {
      if (r !== CPU && r !== MEMORY && r !== PODS && amount > 0) others.push(r, amount);
    });
    this.others.push(others.length > 0 ? others : undefined);
    const repelling = (spec.podAntiAffinity?.required ?? []).length > 0;
    const spread = (spec.topologySpread ?? []).filter((s) => s.whenUnsatisfiable === 'DoNotSchedule');
    const constrained =
      repelling ||
      (spec.podAffinity?.required ?? []).length > 0 ||
      spread.length > 0 ||
      [...spec.containers, ...(spec.initContainers ?? [])].some((c) => (c.ports ?? []).length > 0) ||
      (spec.volumes ?? []).some((v) => v.kind === 'persistentVolumeClaim' || v.kind === 'ephemeral');
    const expendable = spec.priority !== undefined && spec.priority < this.#flags['expendable-pods-priority-cutoff'];
    this.constrained.push(constrained);
    this.named.push(namesNode(spec));
    this.hostSpread.push((spec.topologySpread ?? []).some((s) => s.topologyKey === LABEL.hostname));
    const scheduler = spec.schedulerName ?? 'default-scheduler';
    const allowed = this.#flags['allowed-scheduler-names'];
    const ignored = expendable || (allowed.length > 0 && !allowed.includes(scheduler));
    this.expendable.push(expendable);
    this.ignored.push(ignored);
    this.anyIgnored ||= ignored;
    this.bypassed.push(this.#flags['bypassed-scheduler-names'].includes(scheduler) && (spec.schedulingGates ?? []).length === 0);
    this.daemonSet.push(spec.controller === 'DaemonSet' || spec.annotations[DAEMON_SET_POD] === 'true');
    this.mirror.push(spec.annotations[MIRROR] !== undefined);
    this.controlled.push(spec.controller !== 'none');
    this.priority.push(priority);
    this.gpu.push(asksForGpus(spec));
    const rule = drainRule(spec, this.#flags, true);
    this.drain.push(rule);
    this.drainOfSystem.push(rule === DRAIN.system ? drainRule(spec, this.#flags, false) : rule);
    const delay = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(spec.annotations[SCALE_UP_DELAY] ?? '');
    const ownDelay = delay === null ? 0 : Number(delay[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[delay[2] as 'ms'];
    this.ownDelay.push(ownDelay);
    this.grace.push((spec.gracePeriodSeconds ?? 30) * 1000);
    this.anyConstrained ||= constrained;
    this.anyRepelling ||= repelling;
    this.anyExpendable ||= expendable;
    this.anyPriority ||= priority !== 0;
    this.anyOwnDelay ||= ownDelay > 0;
  }
}

/** The first of the rules that hang on the pod's class alone; see reference section 9.5 for their order. */
function drainRule(spec: PodSpec, flags: Flags, withSystem: boolean): number {
  if (spec.annotations[MIRROR] !== undefined) return DRAIN.skip;
  if (spec.controller === 'DaemonSet' || spec.annotations[DAEMON_SET_POD] === 'true') return DRAIN.daemonSet;
  const safe = spec.annotations[SAFE_TO_EVICT];
  if (safe === 'true') return DRAIN.always;
  if (safe === 'on-completion') return DRAIN.onCompletion;
  const replicated = REPLICATED.includes(spec.controller);
  if (spec.controller === 'none' || (flags['skip-nodes-with-custom-controller-pods'] && !replicated)) return DRAIN.notReplicated;
  if (withSystem && flags['skip-nodes-with-system-pods'] && spec.namespace === 'kube-system') return DRAIN.system;
  if (safe === 'false') return DRAIN.notSafeToEvict;
  if (flags['skip-nodes-with-local-storage']) {
    const fine = (spec.annotations[SAFE_VOLUMES] ?? '').split(',');
    if ((spec.volumes ?? []).some((v) => (v.kind === 'hostPath' || v.kind === 'emptyDir') && !fine.includes(v.name))) {
      return DRAIN.localStorage;
    }
  }
  return DRAIN.moves;
}

function asksForGpus(spec: PodSpec): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ requests }) => Object.keys(requests).some(isGpuResource));
}

function namesNode(spec: PodSpec): boolean {
  return (
    spec.nodeName !== undefined ||
    spec.nodeSelector?.[LABEL.hostname] !== undefined ||
    (spec.nodeAffinity?.required ?? []).some(
      (term) => (term.matchFields ?? []).length > 0 || (term.matchExpressions ?? []).some((e) => e.key === LABEL.hostname),
    )
  );
}
