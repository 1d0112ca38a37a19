import { OptionsError, parseSchedule, type Schedule, ScheduleError, type TimeZone, timeZone } from '@plimsoll/core';
import { Fields, show } from './fields.ts';

/** What a budget may be limited to. */
const BUDGET_REASONS = ['Empty', 'Underutilized', 'Drifted'] as const;
export type BudgetReason = (typeof BUDGET_REASONS)[number];

/** How many nodes of a pool may be disrupted at once. */
export interface DisruptionBudget {
  /** A share in percent, rounded up to whole nodes, or a number of nodes. */
  readonly percent: number | undefined;
  readonly count: number | undefined;
  /** Reasons that it limits; undefined for all. */
  readonly reasons: readonly string[] | undefined;
  /** When it is in force: from each hit of the schedule on, for some milliseconds. Absent: always. */
  readonly window?: BudgetWindow;
}

/** When a budget is in force. A schedule that cannot be read forbids everything. */
export interface BudgetWindow {
  readonly schedule: Schedule | undefined;
  readonly durationMs: number;
}

/** The budget of a NodePool that names none: 10 %. Source: Karpenter 1.14.1, `pkg/apis/v1/nodepool.go`. */
export const DEFAULT_BUDGET: DisruptionBudget = { percent: 10, count: undefined, reasons: undefined };

/** A budget of its parts: `nodes` is a number or a share such as `10%`; what is neither allows nothing. */
export function disruptionBudget(nodes: string, reasons: readonly string[] | undefined, window?: BudgetWindow): DisruptionBudget {
  const match = /^(\d{1,9})(%?)$/.exec(nodes);
  const number = match === null ? 0 : Number(match[1]);
  const amount = match?.[2] === '%' ? { percent: number, count: undefined } : { percent: undefined, count: number };
  return { ...amount, reasons, ...(window && { window }) };
}

/** Reads one entry of `spec.disruption.budgets`. Schedules are in UTC; `schedule` and `duration` stand together. */
export function readBudget(value: unknown, path: readonly (string | number)[]): DisruptionBudget {
  const fields = new Fields(value, path, ['nodes', 'reasons', 'schedule', 'duration']);
  const reasons = fields.texts('reasons').map((reason, index) => {
    if (!BUDGET_REASONS.includes(reason as BudgetReason)) {
      throw new OptionsError(
        [...fields.at('reasons'), index],
        `expected one of ${BUDGET_REASONS.join(', ')}, got ${show(reason)}`,
      );
    }
    return reason;
  });
  const nodes = fields.has('nodes') ? fields.raw('nodes') : '10%';
  const text = typeof nodes === 'number' ? String(nodes) : nodes;
  const match = typeof text === 'string' ? /^(\d{1,9})(%?)$/.exec(text) : null;
  if (match === null || (match[2] === '%' && Number(match[1]) > 100)) {
    throw new OptionsError(
      fields.at('nodes'),
      `expected a number of nodes such as "5" or a share such as "10%", got ${show(nodes)}`,
    );
  }
  return disruptionBudget(match[0], fields.has('reasons') ? reasons : undefined, readWindow(fields));
}

function readWindow(fields: Fields): BudgetWindow | undefined {
  if (!fields.has('schedule') && !fields.has('duration')) return undefined;
  for (const [key, other] of [
    ['schedule', 'duration'],
    ['duration', 'schedule'],
  ]) {
    if (!fields.has(key)) throw new OptionsError(fields.at(key), `missing: a budget with a ${other} needs a ${key} too`);
  }
  const text = fields.text('schedule');
  const schedule = cronOf(text);
  if (schedule === undefined) {
    throw new OptionsError(
      fields.at('schedule'),
      `expected a cron expression of five fields such as "0 9 * * mon-fri", or @daily, got ${show(text)}`,
    );
  }
  return { schedule, durationMs: fields.duration('duration', 0) };
}

/** A schedule in UTC; undefined where the text is none. */
export function cronOf(text: string): Schedule | undefined {
  try {
    return parseSchedule(text, timeZone('UTC') as TimeZone);
  } catch (error) {
    if (error instanceof ScheduleError) return undefined;
    throw error;
  }
}
