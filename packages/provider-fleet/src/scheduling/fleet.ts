import { compareText, LABEL, ResourceNames } from '@plimsoll/core';
import { isEmpty, rowsOf } from '../catalogue/bits.ts';
import { labelSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { NODE_CLASS_LABEL } from '../requirements/well-known.ts';
import type { ClusterState } from '../state/cluster-state.ts';
import type { NodeObject, NodePoolObject, PodObject } from '../state/objects.ts';
import { isTerminal } from '../state/pod-state.ts';
import { PodVolumes, VolumeError } from '../state/pod-volumes.ts';
import { Daemons } from './daemons.ts';
import { DomainUniverse } from './domains.ts';
import { type NodeFacts, nodeFacts, union, type Volumes } from './existing-node.ts';
import type { InstanceType } from './instance-type.ts';
import { KnownSets } from './known-sets.ts';
import type { Template } from './open-claim.ts';
import { type PodShape, PodShapes } from './pod-shape.ts';
import type { BoundPods } from './topology.ts';
import { GroupRules } from './topology-group.ts';
import { TypeTable } from './type-table.ts';

/** Labels that every node will have once it is there; they count while planning and are not written into claims. */
export const SIMULATED_LABELS = { 'karpenter.sh/registered': 'true', 'karpenter.sh/initialized': 'true' } as const;

/** What the user sets about planning. */
export interface SchedulingOptions {
  readonly preferencePolicy: 'Respect' | 'Ignore';
  readonly minValuesPolicy: 'Strict' | 'BestEffort';
  readonly reservedCapacity: boolean;
}

/**
 * A cluster and its pools, made ready for planning: all that any number of simulations of one moment have in common.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go` (NewScheduler), `nodeclaimtemplate.go`,
 * `pkg/controllers/provisioning/provisioner.go` (NewScheduler), `pkg/utils/nodepool/nodepool.go` (OrderByWeight).
 */
export class Fleet {
  readonly state: ClusterState;
  /** By NodePool, in the provider's order. */
  readonly instanceTypes: ReadonlyMap<string, readonly InstanceType[]>;
  readonly options: SchedulingOptions;
  readonly names = new ResourceNames();
  readonly sets = new KnownSets();
  readonly shapes: PodShapes;
  readonly volumes: PodVolumes;
  readonly rules: GroupRules;
  readonly universe: DomainUniverse;
  readonly bound: BoundPods;
  /** Pools that may grow, in the order in which they are tried: weight descending, then name descending. */
  readonly pools: readonly NodePoolObject[];
  readonly templates: readonly Template[];
  /** The type lists of those pools. */
  readonly typeLists: readonly (readonly InstanceType[])[];
  readonly #facts = new Map<object, NodeFacts>();

  constructor(state: ClusterState, instanceTypes: ReadonlyMap<string, readonly InstanceType[]>, options: SchedulingOptions) {
    const { objects } = state;
    this.state = state;
    this.instanceTypes = instanceTypes;
    this.options = options;
    this.pools = objects.nodePools
      .filter(({ deleting, ready, replicas }) => replicas === undefined && ready && !deleting)
      .sort((a, b) => b.weight - a.weight || compareText(b.name, a.name));
    const typesOf = ({ name }: NodePoolObject): readonly InstanceType[] => instanceTypes.get(name) ?? [];
    this.typeLists = this.pools.map(typesOf);
    const respectPreferences = options.preferencePolicy === 'Respect';
    const relaxTaints = this.pools.some(({ taints }) => taints.some(({ effect }) => effect === 'PreferNoSchedule'));
    this.shapes = new PodShapes(this.sets, this.names, { respectPreferences, relaxTaints });
    this.volumes = new PodVolumes(objects);
    this.rules = new GroupRules(this.sets, objects.namespaces, respectPreferences);
    this.universe = new DomainUniverse(this.pools, typesOf);
    const daemons = new Daemons(objects.daemonSets, objects.pods, this.sets);
    this.templates = this.#templates(typesOf, daemons);
    // Nodes are asked after the templates: asking templates changes the daemons.
    for (const node of state.nodes) {
      const set = this.sets.ofLabels(node.labels);
      const reserve = daemons.requestsOn(set, node.hostName, node.taints);
      this.#facts.set(node, nodeFacts(node, this.sets, this.names, this.#volumesOn(node.pods), reserve));
    }
    this.bound = this.#bound();
  }

  /** What is known of one of the state's machines. */
  factsOf(node: object): NodeFacts {
    return this.#facts.get(node) as NodeFacts;
  }

  #templates(typesOf: (pool: NodePoolObject) => readonly InstanceType[], daemons: Daemons): Template[] {
    const tables = new Map<readonly InstanceType[], TypeTable>();
    const found: Omit<Template, 'groups' | 'relaxed'>[] = [];
    for (const pool of this.pools) {
      const types = typesOf(pool);
      let table = tables.get(types);
      if (table === undefined) tables.set(types, (table = new TypeTable(types, this.names)));
      const set = this.sets.of(
        withAll(requirementSet(pool.requirements), [
          ...labelSet(pool.labels).values(),
          ...labelSet({
            [LABEL.nodePool]: pool.name,
            [NODE_CLASS_LABEL.key]: NODE_CLASS_LABEL.value,
            ...SIMULATED_LABELS,
          }).values(),
        ]),
      );
      const left = table.soundOf(set);
      const scarce =
        this.options.minValuesPolicy === 'Strict' &&
        set.minValueKeys.some((key) => table.distinct(key, left) < (set.set.get(key)?.minValues ?? 0));
      if (isEmpty(left) || scarce) continue;
      found.push({ row: found.length, pool, set, table, types: left });
    }
    return found.map((template) => {
      const { pool, set, table, types } = template;
      const groups = daemons
        .groups(set.set, pool.taints, table, rowsOf(types))
        .map((group) => ({ ...group, overheads: this.names.vector(group.overhead ?? {}) }));
      return { ...template, groups, relaxed: { minValues: false } };
    });
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
    const byShape = new Map<PodShape, { pod: PodObject; node: NodeObject }[]>();
    const repelling: { pod: PodObject; shape: PodShape; node: NodeObject }[] = [];
    for (const pod of this.state.objects.pods) {
      if (pod.nodeName === undefined || isTerminal(pod)) continue;
      const node = this.state.nodeObject(pod.nodeName);
      if (node === undefined) continue;
      const shape = this.shapes.of(pod.spec);
      const list = byShape.get(shape);
      if (list === undefined) byShape.set(shape, [{ pod, node }]);
      else list.push({ pod, node });
      const repels = (pod.spec.podAntiAffinity?.required ?? []).length > 0;
      if (repels && this.state.nodeNamed(pod.nodeName) !== undefined) repelling.push({ pod, shape, node });
    }
    return { byShape, repelling };
  }
}
