import { formatDuration } from '@plimsoll/core';
import type { GroupHistory, GroupStep } from '../why/group-history.ts';
import { clock, plain } from './why-table.ts';

/** Steps that are shown at each end, where not all are wanted. */
const ENDS = 15;

/** A group's history for people. Ends with a line break. */
export function whyGroupText(history: GroupHistory, { color, all }: { readonly color: boolean; readonly all: boolean }): string {
  const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[0m` : text);
  const faint = (text: string): string => (color ? `\u001b[2m${text}\u001b[0m` : text);
  const { group, min, max, desired, autoscaler, seed, steps, bought, gaps, until } = history;
  const line = ({ at, text, because }: GroupStep): string[] => [
    ` ${clock(at).padStart(10)}  ${plain(text)}`,
    ...(because === undefined ? [] : [faint(`             ${plain(because)}`)]),
  ];
  const cut = all || steps.length <= 2 * ENDS ? 0 : steps.length - 2 * ENDS;
  const shown = [
    ...steps.slice(0, cut === 0 ? steps.length : ENDS).flatMap(line),
    ...(cut === 0 ? [] : [faint(`             … ${cut} more; --all shows them`), ...steps.slice(-ENDS).flatMap(line)]),
  ];
  const machines = Object.entries(bought).map(([what, count]) => ` ${String(count).padStart(6)}  ${plain(what)}`);
  const told = gaps.map(
    ({ message, machines: count }) => ` ${count === 1 ? 'one machine' : `${count} machines`}: ${plain(message)}`,
  );
  const blocks = [
    [
      `${bold(`group/${plain(group)}`)}   ${min} to ${max} · ${desired} after ${formatDuration(until)}`,
      faint(`${autoscaler} · seed ${seed}`),
    ],
    shown,
    machines.length === 0 ? [] : [bold('machines that ran'), ...machines],
    told.length === 0 ? [] : [bold('what was believed of a new node, and what came'), ...told],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
