import { describe, expect, it } from 'vitest';
import { Batcher } from '../../src/provisioning/batcher.ts';

const batcher = () => new Batcher(1000, 10_000, () => true);

describe('a batch', () => {
  it('ends one second after its only trigger', () => {
    const b = batcher();
    b.add(1, 500);
    expect(b.endsAt).toBe(1500);
    expect(b.close(1499)).toBe(false);
    expect(b.close(1500)).toBe(true);
    expect(b.endsAt).toBe(Infinity);
  });

  it('is not lengthened by a pod that it has seen', () => {
    const b = batcher();
    b.add(1, 0);
    b.add(1, 600);
    expect(b.endsAt).toBe(1000);
  });

  it('is lengthened by each new pod, to ten seconds at most', () => {
    const b = batcher();
    for (let pod = 0; pod < 40; pod++) {
      b.add(pod, pod * 500);
      if (pod * 500 < 9500) expect(b.endsAt).toBe(Math.min(pod * 500 + 1000, 10_000));
      if (b.close(pod * 500)) {
        expect(pod * 500).toBe(10_000);
        return;
      }
    }
    throw new Error('the batch never ended');
  });

  it('opens again ten seconds after a trigger while the pod waits', () => {
    const b = batcher();
    b.add(1, 0);
    expect(b.close(1000)).toBe(true);
    expect(b.wakeAt).toBe(11_000);
    expect(b.close(10_500)).toBe(false);
    expect(b.close(11_000)).toBe(true);
    expect(b.wakeAt).toBe(21_000);
  });

  it('forgets a pod that waits no longer', () => {
    let waits = true;
    const b = new Batcher(1000, 10_000, () => waits);
    b.add(1, 0);
    b.close(1000);
    waits = false;
    expect(b.wakeAt).toBe(Infinity);
  });

  it('leaves a trigger of its last millisecond to the next batch', () => {
    const b = batcher();
    b.add(1, 0);
    b.add(2, 1000);
    expect(b.close(1000)).toBe(true);
    expect(b.endsAt).toBe(2000);
  });

  it('goes on as it was after being saved', () => {
    const b = batcher();
    b.add(1, 0);
    b.add(2, 700);
    const c = batcher();
    c.restore(JSON.parse(JSON.stringify(b.snapshot())));
    for (const each of [b, c]) {
      each.add(2, 900);
      expect(each.endsAt).toBe(1700);
      expect(each.close(1700)).toBe(true);
      expect(each.wakeAt).toBe(11_000);
    }
  });
});
