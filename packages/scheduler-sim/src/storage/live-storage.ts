import { type ClusterView, LABEL, type NodeSelectorTerm, type PodSpec } from '@plimsoll/core';
import { type ClaimObject, type ClusterObjects, NO_OBJECTS, type NodeObject, type VolumeObject } from '../plain/objects.ts';
import { bindingPlan } from '../plain/plugins/volume-binding.ts';
import { claimOf, classOf } from '../plain/plugins/volume-lookup.ts';

/** What the input tells of storage. */
export type StorageObjects = Pick<
  ClusterObjects,
  'claims' | 'volumes' | 'storageClasses' | 'csiNodes' | 'csiDrivers' | 'attachments'
>;

/** Claims and volumes that a run has changed. */
export interface SavedStorage {
  readonly claims: readonly ClaimObject[];
  readonly volumes: readonly VolumeObject[];
}

/**
 * Claims and volumes of a run. Claims that wait for their first pod are bound when it is: to the volume that the filter found for them, or
 * to one that is made in the node's topology at once. A claim that the input does not have binds anywhere, and asks for nothing.
 *
 * Source: kube-scheduler v1.36.2, `plugins/volumebinding/binder.go` (AssumePodVolumes); what is made is up to a provisioner.
 */
export class LiveStorage {
  readonly #view: ClusterView;
  readonly #given: StorageObjects;
  #claims: readonly ClaimObject[];
  #volumes: readonly VolumeObject[];
  /** By pod class: its spec with the volumes whose claims are known. */
  readonly #specs: PodSpec[] = [];

  constructor(view: ClusterView, given: Partial<StorageObjects> = {}) {
    const { claims, volumes, storageClasses, csiNodes, csiDrivers, attachments } = { ...NO_OBJECTS, ...given };
    this.#view = view;
    this.#given = { claims, volumes, storageClasses, csiNodes, csiDrivers, attachments };
    this.#claims = claims;
    this.#volumes = volumes;
  }

  /** As it stands. */
  get objects(): StorageObjects {
    return { ...this.#given, claims: this.#claims, volumes: this.#volumes };
  }

  /** Whether volumes say where pods of a class may go. */
  concerns(podClass: number): boolean {
    return this.#given.claims.length > 0 && (this.specOf(podClass).volumes ?? []).some(({ claim }) => claim !== undefined);
  }

  /** What pods of a class ask for, without volumes whose claims are not known. */
  specOf(podClass: number): PodSpec {
    const { spec } = this.#view.classes.pods[podClass];
    if (spec.volumes === undefined) return spec;
    return (this.#specs[podClass] ??= {
      ...spec,
      volumes: spec.volumes.filter(
        ({ claim }) => claim === undefined || claimOf(this.#given, spec.namespace, claim) !== undefined,
      ),
    });
  }

  /** A pod was bound to a node, and with it the claims of its class that waited for that. Returns those. */
  bind(podClass: number, node: NodeObject): readonly ClaimObject[] {
    if (!this.concerns(podClass)) return [];
    const { namespace, volumes = [] } = this.specOf(podClass);
    const waiting = volumes.flatMap(({ claim = '' }) => {
      const object = claimOf(this.objects, namespace, claim);
      return object?.volumeName === undefined && object !== undefined ? [object] : [];
    });
    if (waiting.length === 0) return [];
    const plan = bindingPlan(waiting, node, { ...NO_OBJECTS, ...this.objects });
    if (plan === undefined) return [];
    for (const [claim, volume] of plan.matched) this.#join(claim, volume);
    for (const claim of plan.provisioned) this.#join(claim, this.#provision(claim, node));
    return waiting;
  }

  snapshot(): SavedStorage {
    const changed = <T>(now: readonly T[], given: readonly T[]): T[] => now.filter((object) => !given.includes(object));
    return { claims: changed(this.#claims, this.#given.claims), volumes: changed(this.#volumes, this.#given.volumes) };
  }

  restore({ claims, volumes }: SavedStorage): void {
    this.#claims = this.#given.claims;
    this.#volumes = this.#given.volumes;
    for (const claim of claims) this.#putClaim(claim);
    for (const volume of volumes) this.#putVolume(volume);
  }

  #join(claim: ClaimObject, volume: VolumeObject): void {
    const { namespace, name, uid } = claim;
    this.#putVolume({ ...volume, phase: 'Bound', claimRef: { namespace, name, uid } });
    this.#putClaim({ ...claim, volumeName: volume.name, bindCompleted: true, phase: 'Bound' });
  }

  #provision(claim: ClaimObject, node: NodeObject): VolumeObject {
    const storageClass = classOf(this.objects, claim);
    const keys = (storageClass?.allowedTopologies ?? [])[0]?.map(({ key }) => key) ?? [LABEL.zone];
    const matchExpressions = keys.flatMap((key) => {
      const value = node.labels[key];
      return value === undefined ? [] : [{ key, operator: 'In' as const, values: [value] }];
    });
    const terms: readonly NodeSelectorTerm[] = [{ matchExpressions }];
    return {
      name: `pvc-${claim.uid}`,
      labels: {},
      capacityBytes: claim.requestedBytes,
      accessModes: claim.accessModes,
      storageClassName: claim.storageClassName ?? '',
      phase: 'Bound',
      csi: { driver: storageClass?.provisioner ?? '', volumeHandle: `pvc-${claim.uid}` },
      ...(matchExpressions.length > 0 && { nodeAffinity: terms }),
      deleting: false,
    };
  }

  #putClaim(claim: ClaimObject): void {
    const isIt = ({ namespace, name }: ClaimObject): boolean => namespace === claim.namespace && name === claim.name;
    this.#claims = this.#claims.map((other) => (isIt(other) ? claim : other));
  }

  #putVolume(volume: VolumeObject): void {
    const known = this.#volumes.some(({ name }) => name === volume.name);
    this.#volumes = known
      ? this.#volumes.map((other) => (other.name === volume.name ? volume : other))
      : [...this.#volumes, volume];
  }
}
