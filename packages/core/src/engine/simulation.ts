import { Cluster, type ClusterSnapshot } from '../cluster/cluster.ts';
import type { Component, JsonValue, Timer } from '../contracts/component.ts';
import { Log, type LogSnapshot } from '../log/log.ts';
import { RECORD } from '../log/records.ts';
import { Classes, type ClassesSnapshot } from '../model/classes.ts';
import { Streams, type StreamsSnapshot } from '../random/streams.ts';
import { EventQueue, type QueuedEvent } from '../time/event-queue.ts';
import { PHASE } from '../time/phase.ts';

/** Codes that one component may use: 0 to 255. */
const CODES = 256;
/** How many events pass between two calls of `onProgress`. */
const PROGRESS_EVENTS = 65_536;

/** Everything of a run at one instant. Holds no functions; survives structured clone. */
export interface SimulationSnapshot {
  readonly now: number;
  readonly phase: number;
  /** Time of the last event that was handled. */
  readonly eventAt: number;
  readonly ended: boolean;
  readonly events: readonly QueuedEvent[];
  readonly classes: ClassesSnapshot;
  readonly cluster: ClusterSnapshot;
  readonly streams: StreamsSnapshot;
  readonly log: LogSnapshot;
  readonly components: Readonly<Record<string, JsonValue>>;
}

/**
 * The loop: takes events in their total order and hands each to the component that asked for it.
 *
 * Components are added once, in a fixed order, which is also the order in which they hear of changes. A run is `run()`, or
 * pieces of `runUntil()`; between pieces it may be saved, and a simulation made of the same components and restored from what was
 * saved goes on to the same digest.
 */
export class Simulation {
  readonly classes = new Classes();
  readonly log = new Log();
  readonly cluster = new Cluster(this.classes, this.log);
  readonly streams: Streams;
  /** Called every 65,536 events; may report, must not change anything. */
  onProgress: ((now: number, events: number) => void) | undefined;
  readonly #queue = new EventQueue(4096);
  readonly #components: Component[] = [];
  readonly #restoredListeners: (((code: number, a: number, b: number, time: number, handle: number) => void) | undefined)[] = [];
  #started = false;
  #ended = false;
  #events = 0;
  #eventAt = 0;
  #phase: number = PHASE.world;

  constructor(seed: number) {
    this.streams = new Streams(seed);
  }

  /** Simulated milliseconds since the start. */
  get now(): number {
    return this.cluster.now;
  }

  /** The latest phase that the current millisecond has come to. */
  get phase(): number {
    return this.#phase;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many events were handled. */
  get events(): number {
    return this.#events;
  }

  /** Adds a component, made with the timer through which it schedules its events. */
  add<C extends Component>(make: (timer: Timer) => C): C {
    if (this.#started) throw new Error('components are added before the run starts');
    const index = this.#components.length;
    const component = make(this.#timer(index));
    if (this.#components.some((other) => other.id === component.id)) throw new Error(`two components are called ${component.id}`);
    this.#components.push(component);
    if (component.observe !== undefined) this.cluster.observe((kind, a, b, c) => component.observe?.(kind, a, b, c));
    return component;
  }

  /** Ends the run after the current event. */
  end(): void {
    this.#endAt(this.now);
  }

  /** Runs until a component ends the run, or nothing is left to happen. */
  run(): void {
    this.#start();
    const queue = this.#queue;
    while (!this.#ended && queue.pop()) this.#dispatch();
    // Where nothing is left, the run was over with its last event, however far `runUntil` had moved time since.
    this.#endAt(Math.max(this.#eventAt, this.log.lastTime));
  }

  /** Handles every event up to and including a time, and moves time there unless the run has ended before. */
  runUntil(time: number): void {
    if (!(time >= this.now) || time !== Math.floor(time) || time === Infinity)
      throw new RangeError(`run until ${time}: expected whole milliseconds from ${this.now}`);
    this.#start();
    const queue = this.#queue;
    while (!this.#ended && queue.peekTime() <= time && queue.pop()) this.#dispatch();
    if (this.#ended || time === this.now) return;
    this.cluster.setNow(time);
    this.#phase = PHASE.world;
  }

  snapshot(): SimulationSnapshot {
    return {
      now: this.now,
      phase: this.#phase,
      eventAt: this.#eventAt,
      ended: this.#ended,
      events: this.#queue.snapshot(),
      classes: this.classes.snapshot(),
      cluster: this.cluster.snapshot(),
      streams: this.streams.snapshot(),
      log: this.log.snapshot(),
      components: Object.fromEntries(this.#components.map((component) => [component.id, component.snapshot()])),
    };
  }

  /**
   * Puts a new simulation, made of the same components, where the saved one was.
   *
   * @throws Error when it has started already, or when the components differ.
   */
  restore(saved: SimulationSnapshot): void {
    if (this.#started) throw new Error('a simulation is restored before it starts');
    const expected = this.#components.map(({ id }) => id).join(', ');
    const found = Object.keys(saved.components).join(', ');
    // Events name their component by its place in the order, so the order counts too.
    if (found !== expected) throw new Error(`the snapshot has the components ${found}; this simulation has ${expected}`);
    this.#started = true;
    this.#ended = saved.ended;
    this.#phase = saved.phase;
    this.#eventAt = saved.eventAt;
    this.classes.restore(saved.classes);
    this.cluster.restore(saved.cluster);
    this.streams.restore(saved.streams);
    this.log.restore(saved.log);
    for (const component of this.#components) component.restore(saved.components[component.id]);
    this.#queue.restore(saved.now, saved.events, (event, handle) => {
      const index = Math.floor(event.kind / CODES);
      this.#restoredListeners[index]?.(event.kind % CODES, event.a, event.b, event.time, handle);
    });
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const component of this.#components) component.start?.();
  }

  #endAt(time: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.log.append(time, RECORD.ended, 0);
  }

  #dispatch(): void {
    const queue = this.#queue;
    const { time, phase } = queue;
    this.#phase = time === this.now ? Math.max(this.#phase, phase) : phase;
    this.cluster.setNow(time);
    this.#eventAt = time;
    this.#events++;
    const { kind } = queue;
    this.#components[(kind / CODES) | 0].handle(kind % CODES, queue.a, queue.b);
    if (this.#events % PROGRESS_EVENTS === 0) this.onProgress?.(queue.time, this.#events);
  }

  #timer(index: number): Timer {
    const queue = this.#queue;
    const cluster = this.cluster;
    const base = index * CODES;
    return {
      get now() {
        return cluster.now;
      },
      at: (time, phase, code, a = 0, b = 0) => {
        if (!(code >= 0 && code < CODES)) throw new RangeError(`event code ${code}: expected 0 to ${CODES - 1}`);
        return queue.push(time, phase, base + code, a, b);
      },
      cancel: (handle) => queue.cancel(handle),
      onRestored: (listener) => {
        this.#restoredListeners[index] = listener;
      },
    };
  }
}
