import { prepare } from '../simulate.ts';
import { measuresOf, type SimulatedRun } from './measures.ts';
import type { Setting } from './real-run.ts';

/** Simulates a setting under one seed. Chance decides what it decides in the real stack: phases of loops, zones, delays. */
export function simulateSetting({ scenario, workload, autoscaler }: Setting, seed: number): SimulatedRun {
  const run = prepare({ scenario, workload, autoscaler, seed });
  run.simulation.run();
  const { classes } = run.simulation;
  return measuresOf(run.result(), (podClass) => classes.pods[podClass].spec.controller === 'DaemonSet');
}
