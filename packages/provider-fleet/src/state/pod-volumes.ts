import { LABEL, type NodeSelectorRequirement, type Volume } from '@plimsoll/core';
import { requirement } from '../requirements/requirement.ts';
import { conflict, type RequirementSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { normalised } from '../requirements/well-known.ts';
import type { Volumes } from '../scheduling/existing-node.ts';
import type { ClusterObjects, PodObject, StorageClassObject, VolumeClaimObject, VolumeObject } from './objects.ts';

/** CSI drivers that took over in-tree plug-ins. Source: Kubernetes 1.36, `csi-translation-lib/plugins`. */
const DRIVERS: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
};

/** A reference that leads nowhere. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

/**
 * What the volumes of pods ask of nodes.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/volumetopology.go`, `pkg/scheduling/volumeusage.go`.
 */
export class PodVolumes {
  readonly #claims: ReadonlyMap<string, VolumeClaimObject>;
  readonly #volumes: ReadonlyMap<string, VolumeObject>;
  readonly #classes: ReadonlyMap<string, StorageClassObject>;

  constructor({ storageClasses, volumeClaims, volumes }: ClusterObjects) {
    this.#claims = new Map(volumeClaims.map((claim) => [`${claim.namespace}/${claim.name}`, claim]));
    this.#volumes = new Map(volumes.map((volume) => [volume.name, volume]));
    this.#classes = new Map(storageClasses.map((storageClass) => [storageClass.name, storageClass]));
  }

  /**
   * Alternatives of where a pod's volumes can be reached, to be tried in order; undefined where they can be anywhere.
   *
   * @throws VolumeError where a claim, a volume or a class is missing.
   */
  alternatives(pod: PodObject): readonly RequirementSet[] | undefined {
    let alternatives: readonly RequirementSet[] | undefined;
    for (const volume of pod.spec.volumes ?? []) {
      const claim = this.#claimOf(pod, volume);
      if (claim === undefined) continue;
      const own = this.#alternativesOf(claim);
      if (own.length > 0) alternatives = crossed(alternatives, own);
    }
    return alternatives;
  }

  /**
   * A pod's volumes by driver, as limits on attached volumes count them. Missing claims and classes do not count.
   *
   * @throws VolumeError where a bound volume is missing.
   */
  drivers(pod: PodObject): Volumes {
    const out = new Map<string, Set<string>>();
    for (const volume of pod.spec.volumes ?? []) {
      const claim = this.#find(pod, volume);
      if (claim === undefined) continue;
      const driver = this.#driverOf(claim);
      if (driver === '') continue;
      const known = out.get(driver) ?? new Set();
      out.set(driver, known.add(`${claim.namespace}/${claim.name}`));
    }
    return out;
  }

  /** What is wrong with a pod's claims, so that it cannot be scheduled for now; undefined where nothing is. */
  problem(pod: PodObject): string | undefined {
    try {
      for (const volume of pod.spec.volumes ?? []) {
        const claim = this.#claimOf(pod, volume);
        const problem = claim === undefined ? undefined : this.#problemOf(claim);
        if (problem !== undefined) return problem;
      }
      return undefined;
    } catch (error) {
      if (error instanceof VolumeError) return error.message;
      throw error;
    }
  }

  #problemOf(claim: VolumeClaimObject): string | undefined {
    if (claim.deleting) return 'persistentvolumeclaim is being deleted';
    if (claim.lost) return 'persistentvolumeclaim bound to non-existent persistentvolume';
    if (claim.volumeName !== '') {
      if (this.#volumeNamed(claim.volumeName).deleting) return 'persistentvolume is being deleted';
      if (!claim.bindCompleted) return 'pvc is considered unbound because it does not contain annotation';
      return undefined;
    }
    if (claim.storageClassName === '') return 'unbound pvc must define a storage class';
    const storageClass = this.#classNamed(claim.storageClassName);
    return storageClass.immediate ? 'pvc with immediate volume binding mode must be bound' : undefined;
  }

  #alternativesOf(claim: VolumeClaimObject): readonly RequirementSet[] {
    if (claim.volumeName !== '') return alternativesOfVolume(this.#volumeNamed(claim.volumeName));
    if (claim.storageClassName === '') return [];
    return this.#classNamed(claim.storageClassName)
      .allowedTopologies.filter((expressions) => expressions.length > 0)
      .map((expressions) => requirementSet(expressions.map(({ key, values }) => ({ key, operator: 'In' as const, values }))));
  }

  #driverOf({ storageClassName, volumeName }: VolumeClaimObject): string {
    if (volumeName !== '') return this.#volumeNamed(volumeName).driver;
    const provisioner = this.#classes.get(storageClassName)?.provisioner ?? '';
    return DRIVERS[provisioner] ?? provisioner;
  }

  /** The claim of a volume; undefined for volumes without one. */
  #claimOf(pod: PodObject, volume: Volume): VolumeClaimObject | undefined {
    if (claimName(pod, volume) === undefined) return undefined;
    const claim = this.#find(pod, volume);
    if (claim === undefined) throw new VolumeError(`PersistentVolumeClaim ${claimName(pod, volume)} not found`);
    return claim;
  }

  #find(pod: PodObject, volume: Volume): VolumeClaimObject | undefined {
    return this.#claims.get(`${pod.spec.namespace}/${claimName(pod, volume)}`);
  }

  #volumeNamed(name: string): VolumeObject {
    const volume = this.#volumes.get(name);
    if (volume === undefined) throw new VolumeError(`PersistentVolume ${name} not found`);
    return volume;
  }

  #classNamed(name: string): StorageClassObject {
    const storageClass = this.#classes.get(name);
    if (storageClass === undefined) throw new VolumeError(`StorageClass ${name} not found`);
    return storageClass;
  }
}

function claimName(pod: PodObject, { claim, kind, name }: Volume): string | undefined {
  if (kind === 'persistentVolumeClaim') return claim;
  return kind === 'ephemeral' ? `${pod.name}-${name}` : undefined;
}

/** The terms of a volume. One that names only the host of a local volume binds it to nothing: the pod moves without it. */
function alternativesOfVolume({ local, nodeAffinity = [] }: VolumeObject): readonly RequirementSet[] {
  return nodeAffinity.flatMap((term): RequirementSet[] => {
    const all = term.matchExpressions ?? [];
    const kept = local ? all.filter(({ key }) => key !== LABEL.hostname) : all;
    if (kept.length > 0) return [expressionsSet(kept)];
    return all.length > 0 ? [new Map()] : [];
  });
}

function expressionsSet(expressions: readonly NodeSelectorRequirement[]): RequirementSet {
  return withAll(
    new Map(),
    expressions.map(({ key, operator, values }) => requirement(normalised(key), operator, values)),
  );
}

/** Every alternative of one with every one of the other that goes with it; all of them where none does. */
function crossed(alternatives: readonly RequirementSet[] | undefined, own: readonly RequirementSet[]): readonly RequirementSet[] {
  if (alternatives === undefined) return own;
  const pairs = alternatives.flatMap((a) => own.map((b) => [a, b] as const));
  const compatible = pairs.filter(([a, b]) => conflict(a, b) === undefined);
  return (compatible.length > 0 ? compatible : pairs).map(([a, b]) => withAll(a, b.values()));
}
