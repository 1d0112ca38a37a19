import { canonical } from '@plimsoll/core';
import {
  isAvailable,
  type StatefulPod,
  type StatefulSetSpec,
  type StatefulSetStatus,
  syncStatefulSet,
} from '@plimsoll/kubernetes';
import { Json } from '../../kube-scheduler/json.ts';
import { Retries } from './retries.ts';
import { type Controllers, merged, World } from './world.ts';
import type { WorldPod } from './world-pod.ts';

/** A StatefulSet. */
export function answerStatefulSet(input: Json): unknown {
  const world = new World(input);
  world.controllers = new StatefulSetControllers(world, input.at('statefulSet').value);
  return world.run(input, undefined);
}

interface Revision {
  readonly template: string;
  readonly labels: Record<string, string>;
}

class StatefulSetControllers implements Controllers {
  readonly #world: World;
  #object: Json;
  readonly #revisions: Revision[] = [];
  readonly #revisionOf = new Map<WorldPod, string>();
  #status: StatefulSetStatus | undefined;
  #dirty = true;
  readonly #retries = new Retries();

  constructor(world: World, object: unknown) {
    this.#world = world;
    this.#object = new Json(object);
  }

  podChanged(): void {
    this.#dirty = true;
  }

  patched(patch: Record<string, unknown>): void {
    this.#object = new Json(merged(this.#object.value, patch));
    this.#dirty = true;
  }

  wake(): void {
    this.#dirty = true;
  }

  settle(): void {
    while (this.#dirty) {
      this.#dirty = false;
      this.#sync();
    }
  }

  status(): Record<string, unknown> {
    const { currentRevision, updateRevision, ...counts } = this.#status as StatefulSetStatus;
    return { ...counts, rolledOut: currentRevision === updateRevision };
  }

  #sync(): void {
    const world = this.#world;
    const spec = specOf(this.#object.at('spec'));
    const updateRevision = this.#revision();
    const currentRevision = this.#status?.currentRevision ?? updateRevision;
    const pods = [...world.pods.values()].map(
      (pod): StatefulPod => ({
        ...pod,
        ordinal: Number(pod.name.slice(pod.name.lastIndexOf('-') + 1)),
        revision: this.#revisionOf.get(pod) as string,
      }),
    );
    let failed = false;
    const status = syncStatefulSet(
      spec,
      { currentRevision, updateRevision },
      pods,
      {
        create: (ordinal, revision) => {
          const { labels } = this.#revisions[Number(revision)];
          const name = `web-${ordinal}`;
          const pod = world.createPod({ labels, ownerUid: 'web', name: () => name, counter: name });
          if (pod === undefined) failed = true;
          else this.#revisionOf.set(pod, revision);
        },
        delete: ({ name }) => world.deletePod(world.pods.get(name) as WorldPod, 'controller'),
      },
      world.now,
    );
    if (canonical(status) !== canonical(this.#status ?? null)) this.#dirty = true;
    this.#status = status;
    if (failed) world.wakeAt(world.now + this.#retries.next(), 'web');
    else this.#retries.forget();
    for (const pod of pods)
      if (pod.ready && !isAvailable(pod, spec.minReadyMs, world.now))
        world.wakeAt((pod.readyChangedAt ?? 0) + spec.minReadyMs, 'web');
  }

  #revision(): string {
    const template = canonical(this.#object.at('spec', 'template').value);
    let index = this.#revisions.findIndex((revision) => revision.template === template);
    if (index < 0) {
      const labels = this.#object.at('spec', 'template', 'metadata', 'labels').labels;
      index = this.#revisions.push({ template, labels }) - 1;
    }
    return String(index);
  }
}

function specOf(spec: Json): StatefulSetSpec {
  return {
    replicas: spec.at('replicas').number ?? 1,
    parallel: spec.at('podManagementPolicy').text === 'Parallel',
    onDelete: spec.at('updateStrategy', 'type').text === 'OnDelete',
    partition: spec.at('updateStrategy', 'rollingUpdate', 'partition').number ?? 0,
    firstOrdinal: spec.at('ordinals', 'start').number ?? 0,
    minReadyMs: (spec.at('minReadySeconds').number ?? 0) * 1000,
  };
}
