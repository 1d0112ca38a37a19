import {
  type BudgetFact,
  type Cluster,
  type ClusterFacts,
  type Component,
  canonical,
  compareText,
  type DaemonSetFact,
  type DeploymentObject,
  EVICTION,
  type JobObject,
  type JsonValue,
  NODE,
  NONE,
  PHASE,
  POD,
  RECORD,
  type Streams,
  type Timer,
  type Workload,
  type WorkloadCall,
  type WorkloadObject,
  type WorkloadView,
} from '@plimsoll/core';
import {
  type DeploymentActions,
  type DeploymentStatus,
  emptyDeploymentStatus,
  type OwnedReplicaSet,
  syncDeployment,
} from '../deployment/deployment.ts';
import { backoffLeft } from '../job/backoff.ts';
import { planReplicas } from '../replicaset/replicaset.ts';
import { ControllerClient, type ControllerPace } from './controller-client.ts';
import { daemonPod, daemonPodFor, wantsDaemonPod } from './daemon-pods.ts';
import { JOB_BATCH, type JobProgress, newJob } from './job-progress.ts';
import { LiveBudgets } from './live-budgets.ts';
import { type LiveOwner, LiveOwners, type SavedOwner, templateHash, withHash } from './live-owners.ts';

/** Codes of the controllers' own events. Owners and objects are meant by their place in the order in which they came to be. */
const EVENT = {
  /** The next call of the workload is due. */
  call: 0,
  /** a object */
  deployment: 1,
  /** a owner */
  owner: 2,
  /** a owner, b node */
  daemon: 3,
  /** a owner, b node or NONE: a pod is created */
  create: 4,
  /** a pod, b cause */
  remove: 5,
  /** a owner, b replicas */
  resize: 6,
  budgets: 7,
  /** a owner: its pause is over */
  resume: 8,
} as const;

/** One object of the workload as it stands. */
interface LiveObject {
  /** The call that made it what it is. */
  call: number;
  spec: WorkloadObject;
  deleted: boolean;
  /** Places of its owners of pods, oldest first. */
  readonly owners: number[];
  job?: JobProgress;
  status?: DeploymentStatus;
}

/** Old sets that a Deployment keeps. Source: Kubernetes v1.36, `pkg/apis/apps/v1/defaults.go`. */
const HISTORY = 10;
const NO_PODS = { replicas: 0, ready: 0, available: 0, failing: false };

const BUDGET_KINDS: ReadonlySet<number> = new Set([
  RECORD.podCreated,
  RECORD.podStarted,
  RECORD.podFinished,
  RECORD.podEvicted,
  RECORD.podGone,
]);

/**
 * The controllers of a run whose workload holds calls to the API: Deployments with their ReplicaSets, DaemonSets, Jobs and disruption
 * budgets. Each hears of a change a little later, works through its own client, and creates pods in batches that grow.
 *
 * Without calls it does nothing and costs nothing; everything else is asked of the owners of the workload's rows.
 */
export class Controllers implements Component, WorkloadView, ClusterFacts {
  readonly id = 'controllers';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #calls: readonly WorkloadCall[];
  readonly #rows: WorkloadView;
  readonly #owners: LiveOwners;
  readonly #objects: LiveObject[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #budgets = new LiveBudgets();
  readonly #clients: Readonly<Record<'deployment' | 'replicaSet' | 'daemonSet' | 'job', ControllerClient>>;
  /** Syncs that are on their way, by code and subject. */
  readonly #pending = new Set<string>();
  /** ReplicaSets as their Deployments see them, by owner. */
  readonly #sets = new Map<number, OwnedReplicaSet>();
  /** By owner: until when its last creations are on their way. */
  readonly #busyUntil = new Map<number, number>();
  #base = 0;
  #cursor = 0;

  constructor(cluster: Cluster, timer: Timer, streams: Streams, workload: Workload, rows: WorkloadView, pace: ControllerPace) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#calls = workload.calls;
    this.#rows = rows;
    this.#base = workload.length;
    this.#owners = new LiveOwners(cluster, workload.length, streams.keyed('pod-uid'));
    const client = (name: string): ControllerClient => new ControllerClient(pace, streams.stream('controller', name));
    this.#clients = {
      deployment: client('deployment'),
      replicaSet: client('replicaset'),
      daemonSet: client('daemonset'),
      job: client('job'),
    };
  }

  start(): void {
    this.#nextCall();
  }

  // ---- what others ask ------------------------------------------------------------------------------------------------------

  podName(pod: number): string {
    const owner = this.#owners.at(this.#cluster.pods.owner[pod]);
    if (owner === undefined) return this.#rows.podName(pod);
    return owner.kind === 'Pod' ? owner.name : `${owner.name}-${this.#cluster.pods.ordinal[pod]}`;
  }

  ownerName(row: number): string {
    return this.#owners.at(row)?.name ?? this.#rows.ownerName(row);
  }

  evictionBlocked(pod: number): boolean {
    const owner = this.#owners.at(this.#cluster.pods.owner[pod]);
    if (owner === undefined || !this.#budgets.any) return this.#rows.evictionBlocked(pod);
    return this.#budgets.blocks(this.#owners.podState(pod, owner), owner.namespace, this.#timer.now);
  }

  get daemonSets(): readonly DaemonSetFact[] {
    return this.#owners.all
      .filter((owner) => owner.kind === 'DaemonSet' && !owner.deleted)
      .map(({ namespace, name, template }) => ({ namespace, name, spec: template }))
      .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
  }

  budgets(): readonly BudgetFact[] {
    return this.#budgets.facts();
  }

  controller(pod: number): { readonly replicas?: number } | undefined {
    const owner = this.#owners.at(this.#cluster.pods.owner[pod]);
    if (owner === undefined) return {};
    if (owner.deleted) return undefined;
    return owner.kind === 'ReplicaSet' ? { replicas: owner.replicas } : {};
  }

  lingers(pod: number): boolean {
    return this.#lingering.has(pod);
  }

  // ---- events ---------------------------------------------------------------------------------------------------------------

  observe(kind: number, a: number, b: number, c: number): void {
    if (this.#calls.length === 0) return;
    if (kind === RECORD.nodeRegistered || kind === RECORD.nodeReady || kind === RECORD.nodeChanged) this.#nodeChanged(a);
    else if (BUDGET_KINDS.has(kind)) this.#podChanged(kind, a, b, c);
  }

  handle(code: number, a: number, b: number): void {
    if (code !== EVENT.call) this.#pending.delete(`${code} ${a} ${b}`);
    switch (code) {
      case EVENT.call:
        this.#carryOut();
        return;
      case EVENT.deployment:
        this.#syncDeployment(a);
        return;
      case EVENT.owner:
      case EVENT.resume:
        this.#syncOwner(this.#owners.all[a], a);
        return;
      case EVENT.daemon:
        this.#syncDaemon(this.#owners.all[a], a, b);
        return;
      case EVENT.create:
        this.#create(this.#owners.all[a], b);
        return;
      case EVENT.remove:
        this.#remove(a, b);
        return;
      case EVENT.resize:
        this.#later(EVENT.owner, a, this.#clients.replicaSet);
        return;
      case EVENT.budgets:
        this.#syncBudgets();
    }
  }

  snapshot(): JsonValue {
    if (this.#calls.length === 0) return null;
    return {
      cursor: this.#cursor,
      owners: this.#owners.snapshot() as unknown as JsonValue,
      objects: this.#objects.map(({ call, deleted, owners, job, status }) => [
        call,
        deleted,
        owners,
        job === undefined ? null : ({ ...job } as unknown as JsonValue),
        (status ?? null) as unknown as JsonValue,
      ]),
      sets: [...this.#sets].map(([place, set]) => [place, { ...set }]) as unknown as JsonValue,
      budgets: this.#budgets.snapshot() as unknown as JsonValue,
      pending: [...this.#pending],
      busy: [...this.#busyUntil],
      lingering: [...this.#lingering],
      daemons: [...this.#daemonNode],
      clients: Object.values(this.#clients).map((client) => client.snapshot()),
    };
  }

  restore(value: JsonValue): void {
    if (value === null) return;
    const saved = value as unknown as {
      cursor: number;
      owners: readonly SavedOwner[];
      objects: readonly [number, boolean, number[], JobProgress | null, DeploymentStatus | null][];
      sets: readonly (readonly [number, OwnedReplicaSet])[];
      budgets: Parameters<LiveBudgets['restore']>[0];
      pending: readonly string[];
      busy: readonly (readonly [number, number])[];
      lingering: readonly number[];
      daemons: readonly (readonly [number, number])[];
      clients: readonly (number | null)[];
    };
    this.#cursor = saved.cursor;
    this.#owners.restore(saved.owners);
    for (const [place, set] of saved.sets) this.#sets.set(place, { ...set });
    for (const [call, deleted, owners, job, status] of saved.objects) {
      const { object } = this.#calls[call] as Extract<WorkloadCall, { verb: 'apply' }>;
      this.#byKey.set(keyOf(object), this.#objects.length);
      this.#objects.push({
        call,
        spec: object,
        deleted,
        owners: [...owners],
        ...(job && { job: { ...job } }),
        ...(status && { status }),
      });
    }
    for (const call of this.#calls.slice(0, saved.cursor)) this.#applyBudget(call);
    this.#budgets.restore(saved.budgets);
    for (const key of saved.pending) this.#pending.add(key);
    for (const [owner, until] of saved.busy) this.#busyUntil.set(owner, until);
    for (const pod of saved.lingering) this.#lingering.add(pod);
    for (const [pod, node] of saved.daemons) this.#daemonNode.set(pod, node);
    Object.values(this.#clients).forEach((client, index) => {
      client.restore(saved.clients[index]);
    });
  }

  // ---- calls of users -------------------------------------------------------------------------------------------------------

  #nextCall(): void {
    if (this.#cursor < this.#calls.length) this.#timer.at(this.#calls[this.#cursor].time, PHASE.arrival, EVENT.call);
  }

  #carryOut(): void {
    const { now } = this.#timer;
    for (; this.#cursor < this.#calls.length && this.#calls[this.#cursor].time === now; this.#cursor++) {
      const call = this.#calls[this.#cursor];
      this.#applyBudget(call);
      if (call.verb === 'apply') this.#apply(call.object);
      else this.#delete(keyOf(call));
    }
    this.#nextCall();
  }

  #applyBudget(call: WorkloadCall): void {
    if (call.verb === 'apply' && call.object.kind === 'PodDisruptionBudget') this.#budgets.apply(call.object);
    else if (call.verb === 'delete' && call.kind === 'PodDisruptionBudget') this.#budgets.delete(call.namespace, call.name);
  }

  #apply(spec: WorkloadObject): void {
    if (spec.kind === 'PodDisruptionBudget') {
      this.#soonBudgets();
      return;
    }
    const key = keyOf(spec);
    let index = this.#byKey.get(key);
    if (index === undefined || this.#objects[index].deleted) {
      index = this.#objects.push({ call: this.#cursor, spec, deleted: false, owners: [] }) - 1;
      this.#byKey.set(key, index);
      this.#begin(spec, index);
    } else {
      this.#objects[index].call = this.#cursor;
      this.#objects[index].spec = spec;
    }
    if (spec.kind === 'Deployment') this.#later(EVENT.deployment, index, this.#clients.deployment);
    else if (spec.kind === 'Job') this.#later(EVENT.owner, this.#objects[index].owners[0], this.#clients.job);
  }

  /** What an object has from its beginning. */
  #begin(spec: WorkloadObject, index: number): void {
    const object = this.#objects[index];
    switch (spec.kind) {
      case 'Job':
        object.job = newJob();
        object.owners.push(this.#addOwner('Job', spec.name, index, spec.template, spec.duration));
        return;
      case 'DaemonSet': {
        object.owners.push(this.#addOwner('DaemonSet', spec.name, index, daemonPod(spec.template), Infinity));
        const { nodes, firstNode } = this.#cluster;
        for (let node = firstNode; node !== NONE; node = nodes.next[node]) this.#laterDaemon(object.owners[0], node);
        return;
      }
      case 'Pod':
        object.owners.push(this.#addOwner('Pod', spec.name, index, spec.template, spec.duration));
        this.#create(this.#owners.all[object.owners[0]], NONE);
        return;
    }
  }

  #delete(key: string): void {
    const index = this.#byKey.get(key);
    if (index === undefined) return;
    const object = this.#objects[index];
    object.deleted = true;
    for (const place of object.owners) {
      const owner = this.#owners.all[place];
      owner.deleted = true;
      owner.replicas = 0;
      this.#forget(owner);
      for (const pod of owner.pods) {
        // The garbage collector deletes dependents one by one; a user's own pod goes at once.
        if (owner.kind === 'Pod') this.#remove(pod, EVICTION.api);
        else
          this.#at(
            this.#clients.replicaSet.done(this.#clients.replicaSet.heard(this.#timer.now)),
            EVENT.remove,
            pod,
            EVICTION.api,
          );
      }
    }
  }

  #addOwner(
    kind: LiveOwner['kind'],
    name: string,
    object: number,
    template: LiveOwner['template'],
    duration: number,
    replicas = 0,
  ): number {
    const { namespace } = this.#objects[object].spec;
    this.#owners.add({ kind, namespace, name, object, template, duration }, replicas);
    return this.#owners.all.length - 1;
  }

  // ---- Deployments and ReplicaSets --------------------------------------------------------------------------------------------

  #syncDeployment(index: number): void {
    const object = this.#objects[index];
    if (object.deleted) return;
    const spec = object.spec as DeploymentObject;
    const { now } = this.#timer;
    const sets = object.owners.flatMap((place) => this.#sets.get(place) ?? []);
    for (const place of object.owners) this.#count(place);
    let changed = false;
    const actions: DeploymentActions = {
      createSet: (template, replicas) => {
        changed = true;
        return this.#addSet(index, template, replicas);
      },
      deleteSet: ({ name }) => {
        for (const place of object.owners) if (this.#owners.all[place].name === name) this.#sets.delete(place);
      },
      setChanged: (set) => {
        if (this.#resize(object, set)) changed = true;
      },
      writeStatus: (status) => {
        object.status = status;
      },
    };
    const { maxSurge = '25%', maxUnavailable = '25%' } = spec;
    const strategy =
      spec.strategy === 'Recreate'
        ? ({ type: 'Recreate' } as const)
        : ({ type: 'RollingUpdate', maxSurge, maxUnavailable } as const);
    syncDeployment(
      { replicas: spec.replicas, template: canonical(spec.template), strategy, paused: false, revisionHistoryLimit: HISTORY },
      object.status ?? emptyDeploymentStatus,
      sets,
      ({ name }) => object.owners.some((place) => this.#owners.all[place].name === name && this.#owners.all[place].pods.size > 0),
      actions,
      now,
    );
    // Its own writes come back to it as changes of its sets.
    if (changed) this.#later(EVENT.deployment, index, this.#clients.deployment, 2);
  }

  #addSet(index: number, template: string, replicas: number): OwnedReplicaSet {
    const object = this.#objects[index];
    const spec = object.spec as DeploymentObject;
    const hash = templateHash(template);
    const labelled = { ...spec.template, labels: withHash(spec.template.labels, hash) };
    const name = `${spec.name}-${hash}`;
    const place = this.#addOwner('ReplicaSet', name, index, labelled, Infinity, replicas);
    object.owners.push(place);
    const set: OwnedReplicaSet = {
      name,
      template,
      replicas,
      createdAt: Math.floor(this.#timer.now / 1000) * 1000,
      revision: 0,
      annotatedReplicas: 0,
      annotatedMax: 0,
      status: NO_PODS,
    };
    this.#sets.set(place, set);
    this.#at(this.#clients.deployment.done(this.#timer.now), EVENT.resize, place, replicas);
    return set;
  }

  /** Has a set act on the size that its Deployment has written. */
  #resize({ owners }: LiveObject, { name, replicas }: OwnedReplicaSet): boolean {
    const place = owners.find((candidate) => this.#owners.all[candidate].name === name) as number;
    const owner = this.#owners.all[place];
    if (owner.replicas === replicas) return false;
    owner.replicas = replicas;
    this.#at(this.#clients.deployment.done(this.#timer.now), EVENT.resize, place, replicas);
    return true;
  }

  /** What a set's controller would have written of its pods. */
  #count(place: number): void {
    const set = this.#sets.get(place);
    if (set === undefined) return;
    const { state } = this.#cluster.pods;
    let [replicas, ready] = [0, 0];
    for (const pod of this.#owners.all[place].pods) {
      if (state[pod] !== POD.terminating) replicas++;
      if (state[pod] === POD.running) ready++;
    }
    set.status = { replicas, ready, available: ready, failing: false };
  }

  #syncOwner(owner: LiveOwner, place: number): void {
    if (owner.deleted) return;
    const { now } = this.#timer;
    // What it has asked for has to be seen before it counts again.
    if (owner.coming > 0) {
      this.#at(Math.max(now + 1, this.#busyUntil.get(place) ?? 0), EVENT.owner, place);
      return;
    }
    if (owner.kind === 'Job') this.#syncJob(owner, place);
    else if (owner.kind === 'ReplicaSet') this.#syncReplicaSet(owner, place);
  }

  #syncReplicaSet(owner: LiveOwner, place: number): void {
    const { now } = this.#timer;
    const active = this.#owners.podStates(owner).filter(({ deleting }) => !deleting);
    const related = this.#objects[owner.object].owners.flatMap((other) => this.#owners.podStates(this.#owners.all[other]));
    const { create, victims } = planReplicas(owner.replicas, active, related, now);
    if (create > 0) this.#createMany(place, create, this.#clients.replicaSet);
    for (const { name } of victims) this.#at(this.#clients.replicaSet.done(now), EVENT.remove, Number(name), EVICTION.scaledIn);
  }

  #createMany(place: number, count: number, client: ControllerClient): void {
    const owner = this.#owners.all[place];
    const times = client.slowStart(count, this.#timer.now);
    owner.coming += times.length;
    let last = 0;
    for (const time of times) {
      this.#at(time, EVENT.create, place, NONE);
      if (time > last) last = time;
    }
    this.#busyUntil.set(place, last);
  }

  // ---- Jobs -------------------------------------------------------------------------------------------------------------------

  #syncJob(owner: LiveOwner, place: number): void {
    const object = this.#objects[owner.object];
    const spec = object.spec as JobObject;
    const job = object.job as JobProgress;
    const { now } = this.#timer;
    if (spec.ignoresDisruption !== true && job.failed > (spec.backoffLimit ?? 6)) {
      for (const pod of owner.pods) this.#at(this.#clients.job.done(now), EVENT.remove, pod, EVICTION.scaledIn);
      owner.deleted = true;
      return;
    }
    const left = spec.completions === undefined ? (job.succeeded > 0 ? 0 : spec.parallelism) : spec.completions - job.succeeded;
    const missing = Math.min(spec.parallelism, left) - this.#activeOf(owner, spec.ignoresDisruption === true);
    const pause = backoffLeft(job.backoff, now);
    if (pause <= 0) this.#forget(owner);
    if (missing <= 0 && !this.#remembers(owner)) return;
    if (pause > 0) this.#timer.at(now + pause, PHASE.controller, EVENT.resume, place);
    else if (missing > 0) this.#createMany(place, missing, this.#clients.job);
  }

  #remembers(owner: LiveOwner): boolean {
    const { owner: rows } = this.#cluster.pods;
    for (const pod of this.#lingering) if (rows[pod] === owner.row) return true;
    return false;
  }

  /** The objects of a Job's failed pods go. */
  #forget(owner: LiveOwner): void {
    const { owner: rows } = this.#cluster.pods;
    for (const pod of this.#lingering) if (rows[pod] === owner.row) this.#lingering.delete(pod);
  }

  /** Pods that a Job counts as running: with a failure policy, one that is going is not replaced before it is gone. */
  #activeOf(owner: LiveOwner, untilGone: boolean): number {
    if (untilGone) return owner.pods.size;
    const { state } = this.#cluster.pods;
    let active = 0;
    for (const pod of owner.pods) if (state[pod] !== POD.terminating) active++;
    return active;
  }

  // ---- DaemonSets -------------------------------------------------------------------------------------------------------------

  #nodeChanged(node: number): void {
    for (const { owners, spec, deleted } of this.#objects) {
      if (spec.kind === 'DaemonSet' && !deleted) this.#laterDaemon(owners[0], node);
    }
  }

  #laterDaemon(place: number, node: number): void {
    this.#at(this.#clients.daemonSet.heard(this.#timer.now), EVENT.daemon, place, node);
  }

  #syncDaemon(owner: LiveOwner, place: number, node: number): void {
    const { nodes, classes, nodeNames } = this.#cluster;
    const state = nodes.state[node];
    if (owner.deleted || (state !== NODE.registered && state !== NODE.ready)) return;
    const { shape } = classes.nodes[nodes.class[node]];
    if (!wantsDaemonPod(owner.template, shape, nodeNames[node])) return;
    for (const pod of owner.pods) if (this.#daemonNode.get(pod) === node) return;
    if (this.#pending.has(`${EVENT.create} ${place} ${node}`)) return;
    owner.coming++;
    this.#at(this.#clients.daemonSet.done(this.#timer.now), EVENT.create, place, node);
  }

  /** Failed pods of Jobs whose objects are still there, until their Job creates pods again. */
  readonly #lingering = new Set<number>();

  /** The node that each daemon pod is for. */
  readonly #daemonNode = new Map<number, number>();

  // ---- pods -------------------------------------------------------------------------------------------------------------------

  #create(owner: LiveOwner, node: number): void {
    if (owner.kind !== 'Pod') owner.coming--;
    if (owner.deleted) return;
    let { podClass } = owner;
    if (node !== NONE) {
      const state = this.#cluster.nodes.state[node];
      if (state !== NODE.registered && state !== NODE.ready) return;
      podClass = this.#cluster.classes.pod(daemonPodFor(owner.template, this.#cluster.nodeNames[node])).id;
    }
    const pod = this.#cluster.podCount;
    owner.pods.add(pod);
    if (node !== NONE) this.#daemonNode.set(pod, node);
    this.#cluster.createPod({ podClass, owner: owner.row, ordinal: owner.nextOrdinal++, duration: owner.duration });
  }

  #remove(pod: number, cause: number): void {
    const state = this.#cluster.pods.state[pod];
    if (state === POD.pending || state === POD.bound || state === POD.running) this.#cluster.evict(pod, cause);
  }

  #podChanged(kind: number, pod: number, node: number, cause: number): void {
    const owner = this.#owners.at(this.#cluster.pods.owner[pod]);
    if (owner === undefined) return;
    const place = owner.row - this.#base;
    const { now } = this.#timer;
    if (this.#budgets.any) {
      const state = this.#owners.podState(pod, owner);
      if (kind === RECORD.podEvicted && (cause === EVICTION.drain || cause === EVICTION.api)) {
        // The API had granted it before: the pod was not going then.
        this.#budgets.spend({ ...state, deleting: false, ready: state.phase === 'Running' }, owner.namespace, now);
      }
      if (this.#budgets.covers(state, owner.namespace)) this.#soonBudgets();
    }
    if (kind === RECORD.podFinished || kind === RECORD.podGone) {
      owner.pods.delete(pod);
      this.#daemonNode.delete(pod);
    }
    if (owner.deleted) return;
    if (owner.kind === 'ReplicaSet') this.#replicaChanged(kind, owner, place);
    else if (owner.kind === 'Job') {
      if (kind === RECORD.podGone && node !== NONE) this.#lingering.add(pod);
      this.#jobPodChanged(kind, owner, place);
    } else if (owner.kind === 'DaemonSet' && kind === RECORD.podGone && node !== NONE) this.#laterDaemon(place, node);
  }

  #replicaChanged(kind: number, owner: LiveOwner, place: number): void {
    if (kind === RECORD.podEvicted || kind === RECORD.podGone) this.#later(EVENT.owner, place, this.#clients.replicaSet);
    // A Deployment reads its sets' status, which is written when a pod has become ready or gone.
    if (kind !== RECORD.podCreated && this.#rolling(owner.object))
      this.#later(EVENT.deployment, owner.object, this.#clients.deployment, 2);
  }

  #rolling(object: number): boolean {
    let sets = 0;
    for (const place of this.#objects[object].owners) if (this.#owners.all[place].replicas > 0) sets++;
    return sets > 1;
  }

  #jobPodChanged(kind: number, owner: LiveOwner, place: number): void {
    const job = this.#objects[owner.object].job as JobProgress;
    if (kind === RECORD.podFinished) {
      job.succeeded++;
      job.backoff = { failures: 0 };
    } else if (kind === RECORD.podGone) {
      job.failed++;
      // The API keeps times in whole seconds.
      job.backoff = { failures: job.backoff.failures + 1, lastFailureAt: Math.floor(this.#timer.now / 1000) * 1000 };
    } else if (kind !== RECORD.podEvicted) return;
    this.#later(EVENT.owner, place, this.#clients.job, 1, JOB_BATCH);
  }

  // ---- budgets ----------------------------------------------------------------------------------------------------------------

  #soonBudgets(): void {
    this.#later(EVENT.budgets, 0, this.#clients.deployment, 2);
  }

  #syncBudgets(): void {
    const scaleOf = ({ ownerUid }: { readonly ownerUid?: string }) => {
      const owner = this.#owners.at(Number(ownerUid));
      if (owner === undefined || owner.kind === 'Pod') return 'none' as const;
      const { spec } = this.#objects[owner.object];
      if (spec.kind === 'Deployment') return { uid: String(owner.object), replicas: spec.replicas };
      return undefined;
    };
    this.#budgets.sync((namespace) => this.#podsIn(namespace), scaleOf, this.#timer.now);
  }

  #podsIn(namespace: string) {
    return this.#owners.all.filter((owner) => owner.namespace === namespace).flatMap((owner) => this.#owners.podStates(owner));
  }

  // ---- time -------------------------------------------------------------------------------------------------------------------

  /** Has a controller look at something once it has heard of it; `hops` times over where others have to be heard first. */
  #later(code: number, a: number, client: ControllerClient, hops = 1, extra = 0): void {
    if (this.#pending.has(`${code} ${a} 0`)) return;
    let at = this.#timer.now + extra;
    for (let hop = 0; hop < hops; hop++) at = client.heard(at);
    this.#at(at, code, a);
  }

  #at(time: number, code: number, a: number, b = 0): void {
    const key = `${code} ${a} ${b}`;
    if (code === EVENT.create && b === NONE) {
      // Creations of one owner are many, and each is its own.
      this.#timer.at(time, PHASE.controller, code, a, b);
      return;
    }
    if (this.#pending.has(key)) return;
    this.#pending.add(key);
    this.#timer.at(time, PHASE.controller, code, a, b);
  }
}

function keyOf({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${kind} ${namespace}/${name}`;
}
