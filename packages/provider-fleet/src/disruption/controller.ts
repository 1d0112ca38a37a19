import { type Decision, type ExplainLevel, type JsonValue, MINUTE, type Reason, SECOND, type WorkloadView } from '@plimsoll/core';
import type { Launcher, Purchase } from '../launch/launcher.ts';
import { dollarsPerHour } from '../launch/money.ts';
import type { Planner } from '../planner.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { disruptionsLeft } from './budgets.ts';
import { type Candidate, type CandidateList, candidates, isEmpty } from './candidates.ts';
import type { Commands } from './commands.ts';
import { type Consolidation, consolidate, isSubsetOf } from './consolidation.ts';
import { multiNode } from './multi-node.ts';
import { interleave, singleNode } from './single-node.ts';

/** Source of all four: Karpenter 1.14.1, `pkg/controllers/disruption/controller.go`, `consolidation.go`, `pkg/controllers/state/cluster.go`. */
const PASS = 10 * SECOND;
const UNSYNCED = SECOND;
const VALIDATION = 15 * SECOND;
const MEMO = 5 * MINUTE;

const METHODS = ['Emptiness', 'MultiNodeConsolidation', 'SingleNodeConsolidation'] as const;

/** A command that waits for its validation. */
interface Proposal {
  readonly method: number;
  readonly nodes: readonly number[];
  readonly replacement: Purchase | undefined;
  readonly until: number;
}

/** Until when a method is certain to find nothing: as long as the version stands, and unless it remembers that also all events. */
interface Quiet {
  readonly version: number;
  /** Infinity where events make no difference. */
  readonly events: number;
  readonly until: number;
}

/** How a purchase is saved: pools and types by row, requirements in full. */
interface SavedPurchase {
  readonly template: number;
  readonly requirements: readonly Requirement[];
  readonly types: readonly number[];
  readonly pods: number;
  readonly totals: readonly number[];
}

/**
 * Looks every 10 s for nodes that need not be: first empty ones, then several together and at last single ones whose pods fit elsewhere. The first method
 * that finds something waits 15 s and looks again; what still holds is carried out, and the next pass follows at once.
 *
 * A method that found nothing does not look again until the cluster has changed, or for 5 minutes.
 */
export class DisruptionController {
  readonly #planner: Planner;
  readonly #workload: WorkloadView;
  readonly #launcher: Launcher;
  readonly #commands: Commands;
  readonly #nominateMs: number;
  readonly #explain: ExplainLevel;
  /** Version of the cluster at which each method found nothing. */
  readonly #memo: number[] = METHODS.map(() => -1);
  /** Until when each method is certain to find nothing, as long as the version is the one beside it. Rebuilt after a restore. */
  readonly #quiet: Quiet[] = METHODS.map(() => ({ version: -1, events: -1, until: -Infinity }));
  #nextPass = 0;
  #proposal: Proposal | undefined;
  /** Candidates of the moment, while a pass is under way. */
  #moment: CandidateList | undefined;

  constructor(
    planner: Planner,
    workload: WorkloadView,
    launcher: Launcher,
    commands: Commands,
    nominateMs: number,
    explain: ExplainLevel,
  ) {
    this.#planner = planner;
    this.#workload = workload;
    this.#launcher = launcher;
    this.#commands = commands;
    this.#nominateMs = nominateMs;
    this.#explain = explain;
  }

  /** When it has something to do next. */
  get nextAt(): number {
    return this.#proposal?.until ?? this.#nextPass;
  }

  /** Milliseconds between passes that find nothing. */
  get period(): number {
    return PASS;
  }

  /** Until when passes are certain to find nothing as long as nothing changes; −Infinity where that is not certain. */
  get quietUntil(): number {
    if (this.#proposal !== undefined) return -Infinity;
    const { fleet } = this.#planner;
    if (fleet.ordered > 0) return -Infinity;
    if (fleet.byName.length === 0) return Infinity;
    let until = fleet.versionSince + MEMO;
    for (const quiet of this.#quiet) {
      const stands = quiet.version === fleet.version && (quiet.events === Infinity || quiet.events === fleet.events);
      until = Math.min(until, stands ? quiet.until : -Infinity);
    }
    return until;
  }

  /**
   * Does what is due.
   *
   * @param synced whether every machine that was ever asked for has come
   */
  step(now: number, synced: boolean, out: Decision[]): void {
    if (this.#proposal !== undefined) {
      if (now < this.#proposal.until) return;
      this.#afterValidation(this.#proposal, now, out);
      return;
    }
    // Passes that were skipped were certain to find nothing.
    if (this.#nextPass < now) this.#nextPass += Math.ceil((now - this.#nextPass) / PASS) * PASS;
    if (this.#nextPass > now) return;
    if (synced) this.#pass(0, now);
    else this.#nextPass = now + UNSYNCED;
  }

  snapshot(): JsonValue {
    const proposal = this.#proposal;
    return {
      memo: [...this.#memo],
      nextPass: this.#nextPass,
      proposal:
        proposal === undefined
          ? null
          : {
              ...proposal,
              nodes: [...proposal.nodes],
              replacement: proposal.replacement === undefined ? null : this.#save(proposal.replacement),
            },
    } as unknown as JsonValue;
  }

  restore(value: JsonValue): void {
    const saved = value as unknown as {
      memo: readonly number[];
      nextPass: number;
      proposal: (Omit<Proposal, 'replacement'> & { replacement: SavedPurchase | null }) | null;
    };
    saved.memo.forEach((version, method) => {
      this.#memo[method] = version;
    });
    this.#nextPass = saved.nextPass;
    this.#proposal =
      saved.proposal === null
        ? undefined
        : {
            ...saved.proposal,
            replacement: saved.proposal.replacement === null ? undefined : this.#load(saved.proposal.replacement),
          };
  }

  /** Tries methods from one on. */
  #pass(from: number, now: number): void {
    this.#moment = undefined;
    for (let method = from; method < METHODS.length; method++) {
      const { fleet } = this.#planner;
      if (this.#memo[method] === fleet.versionNow(now, MEMO)) {
        this.#quiet[method] = { version: fleet.version, events: Infinity, until: Infinity };
        continue;
      }
      this.#quiet[method] = { version: fleet.version, events: -1, until: -Infinity };
      const all = this.#look(now);
      const found = method === 0 ? this.#emptiness(all) : this.#underused(method, all);
      if (found === undefined) continue;
      this.#proposal = { method, nodes: found.nodes, replacement: found.replacement, until: now + VALIDATION };
      return;
    }
    this.#nextPass = now + PASS;
  }

  #afterValidation(proposal: Proposal, now: number, out: Decision[]): void {
    this.#proposal = undefined;
    this.#moment = undefined;
    const started = proposal.method === 0 ? this.#startEmpty(proposal, now, out) : this.#startUnderused(proposal, now, out);
    if (started === 'launched') this.#nextPass = now + UNSYNCED;
    else this.#pass(started === 'deleted' ? 0 : proposal.method + 1, now);
  }

  /** The candidates of this moment, looked for once. */
  #look(now: number): CandidateList {
    if (this.#moment === undefined) {
      this.#planner.capture(now);
      this.#moment = candidates(this.#planner, this.#workload, now);
    }
    return this.#moment;
  }

  /**
   * A method found nothing among some candidates. It remembers that, unless a budget held one back or there was none at all; then it
   * looks again in every pass, to no effect before something changes.
   */
  #nothing(method: number, tried: number, held: boolean, changesAt: number): void {
    const { availability, fleet } = this.#planner;
    let until = changesAt;
    if (tried > 0 && !held) {
      this.#memo[method] = fleet.version;
      this.#quiet[method] = { version: fleet.version, events: Infinity, until: Infinity };
      return;
    }
    if (held) {
      // Pods on nodes that are going may become free to move without anything telling.
      until = this.#planner.intake.mayGrow() ? -Infinity : Math.min(until, availability.changesAt);
    }
    this.#quiet[method] = { version: fleet.version, events: fleet.events, until };
  }

  // ---- emptiness ----------------------------------------------------------------------------------------------------------

  #emptiness({ list, changesAt }: CandidateList): { nodes: readonly number[]; replacement: undefined } | undefined {
    const empty = list.filter(isEmpty);
    const { nodes, held } = this.#withinBudget(empty, 'Empty');
    if (nodes.length > 0) return { nodes, replacement: undefined };
    this.#nothing(0, empty.length, held, changesAt);
    return undefined;
  }

  #startEmpty({ nodes }: Proposal, now: number, out: Decision[]): 'deleted' | 'dropped' {
    const empty = this.#look(now).list.filter((candidate) => isEmpty(candidate) && nodes.includes(candidate.node));
    const { nodes: still } = this.#withinBudget(empty, 'Empty');
    if (still.length === 0) return 'dropped';
    const because = this.#reason(
      'Empty',
      () => `empty: ${still.length} of ${nodes.length} nodes that were empty 15 s ago still are`,
    );
    this.#commands.start(still, undefined, now, because, out);
    return 'deleted';
  }

  #withinBudget(chosen: readonly Candidate[], reason: 'Empty'): { nodes: number[]; held: boolean } {
    const { fleet, options, view } = this.#planner;
    const left = disruptionsLeft(options.nodePools, reason, view, fleet, this.#clock);
    const nodes: number[] = [];
    let held = false;
    for (const { node, pool } of chosen) {
      if (left[pool] === 0) held = true;
      else {
        left[pool]--;
        nodes.push(node);
      }
    }
    return { nodes, held };
  }

  // ---- underused nodes -----------------------------------------------------------------------------------------------------

  #underutilized(list: readonly Candidate[]): Candidate[] {
    const { nodePools } = this.#planner.options;
    return list.filter((candidate) => !isEmpty(candidate) && nodePools[candidate.pool].consolidationPolicy !== 'WhenEmpty');
  }

  #underused(
    method: number,
    { list, changesAt }: CandidateList,
  ): { nodes: readonly number[]; replacement: Purchase | undefined } | undefined {
    const planner = this.#planner;
    const { fleet, options, view } = planner;
    const sorted = this.#underutilized(list);
    const left = disruptionsLeft(options.nodePools, 'Underutilized', view, fleet, this.#clock);
    const { found, held } =
      METHODS[method] === 'MultiNodeConsolidation'
        ? multiNode(planner, sorted, left)
        : singleNode(planner, interleave(sorted, options.nodePools), left);
    if (found !== undefined) return { nodes: found.candidates.map(({ node }) => node), replacement: found.replacement };
    this.#nothing(method, sorted.length, held, changesAt);
    return undefined;
  }

  #startUnderused({ nodes, replacement }: Proposal, now: number, out: Decision[]): 'deleted' | 'launched' | 'dropped' {
    const planner = this.#planner;
    const chosen = this.#underutilized(this.#look(now).list).filter((candidate) => nodes.includes(candidate.node));
    if (chosen.length !== nodes.length) return 'dropped';
    const left = disruptionsLeft(planner.options.nodePools, 'Underutilized', planner.view, planner.fleet, this.#clock);
    for (const { pool } of chosen) if (left[pool]-- <= 0) return 'dropped';
    const fresh = replacementStillHolds(planner, chosen, replacement);
    if (fresh === undefined) return 'dropped';
    const because = this.#reason('Underutilized', () => describe(planner, chosen, replacement));
    const launch =
      replacement === undefined
        ? undefined
        : this.#launcher.launch(replacement, 'Underutilized', `replaces ${names(planner, chosen)}: `);
    if (replacement !== undefined && launch === undefined) return 'dropped';
    for (const index of fresh.destinations) planner.fleet.nominate(planner.existing.rows[index], now + this.#nominateMs);
    this.#commands.start(nodes, launch, now, because, out);
    return launch === undefined ? 'deleted' : 'launched';
  }

  /** Milliseconds since 1970 in UTC. */
  get #clock(): number {
    return this.#planner.options.settings.startsAt + this.#planner.view.now;
  }

  #reason(code: string, message: () => string): Reason {
    return { code, message: this.#explain === 'off' ? '' : message() };
  }

  #save({ template, requirements, types, pods, totals }: Purchase): SavedPurchase {
    return {
      template: this.#planner.templates.indexOf(template),
      requirements: [...requirements.set.values()],
      types,
      pods,
      totals,
    };
  }

  #load({ template, requirements, types, pods, totals }: SavedPurchase): Purchase {
    // JSON has no undefined: an absent bound comes back as an absent key, which reads the same.
    const set = new Map(requirements.map((r) => [r.key, { ...r, lower: r.lower, upper: r.upper, minValues: r.minValues }]));
    return { template: this.#planner.templates[template], requirements: this.#planner.sets.of(set), types, pods, totals };
  }
}

/** Whether a plan made now comes to the same: as many new machines, and what is bought may still be bought. */
function replacementStillHolds(
  planner: Planner,
  chosen: readonly Candidate[],
  replacement: Purchase | undefined,
): Pick<Consolidation, 'destinations'> | undefined {
  if (replacement === undefined) {
    const fresh = consolidate(planner, chosen);
    return fresh?.replacement === undefined ? fresh : undefined;
  }
  const moved = chosen.length === 1 ? chosen[0].pods : planner.intake.sort(chosen.flatMap((candidate) => candidate.pods));
  const indices = chosen.map((candidate) => candidate.index);
  const fresh = planner.freshClaim(indices, moved);
  if (fresh === undefined || !isSubsetOf(planner.catalogue, replacement.types, fresh.types)) return undefined;
  return fresh;
}

function names({ view }: Planner, chosen: readonly Candidate[]): string {
  return chosen.map(({ node }) => view.nodeNames[node]).join(', ');
}

function describe(planner: Planner, chosen: readonly Candidate[], replacement: Purchase | undefined): string {
  const { catalogue } = planner;
  const pods = chosen.reduce((sum, candidate) => sum + candidate.pods.length, 0);
  const price = chosen.reduce((sum, candidate) => sum + candidate.price, 0);
  const old = chosen.map(({ type }) => catalogue.types[type].name).join(', ');
  const moved = `${pods} ${pods === 1 ? 'pod' : 'pods'} of ${old} (${dollarsPerHour(price)})`;
  if (replacement === undefined) return `${moved} fit on other nodes`;
  const [cheapest] = replacement.types;
  return `${moved} fit with a cheaper node: ${replacement.types.length} types left, cheapest ${catalogue.types[cheapest].name}`;
}
