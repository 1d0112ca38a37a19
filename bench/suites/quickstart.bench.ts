import { RECORD } from '@plimsoll/core';
import { loadInput, simulate } from 'plimsoll/node';
import type { Suite } from '../suite.ts';

const { scenario, workload } = await loadInput('quickstart');

const specOf = (autoscaler: string) => ({ scenario, workload: workload.share(), autoscaler, seed: scenario.seed });

export const quickstart: Suite = {
  name: 'replay-quickstart',
  question: 'one run of the bundled quickstart, by autoscaler (operations are pods created)',
  ratios: [],
  time: 2000,
  prepare() {
    const names = Object.keys(scenario.autoscalers);
    const { log } = simulate(specOf(names[0]));
    let pods = 0;
    for (let row = 0; row < log.length; row++) if (log.kind[row] === RECORD.podCreated) pods++;
    return {
      operations: pods,
      facts: { pods, records: log.length },
      tasks: Object.fromEntries(names.map((name) => [name, () => void simulate(specOf(name))])),
    };
  },
};
