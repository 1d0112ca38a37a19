import { canonical } from '@plimsoll/core';
import {
  type DeploymentSpec,
  type DeploymentStatus,
  emptyDeploymentStatus,
  type IntOrPercent,
  isActive,
  isAvailable,
  type OwnedReplicaSet,
  planReplicas,
  replicaSetStatus,
  slowStart,
  syncDeployment,
} from '@plimsoll/kubernetes';
import { Json } from '../../kube-scheduler/json.ts';
import { Retries } from './retries.ts';
import { type Controllers, merged, World } from './world.ts';
import { cut, type WorldPod } from './world-pod.ts';

interface WorldReplicaSet extends OwnedReplicaSet {
  readonly labels: Record<string, string>;
  readonly retries: Retries;
  gone: boolean;
}

/** A Deployment with its ReplicaSets. */
export function answerDeployment(input: Json): unknown {
  const world = new World(input);
  world.controllers = new DeploymentControllers(world, input.at('deployment').value);
  return world.run(input, (name) => name.split('-')[0]);
}

class DeploymentControllers implements Controllers {
  readonly #world: World;
  #object: Json;
  readonly #sets: WorldReplicaSet[] = [];
  #status: DeploymentStatus = emptyDeploymentStatus;
  #dirty = true;
  readonly #dirtySets = new Set<WorldReplicaSet>();
  #made = 0;
  #scaled: Record<string, number> = {};

  constructor(world: World, object: unknown) {
    this.#world = world;
    this.#object = new Json(object);
  }

  podChanged(pod: WorldPod): void {
    const set = this.#sets.find(({ name }) => name === pod.ownerUid);
    if (set !== undefined && !set.gone) this.#dirtySets.add(set);
    if (pod.gone) this.#dirty = true;
  }

  patched(patch: Record<string, unknown>): void {
    this.#object = new Json(merged(this.#object.value, patch));
    this.#dirty = true;
  }

  wake(what: string): void {
    const set = this.#sets.find(({ name }) => name === what);
    if (set === undefined) this.#dirty = true;
    else if (!set.gone) this.#dirtySets.add(set);
  }

  settle(): void {
    while (this.#dirty || this.#dirtySets.size > 0) {
      for (const set of this.#dirtySets) {
        this.#dirtySets.delete(set);
        this.#syncSet(set);
      }
      if (!this.#dirty) continue;
      this.#dirty = false;
      this.#sync();
    }
  }

  status(): Record<string, unknown> {
    const { conditions, ...counts } = this.#status;
    return {
      ...counts,
      conditions: conditions
        .map(({ type, status, reason }) =>
          type === 'Progressing' && status === 'True' ? 'Progressing=True' : `${type}=${status} ${reason}`,
        )
        .sort(),
    };
  }

  takeDone(): Record<string, unknown> {
    const scaled = this.#scaled;
    this.#scaled = {};
    return Object.keys(scaled).length > 0 ? { scaled } : {};
  }

  #sync(): void {
    const world = this.#world;
    const spec = specOf(this.#object.at('spec'));
    const resync = syncDeployment(
      spec,
      this.#status,
      this.#sets.filter(({ gone }) => !gone),
      (set) =>
        [...world.pods.values()].some(
          ({ ownerUid, phase }) => ownerUid === set.name && phase !== 'Succeeded' && phase !== 'Failed',
        ),
      {
        createSet: (template, replicas) => {
          const set: WorldReplicaSet = {
            name: `rs${++this.#made}`,
            template,
            labels: this.#object.at('spec', 'template', 'metadata', 'labels').labels,
            replicas,
            createdAt: cut(world.now),
            revision: 0,
            annotatedReplicas: 0,
            annotatedMax: 0,
            status: { replicas: 0, ready: 0, available: 0, failing: false },
            retries: new Retries(),
            gone: false,
          };
          this.#sets.push(set);
          this.#changed(set);
          return set;
        },
        deleteSet: (set) => {
          (set as WorldReplicaSet).gone = true;
          this.#dirtySets.delete(set as WorldReplicaSet);
          this.#dirty = true;
        },
        setChanged: (set) => this.#changed(set as WorldReplicaSet),
        writeStatus: (status) => {
          this.#status = status;
          this.#dirty = true;
        },
      },
      world.now,
    );
    if (resync === 'backoff') world.wakeAt(world.now + 5, 'deployment');
    else if (resync !== undefined) world.wakeAt(world.now + resync.afterMs, 'deployment');
  }

  #changed(set: WorldReplicaSet): void {
    if (this.#told.get(set) !== set.replicas) this.#scaled[set.name] = set.replicas;
    this.#told.set(set, set.replicas);
    this.#dirty = true;
    this.#dirtySets.add(set);
  }
  readonly #told = new Map<WorldReplicaSet, number>();

  #syncSet(set: WorldReplicaSet): void {
    const world = this.#world;
    const now = world.now;
    const all = [...world.pods.values()];
    const own = all.filter(({ ownerUid }) => ownerUid === set.name);
    const active = own.filter(isActive);
    const { create, victims } = planReplicas(set.replicas, active, all, now);
    let live = 0;
    for (const { phase } of all) if (phase !== 'Succeeded' && phase !== 'Failed') live++;
    const { attempts, created } = slowStart(create, Math.max(0, world.quota - live));
    const failing = attempts > created;
    const minReadyMs = (this.#object.at('spec', 'minReadySeconds').number ?? 0) * 1000;
    const counts = replicaSetStatus(own, minReadyMs, now, () => true);
    for (let i = 0; i < created; i++) {
      world.createPod({
        labels: set.labels,
        ownerUid: set.name,
        counter: set.name,
        name: (k) => `${set.name}-${String(k).padStart(5, '0')}`,
      });
    }
    for (const pod of victims) world.deletePod(pod as WorldPod, 'controller');
    const status = { replicas: counts.replicas, ready: counts.ready, available: counts.available, failing };
    if (canonical(status) !== canonical(set.status)) {
      set.status = status;
      this.#dirty = true;
      this.#dirtySets.add(set);
    }
    if (failing) world.wakeAt(now + set.retries.next(), set.name);
    else set.retries.forget();
    if (minReadyMs === 0 || status.ready === status.available) return;
    for (const pod of active)
      if (pod.ready && !isAvailable(pod, minReadyMs, now)) world.wakeAt((pod.readyChangedAt ?? now) + minReadyMs, set.name);
  }
}

function specOf(spec: Json): DeploymentSpec {
  const rolling = spec.at('strategy', 'rollingUpdate');
  const limit = (key: string): IntOrPercent => (rolling.at(key).value as IntOrPercent | undefined) ?? '25%';
  return {
    replicas: spec.at('replicas').number ?? 1,
    template: canonical(spec.at('template').value),
    strategy:
      spec.at('strategy', 'type').text === 'Recreate'
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', maxSurge: limit('maxSurge'), maxUnavailable: limit('maxUnavailable') },
    paused: spec.at('paused').flag,
    progressDeadlineSeconds: spec.at('progressDeadlineSeconds').number ?? 600,
    revisionHistoryLimit: spec.at('revisionHistoryLimit').number ?? 10,
  };
}
