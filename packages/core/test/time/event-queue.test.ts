import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, type QueuedEvent } from '../../src/time/event-queue.ts';
import { PHASE, PHASES } from '../../src/time/phase.ts';

/** Everything that is pending, in the order in which it pops. */
function drain(queue: EventQueue): QueuedEvent[] {
  const out: QueuedEvent[] = [];
  while (queue.pop()) out.push({ time: queue.time, phase: queue.phase, kind: queue.kind, a: queue.a, b: queue.b });
  return out;
}

/** The order of the queue, written plainly: time, phase, then the order of pushes (kept by a stable sort). */
function inOrder(events: readonly QueuedEvent[]): QueuedEvent[] {
  return [...events].sort((x, y) => x.time - y.time || x.phase - y.phase);
}

const LAST = 2 ** 40 - 1;

/** Times that fall on every level of the wheel, on both sides of each border, and often on each other. */
const anyTime = fc.oneof(
  fc.constantFrom(0, 1, 2, 255, 256, 257, 65_535, 65_536, 2 ** 24 - 1, 2 ** 24, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, LAST),
  fc.constantFrom(4095, 4096, 4097, 2 ** 22 - 1, 2 ** 22, 2 ** 22 + 1, 2 ** 33),
  fc.integer({ min: 0, max: 600 }),
  fc.maxSafeNat().map((n) => n % 2 ** 40),
);
const anyPhase = fc.integer({ min: 0, max: PHASES - 1 });

describe('the order of events', () => {
  it('takes the earlier time first, then the lower phase, then what was pushed first', () => {
    const queue = new EventQueue(1);
    queue.push(7, PHASE.scheduler, 1);
    queue.push(7, PHASE.world, 2);
    queue.push(3, PHASE.observer, 3);
    queue.push(7, PHASE.scheduler, 4);
    queue.push(7, PHASE.world, 5);

    expect(drain(queue).map((event) => event.kind)).toEqual([3, 2, 5, 1, 4]);
  });

  it('pops any set of pushes as a stable sort by time and phase would have them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTime, anyPhase), { maxLength: 200 }), (pushes) => {
        const queue = new EventQueue(2);
        const events = pushes.map(([time, phase], a) => ({ time, phase, kind: a % 7, a, b: 1 - a }));
        for (const event of events) queue.push(event.time, event.phase, event.kind, event.a, event.b);

        expect(queue.size).toBe(events.length);
        // -0 and 0 are one to the queue: what comes out is 0.
        expect(drain(queue)).toEqual(inOrder(events));
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('agrees with a sorted list through any mix of pushes, cancels, pops and looks at the next time', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('push' as const),
          after: fc.oneof(fc.constantFrom(0, 0, 1, 255, 256), anyTime),
          phase: anyPhase,
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('pop' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(60) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('peek' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new EventQueue(1);
        let pending: (QueuedEvent & { handle: number })[] = [];
        const handles: number[] = [];
        let now = 0;
        let pushed = 0;
        for (const each of steps) {
          if (each.do === 'push') {
            const event = { time: Math.min(now + each.after, LAST), phase: each.phase, kind: 1, a: pushed++, b: 0 };
            const handle = queue.push(event.time, event.phase, event.kind, event.a, event.b);
            handles.push(handle);
            // A stable sort after each insertion: equal keys keep the order of pushes.
            pending = [...pending, { ...event, handle }].sort((x, y) => x.time - y.time || x.phase - y.phase);
          } else if (each.do === 'cancel' && handles.length > 0) {
            const handle = handles[each.which % handles.length];
            const there = pending.some((event) => event.handle === handle);
            expect(queue.cancel(handle)).toBe(there);
            pending = pending.filter((event) => event.handle !== handle);
          } else if (each.do === 'peek') {
            expect(queue.peekTime()).toBe(pending[0]?.time ?? Infinity);
          } else if (each.do === 'pop') {
            const first = pending.shift();
            expect(queue.pop()).toBe(first !== undefined);
            if (first !== undefined) {
              expect([queue.time, queue.phase, queue.a]).toEqual([first.time, first.phase, first.a]);
              now = first.time;
            }
          }
          expect(queue.size).toBe(pending.length);
        }
        expect(drain(queue).map((event) => event.a)).toEqual(pending.map((event) => event.a));
      }),
      { seed: 12, numRuns: 1000 },
    );
  });

  it('lets an event of the current millisecond add others to it, in any phase', () => {
    const queue = new EventQueue();
    queue.push(5, PHASE.controller, 1);
    queue.push(5, PHASE.observer, 2);
    const order: number[] = [];
    while (queue.pop()) {
      order.push(queue.kind);
      if (queue.kind === 1) queue.push(5, PHASE.controller, 3);
      // A lower phase than the current one is next, not lost.
      if (queue.kind === 2) queue.push(5, PHASE.world, 4);
    }
    expect(order).toEqual([1, 3, 2, 4]);
  });

  it('keeps the order of pushes when one waited on an upper level and the next came straight to a lower one', () => {
    const queue = new EventQueue();
    queue.push(70_000, PHASE.world, 1);
    queue.push(69_990, PHASE.world, 0);
    queue.pop();
    queue.push(70_000, PHASE.world, 2);
    expect(drain(queue).map((event) => event.kind)).toEqual([1, 2]);
  });
});

describe('what a push refuses', () => {
  it.each([Number.NaN, 0.5, -1, Infinity, 2 ** 40])('refuses the time %d', (time) => {
    const queue = new EventQueue();
    expect(() => queue.push(time, PHASE.world, 1)).toThrow(RangeError);
    expect(queue.size).toBe(0);
  });

  it('refuses a time before the last popped event, and takes that very time', () => {
    const queue = new EventQueue();
    queue.push(1000, PHASE.world, 1);
    queue.pop();
    expect(() => queue.push(999, PHASE.world, 1)).toThrow(
      'event time 999: expected whole milliseconds from 1000 to 1099511627775',
    );
    queue.push(1000, PHASE.world, 2);
    expect(queue.peekTime()).toBe(1000);
  });

  it.each([-1, PHASES, Number.NaN])('refuses the phase %d', (phase) => {
    expect(() => new EventQueue().push(0, phase, 1)).toThrow(RangeError);
  });

  it('takes -0 for 0: three events at [0, -0, 0] pop in the order of their pushes', () => {
    const queue = new EventQueue();
    [0, -0, 0].forEach((time, row) => {
      queue.push(time, PHASE.world, row);
    });
    const events = drain(queue);
    expect(events.map((event) => event.kind)).toEqual([0, 1, 2]);
    expect(events.every((event) => Object.is(event.time, 0))).toBe(true);
  });
});

describe('handles', () => {
  it('are good for one cancel, and void once the event has popped', () => {
    const queue = new EventQueue();
    const first = queue.push(1, PHASE.world, 1);
    const second = queue.push(2, PHASE.world, 2);
    expect(queue.cancel(second)).toBe(true);
    expect(queue.cancel(second)).toBe(false);
    queue.pop();
    expect(queue.cancel(first)).toBe(false);
    expect(queue.pop()).toBe(false);
  });

  it('never reach a later event that took the same place', () => {
    const queue = new EventQueue(1);
    const stale = queue.push(1, PHASE.world, 1);
    queue.pop();
    queue.push(2, PHASE.world, 2);
    expect(queue.cancel(stale)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it.each([-1, 99])('of nothing (%d) cancel nothing', (handle) => {
    const queue = new EventQueue();
    queue.push(1, PHASE.world, 1);
    expect(queue.cancel(handle)).toBe(false);
    expect(queue.size).toBe(1);
  });
});

describe('a saved queue', () => {
  it('goes on in the same order, at whatever point it was saved', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTime, anyPhase), { minLength: 1, maxLength: 80 }), fc.nat(80), (pushes, pops) => {
        const queue = new EventQueue(1);
        pushes.forEach(([time, phase], a) => {
          queue.push(time, phase, 3, a, a * 2);
        });
        let now = 0;
        for (let n = 0; n < pops && queue.pop(); n++) now = queue.time;

        const restored = new EventQueue(1);
        const told: QueuedEvent[] = [];
        restored.restore(now, queue.snapshot(), (event, handle) => {
          told.push(event);
          expect(handle).toBeGreaterThanOrEqual(0);
        });
        expect(told).toEqual(queue.snapshot());
        expect(restored.peekTime()).toBe(queue.peekTime());
        // Both go on alike, with new events of the same millisecond behind the old ones.
        for (const each of [queue, restored]) each.push(now, PHASE.world, 9);
        expect(drain(restored)).toEqual(drain(queue));
      }),
      { seed: 13, numRuns: 400 },
    );
  });

  it('cancels by the handles that the restore gave', () => {
    const queue = new EventQueue();
    queue.push(5, PHASE.world, 1);
    queue.push(6, PHASE.world, 2);
    const handles: number[] = [];
    const restored = new EventQueue();
    restored.restore(0, queue.snapshot(), (_event, handle) => {
      handles.push(handle);
    });
    expect(restored.cancel(handles[0])).toBe(true);
    expect(drain(restored).map((event) => event.kind)).toEqual([2]);
  });

  it('is restored into an empty queue only', () => {
    const queue = new EventQueue();
    queue.push(5, PHASE.world, 1);
    expect(() => queue.restore(0, [])).toThrow('empty');
  });
});
