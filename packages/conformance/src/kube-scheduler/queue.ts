import {
  type Candidate,
  type ClusterEvent,
  type CycleContext,
  CycleError,
  chooseNode,
  FILTER_PLUGINS,
  findNodes,
  firstInPreorder,
  mayHelp,
  PLACE,
  type PodInfo,
  type PodObject,
  podInfo,
  rejectorsOf,
  runPostFilters,
  SchedulingQueue,
  type Search,
} from '@plimsoll/scheduler-sim';
import { GoldenCluster } from './cluster.ts';
import { Json } from './json.ts';
import { nodeObject, podObject } from './objects.ts';

const NO_NODES = 'no nodes available to schedule pods';

/**
 * The answer to a case of kind `queue`: a script of changes, clock steps and attempts. Where several nodes are as good, the recorded
 * choice is followed.
 */
export function answerQueue(input: unknown, expect: unknown): unknown {
  const script = new QueueScript(new Json(input));
  const expected = new Json(expect).at('steps').items;
  return { steps: new Json(input).at('steps').items.map((step, i) => script.run(step, expected[i] ?? new Json(undefined))) };
}

/** The scheduler of a script: the model's queue over the plain cycle, with every pod a class of its own. */
class QueueScript {
  readonly #cluster: GoldenCluster;
  readonly #queue: SchedulingQueue;
  /** Pods that wait for a node, by key, with their rows; and what each row is. */
  readonly #rows = new Map<string, number>();
  readonly #infos: PodInfo[] = [];
  #now = 0;

  constructor(input: Json) {
    this.#cluster = new GoldenCluster(input);
    const { initialBackoffMs, maxBackoffMs } = this.#cluster.config;
    this.#queue = new SchedulingQueue({ initialBackoffMs, maxBackoffMs, staleAfterMs: 300_000 });
  }

  run(step: Json, expected: Json): unknown {
    const op = step.at('op').text as string;
    const out: Record<string, unknown> = { op };
    if (op === 'advance') {
      this.#now += step.at('ms').number ?? 0;
      this.#queue.advance(this.#now);
      out.now = this.#now;
    } else if (op === 'schedule') Object.assign(out, this.#schedule(step.at('during').items, expected));
    else if (op === 'reap') out.reaped = this.#reap(step.at('ms').number || Number.POSITIVE_INFINITY);
    else Object.assign(out, this.#change(step));
    out.state = this.#state();
    return out;
  }

  // ---- changes of the cluster ---------------------------------------------------------------------------------------------

  #change(step: Json): { skipped?: boolean } {
    const cluster = this.#cluster;
    switch (step.at('op').text) {
      case 'addNode': {
        const node = nodeObject(step.at('node'));
        cluster.addNode(node);
        this.#wake({ is: 'nodeAdded', node });
        return {};
      }
      case 'updateNode': {
        const after = nodeObject(step.at('node'));
        const before = cluster.nodes.get(after.name)?.node;
        if (before === undefined) return { skipped: true };
        cluster.updateNode(after);
        this.#wake({ is: 'nodeUpdated', before, after });
        return {};
      }
      case 'deleteNode': {
        const node = cluster.nodes.get(step.at('name').text ?? '')?.node;
        if (node === undefined) return { skipped: true };
        cluster.removeNode(node.name);
        this.#wake({ is: 'nodeDeleted', node });
        return {};
      }
      case 'addPod':
        this.#add(podObject(step.at('pod')));
        return {};
      case 'updatePod':
        return this.#update(podObject(step.at('pod')));
      case 'deletePod':
        return this.#delete(`default/${step.at('name').text}`);
      default:
        throw new Error(`unknown step ${step.at('op').text}`);
    }
  }

  #add(pod: PodObject): void {
    if (pod.nodeName !== undefined) {
      this.#wake({ is: 'podAdded', pod: this.#cluster.addPod(pod) });
      return;
    }
    const info = podInfo(pod);
    const row = this.#infos.push(info) - 1;
    this.#rows.set(info.key, row);
    this.#queue.add(row, info.priority, this.#now, (pod.spec.schedulingGates ?? []).length > 0);
  }

  /** New metadata and spec; its node and status stay. */
  #update(pod: PodObject): { skipped?: boolean } {
    const key = `${pod.namespace}/${pod.name}`;
    const row = this.#rows.get(key);
    const before = row === undefined ? this.#cluster.pods.get(key) : this.#infos[row];
    if (before === undefined) return { skipped: true };
    const { nodeName, nominatedNodeName, startTime, deleting, preempted } = before.pod;
    const kept = { nodeName, nominatedNodeName, startTime, deleting, preempted };
    const defined = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
    const after: PodObject = { ...pod, ...defined };
    if (row === undefined) {
      this.#wake({ is: 'podUpdated', before, after: this.#cluster.addPod(after) });
      return {};
    }
    this.#set(row, after);
    if ((after.spec.schedulingGates ?? []).length === 0) this.#queue.ungate(row, this.#now);
    this.#wake({ is: 'ownUpdate', before, after: this.#infos[row] }, (other) => other === row);
    return {};
  }

  #delete(key: string): { skipped?: boolean } {
    const row = this.#rows.get(key);
    if (row === undefined) {
      const pod = this.#cluster.pods.get(key);
      if (pod === undefined) return { skipped: true };
      this.#cluster.removePod(key);
      this.#wake({ is: 'podDeleted', pod });
      return {};
    }
    const pod = this.#infos[row];
    this.#leave(row);
    this.#cluster.removePod(key);
    if (pod.pod.nominatedNodeName !== undefined) this.#freed(pod);
    return {};
  }

  /** A pod waits for its node no more: what it would have taken may help pods that matter no more than it. */
  #freed(pod: PodInfo): void {
    this.#wake({ is: 'podDeleted', pod }, (row) => this.#infos[row].priority <= pod.priority);
  }

  #reap(most: number): string[] {
    const dying = [...this.#cluster.pods.values()].filter(({ pod }) => pod.deleting === true && pod.nodeName !== undefined);
    const names = dying
      .map(({ pod }) => pod.name)
      .sort()
      .slice(0, most);
    for (const name of names) this.#delete(`default/${name}`);
    return names;
  }

  #wake(event: ClusterEvent, concerns: (row: number) => boolean = () => true): void {
    const { objects, config } = this.#cluster;
    this.#queue.wake(
      this.#now,
      (row, rejectors) =>
        concerns(row) &&
        FILTER_PLUGINS.some(
          (plugin, code) => (rejectors & (1 << code)) !== 0 && mayHelp(event, this.#infos[row], plugin, { objects, config }),
        ),
    );
  }

  /** A waiting pod's object changed. One that waits for a node is known to the cluster, so that others leave it room. */
  #set(row: number, pod: PodObject): void {
    this.#infos[row] = podInfo(pod);
    if (pod.nominatedNodeName !== undefined) this.#cluster.addPod(pod);
    else this.#cluster.removePod(this.#infos[row].key);
  }

  #leave(row: number): void {
    this.#rows.delete(this.#infos[row].key);
    this.#queue.delete(row, row, this.#now);
  }

  // ---- attempts -----------------------------------------------------------------------------------------------------------

  #schedule(during: readonly Json[], expected: Json): Record<string, unknown> {
    const row = this.#queue.pop(this.#now);
    if (row < 0) {
      for (const change of during) this.#change(change);
      return { pod: null };
    }
    const context = this.#cluster.context(this.#infos[row]);
    const out = { pod: this.#infos[row].pod.name, attempts: this.#queue.columns.attempts[row] };
    const attempt = this.#attempt(context);
    for (const change of during) this.#change(change);
    if ('error' in attempt) {
      if (this.#rows.get(this.#infos[row].key) === row) {
        this.#queue.failed(row, this.#now);
        this.#nominate(row, undefined);
      }
      return { ...out, error: attempt.error };
    }
    if ('best' in attempt) {
      const followed = expected.at('node').text ?? '';
      const node = attempt.best.includes(followed) ? followed : attempt.host;
      this.#bind(row, node);
      return { ...out, best: attempt.best, node };
    }
    return { ...out, ...this.#reject(row, context, attempt, expected) };
  }

  #attempt(context: CycleContext): { error: string } | { best: string[]; host: string } | Search {
    if (context.snapshot.nodes.length === 0) return { error: NO_NODES };
    try {
      const search = findNodes(context, 0);
      if (search.feasible.length === 0) return search;
      const { best } = chooseNode(context, search.feasible);
      return {
        best: best.map((i) => search.feasible[i].name).sort(),
        host: search.feasible[firstInPreorder(best)].name,
      };
    } catch (error) {
      if (error instanceof CycleError) return { error: error.message };
      throw error;
    }
  }

  #bind(row: number, nodeName: string): void {
    const { key, pod } = this.#infos[row];
    if (this.#rows.get(key) !== row) return;
    this.#leave(row);
    const { nominatedNodeName: _, ...rest } = pod;
    this.#wake({ is: 'podAdded', pod: this.#cluster.addPod({ ...rest, nodeName, startTime: this.#now }) });
  }

  #reject(row: number, context: CycleContext, search: Search, expected: Json): Record<string, unknown> {
    const rejectors = rejectorsOf(search);
    const out: Record<string, unknown> = { unschedulablePlugins: rejectors };
    const { preemption } = runPostFilters(context, search, this.#now);
    if (this.#rows.get(this.#infos[row].key) !== row) return out;
    const mask = rejectors.reduce((bits, name) => bits | (1 << FILTER_PLUGINS.indexOf(name as 'NodeName')), 0);
    this.#queue.rejected(row, row, mask, this.#now);
    if (preemption?.status === 'ok') {
      const { nominated } = preemption;
      const chosen = nominated.find(({ node }) => node === expected.at('nominated').text) ?? nominated[0];
      Object.assign(out, this.#makeRoom(row, chosen));
    } else if (preemption?.clears === true) this.#nominate(row, undefined);
    return out;
  }

  /** The pod waits for the node; less important pods that waited for it no longer do, and the victims are asked to go. */
  #makeRoom(row: number, { node, victims }: Candidate): Record<string, unknown> {
    this.#nominate(row, node);
    const asked = victims.filter(({ pod }) => pod.deleting !== true);
    const cleared: string[] = [];
    // With nobody left to ask there is nothing to carry out, and nobody is sent away from the node.
    if (asked.length === 0) return { nominated: node, victims: [] };
    for (const [key, other] of this.#rows) {
      const info = this.#infos[other];
      if (info.pod.nominatedNodeName !== node || info.priority >= this.#infos[row].priority) continue;
      this.#nominate(other, undefined);
      cleared.push(key.slice(key.indexOf('/') + 1));
    }
    for (const { pod } of asked) {
      // The object comes back from the API server, where times are whole seconds.
      const startTime = Math.floor((pod.startTime ?? 0) / 1000) * 1000;
      this.#cluster.addPod({ ...pod, startTime, deleting: true, preempted: true });
    }
    return {
      nominated: node,
      victims: asked.map(({ pod }) => pod.name).sort(),
      ...(cleared.length > 0 && { cleared: cleared.sort() }),
    };
  }

  /** The pod waits for a node, or for none; where it waited for another before, that one is freed. */
  #nominate(row: number, node: string | undefined): void {
    const before = this.#infos[row];
    const { nominatedNodeName, ...pod } = before.pod;
    if (nominatedNodeName === node) return;
    this.#set(row, node === undefined ? pod : { ...pod, nominatedNodeName: node });
    if (nominatedNodeName !== undefined) this.#freed(before);
  }

  // ---- what can be seen ---------------------------------------------------------------------------------------------------

  #state(): unknown {
    const { place, expiry, rejectors } = this.#queue.columns;
    const at = (wanted: number): [string, number][] =>
      [...this.#rows]
        .filter(([, row]) => place[row] === wanted)
        .map(([, row]): [string, number] => [this.#infos[row].pod.name, row]);
    const names = (wanted: number): string[] =>
      at(wanted)
        .map(([name]) => name)
        .sort();
    const valued = (wanted: number, value: (row: number) => unknown) =>
      Object.fromEntries(at(wanted).map(([name, row]) => [name, value(row)]));
    const plugins = (row: number): string[] => FILTER_PLUGINS.filter((_, code) => (rejectors[row] & (1 << code)) !== 0).sort();
    const parts = {
      active: names(PLACE.active),
      backoff: valued(PLACE.backoff, (row) => expiry[row]),
      errorBackoff: valued(PLACE.errorBackoff, (row) => expiry[row]),
      unschedulable: valued(PLACE.unschedulable, plugins),
      gated: names(PLACE.gated),
      nominations: Object.fromEntries(
        [...this.#rows.values()].flatMap((row) => {
          const { name, nominatedNodeName } = this.#infos[row].pod;
          return nominatedNodeName === undefined ? [] : [[name, nominatedNodeName]];
        }),
      ),
    };
    return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0));
  }
}
