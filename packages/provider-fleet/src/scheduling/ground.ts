import { compareText, LABEL, type ResourceNames } from '@plimsoll/core';
import { isEmpty, rowsOf } from '../catalogue/bits.ts';
import { labelSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import { NODE_CLASS_LABEL } from '../requirements/well-known.ts';
import type { NamespaceObject, NodePoolObject } from '../state/objects.ts';
import type { Daemons } from './daemons.ts';
import { DomainUniverse } from './domains.ts';
import { GroupRules } from './group-rules.ts';
import type { InstanceType } from './instance-type.ts';
import { KnownSets } from './known-sets.ts';
import type { Template } from './open-claim.ts';
import { PodShapes } from './pod-shape.ts';
import { reservedCapacities } from './reservations.ts';
import { TypeTable } from './type-table.ts';

/** Labels that every node will have once it is there; they count while planning and are not written into claims. */
export const SIMULATED_LABELS = { 'karpenter.sh/registered': 'true', 'karpenter.sh/initialized': 'true' } as const;

/** What the user sets about planning. */
export interface SchedulingOptions {
  readonly preferencePolicy: 'Respect' | 'Ignore';
  readonly minValuesPolicy: 'Strict' | 'BestEffort';
  readonly reservedCapacity: boolean;
}

/** What a ground is laid on. */
export interface GroundParts {
  /** All pools: static, unready and deleting ones are left out. */
  readonly pools: readonly NodePoolObject[];
  readonly typesOf: (pool: NodePoolObject) => readonly InstanceType[];
  readonly namespaces: readonly NamespaceObject[];
  readonly options: SchedulingOptions;
  readonly names: ResourceNames;
}

/**
 * What planning stands on whatever the cluster is like: pools, their templates and types, and how pods are read. It may be kept from moment to
 * moment as long as types and their offerings stay.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go` (NewScheduler), `nodeclaimtemplate.go`,
 * `pkg/controllers/provisioning/provisioner.go` (NewScheduler), `pkg/utils/nodepool/nodepool.go` (OrderByWeight).
 */
export class Ground {
  readonly options: SchedulingOptions;
  readonly names: ResourceNames;
  readonly sets: KnownSets;
  readonly shapes: PodShapes;
  readonly rules: GroupRules;
  readonly universe: DomainUniverse;
  /** Pools that may grow, in the order in which they are tried: weight descending, then name descending. */
  readonly pools: readonly NodePoolObject[];
  /** How many machines of each capacity reservation are left. */
  readonly reservations: ReadonlyMap<string, number>;
  #templates: readonly Template[] | undefined;
  readonly #typesOf: (pool: NodePoolObject) => readonly InstanceType[];

  constructor({ namespaces, names, options, pools, typesOf }: GroundParts) {
    this.options = options;
    this.names = names;
    this.sets = new KnownSets();
    this.pools = pools
      .filter(({ deleting, ready, replicas }) => replicas === undefined && ready && !deleting)
      .sort((a, b) => b.weight - a.weight || compareText(b.name, a.name));
    this.#typesOf = typesOf;
    this.reservations = reservedCapacities(new Set(this.pools.map(typesOf)));
    const respectPreferences = options.preferencePolicy === 'Respect';
    const relaxTaints = this.pools.some(({ taints }) => taints.some(({ effect }) => effect === 'PreferNoSchedule'));
    this.shapes = new PodShapes(this.sets, names, { respectPreferences, relaxTaints });
    this.rules = new GroupRules(this.sets, namespaces, respectPreferences);
    this.universe = new DomainUniverse(this.pools, typesOf);
  }

  get templates(): readonly Template[] {
    if (this.#templates === undefined) throw new Error('the templates of a ground are laid first');
    return this.#templates;
  }

  /** Makes the templates, asking the daemons where they would run. A pool without a type that could be launched now has none. */
  lay(daemons: Daemons): void {
    const tables = new Map<readonly InstanceType[], TypeTable>();
    const found: Omit<Template, 'groups' | 'relaxed'>[] = [];
    for (const pool of this.pools) {
      const types = this.#typesOf(pool);
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
    this.#templates = found.map((template) => {
      const { pool, set, table, types } = template;
      const groups = daemons
        .groups(set.set, pool.taints, table, rowsOf(types))
        .map((group) => ({ ...group, overheads: this.names.vector(group.overhead ?? {}) }));
      return { ...template, groups, relaxed: { minValues: false } };
    });
  }
}
