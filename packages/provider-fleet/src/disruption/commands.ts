import { type Decision, HOUR, type JsonValue, MINUTE, NODE, type Reason, SECOND } from '@plimsoll/core';
import type { Planner } from '../planner.ts';
import { DISRUPTED } from '../pods/pod-kinds.ts';
import type { Terminations } from './termination.ts';

/** How often a command looks after its replacement. Source: Karpenter 1.14.1, `pkg/controllers/disruption/queue.go`. */
const POLL = SECOND;

/** A disruption that waits for its replacement. */
interface Command {
  readonly nodes: readonly number[];
  /** Name of the machine that replaces them, and its row once it was ordered. */
  readonly replacement: string;
  row: number;
  readonly since: number;
  readonly until: number;
  nextAt: number;
  readonly because: Reason;
}

/**
 * Disruptions that were decided. Nodes are tainted and marked at once; a replacement is launched first, and the nodes are deleted
 * when it is initialized. Where it goes away or takes too long the nodes are left in peace again.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/disruption/queue.go`.
 */
export class Commands {
  readonly #planner: Planner;
  readonly #terminations: Terminations;
  #commands: Command[] = [];

  constructor(planner: Planner, terminations: Terminations) {
    this.#planner = planner;
    this.#terminations = terminations;
  }

  /** When a command has to be looked after. */
  get nextAt(): number {
    let next = Infinity;
    for (const command of this.#commands) next = Math.min(next, command.nextAt);
    return next;
  }

  /** Deletes nodes, at once or when a replacement is there. */
  start(
    nodes: readonly number[],
    launch: (Decision & { readonly kind: 'launch' }) | undefined,
    now: number,
    because: Reason,
    out: Decision[],
  ): void {
    const { fleet } = this.#planner;
    for (const node of nodes) fleet.mark(node, true);
    if (launch === undefined) {
      for (const node of nodes) this.#delete(node, now, because);
      return;
    }
    for (const node of nodes) out.push({ kind: 'cordon', node, change: { addTaints: [DISRUPTED] }, because });
    out.push(launch);
    const queued = this.#commands.reduce((sum, command) => sum + command.nodes.length, nodes.length);
    const until = now + commandTimeout(queued);
    this.#commands.push({ nodes, replacement: launch.request.name, row: -1, since: now, until, nextAt: until, because });
  }

  /** A machine was ordered under a name. */
  ordered(node: number, name: string): void {
    for (const command of this.#commands) if (command.row < 0 && command.replacement === name) command.row = node;
  }

  /** A machine became ready or is gone. Returns when its command, if it is one's replacement, looks again. */
  moved(node: number, now: number): number | undefined {
    for (const command of this.#commands) {
      if (command.row !== node) continue;
      // The first poll after the change; one at this very millisecond still lies ahead.
      command.nextAt = Math.min(command.nextAt, command.since + Math.max(1, Math.ceil((now - command.since) / POLL)) * POLL);
      return command.nextAt;
    }
    return undefined;
  }

  /** Looks after every command that is due. */
  step(now: number, out: Decision[]): void {
    if (this.nextAt > now) return;
    const left: Command[] = [];
    for (const command of this.#commands) if (command.nextAt > now || !this.#finish(command, now, out)) left.push(command);
    this.#commands = left;
  }

  snapshot(): JsonValue {
    return this.#commands.map((command) => ({ ...command })) as unknown as JsonValue;
  }

  restore(saved: JsonValue): void {
    this.#commands = (saved as unknown as readonly Command[]).map((command) => ({ ...command }));
  }

  #finish(command: Command, now: number, out: Decision[]): boolean {
    const { fleet, view } = this.#planner;
    const state = command.row < 0 ? NODE.gone : view.nodes.state[command.row];
    if (state === NODE.ready) {
      for (const node of command.nodes) this.#delete(node, now, command.because);
      return true;
    }
    if (state !== NODE.gone && now < command.until) {
      command.nextAt = command.until;
      return false;
    }
    for (const node of command.nodes) {
      if (view.nodes.state[node] === NODE.gone || view.nodes.terminating[node] === 1 || this.#terminations.has(node)) continue;
      fleet.mark(node, false);
      const because = { code: command.because.code, message: `replacement ${command.replacement} did not come: left in peace` };
      out.push({ kind: 'cordon', node, change: { removeTaints: [DISRUPTED] }, because });
    }
    return true;
  }

  #delete(node: number, now: number, because: Reason): void {
    const { options, view } = this.#planner;
    if (view.nodes.state[node] === NODE.gone || view.nodes.terminating[node] === 1) return;
    this.#terminations.begin(node, now, options.nodePools[view.nodes.group[node]]?.terminationGracePeriodMs, because);
  }
}

/** How long a command may take: 80 ms for each node in the queue, 10 min to 1 h. */
export function commandTimeout(queued: number): number {
  return Math.min(HOUR, Math.max(10 * MINUTE, queued * 80));
}
