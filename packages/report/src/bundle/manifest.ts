import type { Comparison } from '../comparison.ts';
import { sha256 } from '../sha256.ts';
import { sortedJson } from './json.ts';

/**
 * What a run folder is, as JSON text: scenario, seeds, digests, versions, hashes of the inputs. It holds no time, no path of the
 * machine and no version of the host, so the same comparison has the same manifest everywhere.
 */
export function manifest({ scenario, workload, runs, versions, inputs = {} }: Comparison): string {
  const { pods, rows, span } = workload;
  return sortedJson({
    format: 'plimsoll/run/v1',
    scenario,
    workload: { pods, rows, span },
    runs: runs.map(({ result }) => ({
      autoscaler: result.autoscaler,
      program: scenario.autoscalers[result.autoscaler]?.use,
      version: scenario.autoscalers[result.autoscaler]?.version,
      seed: result.seed,
      digest: result.digest,
      span: result.span,
      records: result.log.length,
      decisions: result.decisions.length,
    })),
    versions: { plimsoll: versions.plimsoll },
    inputs,
  });
}

/** The name of a comparison: the first eight hexadecimal digits of the SHA-256 of its manifest. */
export function runId(comparison: Comparison, hash: (text: string) => string = sha256): string {
  return hash(manifest(comparison)).slice(0, 8);
}
