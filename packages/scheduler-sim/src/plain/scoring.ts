import type { NodeInfo } from './node-info.ts';
import type { CycleContext } from './plugin.ts';
import { scoreNamed } from './plugins/plugins.ts';

/** Scores of the feasible nodes, in their order. */
export interface Scores {
  /** By plug-in, each score times the plug-in's weight. A plug-in without an opinion is not there. */
  readonly byPlugin: ReadonlyMap<string, readonly number[]>;
  readonly totals: readonly number[];
}

/** What one plug-in makes of the feasible nodes, in their order. */
export interface PluginScores {
  readonly name: string;
  readonly weight: number;
  readonly raw: readonly number[];
  /** Scaled to 0..100 over these nodes, where the plug-in does so; else as they were. */
  readonly normalised: readonly number[];
}

/**
 * Scores nodes with every enabled plug-in and normalises. A plug-in without an opinion on the pod is left out.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/runtime/framework.go` (RunPreScorePlugins, RunScorePlugins).
 */
export function scoreByPlugin(context: CycleContext, feasible: readonly NodeInfo[]): PluginScores[] {
  const { scoreWeights, preScores } = context.config;
  // A plug-in that only prepares may still find that it cannot work.
  for (const name of preScores) if (!(name in scoreWeights)) scoreNamed(name, context.config)?.prepare(context, feasible);
  const enabled = Object.keys(scoreWeights).flatMap((name) => scoreNamed(name, context.config) ?? []);
  const prepared = enabled.map((plugin) => ({ name: plugin.name, state: plugin.prepare(context, feasible) }));
  return prepared.flatMap(({ name, state }) => {
    if (state === undefined) return [];
    const raw = feasible.map((node) => state.score(node));
    const normalised = [...raw];
    state.normalise?.(normalised, feasible);
    return [{ name, weight: scoreWeights[name], raw, normalised }];
  });
}

/** The same, weighed and added up. */
export function scoreNodes(context: CycleContext, feasible: readonly NodeInfo[]): Scores {
  const byPlugin = new Map<string, readonly number[]>();
  const totals = feasible.map(() => 0);
  for (const { name, weight, normalised } of scoreByPlugin(context, feasible)) {
    const weighted = normalised.map((score) => score * weight);
    byPlugin.set(name, weighted);
    weighted.forEach((score, i) => {
      totals[i] += score;
    });
  }
  return { byPlugin, totals };
}
