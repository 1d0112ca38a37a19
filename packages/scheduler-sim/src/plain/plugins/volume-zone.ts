import { LABEL } from '@plimsoll/core';
import type { FilterPlugin } from '../plugin.ts';
import { unresolvable } from '../status.ts';
import { claimOf, classOf, volumeOf } from './volume-lookup.ts';

const NAME = 'VolumeZone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';
const LABELS = [BETA_ZONE, BETA_REGION, LABEL.zone, LABEL.region];
const SUCCESSOR: Readonly<Record<string, string>> = { [BETA_ZONE]: LABEL.zone, [BETA_REGION]: LABEL.region };

/**
 * A volume with zone or region labels is used from nodes with the same labels; a node with no such label at all takes any volume.
 *
 * Source: kube-scheduler v1.36.2, `plugins/volumezone/volume_zone.go`.
 */
export const volumeZone: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, objects }) => {
    const wanted: { key: string; values: readonly string[] }[] = [];
    const refuse = (reason: string) => ({ is: 'refused', status: unresolvable(NAME, reason) }) as const;
    for (const name of pod.claims) {
      const claim = claimOf(objects, pod.pod.namespace, name);
      if (claim === undefined) return refuse(`persistentvolumeclaim "${name}" not found`);
      if (claim.volumeName === undefined) {
        if (claim.storageClassName === undefined || claim.storageClassName === '') {
          return refuse('PersistentVolumeClaim had no pv name and storageClass name');
        }
        const storageClass = classOf(objects, claim);
        if (storageClass === undefined) return refuse(`storageclass.storage.k8s.io "${claim.storageClassName}" not found`);
        if (storageClass.bindingMode === 'WaitForFirstConsumer') continue;
        return refuse('PersistentVolume had no name');
      }
      const volume = volumeOf(objects, claim.volumeName);
      if (volume === undefined) return refuse(`persistentvolume "${claim.volumeName}" not found`);
      for (const key of LABELS) {
        // A volume that is spread over zones names them all in one label.
        if (volume.labels[key] !== undefined) wanted.push({ key, values: volume.labels[key].split('__') });
      }
    }
    if (wanted.length === 0) return { is: 'skip' };
    return {
      is: 'ready',
      state: {
        filter: ({ node: { labels } }) => {
          if (LABELS.every((key) => labels[key] === undefined)) return undefined;
          const matches = wanted.every(({ key, values }) => {
            const value = labels[key] ?? labels[SUCCESSOR[key] ?? key];
            return value !== undefined && values.includes(value);
          });
          return matches ? undefined : unresolvable(NAME, 'node(s) had no available volume zone');
        },
      },
    };
  },
};
