import type { ClusterFacts, ClusterView, ProviderContext } from '@plimsoll/core';
import { Availability } from './catalogue/availability.ts';
import { type Catalogue, catalogueOf } from './catalogue/catalogue.ts';
import { CompiledSets } from './catalogue/compiled-sets.ts';
import { CandidateMemory } from './disruption/candidates.ts';
import { restOfWindow } from './disruption/consolidate-after.ts';
import { LiveMarket } from './disruption/live-market.ts';
import { PodBudgets } from './disruption/pod-budgets.ts';
import { Rollouts } from './disruption/rollouts.ts';
import { StuckPods } from './disruption/stuck-pods.ts';
import { Verdicts } from './disruption/verdicts.ts';
import { ExistingNodes } from './nodes/existing-nodes.ts';
import { FleetNodes } from './nodes/fleet-nodes.ts';
import { isInitialized, NodeKinds } from './nodes/node-kinds.ts';
import type { KarpenterOptions } from './options/karpenter-options.ts';
import { VERSION_RULES, type VersionRules } from './options/version-rules.ts';
import { Entanglement } from './pods/entanglement.ts';
import { PodKinds } from './pods/pod-kinds.ts';
import { PodIntake, type PodQueue } from './provisioning/pod-intake.ts';
import { ORIGIN, type PlanInput, Solver } from './provisioning/solver.ts';
import { type ClaimTemplate, claimTemplates } from './provisioning/templates.ts';
import { WholeSolver } from './provisioning/whole-solver.ts';

/** What one look at the cluster holds in common for all plans of an instant. */
export class Planner {
  /** Whether answers are remembered from one moment to the next. */
  readonly remembers: boolean;
  readonly view: ClusterView;
  readonly options: KarpenterOptions;
  readonly rules: VersionRules;
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly sets: CompiledSets;
  readonly templates: readonly ClaimTemplate[];
  readonly fleet: FleetNodes;
  readonly pods: PodKinds;
  readonly nodeKinds: NodeKinds;
  /** Disruption budgets of pods. */
  readonly budgets: PodBudgets;
  readonly market: LiveMarket;
  /** Which nodes have drifted. */
  readonly rollouts: Rollouts;
  readonly intake: PodIntake;
  readonly existing: ExistingNodes;
  /** The solver that made the last plan. */
  solver: Solver | WholeSolver;
  readonly candidates: CandidateMemory;
  readonly stuck: StuckPods;
  /** What was tried in vain. */
  readonly verdicts: Verdicts;
  /** Pods to plan for whatever is tried: pending ones, and those on nodes that are going. */
  waiting: PodQueue = { pods: [], origins: [] };
  #excluded = new Uint8Array(0);
  readonly #moved: number[] = [];
  readonly #fast: Solver;
  readonly #whole: WholeSolver;
  /** Whether any pool has a consolidateAfter. */
  readonly #hasWindows: boolean;
  readonly #entanglement: Entanglement;
  readonly #facts: ClusterFacts | undefined;
  readonly #lowersMinValues: boolean;

  /** @param remember whether answers are remembered from one moment to the next; they are the same either way */
  constructor(options: KarpenterOptions, context: ProviderContext, remember = true) {
    this.remembers = remember;
    const { view } = context;
    const { nodePools, settings } = options;
    this.view = view;
    this.options = options;
    this.rules = VERSION_RULES[settings.version];
    this.catalogue = catalogueOf(context.offerings, view.classes);
    this.availability = new Availability(this.catalogue);
    this.sets = new CompiledSets(this.catalogue);
    this.templates = claimTemplates(nodePools, this.sets, this.catalogue, view.classes, this.availability);
    this.fleet = new FleetNodes(view);
    const relaxTaints = nodePools.some(({ taints }) => taints.some((taint) => taint.effect === 'PreferNoSchedule'));
    this.pods = new PodKinds(view.classes, this.sets, settings.preferencePolicy === 'Ignore', relaxTaints);
    this.nodeKinds = new NodeKinds(view, this.catalogue, nodePools);
    this.budgets = new PodBudgets(view, this.pods, context.workload, context.facts);
    this.rollouts = new Rollouts(view, options.rollouts);
    this.market = new LiveMarket(this.catalogue, this.availability, this.sets);
    this.intake = new PodIntake(view, this.fleet, this.pods, this.budgets, context.facts);
    this.existing = new ExistingNodes(view, this.fleet, this.nodeKinds);
    const parts = { catalogue: this.catalogue, availability: this.availability, sets: this.sets };
    this.#fast = new Solver(view, parts, this.existing, this.pods, this.templates);
    this.solver = this.#fast;
    this.#whole = new WholeSolver({
      ...parts,
      view,
      options,
      existing: this.existing,
      nodeKinds: this.nodeKinds,
      templates: this.templates,
      room: this.#fast.room,
      facts: context.facts,
    });
    this.#entanglement = new Entanglement(view.classes, settings.preferencePolicy === 'Ignore');
    this.#facts = context.facts;
    this.#lowersMinValues = settings.minValuesPolicy === 'BestEffort';
    this.#hasWindows =
      this.rules.windowsClose &&
      nodePools.some(({ consolidateAfterMs }) => consolidateAfterMs > 0 && consolidateAfterMs < Infinity);
    this.candidates = new CandidateMemory(remember);
    this.stuck = new StuckPods(this);
    this.verdicts = new Verdicts(this, remember);
  }

  /** Takes the cluster as it is now: nodes, room, limits, and the pods that wait. */
  capture(now: number): void {
    this.availability.advance(now);
    this.budgets.capture();
    this.waiting = this.intake.collect();
    this.existing.capture(this.#hasWindows ? (node) => !this.isQuiet(node, now) : undefined);
    this.#fast.room.capture(this.view, this.fleet, this.nodeKinds);
    this.verdicts.capture();
  }

  /** Whether where pods may go hangs on where others are: then little can be remembered of what was tried. */
  get entangled(): boolean {
    return this.#entanglement.any;
  }

  /** Whether daemons take room on new machines, or `minValues` may be lowered: the fast solver does not know of it. */
  get #wantsWhole(): boolean {
    return this.#lowersMinValues || (this.#facts?.daemonSets ?? []).length > 0;
  }

  /** The fast solver wherever it decides as the whole model does: where pods say nothing about other pods and no daemon takes room. */
  #plan(input: PlanInput): void {
    this.solver = this.#wantsWhole || this.entangled ? this.#whole : this.#fast;
    this.solver.plan(input);
  }

  /** Plans for the waiting pods. */
  provision(): void {
    const { pods, origins } = this.waiting;
    this.#plan({ pods, origins, count: pods.length });
  }

  /**
   * Plans for the waiting pods and those of some nodes, without these nodes. Given up as soon as it needs more than `claimsMax` new
   * claims, leaves a pod that runs now without a place, or relies on a node that is not initialized; with no such number it is made to its
   * end. Pods that a consolidation moves may not go where consolidateAfter is running.
   *
   * Source: Karpenter 1.14.1, `pkg/controllers/disruption/helpers.go` (SimulateScheduling).
   */
  without(indices: readonly number[], moved: readonly number[], claimsMax: number, origin: number = ORIGIN.moved): void {
    if (this.#excluded.length < this.existing.count) this.#excluded = new Uint8Array(this.existing.count * 2);
    const excluded = this.#excluded;
    const removed = indices.map((index) => {
      excluded[index] = 1;
      const node = this.existing.rows[index];
      return { pool: this.view.nodes.group[node], capacity: this.nodeKinds.of(node).capacity };
    });
    while (this.#moved.length < moved.length) this.#moved.push(ORIGIN.moved);
    const queue = { pods: moved, origins: origin === ORIGIN.moved ? this.#moved : moved.map(() => origin) };
    const { pods, origins } = this.waiting.pods.length === 0 ? queue : this.intake.merge(this.waiting, queue);
    this.#plan({ pods, origins, count: pods.length, excluded, without: removed, claimsMax });
    for (const index of indices) excluded[index] = 0;
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

  /** Whether a node's consolidateAfter window is over, or it has none; `Never` is none. */
  isQuiet(node: number, now: number): boolean {
    const pool = this.options.nodePools[this.view.nodes.group[node]];
    if (pool === undefined || pool.consolidateAfterMs === Infinity || !isInitialized(this.view, node)) return true;
    return restOfWindow(pool.consolidateAfterMs, this.fleet.quietSince(node), now) === 0;
  }
}
