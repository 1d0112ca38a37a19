import { type Decision, type ExplainLevel, type JsonValue, MINUTE, type Reason, SECOND } from '@plimsoll/core';
import type { Launcher, Purchase } from '../launch/launcher.ts';
import type { BudgetReason } from '../options/disruption-budget.ts';
import type { VersionRules } from '../options/version-rules.ts';
import type { Planner } from '../planner.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { disruptionsLeft } from './budgets.ts';
import { type Candidate, type CandidateList, candidates, driftedCandidates, isEmpty } from './candidates.ts';
import type { Commands } from './commands.ts';
import { stillHolds } from './consolidation.ts';
import { drift } from './drift.ts';
import { multiNode } from './multi-node.ts';
import type { NodeRemarks } from './remarks.ts';
import { interleave, withinBudgets } from './search.ts';
import { singleNode } from './single-node.ts';

/** Source of all four: Karpenter 1.14.1, `pkg/controllers/disruption/controller.go`, `consolidation.go`, `pkg/controllers/state/cluster.go`. */
const PASS = 10 * SECOND;
const UNSYNCED = SECOND;
const VALIDATION = 15 * SECOND;
const MEMO = 5 * MINUTE;

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
 * Looks every 10 s for nodes that need not be: first empty ones, then one that has drifted, then several together and at last single ones
 * whose pods fit elsewhere. The first method that finds something ends the pass. What has drifted is replaced at once; all others wait 15 s and
 * look again: what still holds is carried out, and the next pass follows at once.
 *
 * A consolidation that found nothing does not look again until the cluster has changed, or for 5 minutes.
 */
export class DisruptionController {
  readonly #planner: Planner;
  readonly #launcher: Launcher;
  readonly #commands: Commands;
  readonly #nominateMs: number;
  readonly #explain: ExplainLevel;
  readonly #remarks: NodeRemarks | undefined;
  /** Version of the cluster at which each method found nothing. */
  readonly #memo: number[];
  /** Until when each method is certain to find nothing, as long as the version is the one beside it. Rebuilt after a restore. */
  readonly #quiet: Quiet[];
  readonly #methods: VersionRules['methods'];
  #nextPass = 0;
  #proposal: Proposal | undefined;
  /** Candidates of the moment, while a pass is under way. */
  #moment: CandidateList | undefined;

  /**
   * @param runningFor how long passes have been made when the run begins, milliseconds
   * @param remarks who is told why nodes stay; absent where nobody listens
   */
  constructor(
    planner: Planner,
    launcher: Launcher,
    commands: Commands,
    nominateMs: number,
    explain: ExplainLevel,
    runningFor = 0,
    remarks: NodeRemarks | undefined = undefined,
  ) {
    this.#remarks = remarks;
    this.#methods = planner.rules.methods;
    this.#memo = this.#methods.map(() => -1);
    this.#quiet = this.#methods.map(() => ({ version: -1, events: -1, until: -Infinity }));
    this.#nextPass = runningFor % PASS === 0 ? 0 : PASS - (runningFor % PASS);
    this.#planner = planner;
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
    // Something else woke the provider at the time of a pass that is as certain to find nothing.
    if (synced && this.#planner.remembers && this.quietUntil > now) {
      this.#nextPass = now + PASS;
      return;
    }
    if (synced) this.#pass(0, now, out);
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
  #pass(from: number, now: number, out: Decision[]): void {
    this.#moment = undefined;
    for (let method = from; method < this.#methods.length; method++) {
      if (this.#methods[method] === 'Drift') {
        const started = this.#drift(now, out);
        if (started === 'nothing') continue;
        if (started === 'launched') this.#nextPass = now + UNSYNCED;
        else this.#pass(0, now, out);
        return;
      }
      const { fleet } = this.#planner;
      if (this.#memo[method] === fleet.versionNow(now, MEMO)) {
        this.#quiet[method] = { version: fleet.version, events: Infinity, until: Infinity };
        continue;
      }
      this.#quiet[method] = { version: fleet.version, events: -1, until: -Infinity };
      const all = this.#look(now);
      const found = this.#methods[method] === 'Emptiness' ? this.#emptiness(method, all) : this.#underused(method, all);
      if (found === undefined) continue;
      this.#proposal = { method, nodes: found.nodes, replacement: found.replacement, until: now + VALIDATION };
      return;
    }
    this.#nextPass = now + PASS;
  }

  #afterValidation(proposal: Proposal, now: number, out: Decision[]): void {
    this.#proposal = undefined;
    this.#moment = undefined;
    const isEmptiness = this.#methods[proposal.method] === 'Emptiness';
    const started = isEmptiness ? this.#startEmpty(proposal, now, out) : this.#startUnderused(proposal, now, out);
    if (started === 'launched') this.#nextPass = now + UNSYNCED;
    else this.#pass(started === 'deleted' ? 0 : proposal.method + 1, now, out);
  }

  /** The candidates of this moment, looked for once. */
  #look(now: number): CandidateList {
    if (this.#moment === undefined) {
      this.#planner.capture(now);
      this.#moment = candidates(this.#planner, now);
    }
    return this.#moment;
  }

  /** How many more nodes of each pool a reason may disrupt. */
  #left(reason: BudgetReason): number[] {
    const { fleet, options, view } = this.#planner;
    return disruptionsLeft(options.nodePools, reason, fleet, options.settings.startsAt + view.now);
  }

  /**
   * A method found nothing among some candidates. It remembers that, unless a budget held one back or there was none at all; then it
   * looks again in every pass, to no effect before something changes.
   */
  #nothing(method: number, tried: number, held: boolean, changesAt: number): void {
    const { availability, fleet, options } = this.#planner;
    let until = changesAt;
    if (tried > 0 && !held) {
      this.#memo[method] = fleet.version;
      this.#quiet[method] = { version: fleet.version, events: Infinity, until: Infinity };
      return;
    }
    if (held) {
      // Pods on nodes that are going may become free to move without anything telling, and so may nodes as a budget's hours begin or end.
      const byTheClock = options.nodePools.some(({ budgets }) => budgets.some(({ window }) => window !== undefined));
      // Before 1.14 the order hangs on how old machines are.
      const byAge = this.#planner.rules.sort === 'disruption';
      until = byTheClock || byAge || this.#planner.intake.mayGrow() ? -Infinity : Math.min(until, availability.changesAt);
    }
    this.#quiet[method] = { version: fleet.version, events: fleet.events, until };
  }

  // ---- emptiness ----------------------------------------------------------------------------------------------------------

  #emptiness(
    method: number,
    { list, changesAt }: CandidateList,
  ): { nodes: readonly number[]; replacement: undefined } | undefined {
    const empty = list.filter((candidate) => isEmpty(candidate, this.#planner.rules));
    const { taken, held } = withinBudgets(empty, this.#left('Empty'));
    if (taken.length > 0) return { nodes: taken.map(({ node }) => node), replacement: undefined };
    this.#nothing(method, empty.length, held, changesAt);
    return undefined;
  }

  #startEmpty({ nodes }: Proposal, now: number, out: Decision[]): 'deleted' | 'dropped' {
    const empty = this.#still(nodes, now).filter((candidate) => isEmpty(candidate, this.#planner.rules));
    const { taken } = withinBudgets(empty, this.#left('Empty'));
    if (taken.length === 0) return 'dropped';
    const because = this.#reason(
      'Empty',
      () => `empty: ${taken.length} of ${nodes.length} nodes that were empty 15 s ago still are`,
    );
    this.#commands.start(
      taken.map(({ node }) => node),
      [],
      now,
      because,
      out,
    );
    return 'deleted';
  }

  /** Those of some nodes that are candidates now, by name. */
  #still(nodes: readonly number[], now: number): Candidate[] {
    return this.#look(now)
      .list.filter(({ node }) => nodes.includes(node))
      .sort((a, b) => a.index - b.index);
  }

  // ---- drifted nodes -------------------------------------------------------------------------------------------------------

  #drift(now: number, out: Decision[]): 'deleted' | 'launched' | 'nothing' {
    const planner = this.#planner;
    const { fleet, rollouts } = planner;
    const method = this.#methods.indexOf('Drift');
    const since = (node: number): number => rollouts.driftedSince(node, now);
    if (!rollouts.anyBy(now) || !fleet.byName.some((node) => !Number.isNaN(since(node)))) {
      this.#quiet[method] = { version: fleet.version, events: Infinity, until: rollouts.nextAfter(now) };
      return 'nothing';
    }
    this.#quiet[method] = { version: fleet.version, events: -1, until: -Infinity };
    this.#look(now);
    const found = drift(planner, driftedCandidates(planner, since, now), since, this.#left('Drifted'));
    if (found === undefined) return 'nothing';
    const { candidate, destinations, replacements } = found;
    const because = this.#reason('Drifted', () => `${rollouts.reasonOf(candidate.node, now)}: ${describe(planner, [candidate])}`);
    const why = `replaces ${names(planner, [candidate])}: `;
    const launches = replacements.flatMap((purchase) => this.#launcher.launch(purchase, 'Drifted', why) ?? []);
    if (launches.length < replacements.length) return 'nothing';
    for (const index of destinations) fleet.nominate(planner.existing.rows[index], now + this.#nominateMs);
    this.#commands.start([candidate.node], launches, now, because, out);
    return launches.length === 0 ? 'deleted' : 'launched';
  }

  // ---- underused nodes -----------------------------------------------------------------------------------------------------

  #underutilized(list: readonly Candidate[]): Candidate[] {
    const { options, rules } = this.#planner;
    const { nodePools } = options;
    return list.filter((candidate) => {
      const { pool, priceable } = candidate;
      const left = rules.empty === 'no-pods' || !isEmpty(candidate, rules);
      return priceable && left && nodePools[pool].consolidationPolicy !== 'WhenEmpty';
    });
  }

  #underused(
    method: number,
    { list, changesAt, balanced }: CandidateList,
  ): { nodes: readonly number[]; replacement: Purchase | undefined } | undefined {
    const planner = this.#planner;
    const sorted = this.#underutilized(list);
    const left = this.#left('Underutilized');
    const { found, held } =
      this.#methods[method] === 'MultiNodeConsolidation'
        ? this.#together(sorted, left, balanced)
        : singleNode(planner, interleave(sorted, planner.options.nodePools), left, balanced);
    if (found !== undefined) return { nodes: found.candidates.map(({ node }) => node), replacement: found.replacement };
    if (this.#methods[method] === 'SingleNodeConsolidation') this.#remarks?.tell(list, planner.view.now);
    this.#nothing(method, sorted.length, held, changesAt);
    return undefined;
  }

  #together(sorted: readonly Candidate[], left: number[], balanced: CandidateList['balanced']) {
    const { held, taken } = withinBudgets(sorted, left);
    return { found: multiNode(this.#planner, taken, balanced), held };
  }

  #startUnderused({ nodes, replacement }: Proposal, now: number, out: Decision[]): 'deleted' | 'launched' | 'dropped' {
    const planner = this.#planner;
    const chosen = this.#underutilized(this.#still(nodes, now));
    if (chosen.length !== nodes.length) return 'dropped';
    if (withinBudgets(chosen, this.#left('Underutilized')).held) return 'dropped';
    const fresh = stillHolds(planner, chosen, replacement);
    if (fresh === undefined) return 'dropped';
    const because = this.#reason('Underutilized', () => `${describe(planner, chosen)}${instead(planner, replacement)}`);
    const why = `replaces ${names(planner, chosen)}: `;
    const launch = replacement && this.#launcher.launch(replacement, 'Underutilized', why);
    if (replacement !== undefined && launch === undefined) return 'dropped';
    for (const index of fresh.destinations) planner.fleet.nominate(planner.existing.rows[index], now + this.#nominateMs);
    this.#commands.start(nodes, launch === undefined ? [] : [launch], now, because, out);
    return launch === undefined ? 'deleted' : 'launched';
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

function names({ view }: Planner, chosen: readonly Candidate[]): string {
  return chosen.map(({ node }) => view.nodeNames[node]).join(', ');
}

function describe({ catalogue }: Planner, chosen: readonly Candidate[]): string {
  const pods = chosen.reduce((sum, candidate) => sum + candidate.pods.length, 0);
  const price = chosen.reduce((sum, candidate) => sum + candidate.price, 0);
  const old = chosen.map(({ type }) => catalogue.types[type]?.name ?? 'an unknown type').join(', ');
  return `${pods} ${pods === 1 ? 'pod' : 'pods'} of ${old} ($${price.toFixed(4)}/h)`;
}

function instead({ catalogue }: Planner, replacement: Purchase | undefined): string {
  if (replacement === undefined) return ' fit on other nodes';
  const { types } = replacement;
  return ` fit with a cheaper node: ${types.length} types left, cheapest ${catalogue.types[types[0]].name}`;
}
