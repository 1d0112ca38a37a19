import { PHASES } from './phase.ts';

/** Lowest bit of the time that each level looks at, and how many slots it has: 12, 10, 10 and 8 bits. */
const SHIFT = [0, 12, 22, 32];
const SLOTS = [4096, 1024, 1024, 256];
const LEVELS = 4;
/** First list of each level, and the number of lists of all levels. */
const FIRST_LIST = [0, 4096, 5120, 6144];
const LISTS = 6400;
/** Times from here on are refused: 2^40 ms is 34 years. */
const TIME_LIMIT = 2 ** 40;
const NONE = -1;
/** List that an entry of the current tick hangs in: one per phase, after the lists of the wheel. */
const TICK = LISTS;
/** A handle is an entry and its generation in one small integer, so that no push allocates. */
const ENTRY_BITS = 24;
const ENTRY_MASK = 2 ** ENTRY_BITS - 1;
const GENERATION_MASK = 127;

/**
 * One entry is a row of 32 bytes, so that pushing, moving and popping it touches one cache line: its time (a double), then these
 * 32-bit fields.
 */
const ROW = 8;
/** The same in doubles. */
const DOUBLES = ROW / 2;
/** Kind and, in the lowest bits, phase. */
const KIND_AT = 2;
const PHASE_BITS = 3;
const PHASE_MASK = 2 ** PHASE_BITS - 1;
const A_AT = 3;
const B_AT = 4;
const NEXT_AT = 5;
const PREV_AT = 6;
/** Generation of the entry and, in the lowest bits, the list that it hangs in; FREE where it hangs in none. */
const LIST_AT = 7;
const LIST_BITS = 16;
const FREE = 2 ** LIST_BITS - 1;

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
 * A hierarchical timing wheel over whole milliseconds: four levels of slots, each slot a FIFO list. An event waits on the level of
 * the highest bits in which its time differs from now, and moves down as time enters the range of its slot. Lists keep push order on
 * the way down, because everything in an upper slot was pushed before anything pushed directly below it. Level 0 is wide (4 s),
 * so that an event of the next hour moves down once. Push, cancel and pop allocate nothing once the rows have grown to the largest
 * number of events that were pending together; there may be 16.7 million.
 */
export class EventQueue {
  /** Fields of the event that the last {@link pop} took. */
  time = 0;
  phase = 0;
  kind = 0;
  a = 0;
  b = 0;

  #now = 0;
  /** Now in two parts: its lowest 32 bits, and the rest. */
  #nowLow = 0;
  #nowHigh = 0;
  #size = 0;
  #free = NONE;
  #used = 0;
  /** Rows as doubles (the time, first in its row) and as 32-bit integers (the other fields): two views of one buffer. */
  #doubles: Float64Array;
  #ints: Int32Array;
  readonly #heads = new Int32Array(TICK + PHASES).fill(NONE);
  readonly #tails = new Int32Array(TICK + PHASES).fill(NONE);
  readonly #bits = new Int32Array(LISTS / 32);
  readonly #counts = new Int32Array(LEVELS);
  /** Phases of the current tick that have events. */
  #tickBits = 0;

  constructor(capacity = 1024) {
    this.#doubles = new Float64Array(capacity * DOUBLES);
    this.#ints = new Int32Array(this.#doubles.buffer);
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
      if (entry > ENTRY_MASK) throw new RangeError(`more than ${ENTRY_MASK + 1} events are pending`);
      if (entry * ROW === this.#ints.length) this.#grow();
    } else this.#free = this.#ints[entry * ROW + NEXT_AT];
    const ints = this.#ints;
    const row = entry * ROW;
    // Adding zero turns -0 into 0.
    this.#doubles[entry * DOUBLES] = time + 0;
    ints[row + KIND_AT] = (kind << PHASE_BITS) | phase;
    ints[row + A_AT] = a;
    ints[row + B_AT] = b;
    this.#size++;
    this.#place(entry, time);
    return ((ints[row + LIST_AT] >>> LIST_BITS) << ENTRY_BITS) | entry;
  }

  /**
   * Removes a pending event. Returns false when it has been popped or cancelled before; a handle is recognised as stale until its
   * entry has been used again 128 times, so keep none beyond its event.
   */
  cancel(handle: number): boolean {
    const entry = handle & ENTRY_MASK;
    const row = entry * ROW;
    const ints = this.#ints;
    if (entry >= this.#used || ints[row + LIST_AT] >>> LIST_BITS !== handle >> ENTRY_BITS) return false;
    if ((ints[row + LIST_AT] & FREE) === FREE) return false;
    this.#unlink(entry);
    this.#release(entry);
    return true;
  }

  /** Takes the first event into the public fields. Returns false when none is pending. */
  pop(): boolean {
    if (this.#size === 0) return false;
    const entry = this.#takeFirst();
    const row = entry * ROW;
    const ints = this.#ints;
    this.time = this.#doubles[entry * DOUBLES];
    this.phase = ints[row + KIND_AT] & PHASE_MASK;
    this.kind = ints[row + KIND_AT] >> PHASE_BITS;
    this.a = ints[row + A_AT];
    this.b = ints[row + B_AT];
    this.#release(entry);
    return true;
  }

  /** The time of the first event, or Infinity. */
  peekTime(): number {
    if (this.#size === 0) return Infinity;
    return this.#tickBits === 0 ? this.#nextTime() : this.#now;
  }

  /** Every pending event, in order. */
  snapshot(): QueuedEvent[] {
    const events: { event: QueuedEvent; list: number; rank: number }[] = [];
    for (let list = 0; list < this.#heads.length; list++) {
      let rank = 0;
      for (let entry = this.#heads[list]; entry !== NONE; entry = this.#ints[entry * ROW + NEXT_AT]) {
        const row = entry * ROW;
        const event = {
          time: this.#doubles[entry * DOUBLES],
          phase: this.#ints[row + KIND_AT] & PHASE_MASK,
          kind: this.#ints[row + KIND_AT] >> PHASE_BITS,
          a: this.#ints[row + A_AT],
          b: this.#ints[row + B_AT],
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
    this.#moveTo(now);
    for (const event of events) {
      const handle = this.push(event.time, event.phase, event.kind, event.a, event.b);
      onHandle?.(event, handle);
    }
  }

  /** Hangs an entry where its time belongs, seen from now. */
  #place(entry: number, time: number): void {
    if (time === this.#now) {
      const phase = this.#ints[entry * ROW + KIND_AT] & PHASE_MASK;
      this.#tickBits |= 1 << phase;
      this.#append(TICK + phase, entry);
      return;
    }
    const low = time >>> 0;
    const high = time < 2 ** 32 ? 0 : (time - low) / 2 ** 32;
    let level = 3;
    let slot = high;
    if (high === this.#nowHigh) {
      const top = 31 - Math.clz32(low ^ this.#nowLow);
      level = top < SHIFT[1] ? 0 : top < SHIFT[2] ? 1 : 2;
      slot = (low >>> SHIFT[level]) & (SLOTS[level] - 1);
    }
    const list = FIRST_LIST[level] + slot;
    this.#bits[list >>> 5] |= 1 << (list & 31);
    this.#counts[level]++;
    this.#append(list, entry);
  }

  /** Takes the first entry out of its list, moving now to its time. */
  #takeFirst(): number {
    while (this.#tickBits === 0) {
      let level = 0;
      while (this.#counts[level] === 0) level++;
      const list = this.#firstList(level);
      const entry = this.#heads[list];
      // Level 0 holds the exact tick; on upper levels, time moves to the start of the slot's range and its list moves down.
      this.#moveTo(level === 0 ? this.#doubles[entry * DOUBLES] : this.#startOf(level, list - FIRST_LIST[level]));
      const alone = entry === this.#tails[list];
      this.#heads[list] = NONE;
      this.#tails[list] = NONE;
      this.#bits[list >>> 5] &= ~(1 << (list & 31));
      if (level === 0 && alone) {
        // The only event of its tick need not be sorted by phase.
        this.#counts[0]--;
        return entry;
      }
      this.#spread(level, entry);
    }
    const list = TICK + 31 - Math.clz32(this.#tickBits & -this.#tickBits);
    const entry = this.#heads[list];
    const next = this.#ints[entry * ROW + NEXT_AT];
    this.#heads[list] = next;
    if (next === NONE) {
      this.#tails[list] = NONE;
      this.#tickBits &= ~(1 << (list - TICK));
    } else this.#ints[next * ROW + PREV_AT] = NONE;
    return entry;
  }

  /** Hangs the entries of a list that was taken off a level where they belong now, in order. */
  #spread(level: number, first: number): void {
    for (let entry = first; entry !== NONE; ) {
      const next = this.#ints[entry * ROW + NEXT_AT];
      this.#counts[level]--;
      this.#place(entry, this.#doubles[entry * DOUBLES]);
      entry = next;
    }
  }

  #moveTo(now: number): void {
    this.#now = now;
    this.#nowLow = now >>> 0;
    this.#nowHigh = now < 2 ** 32 ? 0 : (now - this.#nowLow) / 2 ** 32;
  }

  #startOf(level: number, slot: number): number {
    const width = 2 ** SHIFT[level];
    const range = width * SLOTS[level];
    return Math.floor(this.#now / range) * range + slot * width;
  }

  #nextTime(): number {
    let level = 0;
    while (this.#counts[level] === 0) level++;
    const list = this.#firstList(level);
    let earliest = Infinity;
    for (let entry = this.#heads[list]; entry !== NONE; entry = this.#ints[entry * ROW + NEXT_AT]) {
      const time = this.#doubles[entry * DOUBLES];
      if (time < earliest) earliest = time;
    }
    return earliest;
  }

  /** The first list of a level that has entries. */
  #firstList(level: number): number {
    const bits = this.#bits;
    // On level 0 everything lies after now, so the search starts there; the other levels are short.
    const from = level === 0 ? this.#now & (SLOTS[0] - 1) : FIRST_LIST[level];
    for (let word = from >>> 5; word < bits.length; word++) {
      if (bits[word] !== 0) return word * 32 + 31 - Math.clz32(bits[word] & -bits[word]);
    }
    throw new Error('event queue: a level counts events but has no list');
  }

  #append(list: number, entry: number): void {
    const ints = this.#ints;
    const row = entry * ROW;
    const tail = this.#tails[list];
    ints[row + LIST_AT] = (ints[row + LIST_AT] & ~FREE) | list;
    ints[row + PREV_AT] = tail;
    ints[row + NEXT_AT] = NONE;
    if (tail === NONE) this.#heads[list] = entry;
    else ints[tail * ROW + NEXT_AT] = entry;
    this.#tails[list] = entry;
  }

  #unlink(entry: number): void {
    const ints = this.#ints;
    const row = entry * ROW;
    const list = ints[row + LIST_AT] & FREE;
    const next = ints[row + NEXT_AT];
    const prev = ints[row + PREV_AT];
    if (prev === NONE) this.#heads[list] = next;
    else ints[prev * ROW + NEXT_AT] = next;
    if (next === NONE) this.#tails[list] = prev;
    else ints[next * ROW + PREV_AT] = prev;
    if (list < TICK) {
      this.#counts[list < FIRST_LIST[1] ? 0 : list < FIRST_LIST[2] ? 1 : list < FIRST_LIST[3] ? 2 : 3]--;
      if (this.#heads[list] === NONE) this.#bits[list >>> 5] &= ~(1 << (list & 31));
    } else if (this.#heads[list] === NONE) this.#tickBits &= ~(1 << (list - TICK));
  }

  #release(entry: number): void {
    const ints = this.#ints;
    const row = entry * ROW;
    const generation = ((ints[row + LIST_AT] >>> LIST_BITS) + 1) & GENERATION_MASK;
    ints[row + LIST_AT] = (generation << LIST_BITS) | FREE;
    ints[row + NEXT_AT] = this.#free;
    this.#free = entry;
    this.#size--;
  }

  #grow(): void {
    const wider = new Float64Array(this.#doubles.length * 2);
    wider.set(this.#doubles);
    this.#doubles = wider;
    this.#ints = new Int32Array(wider.buffer);
  }
}
