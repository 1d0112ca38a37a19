import {
  type ClusterFacts,
  type ClusterView,
  CPU,
  type GroupSpec,
  type GroupTemplate,
  type JsonValue,
  LABEL,
  NONE,
  type NodeShape,
  PODS,
  type ProviderContext,
  sortedRecord,
  TAINT,
  type Taint,
} from '@plimsoll/core';
import type { ClusterAutoscalerOptions } from '../options/options.ts';
import type { PodFacts } from '../pods/pod-facts.ts';
import type { NodeGroups } from './node-groups.ts';
import type { NodeList } from './node-list.ts';

/** What a new node of a group is taken to be. */
export interface Template {
  readonly nodeClass: number;
  /** Use of the pods that every such node has, by resource. */
  readonly used: readonly number[];
  /** Whether it was copied from a real node. */
  readonly real: boolean;
}

/** Pods that a node without any is believed to hold, whatever its type. Source: `cloudprovider/aws/aws_manager.go`. */
const BELIEVED_PODS = 110;

/** Taints of a node's own condition, which a new node is not expected to have. Source: `utils/taints/taints.go`. */
const CONDITION_TAINTS = [
  TAINT.toBeDeleted,
  'DeletionCandidateOfClusterAutoscaler',
  TAINT.notReady,
  TAINT.unreachable,
  TAINT.unschedulable,
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
  'node.cloudprovider.kubernetes.io/uninitialized',
  'node.cloudprovider.kubernetes.io/shutdown',
  'cloud.google.com/impending-node-termination',
  'NodeWithImpairedVolumes',
];
const IGNORED_PREFIXES = [
  'ignore-taint.cluster-autoscaler.kubernetes.io/',
  'startup-taint.cluster-autoscaler.kubernetes.io/',
  'status-taint.cluster-autoscaler.kubernetes.io/',
];

/**
 * One template per group: a copy of a real node once one has been ready for more than a minute, and from then on; before, what the group's
 * description promises. Source: Cluster Autoscaler 1.37, `processors/nodeinfosprovider/mixed_nodeinfos_processor.go`.
 */
export class Templates {
  readonly #context: ProviderContext;
  readonly #view: ClusterView;
  readonly #groups: NodeGroups;
  readonly #facts: PodFacts;
  readonly #options: ClusterAutoscalerOptions;
  /** By group: the template in force. */
  readonly #current: (Template | undefined)[] = [];
  /** By group: the last one copied from a real node, and when. */
  readonly #cached: ({ template: Template; at: number } | undefined)[] = [];
  /** By group: whether the last loop saw a node to copy. */
  readonly #fromNode: boolean[] = [];
  /** By group: whether the template in force is the one of {@link #cached}, and no node to copy was seen. */
  readonly #remembered: boolean[] = [];
  readonly #believed: (Template | undefined)[] = [];
  /** By node class: the class without the taints that a new node would not have. */
  readonly #sanitised: number[] = [];

  constructor(context: ProviderContext, groups: NodeGroups, facts: PodFacts, options: ClusterAutoscalerOptions) {
    this.#context = context;
    this.#view = context.view;
    this.#groups = groups;
    this.#facts = facts;
    this.#options = options;
  }

  /** The template of a group, as of the last {@link update}. */
  of(group: number): Template | undefined {
    return this.#current[group];
  }

  /** Whether the template in force was remembered from an earlier loop, in which copies of it had the same names. */
  isRemembered(group: number): boolean {
    return this.#remembered[group] === true;
  }

  /** Chooses anew. Returns whether any group's template became another. */
  update(now: number, list: NodeList): boolean {
    let changed = false;
    const expiry = this.#options.flags['node-info-cache-expire-time'];
    for (let g = 0; g < this.#groups.count; g++) {
      const before = this.#current[g];
      const node = list.model[g];
      let next: Template | undefined;
      this.#remembered[g] = false;
      if (node !== NONE) {
        next = this.#copy(node, before);
        this.#fromNode[g] = true;
        this.#cached[g] = { template: next, at: now };
      } else {
        this.#fromNode[g] = false;
        const cached = this.#cached[g];
        if (cached !== undefined && cached.at + expiry >= now) {
          next = cached.template;
          this.#remembered[g] = true;
        } else next = this.#believed[g] ??= this.#promised(g);
      }
      if (next !== before) {
        this.#current[g] = next;
        changed = true;
      }
    }
    return changed;
  }

  /** Notes that skipped loops until a time saw the same nodes as the last one: copies of them are as fresh as that. */
  seenUnchanged(until: number): void {
    this.#cached.forEach((cached, g) => {
      if (cached !== undefined && this.#fromNode[g]) cached.at = until;
    });
  }

  snapshot(): JsonValue {
    return this.#groups.specs.map((_, g) => {
      const cached = this.#cached[g];
      const current = this.#current[g];
      return {
        // Which template is in force: none yet, what is promised, or the copy.
        inForce: current === undefined ? 'none' : current.real ? 'copy' : 'promise',
        fresh: this.#fromNode[g] === true,
        copy: cached === undefined ? null : { nodeClass: cached.template.nodeClass, used: cached.template.used, at: cached.at },
      };
    });
  }

  restore(value: JsonValue): void {
    const saved = value as { inForce: string; fresh: boolean; copy: { nodeClass: number; used: number[]; at: number } | null }[];
    saved.forEach(({ inForce, fresh, copy }, g) => {
      this.#fromNode[g] = fresh;
      if (copy !== null) {
        const template = { nodeClass: copy.nodeClass, used: copy.used, real: true };
        this.#cached[g] = { template, at: copy.at };
      }
      if (inForce === 'copy') this.#current[g] = this.#cached[g]?.template;
      else if (inForce === 'promise') this.#current[g] = this.#believed[g] ??= this.#promised(g);
    });
  }

  /** A copy of a real node with the DaemonSet and static pods that run on it. */
  #copy(node: number, before: Template | undefined): Template {
    const { nodes, pods, classes } = this.#view;
    const nodeClass = this.#sanitise(nodes.class[node]);
    const used: number[] = [];
    const running = new Set<number>();
    for (let pod = nodes.firstPod[node]; pod !== NONE; pod = pods.next[pod]) {
      const podClass = pods.class[pod];
      if (this.#facts.ignored[podClass] || !Number.isNaN(pods.deletedAt[pod])) continue;
      if (!this.#facts.daemonSet[podClass] && !this.#facts.mirror[podClass]) continue;
      running.add(pods.owner[pod]);
      addAmounts(used, classes.pods[podClass].requests);
    }
    this.#addDaemons(used, nodeClass, running, this.#options.flags['force-ds']);
    if (before?.real === true && before.nodeClass === nodeClass && sameAmounts(before.used, used)) return before;
    return { nodeClass, used, real: true };
  }

  /** Adds DaemonSets that would run on such a node and do not yet: all where forced, else those that would push their way in. */
  #addDaemons(used: number[], nodeClass: number, running: ReadonlySet<number>, force: boolean): void {
    const { classes } = this.#view;
    for (const { owner, priorityClassName, spec } of this.#daemonSets) {
      const pushesIn = priorityClassName === 'system-node-critical' && spec.preemptionPolicy !== 'Never';
      if ((owner !== undefined && running.has(owner)) || !(force || pushesIn)) continue;
      const { id, requests } = classes.pod(spec);
      if (this.#context.scheduling.fitsClass(id, nodeClass, 'template-node')) addAmounts(used, requests);
    }
  }

  get #daemonSets(): NonNullable<ClusterFacts['daemonSets']> {
    return this.#context.facts?.daemonSets ?? [];
  }

  /** What a group promises of a new node: what its API says, or else what the description of the group makes one believe. */
  #promised(g: number): Template | undefined {
    const template = this.#groups.template(g);
    return template === undefined ? this.#believe(this.#groups.specs[g]) : this.#fromApi(template);
  }

  #fromApi({ shape, pods }: GroupTemplate): Template {
    const { classes } = this.#view;
    const labels = sortedRecord({ ...shape.labels, ...deprecatedLabels(shape.labels) });
    const nodeClass = this.#sanitise(classes.node({ ...shape, labels }).id);
    const used: number[] = [];
    for (const spec of pods) {
      const { requests } = classes.pod(spec);
      if (spec.controller === 'DaemonSet' || spec.annotations['kubernetes.io/config.mirror'] !== undefined)
        addAmounts(used, requests);
    }
    this.#addDaemons(used, nodeClass, new Set(), true);
    return { nodeClass, used, real: false };
  }

  #sanitise(nodeClass: number): number {
    const known = this.#sanitised[nodeClass];
    if (known !== undefined) return known;
    const { shape } = this.#view.classes.nodes[nodeClass];
    const unschedulable = shape.unschedulable && !this.#options.flags['scale-from-unschedulable'];
    const next = this.#view.classes.node({ ...shape, unschedulable, taints: shape.taints.filter((t) => this.#keeps(t)) }).id;
    this.#sanitised[nodeClass] = next;
    return next;
  }

  #keeps({ key }: Taint): boolean {
    const { flags } = this.#options;
    return !(
      CONDITION_TAINTS.includes(key) ||
      IGNORED_PREFIXES.some((prefix) => key.startsWith(prefix)) ||
      flags['startup-taint-prefix'].some((prefix) => key.startsWith(prefix)) ||
      flags['ignore-taint'].includes(key) ||
      flags['startup-taint'].includes(key) ||
      flags['status-taint'].includes(key)
    );
  }

  /**
   * A node as the group's description promises it: the first type, the first zone, all of the advertised size free for pods, 110 of them, and
   * a kube-proxy. Source: `cloudprovider/aws/aws_manager.go` (template from an ASG).
   */
  #believe(spec: GroupSpec): Template | undefined {
    const type = this.#context.offerings.types.find(({ name }) => name === spec.instanceTypes[0]);
    if (type === undefined) return undefined;
    const capacity = { ...type.nominal, pods: BELIEVED_PODS, ...spec.taggedResources };
    const labels: Record<string, string> = {};
    for (const key of [LABEL.arch, LABEL.os]) if (type.labels[key] !== undefined) labels[key] = type.labels[key];
    labels[LABEL.instanceType] = type.name;
    labels[LABEL.region] = this.#context.offerings.region;
    if (spec.zones.length > 0) labels[LABEL.zone] = spec.zones[0];
    const shape: NodeShape = {
      labels: sortedRecord({ ...labels, ...spec.labels }),
      taints: spec.taints,
      unschedulable: false,
      capacity,
      allocatable: capacity,
    };
    const used: number[] = [0, 0, 0, 0];
    if (this.#options.model.kubeProxyCpu > 0) {
      used[CPU] = this.#options.model.kubeProxyCpu;
      used[PODS] = 1;
    }
    return { nodeClass: this.#view.classes.node(shape).id, used, real: false };
  }
}

/** Labels in their older names, which templates from a group's API carry as well. Source: `utils/labels/labels.go`. */
function deprecatedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [stable, old] of DEPRECATED) if (labels[stable] !== undefined) out[old] = labels[stable];
  return out;
}

const DEPRECATED: readonly (readonly [string, string])[] = [
  [LABEL.instanceType, 'beta.kubernetes.io/instance-type'],
  [LABEL.region, 'failure-domain.beta.kubernetes.io/region'],
  [LABEL.zone, 'failure-domain.beta.kubernetes.io/zone'],
];

function addAmounts(used: number[], amounts: readonly number[]): void {
  amounts.forEach((amount, r) => {
    used[r] = (used[r] ?? 0) + amount;
  });
}

function sameAmounts(a: readonly number[], b: readonly number[]): boolean {
  for (let r = 0; r < Math.max(a.length, b.length); r++) if ((a[r] ?? 0) !== (b[r] ?? 0)) return false;
  return true;
}
