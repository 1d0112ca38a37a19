import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyJobStatus,
  isJobFinished,
  type JobBackoff,
  type JobPod,
  type JobSpec,
  type JobStatus,
  syncJob,
} from '../../src/index.ts';
import { backoffLeft } from '../../src/job/backoff.ts';
import { formatIndexes, parseIndexes } from '../../src/job/index-set.ts';

const SPEC: JobSpec = { parallelism: 2, completions: 5, indexed: false, suspended: false, backoffLimit: 3 };

/** A Job whose pods end as a test says. */
class Run {
  readonly pods: JobPod[] = [];
  status: JobStatus = emptyJobStatus;
  backoff: JobBackoff = { failures: 0 };
  #made = 0;

  sync(spec: JobSpec, now: number): void {
    const actions = {
      create: ({ index }: { readonly index?: number }) => {
        const name = `p${this.#made++}`;
        const fresh = {
          phase: 'Running',
          ready: false,
          createdAt: now,
          deleting: false,
          finalizer: true,
          disrupted: false,
        } as const;
        this.pods.push({ name, uid: name, labels: {}, nodeName: 'n', ...fresh, ...(index !== undefined && { index }) });
      },
      delete: (pod: JobPod) => {
        this.pods.splice(this.pods.indexOf(pod), 1);
      },
      release: (pod: JobPod) => {
        const at = this.pods.indexOf(pod);
        if (at >= 0) this.pods[at] = { ...pod, finalizer: false };
      },
    };
    const done = syncJob(spec, this.status, this.backoff, [...this.pods], actions, now);
    this.status = done.status;
    this.backoff = done.backoff;
  }

  /** Ends the first pod that runs. */
  end(phase: 'Succeeded' | 'Failed', now: number): boolean {
    const at = this.pods.findIndex((pod) => pod.phase === 'Running');
    if (at >= 0) this.pods[at] = { ...this.pods[at], phase, finishedAt: now, exitCode: phase === 'Failed' ? 1 : 0 };
    return at >= 0;
  }

  get running(): number {
    return this.pods.filter(({ phase }) => phase === 'Running').length;
  }
}

describe('a Job', () => {
  it('keeps as many pods running as it may, and no more than completions are left', () => {
    const run = new Run();
    const seen: number[] = [];
    for (let now = 0; !isJobFinished(run.status) && now < 60_000; now += 1000) {
      run.sync(SPEC, now);
      seen.push(run.running);
      run.end('Succeeded', now);
    }
    expect(seen).toEqual([2, 2, 2, 2, 1, 0]);
    expect(run.status).toMatchObject({ succeeded: 5, failed: 0, completedAt: 5000 });
  });

  it('fails with one failure more than its limit', () => {
    const run = new Run();
    for (let now = 0; !isJobFinished(run.status); now += 700_000) {
      run.sync({ ...SPEC, parallelism: 1 }, now);
      run.end('Failed', now);
    }
    expect(run.status.failed).toBe(4);
    expect(run.status.conditions.at(-1)).toEqual({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' });
  });

  it('waits 10 s after a failure, doubled up to ten minutes', () => {
    const waits = [1, 2, 3, 6, 7, 8, 20].map((failures) => backoffLeft({ failures, lastFailureAt: 0 }, 0) / 1000);
    expect(waits).toEqual([10, 20, 40, 320, 600, 600, 600]);
    expect(backoffLeft({ failures: 1, lastFailureAt: 0 }, 10_000)).toBe(0);
  });

  it('fills indexes from the lowest', () => {
    const run = new Run();
    run.sync({ ...SPEC, indexed: true }, 0);
    run.end('Succeeded', 0);
    run.sync({ ...SPEC, indexed: true }, 1000);
    expect(run.pods.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(run.status.completedIndexes).toBe('0');
  });

  it('writes indexes so that they are read the same', () => {
    expect(formatIndexes(new Set([0, 1, 2, 3, 5, 7, 8]))).toBe('0-3,5,7,8');
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 })), (list) => {
        expect(parseIndexes(formatIndexes(new Set(list)))).toEqual(new Set([...list].sort((a, b) => a - b)));
      }),
    );
  });
});
