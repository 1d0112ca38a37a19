import type { NodeShape } from '../model/classes.ts';
import type { Labels } from '../model/labels.ts';
import type { PodSpec } from '../model/pod-spec.ts';
import type { ResourceList } from '../model/resources.ts';
import type { Taint } from '../model/taints.ts';
import type { LaunchRequest } from './decision.ts';

export type CapacityType = 'on-demand' | 'spot' | 'reserved';

/** A machine type. The three views of its size differ, and decisions hang on the difference. */
export interface InstanceType {
  readonly name: string;
  /** What the catalogue promises: whole vCPUs and advertised memory. Cluster Autoscaler believes this of a group that never had a node. */
  readonly nominal: ResourceList;
  /** What a real node reports. */
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  /** What Karpenter predicts before it has seen one. */
  readonly predictedCapacity: ResourceList;
  readonly predictedAllocatable: ResourceList;
  /** Labels that every node of the type has: type, arch, os and the provider's own. */
  readonly labels: Labels;
}

/** A type, in a zone, bought in one way. */
export interface Offering {
  /** Row in {@link OfferingsView.offerings}. */
  readonly id: number;
  /** Row in {@link OfferingsView.types}. */
  readonly type: number;
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** Nano-dollars per hour. */
  readonly price: number;
  /** The capacity reservation that a reserved offering buys from, and how many machines it holds. */
  readonly reservation?: { readonly id: string; readonly count: number };
}

/** Everything that can be bought, as a price list. Whether a pool has capacity shows only when something is ordered. */
export interface OfferingsView {
  readonly region: string;
  readonly zones: readonly string[];
  readonly types: readonly InstanceType[];
  readonly offerings: readonly Offering[];
}

/** A node group: what the cloud's group launches. */
export interface GroupSpec {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Types in order of preference. More than one makes it a mixed group. */
  readonly instanceTypes: readonly string[];
  readonly zones: readonly string[];
  readonly capacityType: CapacityType;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** Extra resources that tags declare for a group without nodes. */
  readonly taggedResources: ResourceList;
}

/** The groups as their API describes them. */
export interface GroupsView {
  readonly groups: readonly GroupSpec[];
  desired(group: number): number;
  /** Machines of the group that are ordered, running or registered and not ending. */
  instances(group: number): readonly number[];
  /** When a launch of the group last failed for want of capacity; −Infinity where none has. */
  lastFailure(group: number): number;
  /** Limits as they are now, where they may change during a run. Absent: those of {@link GroupSpec}. */
  limits?(group: number): { readonly min: number; readonly max: number };
  /** What the group's API says of a new node. Absent: providers work it out from the group's types. */
  template?(group: number): GroupTemplate;
  /** Why the API would refuse a change of a group's size now; undefined where it would not. */
  refusal?(group: number, change: GroupChange): string | undefined;
  /** Code of the error for which a listed machine will never run; undefined for all others. */
  creationError?(node: number): string | undefined;
  /** Whether providers see units of the size that have no machine as machines to come, as that of AWS does. Default true. */
  readonly placeholders?: boolean;
  /** Prices as the provider's own model has them, dollars an hour. Absent where it has none, as that of AWS. */
  readonly pricing?: {
    nodePrice(shape: NodeShape): number;
    podPrice(spec: PodSpec): number;
  };
}

/** A change of a group's size, as the provider sees the group after what it decided just before. */
export interface GroupChange {
  readonly from: number;
  readonly to: number;
  /** Machines of the group that it has just decided to end. */
  readonly ended: number;
}

/** What a group's API says of a new node: its shape, and the pods that come with every one. */
export interface GroupTemplate {
  readonly shape: NodeShape;
  readonly pods: readonly PodSpec[];
}

/** Why an order could not be filled: `c` of the log's orderFailed. The names are those of the EC2 API's error codes. */
export const ORDER_ERROR = {
  insufficientCapacity: 0,
  limitExceeded: 1,
  /** Spot vCPUs of a family are used up. */
  maxSpotInstanceCountExceeded: 2,
  /** On-demand vCPUs of a family are used up. */
  vcpuLimitExceeded: 3,
  insufficientFreeAddressesInSubnet: 4,
  reservationCapacityExceeded: 5,
  /** Throttled until the caller gave up. No offering is named. */
  requestLimitExceeded: 6,
  /** The market price is above what the request would pay. */
  spotMaxPriceTooLow: 7,
  /** Part of a request that had to be filled as a whole or not at all. */
  unfulfillableCapacity: 8,
} as const;

/** The world's side: what can be bought, and what becomes of an order. Outcomes arrive as changes of the node. */
export interface Cloud {
  readonly offerings: OfferingsView;
  readonly groups: GroupsView;
  /** Orders one machine; returns its node row. Its fate arrives as nodeRunning, or as orderFailed and nodeGone. */
  order(request: LaunchRequest, decision: number): number;
  /** Sets a group's desired size; the group itself launches and ends machines. */
  setDesired(group: number, size: number, decision: number): void;
  /** Ends a machine. `decrement` lowers the desired size of its group with it. */
  terminate(node: number, decision: number, decrement: boolean): void;
}
