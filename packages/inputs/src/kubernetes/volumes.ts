import type { Volume } from '@plimsoll/core';
import { type Field, isRecord } from '../document/field.ts';
import { allModelled, checkFields } from './known-fields.ts';

const VOLUME = allModelled(
  'awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir ephemeral fc flexVolume flocker ' +
    'gcePersistentDisk gitRepo glusterfs hostPath image iscsi name nfs persistentVolumeClaim photonPersistentDisk portworxVolume ' +
    'projected quobyte rbd scaleIO secret storageos vsphereVolume',
);

/** Volumes of a pod, as far as placement and drains depend on their kind. One without a source is an emptyDir. */
export function readVolumes(list: Field): Volume[] {
  return list.items().map((item) => {
    checkFields(item, VOLUME, 'volumes[]');
    const name = item.at('name').requiredText();
    const claim = item.at('persistentVolumeClaim');
    if (claim.present) return { name, kind: 'persistentVolumeClaim', claim: claim.at('claimName').requiredText() };
    if (item.at('ephemeral').present) return { name, kind: 'ephemeral' };
    if (item.at('hostPath').present) return { name, kind: 'hostPath' };
    const sources = isRecord(item.value) ? Object.keys(item.value).filter((key) => key !== 'name') : [];
    if (item.at('emptyDir').present || sources.length === 0) {
      return { name, kind: item.at('emptyDir').at('medium').text() === 'Memory' ? 'emptyDirMemory' : 'emptyDir' };
    }
    return { name, kind: 'other' };
  });
}
