import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxSurge, maxUnavailable } from '../../src/deployment/replica-sets.ts';
import {
  type DeploymentSpec,
  type DeploymentStatus,
  emptyDeploymentStatus,
  type IntOrPercent,
  type OwnedReplicaSet,
  syncDeployment,
} from '../../src/index.ts';

function spec(
  replicas: number,
  surge: IntOrPercent = '25%',
  unavailable: IntOrPercent = '25%',
  template = 'one',
): DeploymentSpec {
  const strategy = { type: 'RollingUpdate', maxSurge: surge, maxUnavailable: unavailable } as const;
  return { replicas, template, strategy, paused: false, progressDeadlineSeconds: 600, revisionHistoryLimit: 10 };
}

/** A Deployment whose pods exist and become available as a test says. */
class Rollout {
  readonly sets: OwnedReplicaSet[] = [];
  status: DeploymentStatus = emptyDeploymentStatus;

  sync(deployment: DeploymentSpec): void {
    for (let changed = true; changed; ) {
      changed = false;
      const mark = (): void => {
        changed = true;
      };
      syncDeployment(
        deployment,
        this.status,
        this.sets,
        () => false,
        {
          createSet: (template, replicas) => {
            const status = { replicas: 0, ready: 0, available: 0, failing: false };
            const made = { revision: 0, annotatedReplicas: 0, annotatedMax: 0, status, createdAt: this.sets.length * 1000 };
            const set = { name: `rs${this.sets.length}`, template, replicas, ...made };
            this.sets.push(set);
            mark();
            return set;
          },
          deleteSet: (set) => {
            this.sets.splice(this.sets.indexOf(set), 1);
            mark();
          },
          setChanged: mark,
          writeStatus: (status) => {
            this.status = status;
            mark();
          },
        },
        0,
      );
    }
  }

  /** Pods are created and deleted at once; each set has as many available as it can, at most `newlyAvailable` more than before. */
  settle(newlyAvailable: number): void {
    for (const set of this.sets) {
      const available = Math.min(set.replicas, set.status.available + newlyAvailable);
      set.status = { replicas: set.replicas, ready: available, available, failing: false };
    }
  }

  get wanted(): number {
    return this.sets.reduce((sum, { replicas }) => sum + replicas, 0);
  }

  get available(): number {
    return this.sets.reduce((sum, { replicas, status }) => sum + Math.min(replicas, status.available), 0);
  }
}

describe('a rolling update', () => {
  it('resolves 25 % of 10, 3 and 1 as the API does', () => {
    const limits = (replicas: number): number[] => [maxSurge(spec(replicas)), maxUnavailable(spec(replicas))];
    expect([10, 3, 1].map(limits)).toEqual([
      [3, 2],
      [1, 0],
      [1, 0],
    ]);
    expect(maxUnavailable(spec(5, 0, 0))).toBe(1);
  });

  it('begins with three new pods and takes two old ones away, of ten', () => {
    const rollout = new Rollout();
    rollout.sync(spec(10));
    rollout.settle(10);
    rollout.sync(spec(10, '25%', '25%', 'two'));
    expect(rollout.sets.map(({ replicas }) => replicas)).toEqual([8, 5]);
    expect(rollout.wanted).toBe(13);
  });

  it('never passes its limits, and comes to an end', () => {
    const limit = fc.oneof(
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
    );
    const steps = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), limit, limit, steps, (replicas, surge, unavailable, pace) => {
        const rollout = new Rollout();
        rollout.sync(spec(replicas, surge, unavailable));
        rollout.settle(replicas);
        rollout.sync(spec(replicas, surge, unavailable));
        const next = spec(replicas, surge, unavailable, 'two');
        for (const newlyAvailable of [...pace, ...new Array(3 * replicas + 3).fill(1)]) {
          rollout.sync(next);
          expect(rollout.wanted).toBeLessThanOrEqual(replicas + maxSurge(next));
          expect(rollout.available).toBeGreaterThanOrEqual(replicas - maxUnavailable(next));
          rollout.settle(newlyAvailable);
        }
        rollout.sync(next);
        expect(rollout.sets.map(({ replicas: wanted }) => wanted)).toEqual([0, replicas]);
      }),
    );
  });
});
