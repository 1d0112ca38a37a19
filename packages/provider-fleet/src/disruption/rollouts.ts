import type { ClusterView } from '@plimsoll/core';
import type { Rollout } from '../options/rollout.ts';

/**
 * Which machines have drifted: those that were ordered before a change of what their pool's machines are made from. Karpenter hears of a
 * change at once.
 */
export class Rollouts {
  readonly #view: ClusterView;
  readonly #rollouts: readonly Rollout[];

  constructor(view: ClusterView, rollouts: readonly Rollout[]) {
    this.#view = view;
    this.#rollouts = rollouts;
  }

  /** Whether any change has come yet. */
  anyBy(now: number): boolean {
    return this.#rollouts.length > 0 && this.#rollouts[0].at <= now;
  }

  /** Since when a machine has drifted; NaN where it has not. */
  driftedSince(node: number, now: number): number {
    const rollout = this.#of(node, now);
    // A machine that was still being launched is found to have drifted once it runs.
    return rollout === undefined ? Number.NaN : Math.max(rollout.at, this.#view.nodes.runningAt[node]);
  }

  /** Why a machine has drifted. */
  reasonOf(node: number, now: number): string {
    return this.#of(node, now)?.reason ?? '';
  }

  /** When the next change comes; Infinity for never. */
  nextAfter(now: number): number {
    return this.#rollouts.find(({ at }) => at > now)?.at ?? Infinity;
  }

  #of(node: number, now: number): Rollout | undefined {
    if (this.#rollouts.length === 0) return undefined;
    const { group, orderedAt } = this.#view.nodes;
    const ordered = orderedAt[node];
    const own = group[node];
    if (own < 0) return undefined;
    return this.#rollouts.find(({ at, pool }) => at <= now && ordered < at && (pool === undefined || pool === own));
  }
}
