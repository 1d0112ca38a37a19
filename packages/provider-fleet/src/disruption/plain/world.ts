import { LABEL } from '@plimsoll/core';
import type { NodeFacts } from '../../scheduling/existing-node.ts';
import type { Fleet } from '../../scheduling/fleet.ts';
import type { Machine } from '../../scheduling/machine.ts';
import { type ClosedClaim, closed } from '../../scheduling/node-claim.ts';
import { type SchedulingResult, type SchedulingWorld, schedule } from '../../scheduling/schedule.ts';
import { type Intake, intake } from '../../state/intake.ts';
import type { PodObject } from '../../state/objects.ts';
import { isCurrentlyReschedulable, isProvisionable } from '../../state/pod-state.ts';
import type { StateNode } from '../../state/state-node.ts';
import { restOfWindow } from '../consolidate-after.ts';
import type { Candidate } from './candidates.ts';

/** What the scheduler makes of the cluster without some machines. */
export interface Rescheduling {
  readonly claims: readonly ClosedClaim[];
  /** Pods by the machine that is to take them. */
  readonly existing: ReadonlyMap<StateNode, readonly PodObject[]>;
  /** Running pods that nothing would take, with the reason. */
  readonly failed: readonly string[];
}

/** Facts of a cluster that its objects do not tell. */
export interface DisruptionFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The feature gate SpotToSpotConsolidation. */
  readonly spotToSpot: boolean;
}

/** A machine with what is asked of it again and again, worked out once. */
export interface WorldNode extends Machine {
  readonly state: StateNode;
  readonly marked: boolean;
  /** Row of its NodePool among the objects; -1 where it names none of them. */
  readonly pool: number;
}

/** A cluster at a moment, as disruption looks at it. */
export class DisruptionWorld {
  readonly fleet: Fleet;
  readonly now: number;
  readonly spotToSpot: boolean;
  /** In order of name. */
  readonly nodes: readonly WorldNode[];
  readonly #podsByNode = new Map<string, PodObject[]>();
  readonly #intake: Intake;
  /** Initialized machines first, then by name. */
  readonly #staying: readonly WorldNode[];
  readonly #closed: ReadonlySet<WorldNode>;
  readonly #planning: SchedulingWorld<WorldNode>;
  readonly #leaving: ReadonlySet<string>;

  constructor(fleet: Fleet, { now, spotToSpot }: DisruptionFacts) {
    const { nodes, objects } = fleet.state;
    this.fleet = fleet;
    this.now = now;
    this.spotToSpot = spotToSpot;
    for (const pod of objects.pods) {
      if (pod.nodeName === undefined) continue;
      const there = this.#podsByNode.get(pod.nodeName);
      if (there === undefined) this.#podsByNode.set(pod.nodeName, [pod]);
      else there.push(pod);
    }
    const pools = new Map(objects.nodePools.map(({ name }, row) => [name, row]));
    this.nodes = nodes.map((state) => {
      const { capacity, initialized, labels, name, node, volumeLimits } = state;
      const pool = pools.get(labels[LABEL.nodePool] ?? '') ?? -1;
      return { state, name, labels, initialized, capacity, node, volumeLimits, marked: state.markedForDeletion, pool };
    });
    this.#intake = intake(fleet.state, now);
    const staying = this.nodes.filter(({ marked }) => !marked);
    this.#staying = [...staying.filter(({ initialized }) => initialized), ...staying.filter(({ initialized }) => !initialized)];
    this.#closed = new Set(this.nodes.filter((node) => this.#isClosed(node)));
    this.#leaving = new Set(this.nodes.filter(({ marked }) => marked).map(({ name }) => name));
    const facts = new Map(this.nodes.map((node) => [node, { ...fleet.factsOf(node.state), state: node }]));
    const { bound, ground, volumes } = fleet;
    this.#planning = { bound, ground, volumes, factsOf: (node) => facts.get(node) as NodeFacts<WorldNode> };
  }

  /** All pods bound to a machine, also those that have ended, in order of namespace and name. */
  podsOn({ node }: StateNode): readonly PodObject[] {
    return node === undefined ? [] : (this.#podsByNode.get(node.name) ?? []);
  }

  /**
   * Plans for pending pods, those of machines that are going, and those of some candidates, without these.
   *
   * @param consolidation whether pods may not be moved to nodes whose consolidateAfter window is open
   *
   * Source: Karpenter 1.14.1, `pkg/controllers/disruption/helpers.go` (SimulateScheduling).
   */
  without(candidates: readonly Candidate[], consolidation: boolean): Rescheduling {
    const { fleet, now } = this;
    const { budgets } = fleet.state.objects;
    const gone = new Set(candidates.map(({ node }) => node));
    const moved = candidates.flatMap(({ pods }) => pods.filter((pod) => isCurrentlyReschedulable(pod, budgets, now)));
    const result = schedule(this.#planning, {
      pods: [...this.#intake.pending, ...moved, ...this.#intake.leaving],
      nodes: this.#staying.filter(({ state }) => !gone.has(state)),
      reserved: 'fallback',
      ...(consolidation && { closed: this.#closed }),
      leaving: this.#leaving,
    });
    const errors = new Map<PodObject, string>();
    for (const [pod, failures] of result.failures) errors.set(pod, failures.map(({ kind }) => kind).join(', '));
    const claims: ClosedClaim[] = [];
    for (const claim of result.claims) {
      const planned = closed(claim, fleet.ground);
      if (planned !== undefined) claims.push(planned);
      else for (const pod of claim.pods) errors.set(pod, 'minValues');
    }
    this.#refuseStarting(result, errors);
    const existing = new Map(result.existing.map(({ facts, pods }) => [facts.state.state, pods]));
    const failed = [...errors].flatMap(([pod, error]) =>
      isProvisionable(pod) ? [] : `${pod.spec.namespace}/${pod.name} => ${error}`,
    );
    return { claims, existing, failed };
  }

  /** Running pods may not count on machines that are still starting; those of machines that are going may. */
  #refuseStarting({ existing }: SchedulingResult<WorldNode>, errors: Map<PodObject, string>): void {
    for (const { facts, pods } of existing) {
      const { node, nodeClaim } = facts.state.state;
      const { initialized } = facts.state;
      if (initialized) continue;
      for (const pod of pods) {
        if (this.#intake.leaving.includes(pod)) continue;
        const names = [nodeClaim && `nodeclaim/${nodeClaim.name}`, node && `node/${node.name}`];
        errors.set(pod, `would schedule against uninitialized ${names.filter((name) => name !== undefined).join(', ')}`);
      }
    }
  }

  #isClosed({ pool, state }: WorldNode): boolean {
    const { nodeClaim } = state;
    const { consolidateAfterMs = 0 } = this.fleet.state.objects.nodePools[pool] ?? {};
    if (consolidateAfterMs === 0 || nodeClaim === undefined) return false;
    const initialized = nodeClaim.conditions.find(({ type, status }) => type === 'Initialized' && status === 'True');
    if (initialized === undefined) return false;
    return restOfWindow(consolidateAfterMs, nodeClaim.lastPodEventAt ?? initialized.changedAt, this.now) > 0;
  }
}
