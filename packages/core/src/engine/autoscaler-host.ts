import type { Cluster } from '../cluster/cluster.ts';
import { NODE, POD } from '../cluster/states.ts';
import type { Cloud } from '../contracts/cloud.ts';
import type { Component, JsonValue, Timer } from '../contracts/component.ts';
import type { Decision, LoggedDecision } from '../contracts/decision.ts';
import type { ExplainLevel, Provider, Wake, WorkloadView } from '../contracts/provider.ts';
import type { Log } from '../log/log.ts';
import { EVICTION } from '../log/records.ts';
import { PHASE } from '../time/phase.ts';

const WAKE = 0;

/** A decision that the engine refuses: the provider asked for something that cannot be. */
export class DecisionError extends Error {
  override readonly name = 'DecisionError';
}

/** What {@link AutoscalerHost} works with. */
export interface AutoscalerHostParts {
  readonly name: string;
  readonly cluster: Cluster;
  readonly log: Log;
  readonly timer: Timer;
  readonly cloud: Cloud;
  readonly workload: WorkloadView;
  readonly provider: Provider;
  readonly explain: ExplainLevel;
  /** Whether quiet calls are skipped: see {@link Wake}. */
  readonly skipQuiet: boolean;
  /** The latest phase that the current millisecond has come to. */
  readonly phase: () => number;
}

/** Runs a provider: calls it when it asked to be called, checks what it decides, carries it out and logs it. */
export class AutoscalerHost implements Component {
  readonly id = 'autoscaler';
  readonly #parts: AutoscalerHostParts;
  #wakeAt = Infinity;
  #handle = -1;
  /** Grid on which skipped calls would lie, while the provider is quiet. */
  #quiet: { at: number; period: number } | undefined;

  constructor(parts: AutoscalerHostParts) {
    this.#parts = parts;
    parts.timer.onRestored((_code, _a, _b, time, handle) => {
      if (time === this.#wakeAt) this.#handle = handle;
    });
  }

  start(): void {
    this.#wake(this.#parts.timer.now);
  }

  observe(kind: number, a: number, b: number, c: number): void {
    const asked = this.#parts.provider.observe?.(kind, a, b, c);
    if (this.#quiet !== undefined) {
      const { at, period } = this.#quiet;
      this.#quiet = undefined;
      const { now } = this.#parts.timer;
      // A call of this very millisecond still lies ahead, unless its phase has come already.
      const from = this.#parts.phase() >= PHASE.autoscaler ? now + 1 : now;
      const next = from <= at ? at : at + Math.ceil((from - at) / period) * period;
      if (next < this.#wakeAt) this.#wake(next);
    }
    if (asked !== undefined && asked < this.#wakeAt) this.#wake(Math.max(asked, this.#parts.timer.now));
  }

  handle(): void {
    this.#wakeAt = Infinity;
    this.#quiet = undefined;
    const { provider, timer, skipQuiet } = this.#parts;
    const { decisions, wake } = provider.reconcile(timer.now);
    for (const decision of decisions) this.#carryOut(decision);
    if (wake === undefined) return;
    const { at, period } = wake;
    if (!(at > timer.now)) throw new DecisionError(`${this.#parts.name}: wake at ${at}, which is not after ${timer.now}`);
    if (period !== undefined && (!(period >= 1) || period !== Math.floor(period))) {
      throw new DecisionError(`${this.#parts.name}: wake period ${period}: expected whole milliseconds from 1`);
    }
    const target = skipQuiet && decisions.length === 0 ? this.#skipTo(wake) : at;
    if (target < this.#wakeAt) this.#wake(target);
    // A target of Infinity is no event at all; the grid is what a change then wakes the provider on.
    if (target > at && period !== undefined) this.#quiet = { at, period };
  }

  snapshot(): JsonValue {
    return {
      provider: this.#parts.provider.snapshot(),
      wakeAt: Number.isFinite(this.#wakeAt) ? this.#wakeAt : null,
      quiet: this.#quiet ?? null,
    };
  }

  restore(value: JsonValue): void {
    const saved = value as { provider: JsonValue; wakeAt: number | null; quiet: { at: number; period: number } | null };
    this.#parts.provider.restore(saved.provider);
    this.#wakeAt = saved.wakeAt ?? Infinity;
    this.#quiet = saved.quiet ?? undefined;
  }

  /** The first call on the grid that may decide something. */
  #skipTo({ at, period, quietUntil }: Wake): number {
    if (period === undefined || quietUntil === undefined || quietUntil <= at) return at;
    return at + Math.ceil((quietUntil - at) / period) * period;
  }

  #wake(at: number): void {
    const { timer } = this.#parts;
    if (Number.isFinite(this.#wakeAt)) timer.cancel(this.#handle);
    this.#wakeAt = at;
    if (Number.isFinite(at)) this.#handle = timer.at(at, PHASE.autoscaler, WAKE);
  }

  #carryOut(decision: Decision): void {
    const { cluster, cloud, workload } = this.#parts;
    switch (decision.kind) {
      case 'scale': {
        const spec = cloud.groups.groups[decision.group];
        if (spec === undefined) throw this.#refused(decision, `there is no group ${decision.group}`);
        if (!(decision.desired >= 0 && decision.desired <= spec.max) || decision.desired !== Math.floor(decision.desired)) {
          throw this.#refused(
            decision,
            `desired size ${decision.desired} of ${spec.name} is no whole number from 0 to ${spec.max}`,
          );
        }
        cloud.setDesired(decision.group, decision.desired, this.#log(decision, decision.group, spec.name));
        return;
      }
      case 'launch':
        if (decision.request.offerings.length === 0) throw this.#refused(decision, 'a launch needs at least one offering');
        cloud.order(decision.request, this.#log(decision, cluster.nodeCount, decision.request.name));
        return;
      case 'cordon': {
        this.#assertNode(decision, decision.node);
        const state = cluster.nodes.state[decision.node];
        if (state !== NODE.registered && state !== NODE.ready)
          throw this.#refused(decision, `node ${decision.node} has no Node object yet`);
        this.#log(decision, decision.node, cluster.nodeNames[decision.node]);
        cluster.changeNode(decision.node, decision.change);
        return;
      }
      case 'drain':
        this.#assertNode(decision, decision.node);
        this.#log(decision, decision.node, cluster.nodeNames[decision.node]);
        for (const pod of decision.pods) {
          if (cluster.pods.node[pod] !== decision.node)
            throw this.#refused(decision, `pod ${pod} is not on node ${decision.node}`);
          if (cluster.pods.state[pod] === POD.terminating) continue;
          if (decision.force === true || !workload.evictionBlocked(pod)) cluster.evict(pod, EVICTION.drain);
        }
        return;
      case 'terminate':
        this.#assertNode(decision, decision.node);
        if (cluster.nodes.terminating[decision.node] === 1)
          throw this.#refused(decision, `node ${decision.node} is ending already`);
        cloud.terminate(
          decision.node,
          this.#log(decision, decision.node, cluster.nodeNames[decision.node]),
          decision.decrement === true,
        );
        return;
      case 'nominate':
        this.#assertNode(decision, decision.node);
        if (!(decision.pod >= 0 && decision.pod < cluster.podCount))
          throw this.#refused(decision, `there is no pod ${decision.pod}`);
        cluster.nominate(decision.pod, decision.node);
        return;
      case 'bind':
        if (cluster.pods.state[decision.pod] !== POD.pending) throw this.#refused(decision, `pod ${decision.pod} is not pending`);
        cluster.bind(decision.pod, decision.node);
    }
  }

  #log(decision: Decision, subject: number, name: string): number {
    const { because } = decision;
    const { explain, log, timer } = this.#parts;
    const kept = explain === 'off' ? { code: because.code, message: '' } : because;
    const logged: LoggedDecision = {
      at: timer.now,
      autoscaler: this.#parts.name,
      kind: decision.kind,
      subject,
      name,
      because: kept,
    };
    return log.decide(logged);
  }

  #assertNode(decision: Decision, node: number): void {
    const { cluster } = this.#parts;
    if (!(node >= 0 && node < cluster.nodeCount)) throw this.#refused(decision, `there is no node ${node}`);
    if (cluster.nodes.state[node] === NODE.gone) throw this.#refused(decision, `node ${node} is gone`);
  }

  #refused(decision: Decision, why: string): DecisionError {
    return new DecisionError(`${this.#parts.name}: decision ${decision.kind} (${decision.because.code}) refused: ${why}`);
  }
}
