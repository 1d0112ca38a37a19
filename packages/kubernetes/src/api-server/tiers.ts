/** What a control plane can do, and what it costs. */
export interface ControlPlaneTier {
  /** Requests that are worked on at once, over all servers. */
  readonly seats: number;
  /** Bytes that the database holds at most. */
  readonly databaseBytes: number;
  /** Pods that its scheduler places a second at most; undefined where the client's limit is all. */
  readonly schedulingRate?: number;
  /** Fee in nano-dollars an hour. */
  readonly feePerHour: number;
}

const GIB = 2 ** 30;

/**
 * Control planes by name.
 *
 * - `kubernetes`: one server with the defaults of Kubernetes v1.36: 400 reading and 200 writing requests in flight are 600 seats
 *   (`apiserver/pkg/server/config.go`), etcd's quota of 2 GiB (etcd documentation); no fee.
 * - `eks-standard`: 0.10 dollars an hour (EKS price list); about 200 seats and 8 GB, as guides report.
 * - `eks-xl` to `eks-8xl`: the provisioned control plane. Seats, scheduling rates, 16 GB and fees are second-hand: reports disagree on
 *   XL (1,700 or 2,000 seats) and name 4XL (6,800 seats, 400 pods a second, about 6.90 dollars) and 8XL (400 pods a second); 2XL and what is
 *   missing of the others lie between or double, which is ours.
 */
export const CONTROL_PLANE_TIERS = {
  kubernetes: { seats: 600, databaseBytes: 2 * GIB, feePerHour: 0 },
  'eks-standard': { seats: 200, databaseBytes: 8 * GIB, feePerHour: 100_000_000 },
  'eks-xl': { seats: 1700, databaseBytes: 16 * GIB, schedulingRate: 167, feePerHour: 1_650_000_000 },
  'eks-2xl': { seats: 3400, databaseBytes: 16 * GIB, schedulingRate: 283, feePerHour: 3_400_000_000 },
  'eks-4xl': { seats: 6800, databaseBytes: 16 * GIB, schedulingRate: 400, feePerHour: 6_900_000_000 },
  'eks-8xl': { seats: 13_600, databaseBytes: 16 * GIB, schedulingRate: 400, feePerHour: 13_900_000_000 },
} as const satisfies Readonly<Record<string, ControlPlaneTier>>;

/** Name of a tier. */
export type ControlPlaneName = keyof typeof CONTROL_PLANE_TIERS;

/** The fee for a time, in nano-dollars, rounded down. */
export function controlPlaneFee(tier: ControlPlaneTier, ms: number): number {
  return Number((BigInt(tier.feePerHour) * BigInt(Math.round(ms))) / 3_600_000n);
}
