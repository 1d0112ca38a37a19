import { formatDuration } from '@plimsoll/core';
import type { NodeLife, SimulatedRun } from './measures.ts';
import type { RealRun } from './real-run.ts';

/** Where a simulated run first has other machines than a real one, and what both had just decided. */
export interface Parting {
  readonly at: number;
  readonly realNodes: number;
  readonly ourNodes: number;
  readonly real: readonly string[];
  readonly ours: readonly string[];
}

/** A difference that is gone again after so long is a matter of delays and not of decisions, milliseconds. */
const LASTING = 5000;
/** Decisions of so long before are told, milliseconds. */
const LOOK_BACK = 15_000;
const TOLD = 6;

/** The first moment from which the numbers of machines differ for at least 5 s; undefined where there is none. */
export function partingOf(real: RealRun, ours: SimulatedRun, end: number): Parting | undefined {
  const times = [...new Set([...changesOf(real.nodes), ...changesOf(ours.nodes)])]
    .filter((time) => time <= end)
    .sort((a, b) => a - b);
  let since: number | undefined;
  for (const time of [...times, end]) {
    if (since !== undefined && time - since >= LASTING) return describe(real, ours, since);
    const differs = countAt(real.nodes, time) !== countAt(ours.nodes, time);
    if (!differs) since = undefined;
    else since ??= time;
  }
  return undefined;
}

function describe(real: RealRun, ours: SimulatedRun, at: number): Parting {
  const near = ({ at: time }: { at: number }): boolean => time > at - LOOK_BACK && time <= at + LASTING;
  return {
    at,
    realNodes: countAt(real.nodes, at),
    ourNodes: countAt(ours.nodes, at),
    real: told([...real.decisions.filter(near), ...machines(real.nodes).filter(near)]),
    ours: told([
      ...ours.result.decisions
        .filter(({ kind }) => kind !== 'drain' && kind !== 'nominate')
        .map(({ at: time, kind, name, because }) => ({ at: time, text: `${kind} ${name}: ${because.message || because.code}` }))
        .filter(near),
      ...machines(ours.nodes).filter(near),
    ]),
  };
}

function told(list: { readonly at: number; readonly text: string }[]): string[] {
  const sorted = [...list].sort((a, b) => a.at - b.at);
  const lines = sorted.slice(-TOLD).map(({ at, text }) => `${seconds(at)} ${text}`);
  return sorted.length > TOLD ? [`… ${sorted.length - TOLD} earlier`, ...lines] : lines;
}

function machines(nodes: readonly NodeLife[]): { at: number; text: string }[] {
  return nodes.flatMap(({ name, type, launched, gone }) => [
    { at: launched, text: `machine ${name} (${type}) launched` },
    ...(gone === undefined
      ? []
      : [{ at: gone, text: `machine ${name} (${type}) gone after ${formatDuration(gone - launched)}` }]),
  ]);
}

function changesOf(nodes: readonly NodeLife[]): number[] {
  return nodes.flatMap(({ launched, gone }) => (gone === undefined ? [launched] : [launched, gone]));
}

function countAt(nodes: readonly NodeLife[], time: number): number {
  let count = 0;
  for (const { launched, gone } of nodes) if (launched <= time && (gone === undefined || gone > time)) count++;
  return count;
}

/** A time as the recordings count it: `412.345 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
