import { HOUR, type LogColumns, RECORD } from '@plimsoll/core';
import type { LawTables } from './law-tables.ts';

/** What machines cost over a run, exactly. */
export interface Bill {
  /** Milliseconds that all machines together are paid for. */
  readonly nodeMilliseconds: number;
  /** Nano-dollars per hour × milliseconds: divide by {@link HOUR} for nano-dollars. */
  readonly nanoDollarMilliseconds: bigint;
}

/**
 * The bill of a log: from nodeRunning to nodeTerminating (nodeStopped where that is said to follow), or to nodeGone where none comes before it, or to the end of the log, at the
 * price of the offering that runs, as it changes; a machine is paid for at least `minimumBilled` milliseconds.
 *
 * Counted along time (what all running machines cost together, times the time until that changes) instead of by machine, as a measure
 * would: a slow second opinion.
 */
export function billOf({ length, time, kind, a, b, c }: LogColumns, offerings: LawTables['offerings'], minimumBilled = 0): Bill {
  const running = new Map<number, { readonly since: number; readonly offering: number; price: bigint }>();
  const prices = new Map<number, bigint>();
  let rate = 0n;
  let nanoDollarMilliseconds = 0n;
  let nodeMilliseconds = 0;
  let now = 0;
  const pass = (to: number): void => {
    const elapsed = Math.max(0, to - now);
    nanoDollarMilliseconds += BigInt(elapsed) * rate;
    nodeMilliseconds += elapsed * running.size;
    now = Math.max(now, to);
  };
  const stop = (node: number): void => {
    const machine = running.get(node);
    if (machine === undefined) return;
    running.delete(node);
    rate -= machine.price;
    const missing = Math.max(0, minimumBilled - (now - machine.since));
    nanoDollarMilliseconds += BigInt(missing) * machine.price;
    nodeMilliseconds += missing;
  };
  for (let row = 0; row < length; row++) {
    const asked = kind[row] === RECORD.nodeTerminating && b[row] !== 1;
    const ends = asked || kind[row] === RECORD.nodeStopped || kind[row] === RECORD.nodeGone;
    const isPrice = kind[row] === RECORD.priceChanged;
    if (kind[row] !== RECORD.nodeRunning && !ends && !isPrice && row !== length - 1) continue;
    if (!Number.isSafeInteger(time[row])) continue;
    pass(time[row]);
    if (isPrice) {
      const price = BigInt(b[row]) * 1_000_000n + BigInt(c[row]);
      prices.set(a[row], price);
      for (const machine of running.values()) {
        if (machine.offering !== a[row]) continue;
        rate += price - machine.price;
        machine.price = price;
      }
    } else if (ends) stop(a[row]);
    else if (kind[row] === RECORD.nodeRunning && !running.has(a[row])) {
      const price = prices.get(b[row]) ?? BigInt(offerings[b[row]]?.price ?? 0);
      running.set(a[row], { since: now, offering: b[row], price });
      rate += price;
    }
  }
  for (const node of [...running.keys()]) stop(node);
  return { nodeMilliseconds, nanoDollarMilliseconds };
}

/** The bill in nano-dollars, rounded down once. */
export function nanoDollars({ nanoDollarMilliseconds }: Bill): bigint {
  return nanoDollarMilliseconds / BigInt(HOUR);
}
