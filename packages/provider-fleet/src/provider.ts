import {
  type Decision,
  type ExplainLevel,
  type JsonValue,
  NONE,
  type Provider,
  type ProviderContext,
  RECORD,
  type Reconciliation,
  SECOND,
} from '@plimsoll/core';
import { ClaimAges } from './disruption/claim-ages.ts';
import { Commands } from './disruption/commands.ts';
import { listed } from './disruption/consolidation.ts';
import { DisruptionController } from './disruption/controller.ts';
import { NodeRemarks } from './disruption/remarks.ts';
import { Terminations } from './disruption/termination.ts';
import { Launcher, purchaseOf } from './launch/launcher.ts';
import type { SavedNode } from './nodes/fleet-nodes.ts';
import type { KarpenterOptions } from './options/karpenter-options.ts';
import { Planner } from './planner.ts';
import { Batcher, type SavedBatcher } from './provisioning/batcher.ts';

/** A nominated node is left alone for at least this long. Source: Karpenter 1.14.1, `pkg/controllers/state/statenode.go`. */
const NOMINATION_MIN = 10 * SECOND;

/** Subject of the batcher for a node. */
const subjectOf = (node: number): number => -2 - node;

interface Saved {
  readonly batcher: SavedBatcher;
  readonly fleet: { nodes: readonly SavedNode[]; version: number; versionAt: number };
  readonly availability: readonly (readonly [number, number])[];
  readonly launched: number;
  readonly preempting?: readonly number[];
  readonly disruption: JsonValue;
  readonly commands: JsonValue;
  readonly terminations: JsonValue;
}

/**
 * Karpenter: provisioning in batches, and the controllers that take nodes away. What is due is done in one order: machines that
 * are too old, disruptions under way, drains, provisioning, and last the search for nodes that need not be.
 */
export class KarpenterProvider implements Provider {
  readonly #context: ProviderContext;
  readonly #explain: ExplainLevel;
  readonly #planner: Planner;
  readonly #batcher: Batcher;
  readonly #launcher: Launcher;
  readonly #terminations: Terminations;
  readonly #commands: Commands;
  readonly #disruption: DisruptionController;
  readonly #ages: ClaimAges;
  readonly #nominateMs: number;
  /** Pods that were reported while others were on their way out for them. */
  readonly #preempting = new Set<number>();

  /** @param remember whether answers are remembered from one look to the next; decisions are the same either way */
  constructor(options: KarpenterOptions, context: ProviderContext, remember = true) {
    const { view, workload } = context;
    const { settings } = options;
    this.#context = context;
    this.#explain = context.explain;
    this.#planner = new Planner(options, context, remember);
    const { availability, catalogue, intake, pods } = this.#planner;
    this.#nominateMs = Math.max(2 * settings.batchMaxMs, NOMINATION_MIN);
    this.#batcher = new Batcher(settings.batchIdleMs, settings.batchMaxMs, (subject) =>
      subject >= 0 ? intake.isProvisionable(subject) : this.#isGoing(-2 - subject),
    );
    this.#launcher = new Launcher(view, catalogue, availability, settings.minValuesPolicy, context.explain);
    this.#terminations = new Terminations(view, pods, intake, workload);
    this.#commands = new Commands(this.#planner, this.#terminations);
    this.#disruption = new DisruptionController(
      this.#planner,
      this.#launcher,
      this.#commands,
      this.#nominateMs,
      context.explain,
      context.runningFor,
      context.remark && new NodeRemarks(this.#planner, workload, context.remark),
    );
    this.#ages = new ClaimAges(view, options.nodePools);
  }

  observe(kind: number, a: number, b: number): number | undefined {
    this.#planner.fleet.events++;
    switch (kind) {
      case RECORD.podUnschedulable:
        return this.#reported(a, b === 1);
      case RECORD.podBound:
      case RECORD.podFinished:
      case RECORD.podEvicted:
      case RECORD.podGone: {
        if (kind !== RECORD.podEvicted) this.#preempting.delete(a);
        const { pods } = this.#planner;
        this.#planner.fleet.observe(kind, a, b, pods.of(this.#context.view.pods.class[a]).daemon);
        return undefined;
      }
      case RECORD.nodeOrdered:
        this.#planner.fleet.observe(kind, a, b, false);
        this.#ages.add(a);
        this.#commands.ordered(a, this.#context.view.nodeNames[a]);
        return undefined;
      case RECORD.nodeChanged:
        this.#planner.fleet.observe(kind, a, b, false);
        return this.#planner.fleet.isMarked(a) ? this.#trigger(subjectOf(a)) : undefined;
      case RECORD.nodeRunning:
      case RECORD.nodeRegistered:
      case RECORD.nodeTerminating:
        this.#planner.fleet.observe(kind, a, b, false);
        return undefined;
      case RECORD.nodeReady:
      case RECORD.nodeGone:
        this.#planner.fleet.observe(kind, a, b, false);
        return this.#commands.moved(a, this.#context.view.now);
      case RECORD.orderFailed:
        if (b !== NONE) this.#planner.availability.fail(b, this.#context.view.now);
        return undefined;
      default:
        return undefined;
    }
  }

  reconcile(now: number): Reconciliation {
    const decisions: Decision[] = [];
    this.#ages.step(now, (node, code) => this.#end(node, code, now));
    this.#commands.step(now, decisions);
    const planned = this.#batcher.close(now) && this.#planner.fleet.ordered === 0;
    const launched = planned && this.#provision(now, decisions);
    this.#disruption.step(now, this.#planner.fleet.ordered === 0 && !launched, decisions);
    this.#terminations.step(now, decisions);
    return { decisions, wake: this.#wake(now) };
  }

  snapshot(): JsonValue {
    const saved: Saved = {
      batcher: this.#batcher.snapshot(),
      fleet: this.#planner.fleet.snapshot(),
      availability: this.#planner.availability.snapshot(),
      launched: this.#launcher.launched,
      ...(this.#preempting.size > 0 && { preempting: [...this.#preempting] }),
      disruption: this.#disruption.snapshot(),
      commands: this.#commands.snapshot(),
      terminations: this.#terminations.snapshot() as unknown as JsonValue,
    };
    return saved as unknown as JsonValue;
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as Saved;
    this.#planner.fleet.restore(saved.fleet);
    this.#planner.availability.restore(saved.availability);
    this.#batcher.restore(saved.batcher);
    this.#launcher.launched = saved.launched;
    for (const pod of saved.preempting ?? []) this.#preempting.add(pod);
    this.#terminations.restore(saved.terminations as never);
    this.#commands.restore(saved.commands);
    this.#disruption.restore(saved.disruption);
    this.#ages.restore();
  }

  /** A pod was reported unschedulable. One for which others make room is heard of when that has come to nothing. */
  #reported(pod: number, first: boolean): number | undefined {
    if (this.#planner.intake.isPreempting(pod)) {
      this.#preempting.add(pod);
      return undefined;
    }
    return this.#preempting.delete(pod) || first ? this.#trigger(pod) : undefined;
  }

  /** One provisioning loop. Returns whether it launched anything. */
  #provision(now: number, out: Decision[]): boolean {
    const planner = this.#planner;
    planner.capture(now);
    if (planner.waiting.pods.length === 0) return false;
    planner.provision();
    for (const index of planner.destinations()) planner.fleet.nominate(planner.existing.rows[index], now + this.#nominateMs);
    const before = out.length;
    for (const claim of planner.solver.claims) {
      const types = listed(planner, claim);
      if (types === undefined) continue;
      const launch = this.#launcher.launch(purchaseOf(claim, types), 'Provisioned', '');
      if (launch !== undefined) out.push(launch);
    }
    return out.length > before;
  }

  /** A machine is deleted for its age, without regard to budgets. */
  #end(node: number, code: string, now: number): void {
    const { fleet, options, view } = this.#planner;
    const pool = options.nodePools[view.nodes.group[node]];
    if (pool === undefined || this.#terminations.has(node)) return;
    fleet.mark(node, true);
    const hours = (now - view.nodes.orderedAt[node]) / 3_600_000;
    const message = this.#explain === 'off' ? '' : `${hours.toFixed(2)} h after its creation`;
    this.#terminations.begin(node, now, pool.terminationGracePeriodMs, { code, message });
  }

  #trigger(subject: number): number | undefined {
    const { now } = this.#context.view;
    const before = this.#batcher.endsAt;
    this.#batcher.add(subject, now);
    return before === Infinity ? this.#batcher.endsAt : undefined;
  }

  /** Whether a node is being taken away and still has pods to plan for. */
  #isGoing(node: number): boolean {
    const { nodes } = this.#context.view;
    return this.#planner.fleet.isMarked(node) && nodes.terminating[node] === 0 && nodes.firstPod[node] !== NONE;
  }

  #wake(now: number): { at: number; period?: number; quietUntil?: number } {
    const others = Math.min(this.#batcher.wakeAt, this.#commands.nextAt, this.#terminations.nextAt, this.#ages.nextAt);
    const pass = this.#disruption.nextAt;
    if (others <= pass) return { at: Math.max(others, now + 1) };
    // Quiet passes are skipped in whole periods, so the skip ends with the last one that is not after anything else.
    const { period, quietUntil } = this.#disruption;
    const lastBefore = others === Infinity ? Infinity : pass + Math.floor((others - pass) / period) * period;
    return { at: pass, period, quietUntil: Math.min(quietUntil, lastBefore) };
  }
}
