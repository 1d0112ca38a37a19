import { type ClusterView, NODE, type ProviderContext } from '@plimsoll/core';
import { Availability } from './catalogue/availability.ts';
import { rowsOf } from './catalogue/bits.ts';
import { type Catalogue, catalogueOf } from './catalogue/catalogue.ts';
import { CompiledSets } from './catalogue/compiled-sets.ts';
import { CandidateMemory } from './disruption/candidates.ts';
import { StuckPods } from './disruption/stuck-pods.ts';
import { Verdicts } from './disruption/verdicts.ts';
import { ExistingNodes } from './nodes/existing-nodes.ts';
import { FleetNodes } from './nodes/fleet-nodes.ts';
import { NodeKinds } from './nodes/node-kinds.ts';
import type { KarpenterOptions } from './options/karpenter-options.ts';
import { PodKinds } from './pods/pod-kinds.ts';
import { PodIntake, type PodQueue } from './provisioning/pod-intake.ts';
import { ORIGIN, Solver } from './provisioning/solver.ts';
import { type ClaimTemplate, claimTemplates } from './provisioning/templates.ts';

/** What one look at the cluster holds in common for all plans of an instant. */
export class Planner {
  readonly view: ClusterView;
  readonly options: KarpenterOptions;
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly sets: CompiledSets;
  readonly templates: readonly ClaimTemplate[];
  readonly fleet: FleetNodes;
  readonly pods: PodKinds;
  readonly nodeKinds: NodeKinds;
  readonly intake: PodIntake;
  readonly existing: ExistingNodes;
  readonly solver: Solver;
  readonly candidates: CandidateMemory;
  readonly stuck: StuckPods;
  /** What was tried in vain. */
  readonly verdicts: Verdicts;
  /** Pods to plan for whatever is tried: pending ones, and those on nodes that are going. */
  waiting: PodQueue = { pods: [], origins: [] };
  #excluded = new Uint8Array(0);
  readonly #moved: number[] = [];

  /** @param remember whether answers are remembered from one moment to the next; they are the same either way */
  constructor(options: KarpenterOptions, context: ProviderContext, remember = true) {
    const { view } = context;
    const { nodePools, settings } = options;
    this.view = view;
    this.options = options;
    this.catalogue = catalogueOf(context.offerings, view.classes);
    this.availability = new Availability(this.catalogue);
    this.sets = new CompiledSets(this.catalogue);
    this.templates = claimTemplates(nodePools, this.sets, this.catalogue, view.classes, this.availability);
    this.fleet = new FleetNodes(view);
    const relaxTaints = nodePools.some(({ taints }) => taints.some((taint) => taint.effect === 'PreferNoSchedule'));
    this.pods = new PodKinds(view.classes, this.sets, settings.preferencePolicy === 'Ignore', relaxTaints);
    this.nodeKinds = new NodeKinds(view, this.catalogue, nodePools);
    this.intake = new PodIntake(view, this.fleet, this.pods);
    this.existing = new ExistingNodes(view, this.fleet, this.nodeKinds, context.scheduling);
    const parts = { catalogue: this.catalogue, availability: this.availability, sets: this.sets };
    this.solver = new Solver(view, parts, this.existing, this.pods, this.templates);
    this.candidates = new CandidateMemory(remember);
    this.stuck = new StuckPods(this);
    this.verdicts = new Verdicts(this, remember);
  }

  /** Takes the cluster as it is now: nodes, room, limits, and the pods that wait. */
  capture(now: number): void {
    this.availability.advance(now);
    this.waiting = this.intake.collect();
    this.existing.capture((node) => !this.isQuiet(node, now));
    this.solver.room.capture(this.view, this.fleet, this.nodeKinds);
    this.verdicts.capture();
  }

  /** Plans for the waiting pods. */
  provision(): void {
    const { pods, origins } = this.waiting;
    this.solver.plan({ pods, origins, count: pods.length });
  }

  /**
   * Plans for the waiting pods and those of some nodes, without these nodes. Given up as soon as it needs more than `claimsMax` new
   * claims, leaves a pod that runs now without a place, or relies on a node that is not initialized.
   *
   * Source: Karpenter 1.14.1, `pkg/controllers/disruption/helpers.go` (SimulateScheduling).
   */
  without(indices: readonly number[], moved: readonly number[], claimsMax: number): void {
    if (this.#excluded.length < this.existing.count) this.#excluded = new Uint8Array(this.existing.count * 2);
    const excluded = this.#excluded;
    const removed = indices.map((index) => {
      excluded[index] = 1;
      const node = this.existing.rows[index];
      return { pool: this.view.nodes.group[node], capacity: this.nodeKinds.of(node).capacity };
    });
    while (this.#moved.length < moved.length) this.#moved.push(ORIGIN.moved);
    const queue = { pods: moved, origins: this.#moved };
    const { pods, origins } = this.waiting.pods.length === 0 ? queue : this.intake.merge(this.waiting, queue);
    this.solver.plan({ pods, origins, count: pods.length, excluded, without: removed, claimsMax });
    for (const index of indices) excluded[index] = 0;
  }

  /** The one new claim that the waiting pods and those of some nodes would need without these nodes; undefined where it is none or two. */
  freshClaim(
    indices: readonly number[],
    moved: readonly number[],
  ): { readonly types: readonly number[]; readonly destinations: readonly number[] } | undefined {
    this.without(indices, moved, 1);
    const { abandoned, claims } = this.solver;
    if (abandoned || claims.length !== 1) return undefined;
    return { types: rowsOf(claims[0].types), destinations: this.destinations() };
  }

  /** Existing nodes, by index, that the last plan put pods on, each once. */
  destinations(): number[] {
    const { placements, planned } = this.solver;
    const seen = new Uint8Array(this.existing.count);
    const out: number[] = [];
    for (let i = 0; i < planned; i++) {
      const index = placements[i];
      if (index < 0 || seen[index] === 1) continue;
      seen[index] = 1;
      out.push(index);
    }
    return out;
  }

  /** Whether a node's consolidateAfter window is over; a node that has none never is disturbed by it. */
  isQuiet(node: number, now: number): boolean {
    const { group, state } = this.view.nodes;
    const pool = this.options.nodePools[group[node]];
    if (pool === undefined || pool.consolidateAfterMs === 0 || state[node] !== NODE.ready) return true;
    return now - this.fleet.quietSince(node) >= pool.consolidateAfterMs;
  }
}
