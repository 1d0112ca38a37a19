import { type Cluster, type KeyedStream, type Labels, NONE, POD, type PodSpec } from '@plimsoll/core';
import { deletionCost } from '../pods/deletion-order.ts';
import type { PodState } from '../pods/pod-state.ts';

/** What makes pods and takes them away: a ReplicaSet, a Job, a DaemonSet, or a user for a bare pod. */
export interface LiveOwner {
  /** Its row: what the pods' `owner` column says. */
  readonly row: number;
  readonly kind: 'ReplicaSet' | 'Job' | 'DaemonSet' | 'Pod';
  readonly namespace: string;
  /** Its own name, after which its pods are called. */
  readonly name: string;
  /** Row of the object that has it: the Deployment of a ReplicaSet, else its own. */
  readonly object: number;
  readonly template: PodSpec;
  readonly podClass: number;
  /** Milliseconds, or Infinity. */
  readonly duration: number;
  readonly createdAt: number;
  /** Pods wanted; of a ReplicaSet alone. */
  replicas: number;
  /** Pods that exist and have not ended. */
  readonly pods: Set<number>;
  /** Creations that were asked for and not carried out yet. */
  coming: number;
  nextOrdinal: number;
  deleted: boolean;
}

/** What is saved of an owner. */
export type SavedOwner = readonly [
  kind: LiveOwner['kind'],
  namespace: string,
  name: string,
  object: number,
  podClass: number,
  duration: number | null,
  createdAt: number,
  replicas: number,
  pods: readonly number[],
  coming: number,
  nextOrdinal: number,
  deleted: boolean,
];

/** All owners of pods that controllers keep, in the order in which they came to be. Rows begin where those of the workload end. */
export class LiveOwners {
  readonly #cluster: Cluster;
  readonly #base: number;
  readonly #uids: KeyedStream;
  readonly all: LiveOwner[] = [];

  constructor(cluster: Cluster, base: number, uids: KeyedStream) {
    this.#cluster = cluster;
    this.#base = base;
    this.#uids = uids;
  }

  add(owner: Pick<LiveOwner, 'kind' | 'namespace' | 'name' | 'object' | 'template' | 'duration'>, replicas = 0): LiveOwner {
    const podClass = this.#cluster.classes.pod(owner.template).id;
    const made: LiveOwner = {
      ...owner,
      row: this.#base + this.all.length,
      podClass,
      createdAt: this.#cluster.now,
      replicas,
      pods: new Set(),
      coming: 0,
      nextOrdinal: 0,
      deleted: false,
    };
    this.all.push(made);
    return made;
  }

  /** The owner of a row; undefined for a row of the workload, or none. */
  at(row: number): LiveOwner | undefined {
    return row < this.#base ? undefined : this.all[row - this.#base];
  }

  /** A pod as controllers see it. Its UID is drawn, for a controller chooses by it where all else is equal. */
  podState(pod: number, owner: LiveOwner): PodState {
    const { pods, classes, nodeNames } = this.#cluster;
    const state = pods.state[pod];
    const { labels, annotations } = classes.pods[pods.class[pod]].spec;
    const running = state === POD.running || (state === POD.terminating && !Number.isNaN(pods.startedAt[pod]));
    const cost = annotations['controller.kubernetes.io/pod-deletion-cost'];
    return {
      name: String(pod),
      uid: uidText(this.#uids.at(pod)),
      labels,
      ownerUid: String(owner.row),
      ...(pods.node[pod] !== NONE && { nodeName: nodeNames[pods.node[pod]] }),
      phase: state === POD.finished ? 'Succeeded' : state === POD.gone ? 'Failed' : running ? 'Running' : 'Pending',
      ready: state === POD.running,
      ...(running && { readyChangedAt: pods.startedAt[pod] }),
      createdAt: pods.createdAt[pod],
      deleting: state === POD.terminating,
      ...(cost !== undefined && { deletionCost: deletionCost(cost) }),
    };
  }

  /** The pods of an owner that exist and have not ended. */
  podStates(owner: LiveOwner): PodState[] {
    return [...owner.pods].map((pod) => this.podState(pod, owner));
  }

  snapshot(): readonly SavedOwner[] {
    return this.all.map((o) => [
      o.kind,
      o.namespace,
      o.name,
      o.object,
      o.podClass,
      o.duration === Infinity ? null : o.duration,
      o.createdAt,
      o.replicas,
      [...o.pods],
      o.coming,
      o.nextOrdinal,
      o.deleted,
    ]);
  }

  restore(saved: readonly SavedOwner[]): void {
    for (const [kind, namespace, name, object, podClass, duration, createdAt, replicas, pods, coming, next, deleted] of saved) {
      this.all.push({
        row: this.#base + this.all.length,
        kind,
        namespace,
        name,
        object,
        template: this.#cluster.classes.pods[podClass].spec,
        podClass,
        duration: duration ?? Infinity,
        createdAt,
        replicas,
        pods: new Set(pods),
        coming,
        nextOrdinal: next,
        deleted,
      });
    }
  }
}

function uidText(chance: number): string {
  return Math.floor(chance * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** A short text that differs where templates do, as a ReplicaSet's pods carry it in `pod-template-hash`. */
export function templateHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Labels of a ReplicaSet's pods. */
export function withHash(labels: Labels, hash: string): Labels {
  return { ...labels, 'pod-template-hash': hash };
}
