// Writes the digests of the bundled workloads anew. A change of a digest needs a sentence in the commit: what now happens otherwise, and why.
import { writeFileSync } from 'node:fs';
import { loadInput, simulate } from 'plimsoll/node';

/** Digest by autoscaler of a bundled workload, with its own seed. */
export async function digestsOf(name: string): Promise<Record<string, string>> {
  const { scenario, workload } = await loadInput(name);
  const digest = (autoscaler: string): string =>
    simulate({ scenario, workload: workload.share(), autoscaler, seed: scenario.seed }).digest;
  return Object.fromEntries(Object.keys(scenario.autoscalers).map((autoscaler) => [autoscaler, digest(autoscaler)]));
}

if (process.argv[2] === 'write') {
  for (const name of ['quickstart', 'ci-burst', 'gpu-lab', 'kwok-recorded']) {
    const digests = await digestsOf(name);
    writeFileSync(new URL(`./${name}/expected.json`, import.meta.url), `${JSON.stringify({ digests }, null, 2)}\n`);
    console.log(name, digests);
  }
}
