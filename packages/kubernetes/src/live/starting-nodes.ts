import {
  type Cluster,
  type Component,
  type JsonValue,
  LABEL,
  NODE,
  NONE,
  PHASE,
  RECORD,
  TAINT,
  type Taint,
  type Timer,
} from '@plimsoll/core';

const TICK = 0;

/** The taint that keeps pods from staying, beside the one that keeps them from coming. */
const NOT_READY: Taint = { key: TAINT.notReady, effect: 'NoExecute' };

/**
 * The monitor of the node life-cycle controller, as far as nodes that start: at each tick of its monitor it puts the NoExecute taint on nodes that are
 * not ready, and takes it off those that have become ready. A zone in which no node is ready counts as disrupted as a whole, and its
 * nodes get no such taint.
 *
 * Source: Kubernetes v1.36.2, `pkg/controller/nodelifecycle/node_lifecycle_controller.go`.
 */
export class StartingNodes implements Component {
  readonly id = 'starting-nodes';
  readonly #cluster: Cluster;
  readonly #timer: Timer;
  readonly #period: number;
  readonly #phase: number;
  /** Nodes that may have to change, in the order in which they came. */
  readonly #starting = new Set<number>();
  #ticking = false;

  /** @param phase when the first tick is, milliseconds, from 0 to the period */
  constructor(cluster: Cluster, timer: Timer, period: number, phase: number) {
    this.#cluster = cluster;
    this.#timer = timer;
    this.#period = period;
    this.#phase = phase;
  }

  observe(kind: number, node: number): void {
    if (kind === RECORD.nodeRegistered) {
      this.#starting.add(node);
      this.#arrange();
    } else if (kind === RECORD.nodeGone) this.#starting.delete(node);
  }

  handle(): void {
    this.#ticking = false;
    const { nodes, classes } = this.#cluster;
    for (const node of this.#starting) {
      const tainted = classes.nodes[nodes.class[node]].shape.taints.some(
        ({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect,
      );
      if (nodes.state[node] === NODE.ready) {
        if (tainted) this.#cluster.changeNode(node, { removeTaints: [NOT_READY] });
        this.#starting.delete(node);
      } else if (!tainted && this.#zoneServes(node)) this.#cluster.changeNode(node, { addTaints: [NOT_READY] });
    }
    this.#arrange();
  }

  snapshot(): JsonValue {
    return { starting: [...this.#starting], ticking: this.#ticking };
  }

  restore(value: JsonValue): void {
    const saved = value as { starting: readonly number[]; ticking: boolean };
    for (const node of saved.starting) this.#starting.add(node);
    this.#ticking = saved.ticking;
  }

  /** Whether any node of the same zone is ready. */
  #zoneServes(node: number): boolean {
    const { nodes, classes, firstNode } = this.#cluster;
    const zoneOf = (row: number): string | undefined => classes.nodes[nodes.class[row]].shape.labels[LABEL.zone];
    const zone = zoneOf(node);
    for (let other = firstNode; other !== NONE; other = nodes.next[other]) {
      if (nodes.state[other] === NODE.ready && zoneOf(other) === zone) return true;
    }
    return false;
  }

  /** Ticks at which there is nothing to look at are left out. */
  #arrange(): void {
    if (this.#ticking || this.#starting.size === 0) return;
    const { now } = this.#timer;
    const next = this.#phase + (Math.floor((now - this.#phase) / this.#period) + 1) * this.#period;
    this.#ticking = true;
    this.#timer.at(next, PHASE.controller, TICK);
  }
}
