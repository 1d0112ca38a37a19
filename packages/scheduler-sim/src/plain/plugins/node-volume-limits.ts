import type { NodeInfo } from '../node-info.ts';
import type { ClusterObjects } from '../objects.ts';
import type { FilterPlugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { unschedulable } from '../status.ts';
import { claimOf, classOf, volumeOf } from './volume-lookup.ts';

const NAME = 'NodeVolumeLimits';

/**
 * A node takes no more volumes of a driver than it says it can attach; a volume that several pods share counts once.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodevolumelimits/csi.go`.
 */
export const nodeVolumeLimits: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, objects }) =>
    pod.claims.length === 0
      ? { is: 'skip' }
      : {
          is: 'ready',
          state: {
            filter: (node) => (exceeds(pod, node, objects) ? unschedulable(NAME, 'node(s) exceed max volume count') : undefined),
          },
        },
};

function exceeds(pod: PodInfo, node: NodeInfo, objects: ClusterObjects): boolean {
  const drivers = objects.csiNodes.find(({ name }) => name === node.name)?.drivers ?? [];
  const limits = new Map(drivers.flatMap(({ name, count }) => (count === undefined ? [] : [[name, count] as const])));
  if (limits.size === 0) return false;
  const attached = new Map<string, string>();
  for (const other of node.pods) for (const [volume, driver] of volumesOf(other, objects)) attached.set(volume, driver);
  for (const { nodeName, attacher, volumeName = '' } of objects.attachments) {
    const handle = volumeOf(objects, volumeName)?.csi?.volumeHandle;
    if (nodeName === node.name && handle !== undefined) attached.set(`${attacher}/${handle}`, attacher);
  }
  const more = volumesOf(pod, objects).filter(([volume]) => !attached.has(volume));
  const count = (driver: string, volumes: Iterable<readonly [string, string]>): number => {
    let sum = 0;
    for (const [, of] of volumes) if (of === driver) sum++;
    return sum;
  };
  return [...limits].some(([driver, limit]) => {
    const added = count(driver, new Map(more));
    return added > 0 && count(driver, attached) + added > limit;
  });
}

/** Volumes of a pod that a driver attaches, each with its driver. One that is yet to be made goes by its claim. */
function volumesOf({ pod, claims }: PodInfo, objects: ClusterObjects): [volume: string, driver: string][] {
  return claims.flatMap((name): [string, string][] => {
    const claim = claimOf(objects, pod.namespace, name);
    if (claim === undefined) return [];
    const volume = claim.volumeName === undefined ? undefined : volumeOf(objects, claim.volumeName);
    if (volume === undefined) {
      const provisioner = classOf(objects, claim)?.provisioner;
      return provisioner === undefined ? [] : [[`claim ${pod.namespace}/${name}`, provisioner]];
    }
    return volume.csi === undefined ? [] : [[`${volume.csi.driver}/${volume.csi.volumeHandle}`, volume.csi.driver]];
  });
}
