import { compareText } from '@plimsoll/core';
import type { RequirementSet } from '../requirements/requirement-set.ts';
import type { PodObject } from '../state/objects.ts';
import { VolumeError } from '../state/pod-volumes.ts';
import { ExistingNode, type NodeFacts, type Volumes } from './existing-node.ts';
import type { Failure } from './failure.ts';
import type { Ground } from './ground.ts';
import type { KnownSet } from './known-sets.ts';
import type { Machine } from './machine.ts';
import { type ClaimWorld, OpenClaim, type Template, type Waiting } from './open-claim.ts';
import { OpenClaims } from './open-claims.ts';
import type { PodShape } from './pod-shape.ts';
import { PoolLimits } from './pool-limits.ts';
import { Reservations } from './reservations.ts';
import { type BoundPods, Topology } from './topology.ts';

/** A cluster at a moment, ready for any number of simulations. */
export interface SchedulingWorld<M extends Machine> {
  readonly ground: Ground;
  readonly bound: BoundPods;
  readonly volumes: VolumePlaces;
  /** What is known of a machine. */
  factsOf(machine: M): NodeFacts<M>;
}

/** Where the volumes of pods can be, and what they are. Both throw VolumeError where a reference leads nowhere. */
interface VolumePlaces {
  alternatives(pod: PodObject): readonly RequirementSet[] | undefined;
  drivers(pod: PodObject): Volumes;
}

/** One simulation: which pods to place, and on what. */
export interface SchedulingInput<M extends Machine = Machine> {
  readonly pods: readonly PodObject[];
  /** Machines that stay, in order of name. */
  readonly nodes: readonly M[];
  /** Whether a claim that would lose its reservations refuses a pod (provisioning) or falls back to other capacity (disruption). */
  readonly reserved: 'strict' | 'fallback';
  /**
   * Machines that take no pods which run well elsewhere: their own window after the last pod event is open. Pods that are pending or
   * come from `leaving` nodes may go there all the same.
   */
  readonly closed?: ReadonlySet<M>;
  readonly leaving?: ReadonlySet<string>;
}

/** Where pods go. */
export interface SchedulingResult<M extends Machine = Machine> {
  /** Machines to buy, in the solver's order at the end. */
  readonly claims: readonly OpenClaim[];
  /** Machines that take pods, in the order in which they are tried. */
  readonly existing: readonly ExistingNode<M>[];
  /** Pods without a place, and why no pool serves them, pool by pool. */
  readonly failures: ReadonlyMap<PodObject, readonly Failure[]>;
  /** Pods that were left out because a volume's place cannot be told. */
  readonly dropped: readonly PodObject[];
}

/** A pod in the queue. */
interface Queued extends Waiting {
  readonly drivers: Volumes;
  /** How long the queue was when it was put back. */
  lastLength: number;
}

/**
 * Plans: pods one by one, each to the first existing node that takes it, else to the open claim with fewest pods that can still
 * hold it, else to a new claim of the first pool that serves it. A pod that fails gives up one preference after the other; one that fails for
 * good is queued again, with all its preferences, as long as others are being placed.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/scheduling/scheduler.go`, `queue.go`.
 */
export function schedule<M extends Machine>(cluster: SchedulingWorld<M>, input: SchedulingInput<M>): SchedulingResult<M> {
  return new Simulation(cluster, input).run();
}

class Simulation<M extends Machine> {
  readonly #ground: Ground;
  readonly #input: SchedulingInput<M>;
  readonly #existing: readonly ExistingNode<M>[];
  readonly #claims = new OpenClaims();
  readonly #limits: PoolLimits;
  readonly #world: ClaimWorld;
  readonly #topology: Topology;
  readonly #queued: Queued[] = [];
  readonly #dropped: PodObject[] = [];
  readonly #relaxMinValues: boolean;
  readonly #failuresOfShape = new Map<PodShape, readonly Failure[]>();
  #opened = 0;
  /** Moves on with every pod that is placed. */
  #placed = 0;
  /** By view: up to which node all refuse it for good. */
  readonly #fromNode: number[] = [];
  /** When shapes failed last. */
  readonly #failedAt: number[] = [];

  constructor(cluster: SchedulingWorld<M>, input: SchedulingInput<M>) {
    const { bound, ground } = cluster;
    const { names, options, pools, rules, sets, universe } = ground;
    this.#ground = ground;
    this.#input = input;
    this.#relaxMinValues = options.minValuesPolicy === 'BestEffort';
    for (const pod of input.pods) this.#take(pod, cluster.volumes);
    const placed = new Set(this.#queued.map(({ pod }) => pod));
    this.#topology = new Topology({ sets, rules, universe, bound }, input.nodes, placed);
    // Groups are made in the order in which pods are listed.
    for (const { shape } of this.#queued) this.#topology.update(shape, shape.views[0]);
    this.#existing = inOrder(input.nodes).map((node) => new ExistingNode(cluster.factsOf(node)));
    this.#limits = new PoolLimits(pools, input.nodes, names);
    this.#world = {
      sets,
      topology: this.#topology,
      reservations: new Reservations(ground.reservations),
      reserved: options.reservedCapacity ? input.reserved : 'off',
    };
  }

  run(): SchedulingResult<M> {
    const queue = this.#queued.sort(inQueueOrder);
    let head = 0;
    while (head < queue.length) {
      const next = queue[head];
      // It was put back when the queue was as long as now: all have failed since.
      if (next.lastLength === queue.length - head) break;
      head++;
      if (this.#tryAll(next)) continue;
      queue.push(next);
      next.lastLength = queue.length - head;
    }
    const left = queue.slice(head);
    return {
      claims: this.#claims.list,
      existing: this.#existing.filter(({ pods }) => pods.length > 0),
      failures: new Map(left.map((queued) => [queued.pod, this.#failuresOf(queued)])),
      dropped: this.#dropped,
    };
  }

  #take(pod: PodObject, volumes: VolumePlaces): void {
    const { sets, shapes } = this.#ground;
    const shape = shapes.of(pod.spec);
    if (pod.spec.volumes === undefined) {
      this.#queued.push({ pod, shape, volumes: undefined, drivers: NO_VOLUMES, lastLength: 0 });
      return;
    }
    try {
      const alternatives = volumes.alternatives(pod)?.map((set): KnownSet => sets.of(set));
      this.#queued.push({ pod, shape, volumes: alternatives, drivers: volumes.drivers(pod), lastLength: 0 });
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      this.#dropped.push(pod);
    }
  }

  /** Tries a pod with ever fewer preferences. */
  #tryAll(queued: Queued): boolean {
    const { pod, shape, volumes } = queued;
    if (pod.hasResourceClaims) return false;
    const plain = volumes === undefined && queued.drivers.size === 0;
    if (plain && this.#failedAt[shape.id] === this.#placed) return false;
    for (let step = 0; ; step++) {
      const view = this.#ground.shapes.view(shape, step);
      if (view === undefined) break;
      this.#topology.update(shape, view);
      if (this.#try(queued, step)) {
        this.#placed++;
        return true;
      }
      // It may get what is reserved later: nothing is given up for it.
      if (this.#reservedOut) break;
    }
    if (plain) this.#failedAt[shape.id] = this.#placed;
    return false;
  }

  #reservedOut = false;

  /** Host names of all machines that pods may be planned for. */
  readonly #hosts = (): readonly string[] => [
    ...this.#existing.map(({ facts }) => facts.hostName),
    ...this.#claims.list.map(({ hostName }) => hostName),
  ];

  #try(queued: Queued, step: number): boolean {
    const view = queued.shape.views[step];
    const { closed, leaving } = this.#input;
    const mayDisturb = closed === undefined || queued.pod.phase === 'Pending' || leaving?.has(queued.pod.nodeName ?? '') === true;
    this.#reservedOut = false;
    const existing = this.#existing;
    let from = this.#fromNode[view.id] ?? 0;
    for (let i = from; i < existing.length; i++) {
      const node = existing[i];
      if (!mayDisturb && closed.has(node.facts.state)) continue;
      if (node.tryAdd(queued, view, queued.drivers, this.#ground.sets, this.#topology)) return true;
      if (i === from && node.isClosed(queued, view)) from++;
    }
    this.#fromNode[view.id] = from;
    if (this.#claims.tryAdd(queued, view)) return true;
    for (const template of this.#ground.templates) {
      const types = this.#limits.types(template);
      if (types === undefined) continue;
      const claim = this.#claim(template, types);
      if (claim.tryOpen(queued, view, this.#relaxMinValues)) {
        this.#opened++;
        template.relaxed.minValues = claim.minValuesRelaxed;
        this.#limits.take(template, claim.types);
        this.#claims.push(claim);
        return true;
      }
      if (claim.wantsReservation) {
        this.#reservedOut = true;
        return false;
      }
    }
    return false;
  }

  #claim(template: Template, types: Int32Array): OpenClaim {
    return new OpenClaim(template, types, this.#opened + 1, this.#world);
  }

  /** Why a pod that was left over fails; pods that are alike fail alike. */
  #failuresOf(queued: Queued): readonly Failure[] {
    if (queued.volumes !== undefined || queued.pod.hasResourceClaims) return this.#failures(queued);
    let known = this.#failuresOfShape.get(queued.shape);
    if (known === undefined) this.#failuresOfShape.set(queued.shape, (known = this.#failures(queued)));
    return known;
  }

  /** Why a pod fails, pool by pool, at its last attempt: nothing has changed since. */
  #failures(queued: Queued): readonly Failure[] {
    if (queued.pod.hasResourceClaims) return [{ kind: 'dra', text: () => DRA }];
    const { templates } = this.#ground;
    if (templates.length === 0) return [{ kind: 'noTemplate', text: () => NO_TEMPLATE }];
    for (let step = 0; ; step++) {
      const view = queued.shape.views[step];
      const failures: Failure[] = [];
      for (const template of templates) {
        const types = this.#limits.types(template);
        if (types === undefined) {
          failures.push(limitFailure(template, this.#limits.nodesExhausted(template)));
          continue;
        }
        const failure = this.#claim(template, types).failure(queued, view, this.#relaxMinValues, this.#hosts);
        failures.push(failure);
        if (failure.kind === 'reserved') break;
      }
      if (queued.shape.views[step + 1] === undefined || failures.some(({ kind }) => kind === 'reserved')) return failures;
    }
  }
}

const NO_VOLUMES: Volumes = new Map();
const DRA = 'pod has Dynamic Resource Allocation requirements that are not yet supported by Karpenter';
const NO_TEMPLATE = 'nodepool requirements filtered out all available instance types';

function limitFailure({ pool }: Template, nodes: boolean): Failure {
  const text = nodes ? 'node limits have been exhausted for nodepool' : 'all available instance types exceed limits for nodepool';
  return { kind: nodes ? 'nodeLimit' : 'limits', text: () => `${text} (NodePool=${pool.name})` };
}

/** Initialized machines first, then by name. */
function inOrder<M extends Machine>(nodes: readonly M[]): readonly M[] {
  const compare = (a: M, b: M): number => Number(b.initialized) - Number(a.initialized) || compareText(a.name, b.name);
  for (let i = 1; i < nodes.length; i++) if (compare(nodes[i - 1], nodes[i]) > 0) return [...nodes].sort(compare);
  return nodes;
}

/** CPU descending, memory descending, creation, uid. */
function inQueueOrder(a: Queued, b: Queued): number {
  return (
    b.shape.cpu - a.shape.cpu ||
    b.shape.memory - a.shape.memory ||
    a.pod.createdAt - b.pod.createdAt ||
    compareText(a.pod.uid, b.pod.uid)
  );
}
