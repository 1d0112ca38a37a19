import { type Decision, HOUR, type JsonValue, MINUTE, NODE, type Reason, SECOND } from '@plimsoll/core';
import { isInitialized } from '../nodes/node-kinds.ts';
import type { Planner } from '../planner.ts';
import { DISRUPTED } from '../pods/pod-kinds.ts';
import type { Terminations } from './termination.ts';

/** How often a command looks after its replacements. Source: Karpenter 1.14.1, `pkg/controllers/disruption/queue.go`. */
const POLL = SECOND;

/** A machine that is to come, by name, and its row once it was ordered; -1 before. */
interface Expected {
  readonly name: string;
  row: number;
}

/** A disruption that waits for its replacements. */
interface Command {
  readonly nodes: readonly number[];
  readonly replacements: readonly Expected[];
  readonly since: number;
  readonly until: number;
  nextAt: number;
  readonly because: Reason;
}

/**
 * Disruptions that were decided. Nodes are tainted and marked at once; replacements are launched first, and the nodes are deleted
 * when all are initialized. Where one goes away or takes too long the nodes are left in peace again.
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

  /** Deletes nodes, at once or when all replacements are there. */
  start(
    nodes: readonly number[],
    launches: readonly (Decision & { readonly kind: 'launch' })[],
    now: number,
    because: Reason,
    out: Decision[],
  ): void {
    const { fleet } = this.#planner;
    for (const node of nodes) fleet.mark(node, true);
    if (launches.length === 0) {
      for (const node of nodes) this.#delete(node, now, because);
      return;
    }
    for (const node of nodes) out.push({ kind: 'cordon', node, change: { addTaints: [DISRUPTED] }, because });
    out.push(...launches);
    const replacements = launches.map(({ request }) => ({ name: request.name, row: -1 }));
    const queued = this.#commands.reduce((sum, command) => sum + command.nodes.length, nodes.length);
    const until = now + commandTimeout(queued);
    this.#commands.push({ nodes, replacements, since: now, until, nextAt: until, because });
  }

  /** A machine was ordered under a name. */
  ordered(node: number, name: string): void {
    for (const { replacements } of this.#commands) {
      for (const expected of replacements) if (expected.row < 0 && expected.name === name) expected.row = node;
    }
  }

  /** A machine became ready or is gone. Returns when its command looks again, where it is a replacement. */
  moved(node: number, now: number): number | undefined {
    for (const command of this.#commands) {
      if (!command.replacements.some(({ row }) => row === node)) continue;
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
    return this.#commands.map(copied) as unknown as JsonValue;
  }

  restore(saved: JsonValue): void {
    this.#commands = (saved as unknown as readonly Command[]).map(copied);
  }

  #finish(command: Command, now: number, out: Decision[]): boolean {
    const { fleet, view } = this.#planner;
    const states = command.replacements.map(({ row }) => (row < 0 ? NODE.gone : view.nodes.state[row]));
    if (command.replacements.every(({ row }) => row >= 0 && isInitialized(view, row))) {
      for (const node of command.nodes) this.#delete(node, now, command.because);
      return true;
    }
    const lost = states.indexOf(NODE.gone);
    if (lost < 0 && now < command.until) {
      command.nextAt = command.until;
      return false;
    }
    const { name } = command.replacements[Math.max(0, lost)];
    for (const node of command.nodes) {
      if (view.nodes.state[node] === NODE.gone || view.nodes.terminating[node] === 1 || this.#terminations.has(node)) continue;
      fleet.mark(node, false);
      const because = { code: command.because.code, message: `replacement ${name} did not come: left in peace` };
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

/** A command that shares nothing that changes. */
function copied(command: Command): Command {
  return { ...command, replacements: command.replacements.map((expected) => ({ ...expected })) };
}

/** How long a command may take: 80 ms for each node in the queue, 10 min to 1 h. */
export function commandTimeout(queued: number): number {
  return Math.min(HOUR, Math.max(10 * MINUTE, queued * 80));
}
