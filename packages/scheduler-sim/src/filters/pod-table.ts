import { type Classes, type HostPort, nonZeroRequests, PODS, type PodClass, type PodSpec } from '@plimsoll/core';
import { namedNodes } from '../plain/plugins/node-affinity.ts';
import type { AskedFilters } from './asked-filters.ts';
import { hostPorts } from './node-ports.ts';
import { asksForName } from './static.ts';

/** What the filters and scores of a profile need of a pod class, worked out once. */
export interface PodFacts {
  readonly id: number;
  readonly spec: PodSpec;
  readonly priority: number;
  /** Resources that a node must have free, other than the place of the pod itself, and how much of each. */
  readonly resources: readonly number[];
  readonly amounts: readonly number[];
  /** Host ports, where a filter asks about them. */
  readonly ports: readonly HostPort[];
  /** Whether what it asks of a node depends on the node's name. */
  readonly byName: boolean;
  /** The only nodes that its required terms leave, by name; undefined for any node. */
  readonly named: ReadonlySet<string> | undefined;
  /** What the score of NodeResourcesFit counts: it is built without pod-level requests, which the filter honours. */
  readonly scoredCpu: number;
  readonly scoredMemory: number;
}

/** Facts of pod classes, by class. */
export class PodTable {
  readonly #classes: Classes;
  readonly #asked: AskedFilters;
  readonly #facts: PodFacts[] = [];

  constructor(classes: Classes, asked: AskedFilters) {
    this.#classes = classes;
    this.#asked = asked;
  }

  of(podClass: number): PodFacts {
    return this.#facts[podClass] ?? (this.#facts[podClass] = factsOf(this.#classes.pods[podClass], this.#classes, this.#asked));
  }
}

function factsOf({ id, spec, priority, requests }: PodClass, classes: Classes, asked: AskedFilters): PodFacts {
  const resources: number[] = [];
  const amounts: number[] = [];
  // The order in which the real filter names what is missing: cpu, memory, ephemeral storage, then the others.
  for (let r = 0; r < requests.length; r++) {
    if (r === PODS || !(requests[r] > 0) || asked.ignores(classes.resources.names[r])) continue;
    resources.push(r);
    amounts.push(requests[r]);
  }
  const { podRequests: _, ...withoutPodLevel } = spec;
  const { cpu, memory } = nonZeroRequests(withoutPodLevel);
  return {
    id,
    spec,
    priority,
    resources,
    amounts,
    ports: asked.asks('NodePorts') ? hostPorts(spec) : [],
    byName: asksForName(spec) || asked.addedByName,
    named: asked.asks('NodeAffinity') ? namedNodes(spec.nodeAffinity?.required ?? []) : undefined,
    scoredCpu: cpu,
    scoredMemory: memory,
  };
}
