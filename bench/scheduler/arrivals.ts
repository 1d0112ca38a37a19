import { type Cluster, type Component, NONE, PHASE, type Timer } from '@plimsoll/core';
import type { Day } from './day.ts';

/** Lets the pods of a day arrive; one event is pending, for the next pod alone. The nodes are there before the first. */
export class Arrivals implements Component {
  readonly id = 'arrivals';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #day: Day;
  readonly #classes: number[];
  #next = 0;

  constructor(cluster: Cluster, timer: Timer, day: Day) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#day = day;
    const nodeClasses = day.nodeShapes.map((shape) => cluster.classes.node(shape).id);
    this.#classes = day.shapes.map((spec) => cluster.classes.pod(spec).id);
    day.nodes.forEach((row, i) => {
      const node = cluster.orderNode({ name: `node-${i}`, offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, nodeClasses[row]);
      cluster.readyNode(node, {});
    });
  }

  start(): void {
    this.#timer.at(this.#day.time[0], PHASE.arrival, 0);
  }

  handle(): void {
    const { time, duration, shape } = this.#day;
    const { now } = this.#timer;
    for (; time[this.#next] === now; this.#next++) {
      const pod = this.#next;
      const podClass = this.#classes[shape[pod]];
      this.#cluster.createPod({ podClass, owner: NONE, ordinal: pod, duration: duration[pod] });
    }
    if (this.#next < time.length) this.#timer.at(time[this.#next], PHASE.arrival, 0);
  }

  snapshot(): number {
    return this.#next;
  }

  restore(next: number): void {
    this.#next = next;
  }
}
