import { OptionsError } from '@plimsoll/core';
import { Fields, show } from './fields.ts';

/** What a budget may be limited to. */
const BUDGET_REASONS = ['Empty', 'Underutilized', 'Drifted'] as const;
export type BudgetReason = (typeof BUDGET_REASONS)[number];

/** How many nodes of a pool may be disrupted at once. */
export interface DisruptionBudget {
  /** A share in percent, rounded up to whole nodes, or a number of nodes. */
  readonly percent: number | undefined;
  readonly count: number | undefined;
  /** Reasons that it limits; all where it names none. */
  readonly reasons: readonly BudgetReason[];
}

/** The budget of a NodePool that names none: 10 %. Source: Karpenter 1.14.1, `pkg/apis/v1/nodepool.go`. */
export const DEFAULT_BUDGET: DisruptionBudget = { percent: 10, count: undefined, reasons: [] };

/** Reads one entry of `spec.disruption.budgets`. Schedules are not modelled and refused. */
export function readBudget(value: unknown, path: readonly (string | number)[]): DisruptionBudget {
  const fields = new Fields(value, path, ['nodes', 'reasons', 'schedule', 'duration']);
  for (const key of ['schedule', 'duration']) {
    if (fields.has(key))
      throw new OptionsError(fields.at(key), 'budgets with a schedule are not modelled; leave it out or set a constant budget');
  }
  const reasons = fields.texts('reasons').map((reason, index) => {
    if (!BUDGET_REASONS.includes(reason as BudgetReason)) {
      throw new OptionsError(
        [...fields.at('reasons'), index],
        `expected one of ${BUDGET_REASONS.join(', ')}, got ${show(reason)}`,
      );
    }
    return reason as BudgetReason;
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
  const number = Number(match[1]);
  return match[2] === '%' ? { percent: number, count: undefined, reasons } : { percent: undefined, count: number, reasons };
}
