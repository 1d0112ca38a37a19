/**
 * Kinds of log records. `a`, `b` and `c` are whole 32-bit numbers whose meaning stands beside each kind; a pod or node is
 * meant by its row. Numbers are part of the digest: new kinds are added at the end of their range, none is renumbered.
 */
export const RECORD = {
  /** a pod, b pod class, c owner */
  podCreated: 1,
  /** a pod: the scheduler found no node; b 1 on the first time since creation */
  podUnschedulable: 2,
  /** a pod, b node */
  podBound: 3,
  /** a pod, b node: its containers run */
  podStarted: 4,
  /** a pod, b node: it ended by itself */
  podFinished: 5,
  /** a pod, b node, c {@link EVICTION} cause: its deletion was asked for */
  podEvicted: 6,
  /** a pod, b node or -1: the object is gone without having finished */
  podGone: 7,
  /** a pod, b node: an autoscaler expects it there */
  podNominated: 8,
  /** a node, b offering, c decision or -1: a machine was ordered */
  nodeOrdered: 20,
  /** a node, b offering: the machine runs and costs money from now on */
  nodeRunning: 21,
  /** a node, b node class: the Node object is there */
  nodeRegistered: 22,
  /** a node, b node class: pods may start */
  nodeReady: 23,
  /** a node, b node class: its taints, labels or cordon changed */
  nodeChanged: 24,
  /** a node, b 1 where it is paid for until nodeStopped, c decision or -1: its end was asked for */
  nodeTerminating: 25,
  /** a node, b 1 where it had been running: it costs nothing from now on */
  nodeGone: 26,
  /** a node, b {@link NOTICE}, c milliseconds until the machine is taken, or -1 where no time is told: the cloud's warning */
  nodeNotice: 27,
  /** a node whose end was asked for: its way out is over, and it costs nothing from now on */
  nodeStopped: 28,
  /** a pool, b 0 open, 1 short of capacity */
  poolChanged: 40,
  /** a group or request, b offering or -1, c error code: an order could not be filled */
  orderFailed: 41,
  /** a group, b desired size, c decision or -1 */
  groupResized: 42,
  /** a group, b {@link GROUP_ACT}, c node or -1: what a group does of its own accord, beside keeping its size */
  groupActed: 43,
  /** a offering, b whole thousandths of a dollar per hour, c nano-dollars beside them: its price from now on, for machines that run too */
  priceChanged: 44,
  /** a decision */
  decided: 60,
  /** the run's end */
  ended: 70,
} as const;

export type RecordKind = (typeof RECORD)[keyof typeof RECORD];

/** Why a pod was evicted: `c` of {@link RECORD.podEvicted}. */
export const EVICTION = { drain: 0, preempted: 1, nodeGone: 2, scaledIn: 3, taint: 4, api: 5 } as const;

/** What a cloud warns of: `b` of {@link RECORD.nodeNotice}. Interruption: the machine is taken. Rebalance: it is likely to be. */
export const NOTICE = { interruption: 0, rebalance: 1 } as const;

/** Why a group changes a machine of its own accord: `b` of {@link RECORD.groupActed}. */
export const GROUP_ACT = {
  /** one machine more than desired, in the zone that has too few */
  zoneRebalance: 0,
  /** a machine for one that the cloud is likely to take */
  capacityRebalance: 1,
  /** a machine failed its checks */
  unhealthy: 2,
  /** a machine of an older template is replaced */
  refresh: 3,
  /** a machine reached its greatest age */
  lifetime: 4,
  /** a launch hook ended with ABANDON */
  abandoned: 5,
  /** more machines than desired: the group chose one to end */
  scaleIn: 6,
  /** a machine comes from the warm pool */
  fromWarmPool: 7,
  /** a machine goes back to the warm pool */
  toWarmPool: 8,
} as const;
