import { PHASES } from './phase.ts';

const LEVELS = 5;
const SLOTS = 256;
const WORDS = SLOTS / 32;
/** Times from here on are refused: 2^40 ms is 34 years. */
const TIME_LIMIT = 2 ** 40;
const NONE = -1;
/** List that an entry of the current tick hangs in: one per phase, after the lists of the wheel. */
const TICK = LEVELS * SLOTS;
const GENERATIONS = 2 ** 20;

/** One pending event, as a snapshot holds it. */
export interface QueuedEvent {
  readonly time: number;
  readonly phase: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Pending events in a total order: time, then {@link PHASE}, then the order in which they were pushed.
 *
 * A hierarchical timing wheel over whole milliseconds: five levels of 256 slots, each slot a FIFO list. An event waits on the
 * level of the highest byte in which its time differs from now, and moves down as time enters that byte's range. Lists keep push
 * order on the way down, because everything in an upper slot was pushed before anything pushed directly below it. Push, cancel
 * and pop allocate nothing once the columns have grown to the largest number of events that were pending together.
 */
export class EventQueue {
  /** Fields of the event that the last {@link pop} took. */
  time = 0;
  phase = 0;
  kind = 0;
  a = 0;
  b = 0;

  #now = 0;
  #size = 0;
  #free = NONE;
  #used = 0;
  #times: Float64Array;
  #phases: Uint8Array;
  #kinds: Int32Array;
  #as: Int32Array;
  #bs: Int32Array;
  #next: Int32Array;
  #prev: Int32Array;
  /** The list that an entry hangs in, or NONE when it is free. */
  #list: Int32Array;
  #generation: Int32Array;
  readonly #heads = new Int32Array(TICK + PHASES).fill(NONE);
  readonly #tails = new Int32Array(TICK + PHASES).fill(NONE);
  readonly #bits = new Int32Array(LEVELS * WORDS);
  readonly #counts = new Int32Array(LEVELS);

  constructor(capacity = 1024) {
    this.#times = new Float64Array(capacity);
    this.#phases = new Uint8Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#as = new Int32Array(capacity);
    this.#bs = new Int32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#prev = new Int32Array(capacity);
    this.#list = new Int32Array(capacity);
    this.#generation = new Int32Array(capacity);
  }

  /** How many events are pending. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds an event and returns a handle for {@link cancel}.
   *
   * @throws RangeError when the time is not whole, lies before the last popped event, or passes 2^40 ms (34 years).
   */
  push(time: number, phase: number, kind: number, a = 0, b = 0): number {
    // The comparison is written so that NaN fails it.
    if (!(time >= this.#now && time < TIME_LIMIT) || time !== Math.floor(time)) {
      throw new RangeError(`event time ${time}: expected whole milliseconds from ${this.#now} to ${TIME_LIMIT - 1}`);
    }
    if (!(phase >= 0 && phase < PHASES)) throw new RangeError(`event phase ${phase}: expected 0 to ${PHASES - 1}`);
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#used++;
      if (entry === this.#times.length) this.#grow();
    } else this.#free = this.#next[entry];
    this.#times[entry] = time + 0;
    this.#phases[entry] = phase;
    this.#kinds[entry] = kind;
    this.#as[entry] = a;
    this.#bs[entry] = b;
    this.#size++;
    this.#place(entry, time);
    return this.#generation[entry] * 2 ** 32 + entry;
  }

  /** Removes a pending event. Returns false when it has been popped or cancelled before. */
  cancel(handle: number): boolean {
    const entry = handle % 2 ** 32;
    if (!(entry < this.#used) || this.#generation[entry] !== Math.floor(handle / 2 ** 32) || this.#list[entry] === NONE)
      return false;
    this.#unlink(entry);
    this.#release(entry);
    return true;
  }

  /** Takes the first event into the public fields. Returns false when none is pending. */
  pop(): boolean {
    if (this.#size === 0) return false;
    let entry = this.#firstOfTick();
    if (entry === NONE) {
      this.#advance();
      entry = this.#firstOfTick();
    }
    this.time = this.#times[entry];
    this.phase = this.#phases[entry];
    this.kind = this.#kinds[entry];
    this.a = this.#as[entry];
    this.b = this.#bs[entry];
    this.#unlink(entry);
    this.#release(entry);
    return true;
  }

  /** The time of the first event, or Infinity. */
  peekTime(): number {
    if (this.#size === 0) return Infinity;
    if (this.#firstOfTick() === NONE) return this.#nextTime();
    return this.#now;
  }

  /** Every pending event, in order. */
  snapshot(): QueuedEvent[] {
    const events: { event: QueuedEvent; list: number; rank: number }[] = [];
    for (let list = 0; list < this.#heads.length; list++) {
      let rank = 0;
      for (let entry = this.#heads[list]; entry !== NONE; entry = this.#next[entry]) {
        const event = {
          time: this.#times[entry],
          phase: this.#phases[entry],
          kind: this.#kinds[entry],
          a: this.#as[entry],
          b: this.#bs[entry],
        };
        events.push({ event, list, rank: rank++ });
      }
    }
    // Events of equal time and phase always share a list, so the rank in it is their push order.
    events.sort((x, y) => x.event.time - y.event.time || x.event.phase - y.event.phase || x.list - y.list || x.rank - y.rank);
    return events.map((e) => e.event);
  }

  /** Fills an empty queue from a snapshot taken at `now`. Handles of the saved queue are void; {@link push} returns are passed to `onHandle`. */
  restore(now: number, events: readonly QueuedEvent[], onHandle?: (event: QueuedEvent, handle: number) => void): void {
    if (this.#size !== 0) throw new Error('a queue is restored only while it is empty');
    this.#now = now;
    for (const event of events) {
      const handle = this.push(event.time, event.phase, event.kind, event.a, event.b);
      onHandle?.(event, handle);
    }
  }

  #firstOfTick(): number {
    for (let list = TICK; list < TICK + PHASES; list++) {
      const entry = this.#heads[list];
      if (entry !== NONE) return entry;
    }
    return NONE;
  }

  /** Hangs an entry where its time belongs, seen from now. */
  #place(entry: number, time: number): void {
    if (time === this.#now) {
      this.#append(TICK + this.#phases[entry], entry);
      return;
    }
    const low = time >>> 0;
    const nowLow = this.#now >>> 0;
    const high = (time - low) / 2 ** 32;
    const nowHigh = (this.#now - nowLow) / 2 ** 32;
    let level = 4;
    let slot = high;
    if (high === nowHigh) {
      const differing = low ^ nowLow;
      level = (31 - Math.clz32(differing)) >>> 3;
      slot = (low >>> (level << 3)) & 255;
    }
    this.#bits[level * WORDS + (slot >>> 5)] |= 1 << (slot & 31);
    this.#counts[level]++;
    this.#append(level * SLOTS + slot, entry);
  }

  /** Moves now to the time of the next event and hangs everything of that tick into the lists by phase. */
  #advance(): void {
    for (;;) {
      let level = 0;
      while (this.#counts[level] === 0) level++;
      const slot = this.#firstSlot(level);
      const list = level * SLOTS + slot;
      let entry = this.#heads[list];
      // Level 0 holds the exact tick; on upper levels, time moves to the start of the slot's range and its list moves down.
      this.#now = level === 0 ? this.#times[entry] : this.#startOf(level, slot);
      this.#heads[list] = NONE;
      this.#tails[list] = NONE;
      this.#bits[level * WORDS + (slot >>> 5)] &= ~(1 << (slot & 31));
      while (entry !== NONE) {
        const next = this.#next[entry];
        this.#counts[level]--;
        this.#place(entry, this.#times[entry]);
        entry = next;
      }
      if (this.#firstOfTick() !== NONE) return;
    }
  }

  #startOf(level: number, slot: number): number {
    const width = 2 ** (8 * level);
    const base = level === 4 ? 0 : Math.floor(this.#now / (width * SLOTS)) * (width * SLOTS);
    return base + slot * width;
  }

  #nextTime(): number {
    let level = 0;
    while (this.#counts[level] === 0) level++;
    const list = level * SLOTS + this.#firstSlot(level);
    let earliest = Infinity;
    for (let entry = this.#heads[list]; entry !== NONE; entry = this.#next[entry]) {
      if (this.#times[entry] < earliest) earliest = this.#times[entry];
    }
    return earliest;
  }

  #firstSlot(level: number): number {
    for (let word = 0; word < WORDS; word++) {
      const bits = this.#bits[level * WORDS + word];
      if (bits !== 0) return word * 32 + (31 - Math.clz32(bits & -bits));
    }
    throw new Error('event queue: a level counts events but has no slot');
  }

  #append(list: number, entry: number): void {
    const tail = this.#tails[list];
    this.#list[entry] = list;
    this.#prev[entry] = tail;
    this.#next[entry] = NONE;
    if (tail === NONE) this.#heads[list] = entry;
    else this.#next[tail] = entry;
    this.#tails[list] = entry;
  }

  #unlink(entry: number): void {
    const list = this.#list[entry];
    const next = this.#next[entry];
    const prev = this.#prev[entry];
    if (prev === NONE) this.#heads[list] = next;
    else this.#next[prev] = next;
    if (next === NONE) this.#tails[list] = prev;
    else this.#prev[next] = prev;
    if (list < TICK) {
      const level = Math.floor(list / SLOTS);
      const slot = list % SLOTS;
      this.#counts[level]--;
      if (this.#heads[list] === NONE) this.#bits[level * WORDS + (slot >>> 5)] &= ~(1 << (slot & 31));
    }
  }

  #release(entry: number): void {
    this.#list[entry] = NONE;
    this.#generation[entry] = (this.#generation[entry] + 1) % GENERATIONS;
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#size--;
  }

  #grow(): void {
    const length = this.#times.length * 2;
    const grown = <T extends Float64Array | Int32Array | Uint8Array>(column: T, into: T): T => {
      into.set(column);
      return into;
    };
    this.#times = grown(this.#times, new Float64Array(length));
    this.#phases = grown(this.#phases, new Uint8Array(length));
    this.#kinds = grown(this.#kinds, new Int32Array(length));
    this.#as = grown(this.#as, new Int32Array(length));
    this.#bs = grown(this.#bs, new Int32Array(length));
    this.#next = grown(this.#next, new Int32Array(length));
    this.#prev = grown(this.#prev, new Int32Array(length));
    this.#list = grown(this.#list, new Int32Array(length));
    this.#generation = grown(this.#generation, new Int32Array(length));
  }
}
