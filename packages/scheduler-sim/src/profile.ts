import type { ClusterView } from '@plimsoll/core';
import { ClusterAsObjects } from './cycle/cluster-objects.ts';
import type { Cycle } from './cycle/cycle.ts';
import { type CycleParts, PlainCycle } from './cycle/plain-cycle.ts';
import { FastCycle } from './fast/fast-cycle.ts';
import { isFast } from './filters/asked-filters.ts';
import { FilterModel } from './filters/filter-model.ts';
import type { SchedulerConfig } from './plain/config.ts';
import { Hints } from './queue/hints.ts';

/**
 * One profile at work: everything that depends on its configuration. Queue, nominations, the order of nodes and the place at which the
 * next search begins are the scheduler's, and shared.
 */
export class Profile {
  readonly config: SchedulerConfig;
  readonly filters: FilterModel;
  readonly hints: Hints;
  readonly cycle: Cycle;
  readonly objects: ClusterAsObjects;

  constructor(parts: CycleParts, engine: 'fast' | 'plain', cacheBytes: number | undefined) {
    const { view, config, storage } = parts;
    this.config = config;
    this.filters = new FilterModel(view, config);
    this.hints = new Hints(view, config, storage);
    this.objects = new ClusterAsObjects(parts);
    const plainly = engine === 'plain' || !isFast(config);
    this.cycle = plainly ? new PlainCycle(parts) : new FastCycle(parts, this.filters, cacheBytes);
  }
}

/** Which profile places the pods of a class; none for pods that name a scheduler that is not there. */
export class ProfileTable {
  readonly all: readonly Profile[];
  readonly #view: ClusterView;
  readonly #byName: ReadonlyMap<string, Profile>;
  readonly #defaultName: string;
  readonly #ofClass: (Profile | undefined)[] = [];

  constructor(view: ClusterView, byName: ReadonlyMap<string, Profile>, defaultName: string) {
    this.#view = view;
    this.#byName = byName;
    this.#defaultName = defaultName;
    this.all = [...byName.values()];
  }

  of(podClass: number): Profile | undefined {
    const known = this.#ofClass;
    if (podClass < known.length) return known[podClass];
    const { pods } = this.#view.classes;
    while (known.length < pods.length) {
      known.push(this.#byName.get(pods[known.length].spec.schedulerName ?? this.#defaultName));
    }
    return known[podClass];
  }
}
