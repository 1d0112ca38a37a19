/** {@link Cycle.choose} found no node that fits. */
export const NO_FIT = -1;
/** {@link Cycle.choose} had no node to look at. */
export const NO_NODES = -2;
/** {@link Cycle.choose} could not do its work: the pod's preferences cannot be read. */
export const FAILED = -3;

/** What a preemption comes to. */
export interface Room {
  /** The node that the pod is to wait for; negative where it gives up the one that it waited for. */
  readonly node: number;
  /** Pods to be asked to go, the most important first. Empty where all are on their way out already. */
  readonly victims: readonly number[];
}

/** Finds a node for one pod. */
export interface Cycle {
  /** Node row, {@link NO_FIT}, {@link NO_NODES} or {@link FAILED}. */
  choose(podClass: number, pod: number): number;
  /** The filters that rejected the pod on some node in the last call, as a mask of codes; exact where nothing fitted. */
  readonly rejectors: number;
  /** The place in the list of nodes at which the next search begins. */
  start: number;
  /** Looks for room that could be made for the pod that {@link choose} has just found no node for. */
  makeRoom(podClass: number, pod: number, now: number): Room | undefined;
  /** A node came, changed (or what runs on it), or is gone. */
  added(node: number): void;
  changed(node: number): void;
  removed(node: number): void;
  /** The cluster was filled anew behind its back: everything remembered is void. */
  restart(): void;
}
