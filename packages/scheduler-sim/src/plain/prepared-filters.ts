import type { NodeInfo } from './node-info.ts';
import type { CycleContext, FilterState } from './plugin.ts';
import { filterNamed } from './plugins/plugins.ts';
import type { PodInfo } from './pod-info.ts';
import type { Status } from './status.ts';

/** What came of asking every filter about the pod before any node. */
export type Preparation =
  | { readonly is: 'refused'; readonly status: Status; readonly restricting: readonly string[] }
  | {
      readonly is: 'ready';
      readonly filters: PreparedFilters;
      /** The nodes that may be looked at; all where absent. */
      readonly nodeNames?: ReadonlySet<string>;
      /** Plug-ins that left nodes out. */
      readonly restricting: readonly string[];
    };

/**
 * Asks every filter that the configuration names to prepare for a pod. Plug-ins that are not modelled have nothing to say.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/runtime/framework.go` (RunPreFilterPlugins).
 */
export function prepareFilters(context: CycleContext): Preparation {
  const states = new Map<string, FilterState>();
  const restricting: string[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  let refused: Status | undefined;
  const { preFilters, filters } = context.config;
  for (const name of new Set([...preFilters, ...filters])) {
    const plugin = filterNamed(name, context.config);
    if (plugin === undefined) continue;
    const result = plugin.prepare(context);
    if (result.is === 'skip') continue;
    if (result.is === 'refused') {
      if (result.status.code === 'UU') return { is: 'refused', status: result.status, restricting };
      refused ??= result.status;
      continue;
    }
    states.set(name, result.state);
    const names = result.nodeNames;
    if (names === undefined) continue;
    restricting.push(plugin.name);
    nodeNames = nodeNames === undefined ? names : new Set([...nodeNames].filter((name) => names.has(name)));
    if (nodeNames.size > 0) continue;
    const reason =
      restricting.length === 1
        ? `node(s) didn't satisfy plugin ${plugin.name}`
        : `node(s) didn't satisfy plugin(s) [${[...restricting].sort().join(' ')}] simultaneously`;
    return { is: 'refused', status: { code: 'UU', plugin: '', reasons: [reason] }, restricting };
  }
  if (refused !== undefined) return { is: 'refused', status: refused, restricting };
  const ready = filters.flatMap((name) => {
    const state = states.get(name);
    return state === undefined ? [] : [[name, state] as const];
  });
  return { is: 'ready', filters: new PreparedFilters(context, ready), restricting, ...(nodeNames && { nodeNames }) };
}

/** Filters made ready for one pod, asked in order; a copy may be taken further on its own. */
export class PreparedFilters {
  readonly #context: CycleContext;
  readonly #states: readonly (readonly [string, FilterState])[];

  constructor(context: CycleContext, states: readonly (readonly [string, FilterState])[]) {
    this.#context = context;
    this.#states = states;
  }

  /** The filters that have something to ask, in order. */
  get names(): string[] {
    return this.#states.map(([name]) => name);
  }

  /** The first rejection of a node as it stands. */
  filter(node: NodeInfo): Status | undefined {
    for (const [, state] of this.#states) {
      const status = state.filter(node);
      if (status !== undefined) return status;
    }
    return undefined;
  }

  /**
   * The first rejection of a node, which the pod must fit both with the pods that wait for it, unless they matter less, and without them.
   *
   * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/runtime/framework.go` (RunFilterPluginsWithNominatedPods).
   */
  filterWithNominated(node: NodeInfo): Status | undefined {
    const { pod, snapshot } = this.#context;
    const waiting = (snapshot.nominated.get(node.name) ?? []).filter(
      (other) => other.priority >= pod.priority && other.key !== pod.key,
    );
    if (waiting.length > 0) {
      const [with_, filters] = [node.clone(), this.clone()];
      for (const other of waiting) filters.add(other, with_);
      const status = filters.filter(with_);
      if (status !== undefined) return status;
    }
    return this.filter(node);
  }

  /** Puts a pod on a node, for the node and for every filter. */
  add(pod: PodInfo, node: NodeInfo): void {
    node.add(pod);
    for (const [, state] of this.#states) state.podAdded?.(pod, node);
  }

  /** Takes a pod off a node, for the node and for every filter. */
  remove(pod: PodInfo, node: NodeInfo): void {
    node.remove(pod);
    for (const [, state] of this.#states) state.podRemoved?.(pod, node);
  }

  clone(): PreparedFilters {
    return new PreparedFilters(
      this.#context,
      this.#states.map(([name, state]) => [name, state.clone?.() ?? state]),
    );
  }
}
