import { ResourceNames } from '@plimsoll/core';
import type { ClusterState } from '../state/cluster-state.ts';
import type { PodObject } from '../state/objects.ts';
import { isTerminal, isTerminating } from '../state/pod-state.ts';
import { PodVolumes, VolumeError } from '../state/pod-volumes.ts';
import type { StateNode } from '../state/state-node.ts';
import { Daemons } from './daemons.ts';
import { type NodeFacts, nodeFacts, union, type Volumes } from './existing-node.ts';
import { Ground, type SchedulingOptions } from './ground.ts';
import type { InstanceType } from './instance-type.ts';
import type { PodShape } from './pod-shape.ts';
import type { SchedulingWorld } from './schedule.ts';
import type { BoundPod, BoundPods } from './topology.ts';

/** A cluster and its pools as the API tells of them, made ready for planning. */
export class Fleet implements SchedulingWorld<StateNode> {
  readonly state: ClusterState;
  /** By NodePool. */
  readonly instanceTypes: ReadonlyMap<string, readonly InstanceType[]>;
  readonly ground: Ground;
  readonly volumes: PodVolumes;
  readonly bound: BoundPods;
  readonly #facts = new Map<StateNode, NodeFacts<StateNode>>();

  constructor(state: ClusterState, instanceTypes: ReadonlyMap<string, readonly InstanceType[]>, options: SchedulingOptions) {
    const { daemonSets, namespaces, nodePools, pods } = state.objects;
    this.state = state;
    this.instanceTypes = instanceTypes;
    this.volumes = new PodVolumes(state.objects);
    this.ground = new Ground({
      pools: nodePools,
      typesOf: ({ name }) => instanceTypes.get(name) ?? [],
      namespaces,
      options,
      names: new ResourceNames(),
    });
    const { names, sets } = this.ground;
    const daemons = new Daemons(daemonSets, pods, sets);
    this.ground.lay(daemons);
    // Nodes are asked after the templates: asking templates changes the daemons.
    for (const node of state.nodes) {
      const reserve = daemons.requestsOn(sets.ofLabels(node.labels), node.hostName, node.taints);
      this.#facts.set(node, nodeFacts(node, sets, names, this.#volumesOn(node.pods), reserve));
    }
    this.bound = this.#bound();
  }

  factsOf(node: StateNode): NodeFacts<StateNode> {
    return this.#facts.get(node) as NodeFacts<StateNode>;
  }

  #volumesOn(pods: readonly PodObject[]): Volumes {
    let volumes: Volumes = new Map();
    for (const pod of pods) {
      if (pod.spec.volumes === undefined) continue;
      try {
        volumes = union(volumes, this.volumes.drivers(pod));
      } catch (error) {
        if (!(error instanceof VolumeError)) throw error;
      }
    }
    return volumes;
  }

  #bound(): BoundPods {
    const byShape = new Map<PodShape, BoundPod[]>();
    const repelling: (BoundPod & { readonly shape: PodShape })[] = [];
    for (const pod of this.state.objects.pods) {
      if (pod.nodeName === undefined || isTerminal(pod)) continue;
      const node = this.state.nodeObject(pod.nodeName);
      if (node === undefined) continue;
      const shape = this.ground.shapes.of(pod.spec);
      if (!isTerminating(pod)) {
        const list = byShape.get(shape);
        if (list === undefined) byShape.set(shape, [{ pod, node }]);
        else list.push({ pod, node });
      }
      const repels = (pod.spec.podAntiAffinity?.required ?? []).length > 0;
      if (repels && this.state.nodeNamed(pod.nodeName) !== undefined) repelling.push({ pod, shape, node });
    }
    return { byShape, repelling };
  }
}
