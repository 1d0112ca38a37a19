import type { ClaimObject, ClusterObjects, NodeObject, VolumeObject } from '../objects.ts';
import type { FilterPlugin } from '../plugin.ts';
import { unresolvable } from '../status.ts';
import { claimOf, classOf, isReachable, volumeOf } from './volume-lookup.ts';

const NAME = 'VolumeBinding';
const NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** Claims without a volume yet that wait for a pod. */
interface Claims {
  readonly bound: readonly ClaimObject[];
  readonly waiting: readonly ClaimObject[];
}

/**
 * Volumes that are bound must be reachable from the node; for claims that wait for their first pod there must be a volume to bind, or
 * a provisioner that may make one there. How much space a provisioner has left is not modelled, and volumes are not bound here.
 *
 * Source: kube-scheduler v1.36.2, `plugins/volumebinding/volume_binding.go` and `binder.go`.
 */
export const volumeBinding: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, objects }) => {
    if (pod.claims.length === 0) return { is: 'skip' };
    const claims: { bound: ClaimObject[]; waiting: ClaimObject[] } = { bound: [], waiting: [] };
    const refuse = (reason: string) => ({ is: 'refused', status: unresolvable(NAME, reason) }) as const;
    let immediate = false;
    for (const name of pod.claims) {
      const claim = claimOf(objects, pod.pod.namespace, name);
      if (claim === undefined) return refuse(`persistentvolumeclaim "${name}" not found`);
      if (claim.phase === 'Lost') {
        return refuse(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.volumeName}"`);
      }
      if (claim.deleting) return refuse(`persistentvolumeclaim "${name}" is being deleted`);
      if (claim.volumeName !== undefined && claim.bindCompleted) claims.bound.push(claim);
      else if (claim.volumeName === undefined && classOf(objects, claim)?.bindingMode === 'WaitForFirstConsumer') {
        claims.waiting.push(claim);
      } else immediate = true;
    }
    if (immediate) return refuse('pod has unbound immediate PersistentVolumeClaims');
    return {
      is: 'ready',
      state: {
        filter: ({ node }) => {
          const reasons = conflicts(claims, node, objects);
          return reasons.length === 0 ? undefined : unresolvable(NAME, ...reasons);
        },
      },
    };
  },
};

function conflicts({ bound, waiting }: Claims, node: NodeObject, objects: ClusterObjects): string[] {
  const reasons: string[] = [];
  const volumes = bound.map(({ volumeName = '' }) => volumeOf(objects, volumeName));
  if (volumes.some((volume) => volume !== undefined && !isReachable(volume, node))) reasons.push(NODE_CONFLICT);
  if (bindingPlan(waiting, node, objects) === undefined) reasons.push(BIND_CONFLICT);
  if (volumes.includes(undefined)) reasons.push(NO_VOLUME);
  return reasons;
}

/** How claims that wait would be bound on a node. */
export interface BindingPlan {
  readonly matched: readonly (readonly [ClaimObject, VolumeObject])[];
  readonly provisioned: readonly ClaimObject[];
}

/** Finds volumes for claims, or provisioners that may make them; undefined where there is something for which neither is there. */
export function bindingPlan(claims: readonly ClaimObject[], node: NodeObject, objects: ClusterObjects): BindingPlan | undefined {
  if (claims.some(({ selectedNode }) => selectedNode !== undefined && selectedNode !== node.name)) return undefined;
  const toProvision = claims.filter(({ selectedNode }) => selectedNode !== undefined);
  // The smallest claims choose first, each the smallest volume that will do.
  const toMatch = claims.filter(({ selectedNode }) => selectedNode === undefined);
  toMatch.sort((a, b) => a.requestedBytes - b.requestedBytes);
  const taken = new Set<string>();
  const matched: [ClaimObject, VolumeObject][] = [];
  for (const claim of toMatch) {
    const volume = smallestVolume(claim, node, objects, taken);
    if (volume === undefined) toProvision.push(claim);
    else {
      taken.add(volume.name);
      matched.push([claim, volume]);
    }
  }
  return toProvision.every((claim) => canProvision(claim, node, objects)) ? { matched, provisioned: toProvision } : undefined;
}

/** Source: `component-helpers/storage/volume/pv_helpers.go` (FindMatchingVolume). */
function smallestVolume(
  claim: ClaimObject,
  node: NodeObject,
  objects: ClusterObjects,
  taken: ReadonlySet<string>,
): VolumeObject | undefined {
  let smallest: VolumeObject | undefined;
  for (const volume of objects.volumes) {
    if (volume.storageClassName !== claim.storageClassName || taken.has(volume.name) || volume.deleting) continue;
    if (volume.capacityBytes < claim.requestedBytes) continue;
    const { claimRef } = volume;
    if (claimRef !== undefined) {
      if (claimRef.name !== claim.name || claimRef.namespace !== claim.namespace) continue;
      if (claimRef.uid !== undefined && claimRef.uid !== '' && claimRef.uid !== claim.uid) continue;
      return isReachable(volume, node) ? volume : undefined;
    }
    if (volume.phase !== 'Available' || !isReachable(volume, node)) continue;
    if (!claim.accessModes.every((mode) => volume.accessModes.includes(mode))) continue;
    if (smallest === undefined || volume.capacityBytes < smallest.capacityBytes) smallest = volume;
  }
  return smallest;
}

function canProvision(claim: ClaimObject, node: NodeObject, objects: ClusterObjects): boolean {
  const storageClass = classOf(objects, claim);
  if (storageClass === undefined || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const { allowedTopologies = [] } = storageClass;
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some((topology) => topology.every(({ key, values }) => values.includes(node.labels[key] ?? '')))
  );
}
