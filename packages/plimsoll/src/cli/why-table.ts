import { formatDuration, formatResource } from '@plimsoll/core';
import type { ExplainedNode, WatchedAttempt } from '@plimsoll/scheduler-sim';
import type { PodHistory } from '../why/pod-history.ts';
import type { PodStep } from '../why/walk.ts';

/** How the answer is printed. */
export interface WhyTableOptions {
  readonly color: boolean;
  /** Cells of the terminal's line. */
  readonly width: number;
  /** Every node, not only the best and some of each kind. */
  readonly all: boolean;
}

type Paint = (code: string, text: string) => string;

const BOLD = '1';
const FAINT = '2';
const RED = '31';
const GREEN = '32';

/** Nodes that are shown as candidates for preemption. */
const CANDIDATES = 10;

/** A pod's history for people: its way, its attempts, and the last one in tables of filters and scores. Ends with a line break. */
export function whyTable(history: PodHistory, { color, width, all }: WhyTableOptions): string {
  const paint: Paint = color ? (code, text) => `\u001b[${code}m${text}\u001b[0m` : (_, text) => text;
  const line = Math.max(60, width);
  const blocks = [
    header(history, paint),
    walk(history.walk, line, paint),
    attempts(history, line, paint),
    ...last(history.attempts.at(-1), line, all, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((text) => text.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function header({ pod, namespace, priority, requests, controller, autoscaler, seed }: PodHistory, paint: Paint): string[] {
  const asks = Object.entries(requests)
    .filter(([name, amount]) => amount > 0 && name !== 'pods')
    .map(([name, amount]) => `${name} ${formatResource(name, amount)}`);
  const facts = [namespace, controller === 'none' ? 'bare pod' : controller, ...asks, `priority ${priority}`];
  return [`${paint(BOLD, `pod/${plain(pod)}`)}   ${plain(facts.join(' · '))}`, paint(FAINT, `${autoscaler} · seed ${seed}`)];
}

const STEPS: Readonly<Record<PodStep['what'], (node: string) => string>> = {
  created: () => 'created',
  unschedulable: () => 'unschedulable',
  remarked: () => 'the autoscaler says',
  'room-made': (node) => `room is made on ${node}`,
  'node-asked': (node) => `${node} is asked for`,
  'node-running': (node) => `${node} runs`,
  'node-registered': (node) => `${node} registered`,
  'node-ready': (node) => `${node} ready`,
  expected: (node) => `expected on ${node}`,
  bound: (node) => `bound to ${node}`,
  started: () => 'started',
  evicted: (node) => `evicted from ${node}`,
  finished: () => 'finished',
  gone: () => 'gone',
};

/** The steps with their times, and the time since the one before. */
function walk(steps: readonly PodStep[], width: number, paint: Paint): string[] {
  const times = steps.map(({ at }) => clock(at));
  const wide = Math.max(0, ...times.map(({ length }) => length));
  const createdAt = steps.find(({ what }) => what === 'created')?.at ?? 0;
  const since = steps.map(({ at }) => (at === createdAt ? '' : `+${formatDuration(at - createdAt)}`));
  const sinceWide = Math.max(0, ...since.map(({ length }) => length));
  return steps.flatMap((step, i) => {
    const what = plain(STEPS[step.what](step.node ?? ''));
    const told = step.what === 'unschedulable' ? paint(RED, what) : step.what === 'bound' ? paint(GREEN, what) : what;
    const head = ` ${times[i].padStart(wide)}  ${paint(FAINT, since[i].padStart(sinceWide))}  ${told}`;
    if (step.because === undefined) return [head];
    const indent = ' '.repeat(wide + sinceWide + 7);
    return [head, ...wrapped(plain(step.because), width - indent.length).map((text) => indent + paint(FAINT, text))];
  });
}

/** A line for each attempt, where there were several; attempts in a row that came to the same share one. */
function attempts({ attempts: list, attemptCount }: PodHistory, width: number, paint: Paint): string[] {
  if (attemptCount < 2) return [];
  const rows: { first: WatchedAttempt; last: WatchedAttempt; text: string }[] = [];
  for (const attempt of list) {
    const text = attempt.message ?? outcome(attempt);
    const before = rows.at(-1);
    if (before?.text === text && before.last.attempt === attempt.attempt - 1) before.last = attempt;
    else rows.push({ first: attempt, last: attempt, text });
  }
  const numbers = rows.map(({ first, last: end }) => span(String(first.attempt), String(end.attempt)));
  const times = rows.map(({ first, last: end }) => span(clock(first.time), clock(end.time)));
  const [numberWide, timeWide] = [numbers, times].map((texts) => Math.max(0, ...texts.map(({ length }) => length)));
  const indent = numberWide + timeWide + 5;
  return [
    paint(BOLD, `${attemptCount} attempts`),
    ...rows.flatMap(({ first, text }, i) => {
      const skipped = first.attempt - (i === 0 ? 0 : rows[i - 1].last.attempt) - 1;
      const head = ` ${numbers[i].padStart(numberWide)}  ${times[i].padEnd(timeWide)}  `;
      const line = head + cut(plain(text), width - indent);
      return skipped > 0 ? [paint(FAINT, `   … ${skipped} more`), line] : [line];
    }),
  ];
}

function span(from: string, to: string): string {
  return from === to ? from : `${from} to ${to}`;
}

function outcome({ outcome: came, node, chosen }: WatchedAttempt): string {
  if (came !== 'scheduled') return came;
  const how = { best: 'the highest total', only: 'the only node that fits', nominated: 'the node that it waited for' };
  return `scheduled on ${node}: ${how[chosen ?? 'best']}`;
}

/** The last attempt: what it came to, who rejected what, and the scores. */
function last(attempt: WatchedAttempt | undefined, width: number, all: boolean, paint: Paint): string[][] {
  if (attempt === undefined) return [['the scheduler has not tried it']];
  const { attempt: number, time, message, nodes } = attempt;
  const head = `${paint(BOLD, `attempt ${number}`)} at ${clock(time)}: ${plain(outcome(attempt))}`;
  const text = message === undefined ? [] : wrapped(plain(message), width - 1).map((part) => ` ${part}`);
  return [
    [head, ...text],
    filters(attempt, width, all, paint),
    scores(nodes, attempt, width, all, paint),
    preemption(attempt, width, paint),
  ];
}

/** The nodes on which room could be made, the one that was chosen first. */
function preemption({ preemption: found }: WatchedAttempt, width: number, paint: Paint): string[] {
  const candidates = [...(found?.candidates ?? [])].sort(
    (a, b) => Number(b.node === found?.nominated) - Number(a.node === found?.nominated),
  );
  if (candidates.length === 0) return [];
  const lines = candidates.slice(0, CANDIDATES).map(({ node, victims, violations }) => {
    const protectedOnes = violations === 0 ? '' : ` (${violations} protected by a budget)`;
    const mark = node === found?.nominated ? paint(GREEN, '✔') : '–';
    return ` ${mark} ${cut(plain(`${node}: ${victims.join(', ')} would go${protectedOnes}`), width - 3)}`;
  });
  const rest = candidates.length - lines.length;
  return [paint(BOLD, 'preemption'), ...lines, ...(rest > 0 ? [paint(FAINT, `   … ${rest} more nodes`)] : [])];
}

/** Nodes by what the filters said, in the order in which filters are asked. */
function filters({ filters: asked, refused, nodes }: WatchedAttempt, width: number, all: boolean, paint: Paint): string[] {
  if (nodes.length === 0) return [];
  const groups = new Map<string, { mark: string; plugin: string; reason: string; names: string[] }>();
  const add = (mark: string, plugin: string, reason: string, name: string): void => {
    const key = `${plugin} ${reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { mark, plugin, reason, names: [name] });
    else group.names.push(name);
  };
  for (const { name, outcome: came, rejection } of nodes) {
    if (rejection !== undefined) add(paint(RED, '✖'), rejection.plugin, rejection.reasons.join(', '), name);
    else if (came === 'fits') add(paint(GREEN, '✔'), 'fits', '', name);
    else add('–', came === 'left-out' ? 'left out' : 'not looked at', '', name);
  }
  const rank = ({ plugin }: { plugin: string }): number => {
    const at = asked.indexOf(plugin);
    return at >= 0 ? at : plugin === 'fits' ? asked.length : asked.length + 1;
  };
  const rows = [...groups.values()].sort((a, b) => rank(a) - rank(b));
  const wide = Math.max(...rows.map(({ plugin }) => plugin.length));
  const reasonWide = Math.max(...rows.map(({ reason }) => reason.length));
  const countWide = Math.max(...rows.map(({ names }) => String(names.length).length));
  const title = refused === undefined ? asked.join(' · ') : `${refused.plugin} refused before any node was looked at`;
  return [
    `${paint(BOLD, 'filters')}   ${paint(FAINT, cut(plain(title), width - 10))}`,
    ...rows.flatMap(({ mark, plugin, reason, names }) => {
      const left = `   ${plugin.padEnd(wide)}  ${plain(reason).padEnd(reasonWide)}  ${String(names.length).padStart(countWide)} ${names.length === 1 ? 'node ' : 'nodes'}  `;
      const list = plain(names.join(', '));
      if (!all) return [` ${mark} ${left.slice(3)}${paint(FAINT, cut(list, Math.max(12, width - left.length)))}`];
      return [` ${mark} ${left.slice(3)}`, ...wrapped(list, width - 5).map((text) => `     ${paint(FAINT, text)}`)];
    }),
  ];
}

/** Plug-ins down, nodes across, the best first: `raw → normalised = weighted`. */
function scores(
  nodes: readonly ExplainedNode[],
  { weights, node }: WatchedAttempt,
  width: number,
  all: boolean,
  paint: Paint,
): string[] {
  const scored = nodes.filter(({ total }) => total !== undefined);
  if (scored.length === 0) return [];
  const ranked = scored
    .map((each, i) => ({ each, i }))
    .sort(
      (a, b) =>
        Number(b.each.name === node) - Number(a.each.name === node) || (b.each.total ?? 0) - (a.each.total ?? 0) || a.i - b.i,
    )
    .map(({ each }) => each);
  const plugins = Object.keys(weights);
  const label = (plugin: string): string => `${plugin} ×${weights[plugin]}`;
  const labelWide = Math.max(5, ...plugins.map((plugin) => label(plugin).length));
  const cellsOf = ({ name, scores: list = [], total }: ExplainedNode): string[] => {
    const cells = list.map(({ raw, normalised, weighted }) =>
      raw === normalised ? `${raw} = ${weighted}` : `${raw} → ${normalised} = ${weighted}`,
    );
    const cellWide = Math.max(name.length, ...cells.map(({ length }) => length), String(total).length);
    return [name, ...cells, String(total)].map((cell) => plain(cell).padStart(cellWide));
  };
  const columns: string[][] = [];
  const blocks: string[][][] = [];
  let used = labelWide + 1;
  for (const each of ranked) {
    const column = cellsOf(each);
    if (used + column[0].length + 3 > width && columns.length > 0) {
      blocks.push(columns.splice(0));
      if (!all) break;
      used = labelWide + 1;
    }
    columns.push(column);
    used += column[0].length + 3;
  }
  if (columns.length > 0) blocks.push(columns);
  const rowNames = ['', ...plugins.map(label), 'total'];
  const shown = blocks.reduce((sum, block) => sum + block.length, 0);
  const rest =
    shown < ranked.length
      ? `, the best ${shown} of ${ranked.length} that fit (--all for all)`
      : `, ${ranked.length} nodes that fit`;
  const lines = [`${paint(BOLD, 'scores')}${paint(FAINT, `${rest}   raw → normalised = weighted`)}`];
  for (const block of blocks) {
    rowNames.forEach((name, row) => {
      const cells = block.map((column) => {
        const taken = column[0].trim() === node && (row === 0 || row === rowNames.length - 1);
        return `   ${taken ? paint(GREEN, column[row]) : column[row]}`;
      });
      const isTotal = row === rowNames.length - 1;
      lines.push(` ${isTotal ? paint(BOLD, name.padEnd(labelWide)) : name.padEnd(labelWide)}${cells.join('')}`);
    });
  }
  return lines;
}

/** Time since the scenario's start, exact and in the form that `--at` takes: `2h21m03.4s`. */
export function clock(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const seconds = (ms / 1000) % 60;
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  const last = Math.round(seconds * 1000) / 1000;
  if (hours > 0) return `${hours}h${two(minutes)}m${two(last)}s`;
  return minutes > 0 ? `${minutes}m${two(last)}s` : `${last}s`;
}

/** Names come from inputs, which are not trusted: control characters would reach the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Broken at spaces; what is longer than a line stays whole. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
