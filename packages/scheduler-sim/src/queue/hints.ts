import { type ClusterView, LABEL } from '@plimsoll/core';
import { FILTER, FILTER_PLUGINS, OTHER_FILTERS } from '../filters/plugins.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { type ClusterEvent, changes, type HintContext, mayHelp } from '../plain/hints.ts';
import type { ClaimObject, NodeObject } from '../plain/objects.ts';
import { type PodInfo, podInfo } from '../plain/pod-info.ts';
import { simulatedObjects, simulatedPod } from '../plain/simulated-objects.ts';
import type { LiveStorage } from '../storage/live-storage.ts';
import type { Helps } from './parking.ts';

const bit = (code: number): number => 1 << code;

/** Filters about other pods: all that listen for pods that come. */
const ABOUT_PODS = bit(FILTER.PodTopologySpread) | bit(FILTER.InterPodAffinity);
/** Filters that listen for pods that go. */
const ABOUT_ROOM =
  bit(FILTER.NodeResourcesFit) |
  bit(FILTER.NodePorts) |
  bit(FILTER.VolumeRestrictions) |
  bit(FILTER.NodeVolumeLimits) |
  ABOUT_PODS;
/** Filters that listen for claims and volumes that change. */
const ABOUT_STORAGE = bit(FILTER.VolumeBinding) | bit(FILTER.VolumeZone);

/**
 * Which events of a simulation may help a rejected pod, by pod class and the filters that rejected it. One filter that sees a chance is
 * enough. The answers are {@link mayHelp}'s. Filters of the user's own name no events, so any may help: as in the real program.
 */
export class Hints {
  readonly #view: ClusterView;
  readonly #config: SchedulerConfig;
  readonly #storage: LiveStorage;
  readonly #infos: { readonly waiting: PodInfo; readonly bound: PodInfo }[] = [];
  #context: HintContext | undefined;
  #classes = -1;

  constructor(view: ClusterView, config: SchedulerConfig, storage: LiveStorage) {
    this.#view = view;
    this.#config = config;
    this.#storage = storage;
  }

  /** A pod of a class was bound to a node. */
  podAdded(added: number): Helps {
    return this.#about(ABOUT_PODS, () => ({ is: 'podAdded', pod: this.#info(added).bound }));
  }

  /** A pod of a class left its node. */
  podDeleted(left: number): Helps {
    return this.#about(ABOUT_ROOM, () => ({ is: 'podDeleted', pod: this.#info(left).bound }));
  }

  /** A claim was bound to a volume. */
  claimBound(claim: ClaimObject): Helps {
    return this.#about(ABOUT_STORAGE, () => ({ is: 'claimBound', claim }));
  }

  nodeAdded(nodeClass: number, name: string): Helps {
    return this.#about(~0, () => ({ is: 'nodeAdded', node: this.#node(nodeClass, name) }));
  }

  nodeDeleted(nodeClass: number, name: string): Helps {
    return this.#about(bit(FILTER.PodTopologySpread), () => ({
      is: 'nodeDeleted',
      node: this.#node(nodeClass, name),
    }));
  }

  /** A node's class changed. Undefined where no filter listens to what changed. */
  nodeChanged(from: number, to: number, name: string): Helps | undefined {
    const [before, after] = [this.#node(from, name), this.#node(to, name)];
    const { taints, labels, allocatable } = changes(before, after);
    if (!taints && !labels && !allocatable) return undefined;
    return this.#about(~0, () => ({ is: 'nodeUpdated', before, after }));
  }

  #about(listeners: number, eventOf: () => ClusterEvent): Helps {
    let event: ClusterEvent | undefined;
    return (podClass, rejectors) => {
      if ((rejectors & OTHER_FILTERS) !== 0) return true;
      const asked = rejectors & listeners;
      if (asked === 0) return false;
      event ??= eventOf();
      const context = this.#contextNow();
      const { waiting } = this.#info(podClass);
      for (let code = 0; code < FILTER_PLUGINS.length; code++) {
        if ((asked & bit(code)) !== 0 && mayHelp(event, waiting, FILTER_PLUGINS[code], context)) return true;
      }
      return false;
    };
  }

  #info(podClass: number) {
    let info = this.#infos[podClass];
    if (info === undefined) {
      const pod = simulatedPod(this.#storage.specOf(podClass), String(podClass));
      info = { waiting: podInfo(pod), bound: podInfo({ ...pod, nodeName: 'some' }) };
      this.#infos[podClass] = info;
    }
    return info;
  }

  #node(nodeClass: number, name: string): NodeObject {
    const { shape } = this.#view.classes.nodes[nodeClass];
    return { ...shape, name, labels: { ...shape.labels, [LABEL.hostname]: name } };
  }

  #contextNow(): HintContext {
    const { pods } = this.#view.classes;
    if (this.#context === undefined || this.#classes !== pods.length) {
      this.#context = { objects: simulatedObjects(pods.map(({ spec }) => spec)), config: this.#config };
      this.#classes = pods.length;
    }
    return this.#context;
  }
}
