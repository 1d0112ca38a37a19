import { describe, expect, it } from 'vitest';
import { type Budget, type BudgetSpec, type BudgetStatus, evict, type PodState, syncBudget } from '../../src/index.ts';

const NONE: BudgetStatus = {
  expectedPods: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  disruptionsAllowed: 0,
  observedGeneration: 0,
  disruptedPods: new Map(),
};

function pods(count: number, facts: Partial<PodState> = {}): PodState[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `p${i}`,
    uid: `p${i}`,
    labels: { app: 'a' },
    phase: 'Running',
    ready: true,
    createdAt: 0,
    deleting: false,
    ...facts,
  }));
}

function budget(limits: Partial<BudgetSpec>): BudgetSpec {
  return { name: 'b', generation: 1, selector: { matchLabels: { app: 'a' } }, ...limits };
}

const scale = (replicas: number) => () => ({ uid: 'owner', replicas });

describe('a PodDisruptionBudget', () => {
  it('rounds a minimum of 30 % of seven pods up to three', () => {
    const status = syncBudget(budget({ minAvailable: '30%' }), NONE, pods(7), scale(7), 0);
    expect(status).toMatchObject({ expectedPods: 7, desiredHealthy: 3, disruptionsAllowed: 4, reason: 'SufficientPods' });
  });

  it('rounds a maximum of 30 % of seven pods up to three, so that four must stay', () => {
    expect(syncBudget(budget({ maxUnavailable: '30%' }), NONE, pods(7), scale(7), 0).desiredHealthy).toBe(4);
  });

  it('allows nothing where no pod is expected, or where an owner cannot be found', () => {
    expect(syncBudget(budget({ maxUnavailable: 1 }), NONE, [], scale(0), 0).disruptionsAllowed).toBe(0);
    expect(syncBudget(budget({ maxUnavailable: 1 }), NONE, pods(3), () => undefined, 0)).toMatchObject({
      disruptionsAllowed: 0,
      reason: 'SyncFailed',
    });
  });

  it('counts a pod whose eviction was granted as gone for two minutes', () => {
    const granted: BudgetStatus = { ...NONE, disruptedPods: new Map([['p0', 0]]) };
    const at = (now: number): number => syncBudget(budget({ minAvailable: 1 }), granted, pods(3), scale(3), now).currentHealthy;
    expect([at(119_999), at(120_000)]).toEqual([2, 3]);
  });
});

describe('an eviction', () => {
  const spent = (limits: Partial<BudgetSpec> = {}): Budget => ({
    spec: budget(limits),
    status: { ...NONE, observedGeneration: 1, currentHealthy: 1, desiredHealthy: 2 },
  });

  it('of a pending pod is free although the budget is spent', () => {
    const [pending] = pods(1, { phase: 'Pending', ready: false });
    expect(evict(pending, [spent()], 0).code).toBe(201);
  });

  it('of an unready pod waits for the budget, unless its policy says otherwise', () => {
    const [unready] = pods(1, { ready: false });
    expect(evict(unready, [spent()], 0).code).toBe(429);
    expect(evict(unready, [spent({ unhealthyPodEvictionPolicy: 'AlwaysAllow' })], 0).code).toBe(201);
  });

  it('spends the budget, and then the next one is refused', () => {
    const one: Budget = {
      spec: budget({}),
      status: { ...NONE, observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 },
    };
    const [first, second] = pods(2);
    expect([evict(first, [one], 5).code, evict(second, [one], 5).code]).toEqual([201, 429]);
    expect([...one.status.disruptedPods]).toEqual([['p0', 5]]);
  });

  it('is an error where two budgets are about the pod', () => {
    expect(evict(pods(1)[0], [spent(), spent()], 0).code).toBe(500);
  });
});
