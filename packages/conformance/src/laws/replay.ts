import { EVICTION, type LogColumns, NODE, POD, RECORD, type ResourceList } from '@plimsoll/core';
import type { LawTables } from './law-tables.ts';
import type { Law } from './violation.ts';

/** Hears of a broken law at the record that is being replayed. */
export type Report = (law: Law, message: string) => void;

interface PodState {
  readonly podClass: number;
  state: number;
  /** Node row, or -1. */
  node: number;
  reported: boolean;
}

interface NodeState {
  state: number;
  nodeClass: number;
  terminating: boolean;
  readonly pods: Set<number>;
}

const KNOWN: ReadonlySet<number> = new Set(Object.values(RECORD));
const CAUSES: ReadonlySet<number> = new Set(Object.values(EVICTION));

const POD_STATE: Readonly<Record<number, string>> = {
  [POD.pending]: 'pending',
  [POD.bound]: 'bound',
  [POD.running]: 'running',
  [POD.terminating]: 'terminating',
  [POD.finished]: 'finished',
  [POD.gone]: 'gone',
};
const NODE_STATE: Readonly<Record<number, string>> = {
  [NODE.ordered]: 'ordered',
  [NODE.running]: 'running',
  [NODE.registered]: 'registered',
  [NODE.ready]: 'ready',
  [NODE.gone]: 'gone',
};

/**
 * The state of a cluster as a log tells it, one record after the other. It goes by the records alone: where one cannot be, it says so and
 * believes the record, so that one wrong record is told once and not at each record after it.
 */
export class Replay {
  readonly pods: PodState[] = [];
  readonly nodes: NodeState[] = [];
  readonly #log: LogColumns;
  readonly #tables: LawTables;
  readonly #report: Report;
  #ended = false;

  constructor(log: LogColumns, tables: LawTables, report: Report) {
    this.#log = log;
    this.#tables = tables;
    this.#report = report;
  }

  /** Takes one record; rows come in order. */
  step(row: number): void {
    const { kind, a, b, c } = this.#log;
    if (this.#ended) this.#report('time', `${nameOf(kind[row])} comes after the end of the run`);
    switch (kind[row]) {
      case RECORD.podCreated:
        this.#podCreated(a[row], b[row]);
        break;
      case RECORD.podUnschedulable:
        this.#podUnschedulable(a[row], b[row]);
        break;
      case RECORD.podBound:
        this.#podBound(a[row], b[row]);
        break;
      case RECORD.podStarted:
        this.#podMoves(a[row], b[row], { from: [POD.bound], to: POD.running });
        break;
      case RECORD.podFinished:
        this.#podMoves(a[row], b[row], { from: [POD.running], to: POD.finished });
        break;
      case RECORD.podEvicted:
        if (!CAUSES.has(c[row])) this.#report('records', `pod ${a[row]} was evicted for the unknown cause ${c[row]}`);
        this.#podMoves(a[row], b[row], { from: [POD.bound, POD.running], to: POD.terminating });
        break;
      case RECORD.podGone:
        this.#podMoves(a[row], b[row], { from: [POD.pending, POD.bound, POD.running, POD.terminating], to: POD.gone });
        break;
      case RECORD.podNominated:
        this.#podNominated(a[row], b[row]);
        break;
      case RECORD.nodeOrdered:
        this.#nodeOrdered(a[row], b[row]);
        break;
      case RECORD.nodeRunning:
        this.#assertOffering(a[row], b[row]);
        this.#nodeMoves(a[row], NODE.ordered, NODE.running);
        break;
      case RECORD.nodeRegistered:
        this.#nodeMoves(a[row], NODE.running, NODE.registered);
        this.#nodeClass(a[row], b[row]);
        break;
      case RECORD.nodeReady:
        this.#nodeMoves(a[row], NODE.registered, NODE.ready);
        this.#nodeClass(a[row], b[row]);
        break;
      case RECORD.nodeChanged:
        this.#nodeChanged(a[row], b[row]);
        break;
      case RECORD.nodeTerminating:
        this.#nodeTerminating(a[row]);
        break;
      case RECORD.nodeGone:
        this.#nodeGone(a[row], b[row]);
        break;
      case RECORD.ended:
        this.#ended = true;
        break;
      default:
        if (!KNOWN.has(kind[row])) this.#report('records', `${kind[row]} is no kind of record`);
    }
  }

  /** The sum of the requests of the pods on a node. */
  use(node: number): ResourceList {
    const sum: Record<string, number> = {};
    for (const pod of this.nodes[node].pods) {
      const requests = this.#tables.podClasses[this.pods[pod].podClass] ?? {};
      for (const name of Object.keys(requests)) sum[name] = (sum[name] ?? 0) + requests[name];
    }
    return sum;
  }

  #podCreated(pod: number, podClass: number): void {
    if (this.pods[pod] !== undefined) {
      this.#report('podPlace', `pod ${pod} was created, but it exists and is ${this.#place(pod)}`);
      return;
    }
    if (pod !== this.pods.length) {
      this.#report('podPlace', `pod ${pod} was created, but the next row is ${this.pods.length}: rows are given in order`);
      if (pod < 0) return;
    }
    if (this.#tables.podClasses[podClass] === undefined)
      this.#report('records', `pod ${pod} is of class ${podClass}, which does not exist`);
    this.pods[pod] = { podClass, state: POD.pending, node: -1, reported: false };
  }

  #podUnschedulable(pod: number, first: number): void {
    const state = this.#pod(pod);
    if (state === undefined) return;
    if (state.state !== POD.pending) this.#report('podPlace', `pod ${pod} found no node, but it is ${this.#place(pod)}`);
    if ((first === 1) === state.reported) {
      this.#report(
        'records',
        `pod ${pod} found no node ${first === 1 ? 'for the first time' : 'again'}, but that is ${state.reported ? 'not the first time' : 'the first time'}`,
      );
    }
    state.reported = true;
  }

  #podBound(pod: number, node: number): void {
    const state = this.#pod(pod);
    const target = this.#node(node);
    if (state === undefined || target === undefined) return;
    if (state.state !== POD.pending)
      this.#report('podPlace', `pod ${pod} was bound to node ${node}, but it is ${this.#place(pod)}`);
    if (target.state !== NODE.registered && target.state !== NODE.ready) {
      this.#report(
        'podPlace',
        `pod ${pod} was bound to node ${node}, which is ${NODE_STATE[target.state]} and has no Node object`,
      );
    }
    this.#leave(pod);
    state.state = POD.bound;
    state.node = node;
    target.pods.add(pod);
    this.#assertUse(node, `with pod ${pod}`);
  }

  #podMoves(pod: number, node: number, { from, to }: { from: readonly number[]; to: number }): void {
    const state = this.#pod(pod);
    if (state === undefined) return;
    if (!from.includes(state.state)) {
      this.#report('podPlace', `pod ${pod} turned ${POD_STATE[to]}, but it is ${this.#place(pod)}`);
    } else if (state.node !== node) {
      this.#report('podPlace', `pod ${pod} turned ${POD_STATE[to]} ${on(node)}, but it is ${this.#place(pod)}`);
    }
    state.state = to;
    if (to === POD.finished || to === POD.gone) this.#leave(pod);
  }

  #podNominated(pod: number, node: number): void {
    const state = this.#pod(pod);
    const target = this.#node(node);
    if (state === undefined || target === undefined) return;
    if (state.state === POD.finished || state.state === POD.gone) {
      this.#report('podPlace', `pod ${pod} was nominated to node ${node}, but it is ${POD_STATE[state.state]}`);
    }
    if (target.state === NODE.gone) this.#report('nodeLife', `pod ${pod} was nominated to node ${node}, which is gone`);
  }

  #nodeOrdered(node: number, offering: number): void {
    if (this.nodes[node] !== undefined) {
      this.#report('nodeLife', `node ${node} was ordered, but it exists and is ${NODE_STATE[this.nodes[node].state]}`);
      return;
    }
    if (node !== this.nodes.length) {
      this.#report('nodeCount', `node ${node} was ordered, but the next row is ${this.nodes.length}: rows are given in order`);
      if (node < 0) return;
    }
    // What the cloud will choose may not be known yet.
    if (offering !== -1) this.#assertOffering(node, offering);
    this.nodes[node] = { state: NODE.ordered, nodeClass: -1, terminating: false, pods: new Set() };
  }

  #nodeMoves(node: number, from: number, to: number): void {
    const state = this.#node(node);
    if (state === undefined) return;
    if (state.state !== from)
      this.#report('nodeLife', `node ${node} turned ${NODE_STATE[to]}, but it is ${NODE_STATE[state.state]}`);
    state.state = to;
  }

  #nodeChanged(node: number, nodeClass: number): void {
    const state = this.#node(node);
    if (state === undefined) return;
    if (state.state !== NODE.registered && state.state !== NODE.ready) {
      this.#report('nodeLife', `node ${node} changed, but it is ${NODE_STATE[state.state]} and has no Node object`);
    }
    this.#nodeClass(node, nodeClass);
  }

  #nodeClass(node: number, nodeClass: number): void {
    const state = this.nodes[node];
    if (state === undefined) return;
    if (this.#tables.nodeClasses[nodeClass] === undefined) {
      this.#report('records', `node ${node} is of class ${nodeClass}, which does not exist`);
    }
    state.nodeClass = nodeClass;
    this.#assertUse(node, `as class ${nodeClass}`);
  }

  #nodeTerminating(node: number): void {
    const state = this.#node(node);
    if (state === undefined) return;
    if (state.state === NODE.gone) this.#report('nodeLife', `the end of node ${node} was asked for, but it is gone`);
    else if (state.terminating) this.#report('nodeLife', `the end of node ${node} was asked for twice`);
    state.terminating = true;
  }

  #nodeGone(node: number, ran: number): void {
    const state = this.#node(node);
    if (state === undefined) return;
    if (state.state === NODE.gone) {
      this.#report('nodeLife', `node ${node} went, but it is gone`);
      return;
    }
    const running = state.state === NODE.ordered ? 0 : 1;
    if (ran !== running) {
      this.#report(
        'nodeCount',
        `node ${node} went as one that ${ran === 1 ? 'had run' : 'never ran'}, but it was ${NODE_STATE[state.state]}`,
      );
    }
    for (const pod of state.pods) this.#report('podPlace', `node ${node} went with pod ${pod} still on it`);
    state.state = NODE.gone;
  }

  #pod(pod: number): PodState | undefined {
    if (this.pods[pod] === undefined) this.#report('podPlace', `pod ${pod} does not exist`);
    return this.pods[pod];
  }

  #node(node: number): NodeState | undefined {
    if (this.nodes[node] === undefined) this.#report('nodeLife', `node ${node} does not exist`);
    return this.nodes[node];
  }

  #place(pod: number): string {
    const { state, node } = this.pods[pod];
    return node === -1 ? POD_STATE[state] : `${POD_STATE[state]} on node ${node}`;
  }

  #leave(pod: number): void {
    const state = this.pods[pod];
    if (state.node !== -1) this.nodes[state.node].pods.delete(pod);
    state.node = -1;
  }

  #assertOffering(node: number, offering: number): void {
    if (this.#tables.offerings[offering] === undefined) {
      this.#report('records', `node ${node} was bought as offering ${offering}, which does not exist`);
    }
  }

  #assertUse(node: number, when: string): void {
    const allocatable = this.#tables.nodeClasses[this.nodes[node].nodeClass];
    if (allocatable === undefined) return;
    const use = this.use(node);
    for (const name of Object.keys(use)) {
      const most = allocatable[name] ?? 0;
      if (use[name] > most) this.#report('nodeUse', `node ${node} holds ${use[name]} of ${name} ${when}, more than its ${most}`);
    }
  }
}

function on(node: number): string {
  return node === -1 ? 'on no node' : `on node ${node}`;
}

function nameOf(kind: number): string {
  return Object.entries(RECORD).find(([, value]) => value === kind)?.[0] ?? `record kind ${kind}`;
}
