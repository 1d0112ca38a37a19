import {
  type ClusterView,
  compareText,
  type Decision,
  type GroupSpec,
  type GroupsView,
  type GroupTemplate,
  type JsonValue,
  NODE,
  NONE,
  RECORD,
  type Reason,
} from '@plimsoll/core';
import type { ClusterAutoscalerOptions, ModelOptions } from '../options/options.ts';

/** What a group lists at one time. */
export interface InstanceList {
  /** Machines that are not being ended, by row. */
  readonly rows: readonly number[];
  /** Codes of the errors for which machines will never run, by position in {@link rows}; undefined where none has one. */
  readonly errors: readonly (string | undefined)[] | undefined;
}

/**
 * The groups as the autoscaler believes them to be. The cloud is asked at most once a minute: machines that came since are not known, so
 * a node may be there without a group for a while. Sizes that the autoscaler set itself it knows at once.
 *
 * Source: Cluster Autoscaler 1.37, `cloudprovider/aws/aws_manager.go` and `auto_scaling_groups.go`.
 */
export class NodeGroups {
  readonly count: number;
  readonly specs: readonly GroupSpec[];
  /** Rows of groups in order of their names. */
  readonly byName: readonly number[];
  readonly min: number[];
  readonly max: number[];
  /** Sizes as the autoscaler sees them, what it decided in this call included. */
  readonly target: number[];
  /** Units of the size for which no machine existed at the last refresh. */
  readonly placeholders: number[];
  /** Whether the cloud had failed to launch for these units since the autoscaler last set the size. */
  readonly unfulfillable: boolean[];
  /** When the groups were read last. */
  refreshedAt = -Infinity;
  /** Reads at the next loop whatever the time: a machine was ended since. */
  #stale = false;
  readonly #setAt: number[];
  /** By group: machines that are being ended and not gone. */
  readonly #ending: number[];
  readonly #view: ClusterView;
  readonly #groups: GroupsView;
  readonly #interval: number;
  readonly #hasPlaceholders: boolean;
  #decisions: Decision[] = [];
  #calls = 0;
  /** Machines ended by this call of the provider; the cluster does not show it yet. */
  readonly #ended = new Set<number>();

  constructor(view: ClusterView, groups: GroupsView, options: ClusterAutoscalerOptions) {
    this.#view = view;
    this.#groups = groups;
    const model: ModelOptions = options.model;
    this.#interval = model.refreshInterval;
    this.#hasPlaceholders = groups.placeholders !== false;
    this.specs = groups.groups;
    this.count = this.specs.length;
    this.byName = this.specs.map((_, row) => row).sort((a, b) => compareText(this.specs[a].name, this.specs[b].name));
    this.min = this.specs.map((spec) => spec.min);
    this.max = this.specs.map((spec) => spec.max);
    this.target = this.specs.map(() => 0);
    this.placeholders = this.specs.map(() => 0);
    this.unfulfillable = this.specs.map(() => false);
    this.#setAt = this.specs.map(() => -Infinity);
    this.#ending = this.specs.map(() => 0);
  }

  /** Takes a record of a machine's end in. */
  observe(kind: number, node: number): void {
    const { group: groups, terminating } = this.#view.nodes;
    const group = groups[node];
    if (group < 0 || group >= this.count) return;
    if (kind === RECORD.nodeTerminating) this.#ending[group]++;
    else if (terminating[node] === 1) this.#ending[group]--;
  }

  /** Starts one call of the provider: reads the sizes; decisions go to `decisions`. */
  begin(decisions: Decision[]): void {
    this.#decisions = decisions;
    this.#calls = 0;
    this.#ended.clear();
    const { limits } = this.#groups;
    for (let g = 0; g < this.count; g++) {
      this.target[g] = this.#groups.desired(g);
      if (limits === undefined) continue;
      const { min, max } = this.#groups.limits!(g);
      this.min[g] = min;
      this.max[g] = max;
    }
  }

  /** Notes a refresh that a skipped loop made: it found nothing new. */
  refreshedUnseen(at: number): void {
    this.refreshedAt = at;
  }

  /** When the next refresh is due. */
  get nextRefresh(): number {
    return this.#stale ? -Infinity : this.refreshedAt + this.#interval;
  }

  /** Reads the groups, if it is time. */
  refresh(now: number): void {
    if (now < this.nextRefresh) return;
    this.refreshedAt = now;
    this.#stale = false;
    for (let g = 0; g < this.count; g++) {
      this.placeholders[g] = this.#missing(g);
      this.unfulfillable[g] = this.#failed(g);
    }
  }

  /** Whether a refresh now would find something that the last one did not. Machines are compared by their times. */
  get outdated(): boolean {
    for (let g = 0; g < this.count; g++) {
      if (this.placeholders[g] !== this.#missing(g) || this.unfulfillable[g] !== this.#failed(g)) return true;
    }
    // Rows stand in the order in which machines were ordered: only the last ones can be new.
    const { orderedAt, group: groupOf } = this.#view.nodes;
    for (let node = this.#view.nodeCount - 1; node >= 0 && orderedAt[node] > this.refreshedAt; node--) {
      const group = groupOf[node];
      if (group >= 0 && group < this.count && this.#groups.instances(group).includes(node)) return true;
    }
    return false;
  }

  /** The group that a machine is known to belong to, or NONE. */
  groupOf(node: number): number {
    const group = this.#view.nodes.group[node];
    return group !== NONE && group < this.count && this.#view.nodes.orderedAt[node] <= this.refreshedAt ? group : NONE;
  }

  /** Whether a machine without a Node object is still listed as one to come. */
  isExpected(node: number): boolean {
    const { state, terminating } = this.#view.nodes;
    return isUnregistered(state[node]) && terminating[node] === 0 && !this.#ended.has(node) && this.groupOf(node) !== NONE;
  }

  /** Machines of a group, as the cloud lists them; some may not be known yet. */
  instances(group: number): readonly number[] {
    return this.#groups.instances(group);
  }

  /** What a group lists now, with the errors of machines that will never run. */
  list(group: number): InstanceList {
    const rows = this.#groups.instances(group);
    const { creationError } = this.#groups;
    let errors: (string | undefined)[] | undefined;
    if (creationError !== undefined) {
      rows.forEach((row, i) => {
        const code = this.#groups.creationError!(row);
        if (code !== undefined) (errors ??= [])[i] = code;
      });
    }
    return { rows, errors };
  }

  name(group: number): string {
    return this.specs[group].name;
  }

  /** What the group's API says of a new node, if it says anything. */
  template(group: number): GroupTemplate | undefined {
    return this.#groups.template?.(group);
  }

  /** Asks for more machines. Returns the error that the cloud refused with, or undefined. */
  increase(group: number, delta: number, now: number, because: Reason): string | undefined {
    const refusal = this.#refusal(group, this.target[group] + delta);
    if (refusal !== undefined) return refusal;
    this.#resize(group, this.target[group] + delta, now, because);
    return undefined;
  }

  /** Asks for fewer machines without ending any. Returns the error where the machines that exist do not allow it. */
  decrease(group: number, by: number, now: number, because: Reason): string | undefined {
    if (this.#hasPlaceholders) {
      const existing = this.#listed(group) + this.placeholders[group];
      if (this.target[group] - by < existing) {
        return `attempt to delete existing nodes targetSize:${this.target[group]} delta:${-by} existingNodes: ${existing}`;
      }
    } else {
      const refusal = this.#refusal(group, this.target[group] - by);
      if (refusal !== undefined) return refusal;
    }
    this.#resize(group, this.target[group] - by, now, because);
    return undefined;
  }

  /** Ends machines of one group in one call and lowers the size with them. Returns false where the group is at its minimum. */
  end(nodes: readonly number[], because: Reason): boolean {
    const group = this.#view.nodes.group[nodes[0]];
    if (this.target[group] <= this.min[group]) return false;
    const call = ++this.#calls;
    for (const node of nodes) {
      if (this.#view.nodes.terminating[node] === 1) continue;
      this.target[group]--;
      this.#ended.add(node);
      this.#decisions.push({ kind: 'terminate', node, decrement: true, call, because });
    }
    this.#stale = true;
    return true;
  }

  /** Gives up the units for which no machine exists: all of them, however few were meant. Returns how many. */
  cutPlaceholders(group: number, now: number, because: Reason): number {
    const listed = this.#listed(group);
    const cut = this.target[group] - listed;
    if (cut <= 0 || listed < this.min[group]) return 0;
    this.placeholders[group] = 0;
    this.unfulfillable[group] = false;
    this.#stale = true;
    this.#resize(group, listed, now, because);
    return cut;
  }

  snapshot(): JsonValue {
    return {
      placeholders: [...this.placeholders],
      unfulfillable: [...this.unfulfillable],
      refreshedAt: finite(this.refreshedAt),
      stale: this.#stale,
      setAt: this.#setAt.map(finite),
    };
  }

  restore(value: JsonValue): void {
    const saved = value as {
      placeholders: number[];
      unfulfillable: boolean[];
      refreshedAt: number | null;
      stale: boolean;
      setAt: (number | null)[];
    };
    for (let g = 0; g < this.count; g++) {
      this.placeholders[g] = saved.placeholders[g];
      this.unfulfillable[g] = saved.unfulfillable[g];
      this.#setAt[g] = saved.setAt[g] ?? -Infinity;
    }
    this.refreshedAt = saved.refreshedAt ?? -Infinity;
    this.#stale = saved.stale;
    const { nodes, nodeCount } = this.#view;
    for (let node = 0; node < nodeCount; node++) {
      if (nodes.terminating[node] === 1 && nodes.state[node] !== NODE.gone) this.observe(RECORD.nodeTerminating, node);
    }
  }

  #refusal(group: number, to: number): string | undefined {
    if (this.#groups.refusal === undefined) return undefined;
    let ended = 0;
    for (const node of this.#ended) if (this.#view.nodes.group[node] === group) ended++;
    return this.#groups.refusal(group, { from: this.target[group], to, ended });
  }

  #resize(group: number, size: number, now: number, because: Reason): void {
    this.target[group] = size;
    this.#setAt[group] = now;
    this.#decisions.push({ kind: 'scale', group, desired: size, because });
  }

  #missing(group: number): number {
    return this.#hasPlaceholders ? Math.max(0, this.#groups.desired(group) - this.#listed(group)) : 0;
  }

  #failed(group: number): boolean {
    return this.#missing(group) > 0 && this.#groups.lastFailure(group) > this.#setAt[group];
  }

  /** Machines that the cloud lists: those being ended are still listed, and mask a missing one. */
  #listed(group: number): number {
    return this.#groups.instances(group).length + this.#ending[group];
  }
}

/** Infinity is no JSON. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Whether a machine runs or was ordered but has no Node object. */
function isUnregistered(state: number): boolean {
  return state === NODE.ordered || state === NODE.running;
}
