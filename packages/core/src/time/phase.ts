/**
 * The order of things that happen in the same millisecond. Lower runs first; within a phase, the order of scheduling decides.
 *
 * The world moves before anyone looks at it; work arrives before controllers react; the scheduler places what there is
 * before an autoscaler counts what it could not place.
 */
export const PHASE = {
  /** Machines, kubelets, pods that end. */
  world: 0,
  /** Pods and objects of the workload. */
  arrival: 1,
  /** Controllers that create or delete pods. */
  controller: 2,
  scheduler: 3,
  /** The autoscaler's host alone: skipping its quiet calls counts on nothing else acting here. */
  autoscaler: 4,
  /** Ends of runs and other observers. */
  observer: 5,
} as const;

/** How many phases there are. */
export const PHASES = 6;
