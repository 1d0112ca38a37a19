import type { NodeInfo } from './node-info.ts';
import type { CycleContext } from './plugin.ts';
import { scoreNamed } from './plugins/plugins.ts';

/** Scores of the feasible nodes, in their order. */
export interface Scores {
  /** By plug-in, each score times the plug-in's weight. A plug-in without an opinion is not there. */
  readonly byPlugin: ReadonlyMap<string, readonly number[]>;
  readonly totals: readonly number[];
}

/**
 * Scores nodes with every enabled plug-in, normalises, weighs and adds up.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/runtime/framework.go` (RunScorePlugins).
 */
export function scoreNodes(context: CycleContext, feasible: readonly NodeInfo[]): Scores {
  const byPlugin = new Map<string, readonly number[]>();
  const totals = feasible.map(() => 0);
  const { scoreWeights, preScores } = context.config;
  // A plug-in that only prepares may still find that it cannot work.
  for (const name of preScores) if (!(name in scoreWeights)) scoreNamed(name, context.config)?.prepare(context, feasible);
  const enabled = Object.keys(scoreWeights).flatMap((name) => scoreNamed(name, context.config) ?? []);
  const prepared = enabled.map((plugin) => ({ name: plugin.name, state: plugin.prepare(context, feasible) }));
  for (const { name, state } of prepared) {
    if (state === undefined) continue;
    const scores = feasible.map((node) => state.score(node));
    state.normalise?.(scores, feasible);
    const weighted = scores.map((score) => score * scoreWeights[name]);
    byPlugin.set(name, weighted);
    weighted.forEach((score, i) => {
      totals[i] += score;
    });
  }
  return { byPlugin, totals };
}
