import type { Labels } from '@plimsoll/core';
import { Json } from '../../kube-scheduler/json.ts';
import { cut, type WorldPod } from './world-pod.ts';

/** Grace period of every pod, ms. */
const GRACE = 30_000;

/** What a set of controllers does with the world. */
export interface Controllers {
  /** A pod has changed, or is gone. */
  podChanged(pod: WorldPod): void;
  /** The workload was patched by a user. */
  patched(patch: Record<string, unknown>): void;
  /** A time that was asked for has come. */
  wake(what: string): void;
  nodeChanged?(name: string): void;
  /** Works until there is nothing more to do at this instant. */
  settle(): void;
  status(): Record<string, unknown>;
  /** The object stands with its status already. */
  readonly statusAtStart?: true;
  /** What was done since the last call, beside pods. */
  takeDone?(): Record<string, unknown>;
}

interface WorldEvent {
  readonly at: number;
  run(): void;
}

/** The API and a small kubelet: what the controllers of the golden cases run against. */
export class World {
  readonly pods = new Map<string, WorldPod>();
  readonly nodes = new Map<string, Json>();
  now = 0;
  /** Pods that may exist at once; creates beyond it are refused. */
  quota = Infinity;
  created: string[] = [];
  deleted: string[] = [];
  readonly #rules: Json[];
  readonly #nodeCount: number;
  readonly #events: WorldEvent[] = [];
  readonly #wakes: WorldEvent[] = [];
  readonly #names = new Map<string, number>();
  #made = 0;
  controllers!: Controllers;

  constructor(input: Json) {
    this.#rules = input.at('rules').items;
    this.#nodeCount = input.at('nodeCount').number ?? 3;
    for (const node of input.at('nodes').items) this.nodes.set(node.at('metadata', 'name').text ?? '', node);
  }

  /** Runs until the end and tells what happened, instant by instant. */
  run(input: Json, podsAsCounts: ((name: string) => string) | 'number' | undefined): Record<string, unknown> {
    const start = input.at('startMs').number ?? 0;
    const end = input.at('endMs').number ?? 0;
    for (const step of input.at('steps').items) this.at(step.at('atMs').number ?? 0, () => this.#step(step));
    const instants: unknown[] = [];
    let told = this.controllers.statusAtStart === true ? JSON.stringify(this.controllers.status()) : '';
    this.now = start;
    const look = (): void => {
      this.controllers.settle();
      // What controllers asked to be woken for comes before what happens at that instant.
      while (due(this.#wakes, this.now) || due(this.#events, this.now)) {
        const queue = due(this.#wakes, this.now) ? this.#wakes : this.#events;
        while (due(queue, this.now)) (queue.shift() as WorldEvent).run();
        this.controllers.settle();
      }
      const status = this.controllers.status();
      const text = JSON.stringify(status);
      const done = this.controllers.takeDone?.() ?? {};
      const [created, deleted] = [this.created, this.deleted];
      this.created = [];
      this.deleted = [];
      const lists = {
        ...(created.length > 0 && { created: counted(created, podsAsCounts) }),
        ...(deleted.length > 0 && { deleted: counted(deleted, podsAsCounts) }),
        ...done,
      };
      if (text === told && Object.keys(lists).length === 0) return;
      instants.push({ atMs: this.now, ...lists, ...(text !== told && { status }) });
      told = text;
    };
    look();
    for (;;) {
      const next = Math.min(this.#events[0]?.at ?? Infinity, this.#wakes[0]?.at ?? Infinity);
      if (next > end) break;
      this.now = next;
      look();
    }
    const pods = [...this.pods.values()].map(({ name, deleting }) => (deleting ? `${name} (terminating)` : name)).sort();
    return { instants, status: this.controllers.status(), ...(podsAsCounts === undefined && { pods }) };
  }

  /** Schedules something; of one instant, what was scheduled earlier runs first. */
  at(at: number, run: () => void): void {
    insert(this.#events, Math.max(at, this.now), run);
  }

  wakeAt(at: number, what: string): void {
    insert(this.#wakes, Math.max(at, this.now), () => this.controllers.wake(what));
  }

  /** Creates a pod, unless the quota refuses it. `group` names what its number counts within. */
  createPod(pod: {
    readonly labels: Labels;
    readonly ownerUid: string;
    /** Its name from the number k. */
    readonly name: (k: number) => string;
    readonly counter: string;
    readonly group?: string;
    readonly home?: string;
    readonly finalizer?: boolean;
  }): WorldPod | undefined {
    let live = 0;
    for (const { phase } of this.pods.values()) if (phase !== 'Succeeded' && phase !== 'Failed') live++;
    if (live >= this.quota) return undefined;
    const k = this.#names.get(pod.counter) ?? 0;
    this.#names.set(pod.counter, k + 1);
    const name = pod.name(k);
    const made: WorldPod = {
      name,
      uid: `${name}/${this.#made}`,
      labels: pod.labels,
      ownerUid: pod.ownerUid,
      group: pod.group ?? name,
      k,
      reborn: pod.counter === name,
      home: pod.home ?? `n${this.#made % this.#nodeCount}`,
      createdAt: cut(this.now),
      phase: 'Pending',
      ready: false,
      deleting: false,
      disrupted: false,
      finalizer: pod.finalizer ?? false,
      wasReady: false,
      stopped: false,
      gone: false,
    };
    this.#made++;
    this.pods.set(name, made);
    this.created.push(name);
    this.#plan(made);
    this.controllers.podChanged(made);
    return made;
  }

  /** A graceful deletion. */
  deletePod(pod: WorldPod, by: 'controller' | 'user'): void {
    if (pod.deleting || pod.gone) return;
    if (by === 'controller') this.deleted.push(pod.name);
    pod.deleting = true;
    pod.deletedAt = this.now;
    const terminal = pod.phase === 'Succeeded' || pod.phase === 'Failed';
    if (pod.nodeName === undefined || terminal) this.#stop(pod);
    else {
      // In the recordings a pod that shares its name with later ones ends by the rule of the next, once it was ready.
      const { number = 0 } = this.#ruleOf(pod.reborn && pod.wasReady ? { ...pod, k: pod.k + 1 } : pod).at('terminateMs');
      this.at(this.now + Math.min(number, GRACE), () => this.#stop(pod));
    }
    this.controllers.podChanged(pod);
  }

  /** The controller has counted the pod. */
  removeFinalizer(pod: WorldPod): void {
    if (!pod.finalizer) return;
    pod.finalizer = false;
    if (pod.stopped) this.#remove(pod);
    this.controllers.podChanged(pod);
  }

  #stop(pod: WorldPod): void {
    if (pod.gone) return;
    pod.stopped = true;
    if (!pod.finalizer) this.#remove(pod);
    else if (pod.phase !== 'Succeeded' && pod.phase !== 'Failed') this.#finish(pod, 'Failed', 137);
    this.controllers.podChanged(pod);
  }

  #remove(pod: WorldPod): void {
    pod.gone = true;
    this.pods.delete(pod.name);
  }

  #finish(pod: WorldPod, phase: 'Succeeded' | 'Failed', exitCode: number): void {
    pod.phase = phase;
    pod.exitCode = exitCode;
    pod.finishedAt = cut(this.now);
    this.#setReady(pod, false);
    this.controllers.podChanged(pod);
  }

  #setReady(pod: WorldPod, ready: boolean): void {
    if (pod.ready === ready && pod.readyChangedAt !== undefined) return;
    pod.ready = ready;
    pod.readyChangedAt = cut(this.now);
    this.controllers.podChanged(pod);
  }

  #ruleOf({ labels, group, k }: WorldPod): Json {
    const fits = (match: Json): boolean =>
      match.at('labels').keys.every((key) => labels[key] === match.at('labels', key).text) &&
      (!match.at('group').present || match.at('group').texts.includes(group)) &&
      (!match.at('k').present || match.at('k').items.some(({ number }) => number === k));
    return this.#rules.find((rule) => !rule.at('match').present || fits(rule.at('match'))) ?? DEFAULT_RULE;
  }

  #plan(pod: WorldPod): void {
    const rule = this.#ruleOf(pod);
    const { number: bind = 0 } = rule.at('bindMs');
    if (bind < 0) return;
    const alive = (): boolean => !pod.gone && !pod.deleting && pod.phase !== 'Succeeded' && pod.phase !== 'Failed';
    const later = (key: string, run: () => void): void => {
      const { number } = rule.at(key);
      if (number !== undefined)
        this.at(this.now + number, () => (alive() ? run() : !pod.gone && this.controllers.podChanged(pod)));
    };
    this.at(this.now + bind, () => {
      if (!alive()) return;
      pod.nodeName = pod.home;
      this.controllers.podChanged(pod);
      this.at(this.now + (rule.at('startMs').number ?? 0), () => {
        if (!alive()) return;
        pod.phase = 'Running';
        this.#setReady(pod, false);
        this.controllers.podChanged(pod);
        later('readyMs', () => {
          pod.wasReady = true;
          this.#setReady(pod, true);
        });
        later('unreadyMs', () => this.#setReady(pod, false));
        later('failMs', () => {
          pod.disrupted = rule.at('disruptionTarget').flag;
          this.#finish(pod, 'Failed', rule.at('exitCode').number ?? 1);
        });
        later('succeedMs', () => this.#finish(pod, 'Succeeded', 0));
      });
    });
  }

  #step(step: Json): void {
    const on = (key: string, run: (pod: WorldPod) => void): void => {
      const pod = this.pods.get(step.at(key).text ?? '');
      if (pod !== undefined) run(pod);
    };
    on('deletePod', (pod) => this.deletePod(pod, 'user'));
    on('failPod', (pod) => this.#finish(pod, 'Failed', 1));
    on('unreadyPod', (pod) => pod.phase === 'Running' && this.#setReady(pod, false));
    on('readyPod', (pod) => pod.phase === 'Running' && this.#setReady(pod, true));
    if (step.at('quota').number !== undefined) this.quota = step.at('quota').number as number;
    for (const key of ['addNode', 'updateNode']) {
      const node = step.at(key);
      if (!node.present) continue;
      this.nodes.set(node.at('metadata', 'name').text ?? '', node);
      this.controllers.nodeChanged?.(node.at('metadata', 'name').text ?? '');
    }
    if (step.at('patch').present) this.controllers.patched(step.at('patch').value as Record<string, unknown>);
  }
}

const DEFAULT_RULE = new Json({ readyMs: 0 });

function due(queue: readonly WorldEvent[], now: number): boolean {
  return queue.length > 0 && queue[0].at <= now;
}

function insert(queue: WorldEvent[], at: number, run: () => void): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle].at <= at) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, { at, run });
}

function counted(names: string[], as: ((name: string) => string) | 'number' | undefined): unknown {
  if (as === undefined) return [...names].sort();
  if (as === 'number') return names.length;
  const out: Record<string, number> = {};
  for (const name of names) out[as(name)] = (out[as(name)] ?? 0) + 1;
  return out;
}

/** A JSON merge patch. */
export function merged(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const out: Record<string, unknown> = { ...((typeof target === 'object' && target) || {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = merged(out[key], value);
  }
  return out;
}
