import type { ResourceList } from '@plimsoll/core';
import type { RequirementSet } from '../requirements/requirement-set.ts';

/** One way to buy an instance type. */
export interface Offering {
  readonly zone: string;
  readonly capacityType: string;
  /** Price an hour, in whatever unit all offerings share. */
  readonly price: number;
  readonly available: boolean;
  /** Capacity type, zone, and the reservation: its id, or DoesNotExist. */
  readonly requirements: RequirementSet;
  /** Set on reserved offerings, with how many machines are left. */
  readonly reservationId?: string;
  readonly reservationCapacity?: number;
}

/** An instance type as the cloud provider describes it. */
export interface InstanceType {
  readonly name: string;
  readonly requirements: RequirementSet;
  readonly capacity: ResourceList;
  /** Capacity without what the node itself needs. */
  readonly allocatable: ResourceList;
  readonly offerings: readonly Offering[];
}
