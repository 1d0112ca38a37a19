import type { FilterPlugin, FilterState } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';
import { claimOf } from './volume-lookup.ts';

const NAME = 'VolumeRestrictions';
const IN_USE = 'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

/**
 * A claim with the access mode ReadWriteOncePod belongs to one pod in the whole cluster. Conflicts of single disks that a pod names
 * itself, without a claim, are not modelled.
 *
 * Source: kube-scheduler v1.36.2, `plugins/volumerestrictions/volume_restrictions.go`.
 */
export const volumeRestrictions: FilterPlugin = {
  name: NAME,
  prepare: ({ pod, snapshot, objects }) => {
    const exclusive = new Set<string>();
    for (const name of pod.claims) {
      const claim = claimOf(objects, pod.pod.namespace, name);
      if (claim === undefined) return { is: 'refused', status: unresolvable(NAME, `persistentvolumeclaim "${name}" not found`) };
      if (claim.accessModes.includes('ReadWriteOncePod')) exclusive.add(name);
    }
    const used = new Set<string>();
    for (const node of snapshot.nodes) {
      for (const other of node.pods) for (const name of sharedClaims(pod, other, exclusive)) used.add(name);
    }
    return used.size === 0 ? { is: 'skip' } : { is: 'ready', state: new ExclusiveClaims(pod, exclusive, used.size) };
  },
};

class ExclusiveClaims implements FilterState {
  readonly #pod: PodInfo;
  readonly #exclusive: ReadonlySet<string>;
  #uses: number;

  constructor(pod: PodInfo, exclusive: ReadonlySet<string>, uses: number) {
    this.#pod = pod;
    this.#exclusive = exclusive;
    this.#uses = uses;
  }

  filter(): Status | undefined {
    return this.#uses > 0 ? unschedulable(NAME, IN_USE) : undefined;
  }

  podAdded(other: PodInfo): void {
    this.#uses += sharedClaims(this.#pod, other, this.#exclusive).length;
  }

  podRemoved(other: PodInfo): void {
    this.#uses -= sharedClaims(this.#pod, other, this.#exclusive).length;
  }

  clone(): ExclusiveClaims {
    return new ExclusiveClaims(this.#pod, this.#exclusive, this.#uses);
  }
}

function sharedClaims(pod: PodInfo, other: PodInfo, exclusive: ReadonlySet<string>): string[] {
  return other.pod.namespace === pod.pod.namespace ? other.claims.filter((name) => exclusive.has(name)) : [];
}
