/** What any run must satisfy, by name. */
export const LAWS = {
  records: 'every record is of a known kind, and its rows are those of tables and of things that exist',
  time: 'time never goes back, and nothing happens after the end',
  podPlace: 'every pod is in exactly one place at all times',
  nodeLife: 'a node is ordered, runs, registers, turns ready and goes, each once and in this order',
  nodeUse: "a node's use is the sum of its pods and never passes what is allocatable",
  nodeCount: 'every node that was ordered waits, runs or is gone',
  money: 'money is the time between running and gone, times the price',
} as const;

export type Law = keyof typeof LAWS;

/** One place in a log that breaks a law. */
export interface Violation {
  readonly law: Law;
  /** Row of the log; its length where the log as a whole is meant. */
  readonly record: number;
  /** Simulated time of that record, milliseconds. */
  readonly time: number;
  /** A sentence. */
  readonly message: string;
}
