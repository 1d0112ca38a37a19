import { EventQueue, Streams } from '@plimsoll/core';
import { type HeapEvent, ObjectHeap } from '../reference/object-heap.ts';
import type { Suite } from '../suite.ts';

const PENDING = 100_000;
const HOLDS = 200_000;
const PHASES = 6;
/** Delays of up to 10 minutes, whole milliseconds: with 100,000 pending, ties are common. */
const DELAY_MS = 600_000;

const before = (x: HeapEvent, y: HeapEvent): boolean =>
  x.time < y.time || (x.time === y.time && (x.phase < y.phase || (x.phase === y.phase && x.sequence < y.sequence)));

export const eventQueue: Suite = {
  name: 'event-queue',
  question: `hold model (pop one, push one) with ${PENDING} events pending: how much faster than an object heap, in the same order?`,
  ratios: [['object heap / event queue', 'object heap', 'event queue']],
  time: 3000,
  prepare() {
    const stream = new Streams(7).stream('bench', 'event-queue');
    const delays = Float64Array.from({ length: PENDING + HOLDS }, () => stream.below(DELAY_MS));
    const phases = Uint8Array.from({ length: PENDING + HOLDS }, () => stream.below(PHASES));

    const heap = new ObjectHeap(before);
    const queue = new EventQueue(PENDING + 1);
    for (let i = 0; i < PENDING; i++) {
      heap.push({ time: delays[i], phase: phases[i], sequence: i, kind: i });
      queue.push(delays[i], phases[i], i);
    }
    let sequence = PENDING;
    let heapNext = 0;
    const holdHeap = (): number => {
      const event = heap.pop() as HeapEvent;
      const i = PENDING + (heapNext++ % HOLDS);
      heap.push({ time: event.time + delays[i], phase: phases[i], sequence: sequence++, kind: event.kind });
      return event.kind;
    };
    let queueNext = 0;
    const holdQueue = (): number => {
      queue.pop();
      const { kind } = queue;
      const i = PENDING + (queueNext++ % HOLDS);
      // An event of this very millisecond may lie in a phase that has passed; the heap would take it next all the same, and so does the queue.
      queue.push(queue.time + delays[i], phases[i], kind);
      return kind;
    };
    for (let i = 0; i < HOLDS; i++) {
      if (holdHeap() !== holdQueue()) throw new Error(`the orders part at hold ${i}`);
    }
    const BATCH = 20_000;
    return {
      operations: BATCH,
      facts: { pending: PENDING, holdsInEqualOrder: HOLDS },
      tasks: {
        'object heap': () => {
          for (let i = 0; i < BATCH; i++) holdHeap();
        },
        'event queue': () => {
          for (let i = 0; i < BATCH; i++) holdQueue();
        },
      },
    };
  },
};
