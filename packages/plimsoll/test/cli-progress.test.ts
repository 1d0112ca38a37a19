import { describe, expect, it, vi } from 'vitest';
import { ProgressLine } from '../src/cli/progress.ts';

/** A stream that keeps what is written to it. */
function screen(isTTY: boolean, columns = 80): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  return { stream: { isTTY, columns, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream, written };
}

const RUNS = [
  { name: 'groups', span: 3_600_000 },
  { name: 'karpenter', span: 3_600_000 },
];

describe('the progress line', () => {
  it('says how far each run is, at most five times a second, and goes away', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const { stream, written } = screen(true);
    const line = new ProgressLine(stream, true);
    line.expect(RUNS);
    line.update(0, 1_800_000);
    line.update(1, 900_000);
    vi.advanceTimersByTime(200);
    line.update(1, 7_200_000);
    line.clear();
    vi.useRealTimers();
    expect(written).toEqual([
      '\r\u001b[2Kgroups 30m 00s (50 %)   karpenter 0ms (0 %)',
      '\r\u001b[2Kgroups 30m 00s (50 %)   karpenter 2h 00m (99 %)',
      '\r\u001b[2K',
    ]);
  });

  it('never takes more than one line', () => {
    const { stream, written } = screen(true, 20);
    const line = new ProgressLine(stream, true);
    line.expect(RUNS);
    line.update(0, 1_800_000);
    expect(written).toEqual(['\r\u001b[2Kgroups 30m 00s (50 ']);
  });

  it.each([
    ['where stderr is no terminal', false, true],
    ['where it is not wanted', true, false],
  ])('is silent %s', (_, isTTY, wanted) => {
    const { stream, written } = screen(isTTY);
    const line = new ProgressLine(stream, wanted);
    line.expect(RUNS);
    line.update(0, 1);
    line.clear();
    expect(written).toEqual([]);
  });
});
