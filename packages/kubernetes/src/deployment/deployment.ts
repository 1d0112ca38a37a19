import type { IntOrPercent } from '../pods/int-or-percent.ts';
import {
  activeSets,
  actualPods,
  availablePods,
  byCreation,
  isComplete,
  maxSurge,
  maxUnavailable,
  newSetReplicas,
  proportion,
  wantedPods,
} from './replica-sets.ts';

/** How old pods give way to new ones. */
export type DeploymentStrategy =
  | { readonly type: 'RollingUpdate'; readonly maxSurge: IntOrPercent; readonly maxUnavailable: IntOrPercent }
  | { readonly type: 'Recreate' };

/** What a Deployment is told to do. */
export interface DeploymentSpec {
  readonly replicas: number;
  /** Stands for the pod template: equal texts for equal templates. */
  readonly template: string;
  readonly strategy: DeploymentStrategy;
  readonly paused: boolean;
  /** Absent: progress is not watched. */
  readonly progressDeadlineSeconds?: number;
  readonly revisionHistoryLimit: number;
}

/** A ReplicaSet of a Deployment, as its controller reads and writes it. */
export interface OwnedReplicaSet {
  readonly name: string;
  readonly template: string;
  replicas: number;
  /** Milliseconds, cut to whole seconds as the API writes them. */
  readonly createdAt: number;
  revision: number;
  /** The Deployment's replicas, and replicas and surge, as noted when it last scaled the set. */
  annotatedReplicas: number;
  annotatedMax: number;
  status: { readonly replicas: number; readonly ready: number; readonly available: number; readonly failing: boolean };
}

/** A condition; `updatedAt` in milliseconds, cut to whole seconds. */
export interface DeploymentCondition {
  readonly type: 'Progressing' | 'Available' | 'ReplicaFailure';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly updatedAt: number;
}

export interface DeploymentStatus {
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly unavailable: number;
  readonly conditions: readonly DeploymentCondition[];
}

export const emptyDeploymentStatus: DeploymentStatus = {
  replicas: 0,
  updated: 0,
  ready: 0,
  available: 0,
  unavailable: 0,
  conditions: [],
};

/** What the controller does to the API. */
export interface DeploymentActions {
  createSet(template: string, replicas: number): OwnedReplicaSet;
  deleteSet(set: OwnedReplicaSet): void;
  /** The set's size or annotations were changed. */
  setChanged(set: OwnedReplicaSet): void;
  writeStatus(status: DeploymentStatus): void;
}

/** When the controller wants to look again although nothing happens: after a delay, or after the back-off of its queue. */
export type Resync = { readonly afterMs: number } | 'backoff' | undefined;

/**
 * One sync of a Deployment.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/deployment` (deployment_controller.go, sync.go, rolling.go, recreate.go, progress.go).
 * @param podsOf whether any pod of the set is left that has not finished, terminating ones too
 */
export function syncDeployment(
  spec: DeploymentSpec,
  status: DeploymentStatus,
  sets: readonly OwnedReplicaSet[],
  podsOf: (set: OwnedReplicaSet) => boolean,
  actions: DeploymentActions,
  now: number,
): Resync {
  return new DeploymentSync(spec, status, sets, podsOf, actions, now).run();
}

class DeploymentSync {
  readonly #spec: DeploymentSpec;
  #status: DeploymentStatus;
  readonly #sets: OwnedReplicaSet[];
  readonly #podsOf: (set: OwnedReplicaSet) => boolean;
  readonly #actions: DeploymentActions;
  readonly #now: number;

  constructor(
    spec: DeploymentSpec,
    status: DeploymentStatus,
    sets: readonly OwnedReplicaSet[],
    podsOf: (set: OwnedReplicaSet) => boolean,
    actions: DeploymentActions,
    now: number,
  ) {
    this.#spec = spec;
    this.#status = status;
    this.#sets = [...sets].sort(byCreation);
    this.#podsOf = podsOf;
    this.#actions = actions;
    this.#now = now;
  }

  run(): Resync {
    this.#notePause();
    if (this.#spec.paused || this.#isScaling()) return this.#resize();
    return this.#spec.strategy.type === 'Recreate' ? this.#recreate() : this.#roll();
  }

  /** Paused and resumed deployments say so, unless the deadline has passed. */
  #notePause(): void {
    const { paused, progressDeadlineSeconds } = this.#spec;
    const progressing = this.#condition('Progressing');
    if (progressDeadlineSeconds === undefined || progressing?.reason === 'ProgressDeadlineExceeded') return;
    const noted = progressing?.reason === 'DeploymentPaused';
    if (paused === noted) return;
    this.#write(this.#with(this.#status, 'Progressing', 'Unknown', paused ? 'DeploymentPaused' : 'DeploymentResumed'));
  }

  /** The deployment's size has changed since its sets were last scaled. */
  #isScaling(): boolean {
    const { old, current } = this.#revisions(false);
    const all = current === undefined ? old : [...old, current];
    return activeSets(all).some(({ annotatedReplicas }) => annotatedReplicas !== this.#spec.replicas);
  }

  /** Scales without rolling: all there is in proportion, or the one set that counts. */
  #resize(): Resync {
    const { old, current } = this.#revisions(false);
    this.#scale(old, current);
    if (this.#spec.paused) this.#cleanUp(old);
    const status = this.#count(old, current);
    if (!sameStatus(status, this.#status)) this.#write(status);
    return undefined;
  }

  #scale(old: OwnedReplicaSet[], current: OwnedReplicaSet | undefined): void {
    const spec = this.#spec;
    const all = current === undefined ? old : [...old, current];
    const active = activeSets(all);
    if (active.length <= 1) {
      const single = active[0] ?? current ?? old.at(-1);
      if (single !== undefined) this.#scaleTo(single, spec.replicas);
      return;
    }
    if (current !== undefined && isSaturated(spec, current)) {
      for (const set of activeSets(old)) this.#scaleTo(set, 0);
      return;
    }
    if (spec.strategy.type === 'Recreate') return;
    const allowed = spec.replicas > 0 ? spec.replicas + maxSurge(spec) : 0;
    const toAdd = allowed - wantedPods(active);
    // The largest first; of equal ones the newer first to grow, the older first to shrink.
    if (toAdd > 0) active.sort((a, b) => b.replicas - a.replicas || byCreation(b, a));
    else if (toAdd < 0) active.sort((a, b) => b.replicas - a.replicas || byCreation(a, b));
    let added = 0;
    const sizes = active.map((set) => {
      const share = proportion(set, spec, this.#status, toAdd, added);
      added += share;
      return set.replicas + share;
    });
    if (toAdd !== 0) sizes[0] = Math.max(0, sizes[0] + toAdd - added);
    active.forEach((set, index) => {
      this.#scaleAndNote(set, sizes[index]);
    });
  }

  #roll(): Resync {
    const { old, current } = this.#revisions(true);
    const set = current as OwnedReplicaSet;
    const all = [...old, set];
    const spec = this.#spec;
    const wanted = set.replicas > spec.replicas ? spec.replicas : newSetReplicas(spec, all, set.replicas);
    if (set.replicas !== spec.replicas && this.#scaleTo(set, wanted)) return this.#report(old, set);
    if (this.#shrinkOld(all, activeSets(old), set)) return this.#report(old, set);
    if (isComplete(spec, this.#status)) this.#cleanUp(old);
    return this.#report(old, set);
  }

  /** Takes pods from old sets: first those that are not available anyway, then as many as availability allows. */
  #shrinkOld(all: readonly OwnedReplicaSet[], old: readonly OwnedReplicaSet[], current: OwnedReplicaSet): boolean {
    const spec = this.#spec;
    if (wantedPods(old) === 0) return false;
    const least = spec.replicas - maxUnavailable(spec);
    let spare = wantedPods(all) - least - (current.replicas - current.status.available);
    if (spare <= 0) return false;
    let removed = 0;
    const oldest = [...old].sort(byCreation);
    for (const set of oldest) {
      const gone = Math.min(spare, set.replicas - set.status.available);
      if (spare <= 0) break;
      if (set.replicas === 0 || gone <= 0) continue;
      this.#scaleTo(set, set.replicas - gone);
      spare -= gone;
      removed += gone;
    }
    let surplus = availablePods(all) - least;
    for (const set of oldest) {
      if (surplus <= 0) break;
      const gone = Math.min(set.replicas, surplus);
      if (gone === 0) continue;
      this.#scaleTo(set, set.replicas - gone);
      surplus -= gone;
      removed += gone;
    }
    return removed > 0;
  }

  #recreate(): Resync {
    const { old, current } = this.#revisions(false);
    let scaled = false;
    for (const set of activeSets(old)) scaled = this.#scaleTo(set, 0) || scaled;
    if (scaled) return this.#report(old, current);
    if (actualPods(old) > 0 || this.#sets.some((set) => set !== current && this.#podsOf(set))) return this.#report(old, current);
    const { old: before, current: made } = this.#revisions(true);
    const set = made as OwnedReplicaSet;
    this.#scaleTo(set, this.#spec.replicas);
    if (isComplete(this.#spec, this.#status)) this.#cleanUp(before);
    return this.#report(before, set);
  }

  /** The set of the newest template, and all others. May create the newest. */
  #revisions(create: boolean): { readonly old: OwnedReplicaSet[]; readonly current: OwnedReplicaSet | undefined } {
    const spec = this.#spec;
    let current = this.#sets.find(({ template }) => template === spec.template);
    const old = this.#sets.filter((set) => set !== current);
    const revision = old.reduce((most, set) => Math.max(most, set.revision), 0) + 1;
    const watched = spec.progressDeadlineSeconds !== undefined;
    if (current !== undefined) {
      if (current.revision < revision) {
        current.revision = revision;
        this.#actions.setChanged(current);
      }
      if (watched && this.#condition('Progressing') === undefined)
        this.#write(this.#with(this.#status, 'Progressing', 'True', 'FoundNewReplicaSet'));
    } else if (create) {
      current = this.#actions.createSet(spec.template, newSetReplicas(spec, old, 0));
      current.revision = revision;
      this.#note(current);
      this.#sets.push(current);
      this.#sets.sort(byCreation);
      if (watched) this.#write(this.#with(this.#status, 'Progressing', 'True', 'NewReplicaSetCreated'));
    }
    return { old, current };
  }

  /** Removes old sets without pods beyond the limit, lowest revision first. */
  #cleanUp(old: readonly OwnedReplicaSet[]): void {
    const surplus = old.length - this.#spec.revisionHistoryLimit;
    if (surplus <= 0) return;
    const lowest = [...old].sort((a, b) => a.revision - b.revision || byCreation(a, b));
    for (const set of lowest.slice(0, surplus)) if (set.replicas === 0 && set.status.replicas === 0) this.#actions.deleteSet(set);
  }

  #scaleTo(set: OwnedReplicaSet, replicas: number): boolean {
    if (set.replicas === replicas) return false;
    this.#scaleAndNote(set, replicas);
    return true;
  }

  #scaleAndNote(set: OwnedReplicaSet, replicas: number): void {
    const noted =
      set.annotatedReplicas === this.#spec.replicas && set.annotatedMax === this.#spec.replicas + maxSurge(this.#spec);
    if (set.replicas === replicas && noted) return;
    set.replicas = replicas;
    this.#note(set);
    this.#actions.setChanged(set);
  }

  #note(set: OwnedReplicaSet): void {
    set.annotatedReplicas = this.#spec.replicas;
    set.annotatedMax = this.#spec.replicas + maxSurge(this.#spec);
  }

  /** Counts pods; conditions are carried over, but for Available. */
  #count(old: readonly OwnedReplicaSet[], current: OwnedReplicaSet | undefined): DeploymentStatus {
    const all = current === undefined ? old : [...old, current];
    const available = availablePods(all);
    const enough = available >= this.#spec.replicas - maxUnavailable(this.#spec);
    const counts: DeploymentStatus = {
      replicas: actualPods(all),
      updated: current?.status.replicas ?? 0,
      ready: all.reduce((sum, { status }) => sum + status.ready, 0),
      available,
      unavailable: Math.max(0, wantedPods(all) - available),
      conditions: this.#status.conditions,
    };
    return enough
      ? this.#with(counts, 'Available', 'True', 'MinimumReplicasAvailable')
      : this.#with(counts, 'Available', 'False', 'MinimumReplicasUnavailable');
  }

  /** Writes the status of a rollout: whether it is done, goes on or is late. */
  #report(old: readonly OwnedReplicaSet[], current: OwnedReplicaSet | undefined): Resync {
    const spec = this.#spec;
    const before = this.#condition('Progressing');
    let status = this.#count(old, current);
    if (spec.progressDeadlineSeconds === undefined) status = without(status, 'Progressing');
    else if (!(status.replicas === status.updated && before?.reason === 'NewReplicaSetAvailable')) {
      if (isComplete(spec, status)) status = this.#with(status, 'Progressing', 'True', 'NewReplicaSetAvailable');
      else if (hasProgressed(this.#status, status))
        status = this.#with(without(status, 'Progressing'), 'Progressing', 'True', 'ReplicaSetUpdated');
      else if (this.#isLate(before)) status = this.#with(status, 'Progressing', 'False', 'ProgressDeadlineExceeded');
    }
    const all = current === undefined ? old : [...old, current];
    status = all.some((set) => set.status.failing)
      ? this.#with(status, 'ReplicaFailure', 'True', 'FailedCreate')
      : without(status, 'ReplicaFailure');
    if (!sameStatus(status, this.#status)) {
      this.#write(status);
      return undefined;
    }
    return this.#nextLook(status);
  }

  #isLate(progressing: DeploymentCondition | undefined): boolean {
    if (progressing === undefined || progressing.reason === 'NewReplicaSetAvailable') return false;
    if (progressing.reason === 'ProgressDeadlineExceeded') return true;
    return progressing.updatedAt + (this.#spec.progressDeadlineSeconds as number) * 1000 < this.#now;
  }

  /** A rollout that stands still is looked at again a second after its deadline. */
  #nextLook(status: DeploymentStatus): Resync {
    const progressing = this.#condition('Progressing');
    const { progressDeadlineSeconds: deadline } = this.#spec;
    if (deadline === undefined || progressing === undefined) return undefined;
    if (isComplete(this.#spec, status) || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
    const left = progressing.updatedAt + deadline * 1000 - this.#now;
    return left < 1000 ? 'backoff' : { afterMs: left + 1000 };
  }

  #condition(type: DeploymentCondition['type']): DeploymentCondition | undefined {
    return this.#status.conditions.find((condition) => condition.type === type);
  }

  /** A status with a condition; one that says the same already is left as it is, time and all. */
  #with(
    status: DeploymentStatus,
    type: DeploymentCondition['type'],
    value: DeploymentCondition['status'],
    reason: string,
  ): DeploymentStatus {
    const known = status.conditions.find((condition) => condition.type === type);
    if (known?.status === value && known.reason === reason) return status;
    const others = status.conditions.filter((condition) => condition.type !== type);
    const updatedAt = Math.floor(this.#now / 1000) * 1000;
    return { ...status, conditions: [...others, { type, status: value, reason, updatedAt }] };
  }

  #write(status: DeploymentStatus): void {
    this.#status = status;
    this.#actions.writeStatus(status);
  }
}

function isSaturated(spec: DeploymentSpec, set: OwnedReplicaSet): boolean {
  return set.replicas === spec.replicas && set.annotatedReplicas === spec.replicas && set.status.available === spec.replicas;
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  return (
    after.updated > before.updated ||
    after.replicas - after.updated < before.replicas - before.updated ||
    after.ready > before.ready ||
    after.available > before.available
  );
}

function without(status: DeploymentStatus, type: DeploymentCondition['type']): DeploymentStatus {
  const conditions = status.conditions.filter((condition) => condition.type !== type);
  return conditions.length === status.conditions.length ? status : { ...status, conditions };
}

function sameStatus(a: DeploymentStatus, b: DeploymentStatus): boolean {
  return (
    a.replicas === b.replicas &&
    a.updated === b.updated &&
    a.ready === b.ready &&
    a.available === b.available &&
    a.unavailable === b.unavailable &&
    a.conditions.length === b.conditions.length &&
    a.conditions.every(({ type, status, reason, updatedAt }, index) => {
      const other = b.conditions[index];
      return other.type === type && other.status === status && other.reason === reason && other.updatedAt === updatedAt;
    })
  );
}
