import type { NodeChange } from '../model/classes.ts';
import type { JsonValue } from './component.ts';

/** Why a decision was taken: a code to count by, and a sentence for the person who reads it at two in the morning. */
export interface Reason {
  /** Short, stable, in the words of the real program where it has one: `TriggeredScaleUp`, `Empty`, `Underutilized`. */
  readonly code: string;
  readonly message: string;
  /** Numbers and names behind it; at explain level `full`, every alternative. */
  readonly details?: { readonly [key: string]: JsonValue };
}

/** What a fleet is asked for: one machine, any of these offerings. */
export interface LaunchRequest {
  /** Name of the machine and of its Node. */
  readonly name: string;
  /** Row of the provider's own pool, kept in the node's `group` column. */
  readonly group: number;
  /** Rows of acceptable offerings, best first where the strategy goes by order. */
  readonly offerings: readonly number[];
  readonly strategy:
    | 'lowest-price'
    | 'prioritized'
    | 'diversified'
    | 'capacity-optimized'
    | 'capacity-optimized-prioritized'
    | 'price-capacity-optimized';
  /** Labels and annotations that the node gets beside those of its type and place. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  }[];
}

/** What a provider decides. The engine checks it, carries it out and logs it; nothing else changes the cluster on its behalf. */
export type Decision = { readonly because: Reason } & (
  | { readonly kind: 'scale'; readonly group: number; readonly desired: number }
  | { readonly kind: 'launch'; readonly request: LaunchRequest }
  /** Change of a node's taints, labels or cordon. */
  | { readonly kind: 'cordon'; readonly node: number; readonly change: NodeChange }
  /** Asks the eviction API to remove these pods of a node; what a budget forbids stays, and the provider may ask again. */
  | {
      readonly kind: 'drain';
      readonly node: number;
      readonly pods: readonly number[];
      /** By pod: seconds that it is given to stop. Absent: what the pod itself asks for. */
      readonly graceSeconds?: readonly number[];
      /** Whether they are deleted instead: no budget forbids that. Default false. */
      readonly force?: boolean;
    }
  /** Ends a machine; `decrement` lowers its group's desired size with it. Machines ended by one call of the cloud carry its number. */
  | { readonly kind: 'terminate'; readonly node: number; readonly decrement?: boolean; readonly call?: number }
  | { readonly kind: 'nominate'; readonly pod: number; readonly node: number }
  | { readonly kind: 'bind'; readonly pod: number; readonly node: number }
);

/** A decision as the log holds it. Rows are those of the run's tables. */
export interface LoggedDecision {
  readonly at: number;
  readonly autoscaler: string;
  readonly kind: Decision['kind'];
  /** Row that it is about: group, node or pod; the new node for a launch. */
  readonly subject: number;
  /** Name of that subject. */
  readonly name: string;
  readonly because: Reason;
}
