import { canonical, type PodSpec } from '@plimsoll/core';
import type { StorageObjects } from '../storage/live-storage.ts';
import { type ClusterObjects, NO_OBJECTS, type PodObject, type SelectingObject } from './objects.ts';

const LISTS = {
  ReplicaSet: 'replicaSets',
  StatefulSet: 'statefulSets',
  ReplicationController: 'replicationControllers',
} as const;

function ownerName({ labels }: PodSpec): string {
  return canonical(labels);
}

/** A simulated pod as an object. Its controller is taken to select the pods that have the very labels of its template. */
export function simulatedPod(spec: PodSpec, name: string): PodObject {
  return { name, namespace: spec.namespace, spec, owner: { kind: spec.controller, name: ownerName(spec) } };
}

/**
 * The objects that simulated pods imply: their namespaces, and controllers that select the pods with all labels of the template. What a
 * controller really selects by, and services, are not part of a simulation.
 */
export function simulatedObjects(specs: readonly PodSpec[], storage?: StorageObjects): ClusterObjects {
  const lists = { replicaSets: [], statefulSets: [], replicationControllers: [] } as Record<
    (typeof LISTS)[keyof typeof LISTS],
    SelectingObject[]
  >;
  for (const spec of specs) {
    const list = LISTS[spec.controller as keyof typeof LISTS];
    if (list === undefined) continue;
    lists[list].push({ name: ownerName(spec), namespace: spec.namespace, selector: { matchLabels: spec.labels } });
  }
  return { ...NO_OBJECTS, ...storage, ...lists, namespaces: new Map(specs.map(({ namespace }) => [namespace, {}])) };
}
