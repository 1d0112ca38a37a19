/** Where a pod is. Every pod is in exactly one of these. */
export const POD = {
  /** Exists, on no node. */
  pending: 1,
  /** On a node, containers not yet running. */
  bound: 2,
  running: 3,
  /** On a node; its deletion was asked for. It still takes its place. */
  terminating: 4,
  /** Ended by itself. */
  finished: 5,
  /** Deleted without having finished. */
  gone: 6,
} as const;

/** Where a node is. */
export const NODE = {
  /** A machine was ordered; nobody knows whether it will come. */
  ordered: 1,
  /** The machine runs and costs money; no Node object yet. */
  running: 2,
  /** The Node object exists, not ready. */
  registered: 3,
  ready: 4,
  gone: 5,
} as const;

/** The row of no pod, no node, no owner. */
export const NONE = -1;
