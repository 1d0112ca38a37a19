import type { Taint, Toleration } from '@plimsoll/core';
import {
  defaultNodeLifecycleSettings,
  defaultPodGcSettings,
  type LifecycleNode,
  type NodeCondition,
  NodeMonitor,
  PodGc,
  type PodPhase,
  TaintEviction,
  taintsByCondition,
} from '@plimsoll/kubernetes';
import type { Json } from '../kube-scheduler/json.ts';
import { instant } from './pods.ts';
import { cut } from './world/world-pod.ts';

const MONITOR = 5000;
const [TAINT, FIRST_TAINT] = [100, 50];
const [COLLECT, FIRST_COLLECT] = [20_000, 25];
const BEAT = 10_000;
/** The recordings' quarantine, so that the pass 40 s later finds it over. */
const QUARANTINE = 39_999;
const GRACE = 30;

interface NodeState {
  name: string;
  zone: string;
  zoneLabel: string;
  conditions: readonly NodeCondition[];
  taints: readonly Taint[];
  unschedulable: boolean;
  renewedAt: number;
  postedAt?: number;
  /** What its kubelet reports. */
  own: NodeCondition[];
  runs: boolean;
}

interface PodEntry {
  readonly name: string;
  readonly nodeName?: string;
  readonly tolerations: readonly Toleration[];
  readonly graceMs: number;
  readonly createdAt: number;
  readonly reason?: string;
  phase: PodPhase;
  ready: boolean;
  deleting: boolean;
  /** Reason of its DisruptionTarget condition. */
  disruption?: string;
  /** When its kubelet, if it runs, is done with it. */
  goesAt?: number;
}

/** Nodes whose kubelets come and go, with all controllers that mind. */
export function answerNodes(input: Json): unknown {
  return new NodeWorld(input).run();
}

class NodeWorld {
  readonly #input: Json;
  readonly #terminateMs: number;
  readonly #nodes = new Map<string, NodeState>();
  readonly #pods = new Map<string, PodEntry>();
  readonly #removed: NodeState[] = [];
  readonly #lifecycle: NodeMonitor;
  readonly #evictions = new TaintEviction();
  readonly #collector: PodGc;
  #now = 0;
  #done: Record<string, string[]> = {};
  readonly #touched = new Set<string>();
  readonly #told = new Map<string, string>();
  #toldZones = '{}';
  #toldCounts = '';

  constructor(input: Json) {
    this.#input = input;
    this.#terminateMs = input.at('terminateMs').number ?? 0;
    for (const raw of input.at('nodes').items) this.#addNode(raw);
    for (const raw of input.at('pods').items) this.#addPod(raw);
    this.#lifecycle = new NodeMonitor(
      { ...defaultNodeLifecycleSettings, ...optional('monitorGraceMs', input.at('nodeMonitorGraceMs').number) },
      {
        setConditions: (name, conditions) => this.#change(name, { conditions }),
        setTaints: (name, taints) => this.#change(name, { taints }),
        markPodsNotReady: (name) => {
          for (const pod of this.#pods.values()) if (pod.nodeName === name) this.#markNotReady(pod);
        },
      },
    );
    this.#collector = new PodGc({
      terminatedPodThreshold: input.at('podGCThreshold').number ?? defaultPodGcSettings.terminatedPodThreshold,
      quarantineMs: QUARANTINE,
    });
  }

  run(): unknown {
    const end = this.#input.at('endMs').number ?? 0;
    const steps = this.#input.at('steps').items;
    const phases = this.#input.at('phaseMs');
    const counts = this.#input.at('countsOnly').flag;
    for (const [name, node] of this.#nodes) this.#told.set(name, JSON.stringify(shown(node)));
    this.#toldCounts = '';
    const instants: unknown[] = [];
    let step = 0;
    let [monitor, taint, collect] = [0, FIRST_TAINT, FIRST_COLLECT];
    const beats = new Map([...this.#nodes.keys()].map((name) => [name, phases.at(name).number ?? 0]));
    for (;;) {
      let next = Math.min(monitor, taint, collect, this.#evictions.next);
      for (const at of beats.values()) next = Math.min(next, at);
      for (const { goesAt } of this.#pods.values()) if (goesAt !== undefined) next = Math.min(next, goesAt);
      if (step < steps.length) next = Math.min(next, steps[step].at('atMs').number ?? 0);
      if (next > end) break;
      this.#now = next;
      for (const [name, at] of beats) {
        if (at > next) continue;
        beats.set(name, at + BEAT);
        const node = this.#nodes.get(name);
        if (node?.runs) this.#beat(node);
      }
      this.#stopPods();
      while (step < steps.length && (steps[step].at('atMs').number ?? 0) <= next) this.#step(steps[step++]);
      this.#evict();
      if (monitor <= next) {
        this.#lifecycle.monitor([...this.#nodes.keys()], (name) => this.#nodes.get(name) as NodeState, next);
        monitor += MONITOR;
      }
      if (taint <= next) {
        this.#lifecycle.taint((name) => this.#nodes.get(name), next);
        taint += TAINT;
      }
      this.#evict();
      if (collect <= next) {
        this.#collect();
        collect += COLLECT;
      }
      this.#stopPods();
      const told = this.#tell(counts);
      if (told !== undefined) instants.push(told);
    }
    return { instants };
  }

  /** Pods that their kubelets are done with. */
  #stopPods(): void {
    for (const pod of this.#pods.values()) {
      if (pod.goesAt === undefined || pod.goesAt > this.#now) continue;
      this.#note('podsGone', pod.name);
      this.#removePod(pod);
    }
  }

  #tell(counts: boolean): unknown {
    const zones = Object.fromEntries([...this.#lifecycle.zones].sort());
    const zonesText = JSON.stringify(zones);
    const out: Record<string, unknown> = {};
    if (zonesText !== this.#toldZones) out.zones = zones;
    this.#toldZones = zonesText;
    for (const [key, names] of Object.entries(this.#done)) out[key] = counts ? names.length : names.sort();
    this.#done = {};
    if (counts && this.#touched.size === 0 && this.#toldCounts !== '') {
      // Nothing to count anew.
    } else if (counts) {
      const byZone: Record<string, Record<string, number>> = {};
      // Removed nodes count on as they were last seen.
      for (const node of [...this.#nodes.values(), ...this.#removed]) {
        const zone = (byZone[node.zoneLabel] ??= {});
        const { ready, taints } = shown(node);
        for (const key of [`ready=${ready}`, ...taints]) zone[key] = (zone[key] ?? 0) + 1;
      }
      const text = JSON.stringify(Object.entries(byZone).map(([zone, of]) => [zone, Object.entries(of).sort()]));
      if (text !== this.#toldCounts) out.nodesByZone = byZone;
      this.#toldCounts = text;
    } else {
      const nodes: Record<string, unknown> = {};
      for (const name of this.#touched) {
        const node = this.#nodes.get(name);
        if (node === undefined) continue;
        const view = shown(node);
        const text = JSON.stringify(view);
        if (text === this.#told.get(name)) continue;
        this.#told.set(name, text);
        nodes[name] = view;
      }
      if (Object.keys(nodes).length > 0) out.nodes = nodes;
    }
    this.#touched.clear();
    return Object.keys(out).length > 0 ? { atMs: this.#now, ...out } : undefined;
  }

  #addNode(raw: Json): void {
    const label = (key: string): string => raw.at('metadata', 'labels', `topology.kubernetes.io/${key}`).text ?? '';
    const [region, zone] = [label('region'), label('zone')];
    const own = raw.at('status', 'conditions').items.map(
      (condition): NodeCondition => ({
        type: condition.at('type').text ?? '',
        status: condition.at('status').text as NodeCondition['status'],
        ...optional('reason', condition.at('reason').text),
      }),
    );
    const name = raw.at('metadata', 'name').text ?? '';
    this.#nodes.set(name, {
      name,
      zone: region === '' && zone === '' ? '' : `${region}/${zone}`,
      zoneLabel: zone,
      conditions: own,
      taints: (raw.at('spec', 'taints').value as Taint[] | undefined) ?? [],
      unschedulable: raw.at('spec', 'unschedulable').flag,
      renewedAt: 0,
      own,
      runs: true,
    });
  }

  #addPod(raw: Json): PodEntry {
    const status = raw.at('status');
    const ready = status.at('conditions').items.find((condition) => condition.at('type').text === 'Ready');
    const pod: PodEntry = {
      name: raw.at('metadata', 'name').text ?? '',
      ...optional('nodeName', raw.at('spec', 'nodeName').text || undefined),
      tolerations: (raw.at('spec', 'tolerations').value as Toleration[] | undefined) ?? [],
      graceMs: (raw.at('spec', 'terminationGracePeriodSeconds').number ?? GRACE) * 1000,
      // Without a time it counts as the oldest.
      createdAt: instant(raw.at('metadata', 'creationTimestamp')) ?? Number.NEGATIVE_INFINITY,
      ...optional('reason', status.at('reason').text),
      phase: (status.at('phase').text ?? 'Pending') as PodPhase,
      ready: ready?.at('status').text === 'True',
      deleting: raw.at('metadata', 'deletionTimestamp').present,
    };
    this.#pods.set(pod.name, pod);
    return pod;
  }

  /** A change of a node in the API, and what follows from it at once. */
  #change(name: string, change: Partial<NodeState>): void {
    const node = this.#nodes.get(name) as NodeState;
    const before = node.taints;
    Object.assign(node, change);
    node.taints = taintsByCondition(node as LifecycleNode);
    this.#touched.add(name);
    if (node.taints === before) return;
    for (const pod of this.#pods.values()) if (pod.nodeName === name) this.#considerEviction(pod);
  }

  #considerEviction({ name, nodeName, tolerations }: PodEntry): void {
    const taints = this.#nodes.get(nodeName ?? '')?.taints;
    if (taints !== undefined) this.#evictions.consider(name, tolerations, taints, this.#now);
  }

  #evict(): void {
    for (const name of this.#evictions.due(this.#now)) {
      const pod = this.#pods.get(name);
      if (pod === undefined) continue;
      if (!pod.deleting) this.#note('podsDeleted', `${name} DeletionByTaintManager`);
      pod.disruption = 'DeletionByTaintManager';
      this.#delete(pod);
    }
  }

  #collect(): void {
    const isOut = (name: string): boolean => {
      const node = this.#nodes.get(name);
      if (node === undefined || !node.taints.some(({ key }) => key === 'node.kubernetes.io/out-of-service')) return false;
      return node.conditions.find(({ type }) => type === 'Ready')?.status !== 'True';
    };
    for (const { pod, reason } of this.#collector.collect(
      [...this.#pods.values()],
      (name) => this.#nodes.has(name),
      isOut,
      this.#now,
    )) {
      const why = reason ?? this.#pods.get(pod.name)?.disruption;
      this.#note('podsForceDeleted', why === undefined ? pod.name : `${pod.name} ${why}`);
      this.#removePod(pod);
    }
  }

  #delete(pod: PodEntry, graceMs = pod.graceMs): void {
    if (pod.deleting) return;
    pod.deleting = true;
    if (pod.nodeName === undefined) this.#removePod(pod);
    else if (this.#nodes.get(pod.nodeName)?.runs) pod.goesAt = this.#now + Math.min(this.#terminateMs, graceMs);
  }

  #removePod({ name }: { readonly name: string }): void {
    this.#pods.delete(name);
    this.#evictions.cancel(name);
  }

  #markNotReady(pod: PodEntry): void {
    if (!pod.ready) return;
    pod.ready = false;
    this.#note('podsNotReady', pod.name);
  }

  #beat(node: NodeState): void {
    node.renewedAt = this.#now;
    const same = node.own.every(({ type, status }) =>
      node.conditions.some((other) => other.type === type && other.status === status),
    );
    if (!same) this.#report(node);
  }

  #report(node: NodeState): void {
    node.postedAt = cut(this.#now);
    const types = new Set(node.own.map(({ type }) => type));
    this.#change(node.name, { conditions: [...node.own, ...node.conditions.filter(({ type }) => !types.has(type))] });
  }

  #step(step: Json): void {
    const node = this.#nodes.get(step.at('node').text ?? '');
    if (step.at('addPod').present) {
      const pod = this.#addPod(step.at('addPod'));
      this.#considerEviction(pod);
      if (pod.nodeName !== undefined && this.#lifecycle.seenReady(pod.nodeName) === false) this.#markNotReady(pod);
    }
    const pod = this.#pods.get(step.at('deletePod').text ?? '');
    if (pod !== undefined) this.#delete(pod, GRACE * 1000);
    if (node === undefined) return;
    const kubelet = step.at('kubelet').text;
    if (kubelet === 'stop') {
      node.runs = false;
      for (const pod of this.#pods.values()) if (pod.nodeName === node.name) delete pod.goesAt;
    } else if (kubelet === 'start') {
      node.runs = true;
      this.#beat(node);
      for (const pod of this.#pods.values())
        if (pod.nodeName === node.name && pod.deleting) pod.goesAt = this.#now + this.#terminateMs;
    }
    const condition = step.at('condition');
    if (condition.present) {
      const posted: NodeCondition = {
        type: condition.at('type').text ?? '',
        status: condition.at('status').text as NodeCondition['status'],
        ...optional('reason', condition.at('reason').text),
      };
      node.own = [...node.own.filter(({ type }) => type !== posted.type), posted];
      if (node.runs) this.#report(node);
    }
    const added = step.at('addTaint').value as Taint | undefined;
    if (added !== undefined) this.#change(node.name, { taints: [...node.taints, added] });
    const removed = step.at('removeTaint').text;
    if (removed !== undefined) this.#change(node.name, { taints: node.taints.filter(({ key }) => key !== removed) });
    const cordon = step.at('cordon').value;
    if (cordon !== undefined) this.#change(node.name, { unschedulable: cordon === true });
    if (step.at('removeNode').flag) {
      this.#nodes.delete(node.name);
      this.#removed.push(node);
      for (const pod of this.#pods.values()) {
        if (pod.nodeName === node.name) delete pod.goesAt;
      }
    }
  }

  #note(key: string, name: string): void {
    (this.#done[key] ??= []).push(name);
  }
}

function shown(node: NodeState): { ready: string; taints: string[] } & Record<string, unknown> {
  const ready = node.conditions.find(({ type }) => type === 'Ready');
  const others = node.conditions.filter(({ type, status }) => type !== 'Ready' && status !== 'False');
  return {
    ready: ready?.status ?? 'Unknown',
    ...(ready?.status === 'Unknown' && ready.reason !== undefined && { reason: ready.reason }),
    ...Object.fromEntries(others.map(({ type, status }) => [type, status])),
    taints: node.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`).sort(),
  };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: T });
}
