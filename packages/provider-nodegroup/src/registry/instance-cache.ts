import type { JsonValue } from '@plimsoll/core';
import type { InstanceList, NodeGroups } from '../groups/node-groups.ts';

/** How often all lists are read anew, in the background. Source: `clusterstate/utils/node_instances_cache.go`. */
const REFRESH = 120_000;

/**
 * What each group listed when it was last read: in the background every two minutes, and at once where the registry asks for it. In between, the
 * registry works with the lists as they were. Source: Cluster Autoscaler 1.37, `clusterstate/utils/node_instances_cache.go`.
 */
export class InstanceCache {
  /** When the next reading in the background is due. */
  nextRefresh = 0;
  readonly #groups: NodeGroups;
  readonly #lists: (InstanceList | undefined)[];
  /** Whether lists are kept at all; without, every look reads anew. */
  readonly #keeps: boolean;

  constructor(groups: NodeGroups, keeps: boolean) {
    this.#groups = groups;
    this.#lists = groups.specs.map(() => undefined);
    this.#keeps = keeps;
    if (!keeps) this.nextRefresh = Infinity;
  }

  /** Reads all lists, if it is time. */
  refresh(now: number): void {
    if (now < this.nextRefresh) return;
    for (let g = 0; g < this.#groups.count; g++) this.#lists[g] = this.#groups.list(g);
    this.nextRefresh = (Math.floor(now / REFRESH) + 1) * REFRESH;
  }

  /** The next look at a group reads its list anew. */
  invalidate(group: number): void {
    this.#lists[group] = undefined;
  }

  of(group: number): InstanceList {
    if (!this.#keeps) return this.#groups.list(group);
    return (this.#lists[group] ??= this.#groups.list(group));
  }

  snapshot(): JsonValue {
    return {
      nextRefresh: Number.isFinite(this.nextRefresh) ? this.nextRefresh : null,
      lists: this.#lists.map((list) =>
        list === undefined ? null : [[...list.rows], [...(list.errors ?? [])].map((e) => e ?? null)],
      ),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as { nextRefresh: number | null; lists: ([number[], (string | null)[]] | null)[] };
    this.nextRefresh = saved.nextRefresh ?? Infinity;
    saved.lists.forEach((list, g) => {
      this.#lists[g] = list === null ? undefined : { rows: list[0], errors: list[1].map((error) => error ?? undefined) };
    });
  }
}
