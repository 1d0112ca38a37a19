import { LABEL, type Labels, type ResourceList, type Taint } from '@plimsoll/core';

/** A Node as topology reads it. */
export interface MachineNode {
  readonly name: string;
  readonly labels: Labels;
  /** Its host name, where the labels leave it out. */
  readonly hostName?: string;
  readonly taints: readonly Taint[];
}

/** A label of a Node. */
export function nodeLabel({ hostName, labels }: MachineNode, key: string): string | undefined {
  return labels[key] ?? (key === LABEL.hostname ? hostName : undefined);
}

/** A machine that pods may be planned for: a Node, a NodeClaim that was launched, or both. */
export interface Machine {
  /** The Node's name once it is registered, else the NodeClaim's. */
  readonly name: string;
  readonly labels: Labels;
  readonly initialized: boolean;
  /** What counts against limits; every machine is one of `nodes`. */
  readonly capacity: ResourceList;
  /** Its Node, where it has one. */
  readonly node?: MachineNode | undefined;
  /** How many volumes of a driver fit on it. */
  readonly volumeLimits: ReadonlyMap<string, number>;
}
