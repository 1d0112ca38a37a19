import { canonical } from '@plimsoll/core';
import { nodeShapeFrom, podSpecFrom } from '@plimsoll/inputs';
import {
  DaemonBackoff,
  type DaemonNode,
  type DaemonPod,
  type DaemonSetSpec,
  type DaemonSetStatus,
  daemonRunsOn,
  daemonSetStatus,
  type IntOrPercent,
  planDaemonSet,
} from '@plimsoll/kubernetes';
import { Json } from '../../kube-scheduler/json.ts';
import { DelayedKey } from './delayed-key.ts';
import { type Controllers, merged, World } from './world.ts';
import type { WorldPod } from './world-pod.ts';

/** A DaemonSet. */
export function answerDaemonSet(input: Json): unknown {
  const world = new World(input);
  world.controllers = new DaemonSetControllers(world, input.at('daemonSet').value);
  const { pods, ...rest } = world.run(input, undefined);
  if (!input.at('countsOnly').flag) return { ...rest, pods };
  const count = (value: unknown): Record<string, unknown> => {
    const { created, deleted, ...instant } = value as { created?: string[]; deleted?: string[] };
    return { ...instant, ...(created && { created: created.length }), ...(deleted && { deleted: deleted.length }) };
  };
  return { ...rest, instants: (rest.instants as unknown[]).map(count) };
}

class DaemonSetControllers implements Controllers {
  readonly #world: World;
  #object: Json;
  #spec: DaemonSetSpec;
  readonly #backoff = new DaemonBackoff();
  readonly #revisionOf = new Map<WorldPod, string>();
  #status: DaemonSetStatus | undefined;
  #dirty = true;
  readonly #later: DelayedKey;
  readonly #readyPods = new Set<WorldPod>();

  constructor(world: World, object: unknown) {
    this.#world = world;
    this.#later = new DelayedKey((at) => world.wakeAt(at, 'ds'));
    this.#object = new Json(object);
    this.#spec = specOf(this.#object.at('spec'));
  }

  podChanged(pod: WorldPod): void {
    this.#dirty = true;
    const { minReadyMs } = this.#spec;
    if (pod.ready && !this.#readyPods.has(pod) && minReadyMs > 0) this.#later.add(this.#world.now + minReadyMs + 1000);
    if (pod.ready) this.#readyPods.add(pod);
    else this.#readyPods.delete(pod);
  }

  nodeChanged(name: string): void {
    // A change of a node wakes a DaemonSet only where there is something to create or to delete.
    const { run, stay } = daemonRunsOn(this.#spec, daemonNode(name, this.#world.nodes.get(name) as Json));
    const scheduled = [...this.#world.pods.values()].some(({ home }) => home === name);
    if ((run && !scheduled) || (!stay && scheduled)) this.#dirty = true;
  }

  patched(patch: Record<string, unknown>): void {
    this.#object = new Json(merged(this.#object.value, patch));
    this.#spec = specOf(this.#object.at('spec'));
    this.#dirty = true;
  }

  wake(): void {
    if (this.#later.fire(this.#world.now)) this.#dirty = true;
  }

  settle(): void {
    while (this.#dirty) {
      this.#dirty = false;
      this.#sync();
    }
  }

  status(): Record<string, unknown> {
    return { ...this.#status };
  }

  #sync(): void {
    const world = this.#world;
    const spec = this.#spec;
    const nodes = [...world.nodes].map(([name, raw]) => daemonNode(name, raw));
    const pods = [...world.pods.values()].map(
      (pod): DaemonPod => ({ ...pod, node: pod.home, revision: this.#revisionOf.get(pod) as string }),
    );
    const plan = planDaemonSet(spec, nodes, pods, this.#backoff, world.now);
    const status = daemonSetStatus(spec, nodes, pods, world.now);
    if (canonical(status) !== canonical(this.#status ?? null)) this.#dirty = true;
    this.#status = status;
    const labels = this.#object.at('spec', 'template', 'metadata', 'labels').labels;
    for (const { name } of plan.delete) world.deletePod(world.pods.get(name) as WorldPod, 'controller');
    for (const node of plan.create) {
      const base = `ds-${node}`;
      const name = (k: number): string => `${base}-${k}`;
      const pod = world.createPod({ labels, ownerUid: 'ds', counter: base, name, group: node, home: node });
      if (pod !== undefined) this.#revisionOf.set(pod, spec.revision);
    }
    if (plan.resyncMs !== undefined) this.#later.add(world.now + plan.resyncMs);
    // The real queue keeps the earliest of the times that it was given for a key; the controller asks for minReadySeconds from now.
    if (spec.minReadyMs > 0 && status.ready !== status.available) this.#later.add(world.now + spec.minReadyMs);
  }
}

function daemonNode(name: string, raw: Json): DaemonNode {
  const { labels, taints } = nodeShapeFrom(raw.value);
  return { name, labels, taints };
}

function specOf(spec: Json): DaemonSetSpec {
  const { nodeName, nodeSelector, nodeAffinity, tolerations = [] } = podSpecFrom(spec.at('template').value, { unchecked: true });
  const rolling = spec.at('updateStrategy', 'rollingUpdate');
  return {
    revision: canonical(spec.at('template').value),
    ...(nodeName !== undefined && { nodeName }),
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(nodeAffinity !== undefined && { nodeAffinity }),
    tolerations,
    hostNetwork: spec.at('template', 'spec', 'hostNetwork').flag,
    minReadyMs: (spec.at('minReadySeconds').number ?? 0) * 1000,
    ...(spec.at('updateStrategy', 'type').text !== 'OnDelete' && {
      rollingUpdate: {
        maxUnavailable: (rolling.at('maxUnavailable').value as IntOrPercent | undefined) ?? 1,
        maxSurge: (rolling.at('maxSurge').value as IntOrPercent | undefined) ?? 0,
      },
    }),
  };
}
