import type { NodeSelectorTerm } from '@plimsoll/core';
import { requirementHolds } from '@plimsoll/core';
import type { ClaimObject, ClusterObjects, NodeObject, StorageClassObject, VolumeObject } from '../objects.ts';

export function claimOf(objects: Pick<ClusterObjects, 'claims'>, namespace: string, name: string): ClaimObject | undefined {
  return objects.claims.find((claim) => claim.namespace === namespace && claim.name === name);
}

export function volumeOf(objects: Pick<ClusterObjects, 'volumes'>, name: string): VolumeObject | undefined {
  return objects.volumes.find((volume) => volume.name === name);
}

/** The storage class of a claim; undefined where the claim names none, or one that is not there. */
export function classOf(objects: Pick<ClusterObjects, 'storageClasses'>, claim: ClaimObject): StorageClassObject | undefined {
  return objects.storageClasses.find(({ name }) => name === claim.storageClassName);
}

/** Whether a node lies where a volume can be reached from. Source: `component-helpers/storage/volume/helpers.go` (CheckNodeAffinity). */
export function isReachable({ nodeAffinity }: VolumeObject, node: NodeObject): boolean {
  return nodeAffinity === undefined || nodeAffinity.some((term) => termHolds(term, node));
}

function termHolds({ matchExpressions = [] }: NodeSelectorTerm, { labels }: NodeObject): boolean {
  return (
    matchExpressions.length > 0 && matchExpressions.every((requirement) => requirementHolds(requirement, labels[requirement.key]))
  );
}
