import { firstUntolerated, type Taint, type Toleration } from '@plimsoll/core';
import { intersect, operatorOf } from '../requirements/requirement.ts';
import { labelSet, requirementSet, withAll } from '../requirements/requirement-set.ts';
import type { NodePoolObject } from '../state/objects.ts';
import type { InstanceType } from './instance-type.ts';

/** Values of a topology key that new machines may have, each with the taints that stand before it: any of the sets will do. */
type Domains = Map<string, (readonly Taint[])[]>;

/**
 * The domains of every key: what the instance types of the pools have within the pools' requirements, and what the pools name. Whether a
 * domain has an offering that is to be had does not matter. Values that a NotIn excludes become domains too.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/topology.go` (buildDomainGroups), `topologydomaingroup.go`.
 */
export class DomainUniverse {
  readonly #byKey = new Map<string, Domains>();

  constructor(pools: readonly NodePoolObject[], typesOf: (pool: NodePoolObject) => readonly InstanceType[]) {
    for (const pool of pools) {
      const types = typesOf(pool);
      if (types.length === 0) continue;
      const own = withAll(requirementSet(pool.requirements), labelSet(pool.labels).values());
      // Types that show the same for a key give the same domains: each pair of key and values is looked at once.
      const seen = new Set<string>();
      for (const { requirements } of types) {
        for (const requirement of requirements.values()) {
          const text = `${requirement.key} ${requirement.complement} ${requirement.values.join(' ')}`;
          if (seen.has(text)) continue;
          seen.add(text);
          const mine = own.get(requirement.key);
          const met = mine === undefined ? requirement : intersect(requirement, mine);
          for (const value of met.values) this.#insert(requirement.key, value, pool.taints);
        }
        for (const requirement of own.values()) {
          if (requirements.has(requirement.key)) continue;
          for (const value of requirement.values) this.#insert(requirement.key, value, pool.taints);
        }
      }
      for (const requirement of own.values()) {
        if (operatorOf(requirement) !== 'In') continue;
        for (const value of requirement.values) this.#insert(requirement.key, value, pool.taints);
      }
    }
  }

  /** The domains of a key that pods with some tolerations may reach; all of them where taints do not count. */
  reachable(key: string, tolerations: readonly Toleration[] | undefined): readonly string[] {
    const out: string[] = [];
    for (const [domain, taintSets] of this.#byKey.get(key) ?? []) {
      const open =
        tolerations === undefined || taintSets.some((taints) => firstUntolerated(taints, tolerations, () => true) === undefined);
      if (open) out.push(domain);
    }
    return out;
  }

  #insert(key: string, domain: string, taints: readonly Taint[]): void {
    let domains = this.#byKey.get(key);
    if (domains === undefined) this.#byKey.set(key, (domains = new Map()));
    const known = domains.get(domain);
    if (known === undefined || taints.length === 0) domains.set(domain, [taints]);
    else if (known[0].length > 0 && !known.includes(taints)) known.push(taints);
  }
}
