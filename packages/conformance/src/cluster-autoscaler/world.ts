import {
  type BudgetFact,
  Classes,
  Cluster,
  type ClusterFacts,
  compareText,
  type DaemonSetFact,
  type Decision,
  EVICTION,
  type GroupChange,
  type GroupSpec,
  type GroupsView,
  Log,
  NODE,
  NONE,
  type NodeChange,
  POD,
  type PodSpec,
  TAINT,
  type Taint,
  viewOf,
  type WorkloadView,
} from '@plimsoll/core';
import { FilterModel } from '@plimsoll/scheduler-sim';
import type { ApiPod, EventInput, GroupInput, LoopInput, NodeInput, PodInput } from './input.ts';
import { type Budget, budgetOf, daemonSpecOf, qualified, scaled, shapeOf, specOf } from './objects.ts';

const NOT_READY: Taint = { key: TAINT.notReady, effect: 'NoSchedule' };
const READY: NodeChange = { removeTaints: [{ key: TAINT.notReady }] };
const UNREADY: NodeChange = { addTaints: [NOT_READY] };

/** A pod of the case, by its row. */
export interface PodRecord {
  readonly row: number;
  readonly namespace: string;
  readonly name: string;
  readonly base: string;
  readonly spec: PodSpec;
  readonly podClass: number;
  readonly owner: number;
  readonly ownerName: string;
  readonly createdAt: number;
  /** Node that the scheduler has nominated. */
  readonly nominated: string | undefined;
}

/** What a new pod of the case is. */
interface NewPodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly base: string;
  readonly spec: PodSpec;
  readonly ownerName: string;
  readonly createdAt: number;
  /** Whether the scheduler has reported it unschedulable. */
  readonly unschedulable: boolean;
  readonly nominated?: string | undefined;
  readonly node?: number;
}

/** A machine of a group, or a node outside all groups. */
interface Machine {
  readonly row: number;
  readonly name: string;
  readonly group: number;
  readonly number: number;
  /** When its Node appears; Infinity for never. */
  readonly due: number;
  readonly error: string | undefined;
  readyAt: number;
  deleting: boolean;
  vanishAt: number;
  gone: boolean;
}

/** A call of the real code that the case records. */
export interface Act {
  readonly t: number;
  readonly op: string;
  readonly node?: string;
  readonly pod?: string;
  readonly group?: string;
  readonly n?: number;
  readonly grace?: number;
  readonly err?: string;
}

/** What one step of the world brought. */
export interface StepReport {
  readonly joined: string[];
  readonly gone: string[];
  readonly bound: Map<string, Map<string, number>>;
}

/**
 * The small world around the autoscaler of a golden case, as the format describes it: groups that launch and lose machines, a scheduler without
 * scores, owners that replace lost pods, and an API that does at once what it is asked.
 */
export class GoldenWorld {
  readonly classes = new Classes();
  readonly cluster = new Cluster(this.classes, new Log());
  readonly view = viewOf(this.cluster);
  readonly filters = new FilterModel(this.view);
  readonly groups: GroupsView;
  readonly workload: WorkloadView;
  readonly facts: ClusterFacts;
  readonly acts: Act[] = [];
  readonly pods: PodRecord[] = [];
  readonly groupInputs: readonly GroupInput[];
  readonly #input: LoopInput;
  readonly #machines: Machine[] = [];
  readonly #byName = new Map<string, Machine>();
  readonly #targets: number[];
  readonly #limits: { min: number; max: number }[];
  readonly #nextNumber: number[];
  readonly #owners = new Map<string, number>();
  readonly #controllers = new Map<string, { readonly replicas?: number }>();
  readonly #daemonSets: readonly DaemonSetFact[];
  readonly #budgets: readonly Budget[];
  readonly #comebacks: { readonly due: number; readonly pod: PodRecord }[] = [];
  readonly #vanishing: { readonly due: number; readonly row: number }[] = [];
  #recreated = 0;
  /** Pods that this step brings: they are created together, so that rows stand in the order of a lister. */
  #coming: NewPodRecord[] = [];
  #nextEvent = 0;
  readonly #events: readonly EventInput[];
  #changed = true;

  constructor(input: LoopInput) {
    this.#input = input;
    this.groupInputs = [...input.nodeGroups].sort((a, b) => compareText(a.id, b.id));
    this.#targets = this.groupInputs.map(() => 0);
    this.#nextNumber = this.groupInputs.map(() => 0);
    this.#limits = this.groupInputs.map(({ min, max }) => ({ min, max }));
    this.#budgets = (input.pdbs ?? []).map(budgetOf);
    this.#events = [...(input.events ?? [])].sort((a, b) => a.atMs - b.atMs);
    for (const { kind, namespace = 'default', name, replicas } of input.controllers ?? []) {
      this.#controllers.set(`${kind}/${namespace}/${name}`, { ...(replicas !== undefined && { replicas }) });
    }
    this.#daemonSets = (input.daemonSets ?? [])
      .map((raw) => {
        const namespace = raw.metadata?.namespace ?? 'default';
        const name = raw.metadata?.name ?? '';
        const priorityClassName: string | undefined = raw.spec?.template?.spec?.priorityClassName;
        const owner = this.#ownerRow(`DaemonSet/${namespace}/${name}`);
        return { namespace, name, owner, ...(priorityClassName && { priorityClassName }), spec: daemonSpecOf(raw) };
      })
      .sort((a, b) => compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`));
    for (const { namespace, name } of this.#daemonSets) this.#controllers.set(`DaemonSet/${namespace}/${name}`, {});
    this.groups = this.#groupsView();
    this.workload = {
      podName: (pod) => qualified(this.pods[pod].namespace, this.pods[pod].name),
      ownerName: (owner) => [...this.#owners].find(([, row]) => row === owner)?.[0] ?? '',
      evictionBlocked: (pod) => this.#evictionError(this.pods[pod]) !== undefined,
    };
    this.facts = {
      daemonSets: this.#daemonSets,
      budgets: () =>
        this.#budgets.map(
          ({ namespace, selector, allowed }): BudgetFact => ({ namespace, selector, disruptionsAllowed: allowed }),
        ),
      controller: (pod) => this.#controllers.get(this.pods[pod].ownerName),
      nominatedNode: (pod) => {
        const name = this.pods[pod].nominated;
        return name === undefined ? NONE : (this.#byName.get(name)?.row ?? NONE);
      },
    };
    this.#addInitialNodes(input.nodes ?? []);
  }

  /** Creates the pods of the beginning; the autoscaler must hear of them. */
  begin(): void {
    const bound: NewPodRecord[] = [];
    for (const pod of this.#input.pods ?? []) bound.push(...this.#podsOf(pod, -60_000));
    this.#createAll(bound);
    for (const machine of [...this.#machines]) {
      if (this.cluster.nodes.state[machine.row] !== NODE.ordered)
        this.#createNodePods(machine, this.cluster.nodes.registeredAt[machine.row], 0);
    }
    this.cluster.setNow(0);
  }

  target(group: number): number {
    return this.#targets[group];
  }

  isGone(row: number): boolean {
    return this.cluster.nodes.state[row] === NODE.gone;
  }

  nodeName(row: number): string {
    return this.cluster.nodeNames[row];
  }

  /** When a pod that was evicted vanishes next. */
  get nextVanishing(): number {
    let next = Infinity;
    for (const { due } of this.#vanishing) if (due < next) next = due;
    return next;
  }

  /** Lets time pass up to `now`: pods whose time is over vanish. */
  passTo(now: number): void {
    this.cluster.setNow(now);
    for (let i = 0; i < this.#vanishing.length; i++) {
      const { due, row } = this.#vanishing[i];
      if (due > now) continue;
      this.#vanishing.splice(i--, 1);
      if (this.cluster.pods.state[row] === POD.terminating) this.#remove(row);
    }
  }

  /** The step before a loop. */
  step(now: number): StepReport {
    const report: StepReport = { joined: [], gone: [], bound: new Map() };
    this.passTo(now);
    for (const machine of this.#machines
      .filter((m) => !m.gone && m.vanishAt <= now)
      .sort((a, b) => a.vanishAt - b.vanishAt || compareText(a.name, b.name)))
      this.#vanish(machine, now, report);
    this.#register(now, report);
    for (; this.#nextEvent < this.#events.length && this.#events[this.#nextEvent].atMs <= now; this.#nextEvent++) {
      this.#apply(this.#events[this.#nextEvent], now, report);
    }
    this.#comeBack(now);
    this.#createComing();
    this.cluster.setNow(now);
    this.#bindPending(report);
    this.#countBudgets();
    return report;
  }

  /** Pods without a node, by base. */
  pending(): Map<string, number> {
    const out = new Map<string, number>();
    for (const pod of this.pods) {
      if (this.cluster.pods.state[pod.row] !== POD.pending) continue;
      const base = qualified(pod.namespace, pod.base);
      out.set(base, (out.get(base) ?? 0) + 1);
    }
    return out;
  }

  /** Does what the autoscaler decided. */
  carryOut(decisions: readonly Decision[], now: number): void {
    this.cluster.setNow(now);
    let call: number | undefined;
    let ending: number[] = [];
    const flush = (): void => {
      if (ending.length > 0) this.#delete(ending, now);
      ending = [];
    };
    for (const decision of decisions) {
      if (decision.kind !== 'terminate' || decision.call !== call) flush();
      switch (decision.kind) {
        case 'scale':
          this.#resize(decision.group, decision.desired, now);
          break;
        case 'cordon':
          this.#change(decision.node, decision.change, now);
          break;
        case 'drain':
          decision.pods.forEach((pod, i) => {
            this.#evict(this.pods[pod], decision.graceSeconds?.[i] ?? this.pods[pod].spec.gracePeriodSeconds ?? 30, now);
          });
          break;
        case 'terminate':
          call = decision.call;
          ending.push(decision.node);
          break;
        default:
          throw new Error(`the autoscaler decided ${decision.kind}, which it cannot`);
      }
    }
    flush();
  }

  #groupsView(): GroupsView {
    const specs = this.groupInputs.map(
      ({ id, min, max }): GroupSpec => ({
        name: id,
        min,
        max,
        desired: 0,
        instanceTypes: [],
        zones: [],
        capacityType: 'on-demand',
        labels: {},
        taints: [],
        taggedResources: {},
      }),
    );
    const templates = this.groupInputs.map(({ template, templatePods }) => ({
      shape: shapeOf(template),
      pods: (templatePods ?? []).map(specOf),
    }));
    return {
      groups: specs,
      placeholders: false,
      desired: (group) => this.#targets[group],
      instances: (group) => this.#listed(group).map(({ row }) => row),
      lastFailure: () => -Infinity,
      limits: (group) => this.#limits[group],
      template: (group) => templates[group],
      creationError: (node) => this.#machines[node]?.error,
      refusal: (group, change) => this.#refusal(group, change),
    };
  }

  /** Machines of a group that the cloud lists and that are not being deleted, by name. */
  #listed(group: number): Machine[] {
    return this.#machines.filter((m) => m.group === group && !m.gone && !m.deleting).sort((a, b) => compareText(a.name, b.name));
  }

  #refusal(group: number, { from, to, ended }: GroupChange): string | undefined {
    const { now } = this.cluster;
    const id = this.groupInputs[group].id;
    if (to > from) {
      const fault = this.#fault(group, now);
      const err = to > this.#limits[group].max ? 'max' : fault?.kind === 'refuse' ? 'refused' : undefined;
      if (err !== undefined) this.acts.push({ t: now, op: 'increase', group: id, n: to - from, err });
      return err;
    }
    const existing = this.#listed(group).length - ended;
    if (to >= existing) return undefined;
    this.acts.push({ t: now, op: 'decrease', group: id, n: from - to, err: 'existing' });
    return `attempt to delete existing nodes targetSize:${from} delta:${to - from} existingNodes: ${existing}`;
  }

  #fault(group: number, now: number) {
    return this.groupInputs[group].faults?.find(({ fromMs, toMs }) => fromMs <= now && now < toMs);
  }

  #addInitialNodes(inputs: readonly NodeInput[]): void {
    const all = inputs.flatMap((input) =>
      input.count === undefined
        ? [{ input, name: input.name }]
        : Array.from({ length: input.count }, (_, i) => ({ input, name: `${input.name}-${i}` })),
    );
    all.sort((a, b) => (a.input.createdMs ?? -3_600_000) - (b.input.createdMs ?? -3_600_000) || compareText(a.name, b.name));
    for (const { input, name } of all) {
      const createdAt = input.createdMs ?? -3_600_000;
      const group = input.group === undefined ? NONE : this.groupInputs.findIndex(({ id }) => id === input.group);
      const base = group === NONE ? input.node : (this.groupInputs[group].actual ?? this.groupInputs[group].template);
      const shape = shapeOf(base ?? {}, input);
      this.cluster.setNow(createdAt);
      const machine = this.#order(name, group, createdAt, undefined);
      if (group !== NONE) {
        this.#targets[group]++;
        const suffix = name.startsWith(`${input.group}-`) ? Number(name.slice(`${input.group}-`.length)) : Number.NaN;
        if (Number.isSafeInteger(suffix)) this.#nextNumber[group] = Math.max(this.#nextNumber[group], suffix + 1);
      }
      machine.readyAt = input.notReady === true ? Infinity : createdAt;
      this.cluster.nodeRunning(machine.row, -1);
      const taints = input.notReady === true ? [...shape.taints, NOT_READY] : shape.taints;
      this.cluster.registerNode(machine.row, this.classes.node({ ...shape, taints }).id);
      if (input.notReady !== true) this.cluster.readyNode(machine.row, {});
    }
  }

  #order(name: string, group: number, due: number, error: string | undefined): Machine {
    const row = this.cluster.orderNode({ name, offering: -1, group, decision: -1 });
    const number = group === NONE ? 0 : Number(name.slice(name.lastIndexOf('-') + 1));
    const machine: Machine = {
      row,
      name,
      group,
      number,
      due,
      error,
      readyAt: Infinity,
      deleting: false,
      vanishAt: Infinity,
      gone: false,
    };
    this.#machines[row] = machine;
    this.#byName.set(name, machine);
    return machine;
  }

  /** Asks for machines: `healthy` of them come, the others as the fault says. */
  #launch(group: number, count: number, now: number, withFaults: boolean): void {
    const { id, provisionMs } = this.groupInputs[group];
    const fault = withFaults ? this.#fault(group, now) : undefined;
    const ok = fault === undefined ? count : Math.min(count, fault.ok ?? 0);
    for (let i = 0; i < count; i++) {
      if (i >= ok && fault?.kind === 'unlisted') continue;
      const name = `${id}-${this.#nextNumber[group]++}`;
      if (i < ok) this.#order(name, group, now + provisionMs, undefined);
      else this.#order(name, group, Infinity, fault?.kind === 'error' ? (fault.code ?? 'error') : undefined);
    }
  }

  #resize(group: number, desired: number, now: number): void {
    const by = desired - this.#targets[group];
    if (by === 0) return;
    const group_ = this.groupInputs[group].id;
    this.acts.push({ t: now, op: by > 0 ? 'increase' : 'decrease', group: group_, n: Math.abs(by) });
    this.#targets[group] = desired;
    if (by > 0) this.#launch(group, by, now, true);
  }

  #delete(rows: readonly number[], now: number): void {
    const machines = rows.map((row) => this.#machines[row]);
    const { group } = machines[0];
    const names = machines.map(({ name }) => name).sort(compareText);
    this.acts.push({ t: now, op: 'delete', node: names.join(','), group: this.groupInputs[group].id, n: names.length });
    for (const machine of machines) {
      this.#targets[group]--;
      this.cluster.terminateNode(machine.row, -1);
      const registered = this.cluster.nodes.state[machine.row] !== NODE.ordered;
      machine.deleting = true;
      if (registered) machine.vanishAt = now + (this.#input.world?.nodeDeleteMs ?? 0);
      else {
        machine.gone = true;
        this.cluster.nodeGone(machine.row);
      }
    }
  }

  #vanish(machine: Machine, now: number, report: StepReport): void {
    const { cluster } = this;
    const due = now + (this.#input.world?.recreateMs ?? 0);
    const registered = cluster.nodes.state[machine.row] !== NODE.ordered;
    for (let row = cluster.nodes.firstPod[machine.row]; row !== NONE; row = cluster.pods.next[row]) {
      if (cluster.pods.state[row] !== POD.terminating && this.#comesBack(this.pods[row]))
        this.#comebacks.push({ due, pod: this.pods[row] });
    }
    machine.gone = true;
    cluster.nodeGone(machine.row);
    this.#byName.delete(machine.name);
    if (registered) report.gone.push(machine.name);
    this.#changed = true;
  }

  #register(now: number, report: StepReport): void {
    const due = this.#machines.filter(
      (m) => !m.gone && !m.deleting && m.due <= now && this.cluster.nodes.state[m.row] === NODE.ordered,
    );
    due.sort((a, b) => a.due - b.due || a.group - b.group || a.number - b.number);
    report.joined.push(...due.map(({ name }) => name));
    for (const machine of [...due].sort((a, b) => a.due - b.due || compareText(a.name, b.name))) {
      const { actual, template, readyMs = 0 } = this.groupInputs[machine.group];
      const shape = shapeOf(actual ?? template);
      this.cluster.setNow(machine.due);
      machine.readyAt = machine.due + readyMs;
      this.cluster.nodeRunning(machine.row, -1);
      const taints = readyMs > 0 ? [...shape.taints, NOT_READY] : shape.taints;
      this.cluster.registerNode(machine.row, this.classes.node({ ...shape, taints }).id);
      if (readyMs === 0) this.cluster.readyNode(machine.row, {});
      this.#changed = true;
    }
    for (const machine of due) this.#createNodePods(machine, machine.due, now);
    for (const machine of this.#machines) {
      if (
        machine.gone ||
        machine.readyAt > now ||
        this.cluster.nodes.state[machine.row] !== NODE.registered ||
        machine.group === NONE
      )
        continue;
      if (Number.isNaN(this.cluster.nodes.readyAt[machine.row])) this.#ready(machine, machine.readyAt);
    }
    this.cluster.setNow(now);
  }

  /** The pods that come with a node: of each DaemonSet that wants one there, and those of the group's template. */
  #createNodePods(machine: Machine, createdAt: number, now: number): void {
    const { row, name, group } = machine;
    const created: NewPodRecord[] = [];
    // A node that registers and turns ready in one step is looked at as a ready one.
    const asRegistered = this.cluster.nodes.class[row];
    const nodeClass = machine.readyAt <= now ? this.classes.changed(asRegistered, READY) : asRegistered;
    for (const { namespace, name: daemonSet, spec } of this.#daemonSets) {
      if (!this.filters.fitsClass(this.classes.pod(spec).id, nodeClass, name)) continue;
      created.push({
        namespace,
        name: `${daemonSet}-${name}`,
        base: daemonSet,
        spec,
        ownerName: `DaemonSet/${namespace}/${daemonSet}`,
        createdAt,
        unschedulable: false,
        node: row,
      });
    }
    for (const pod of group === NONE ? [] : (this.groupInputs[group].templatePods ?? [])) {
      const base = pod.metadata?.name ?? '';
      created.push({ ...this.#podRecord(pod, createdAt), name: `${base}-${name}`, base, unschedulable: false, node: row });
    }
    this.#createAll(created);
  }

  #podsOf({ pod, count, createdMs }: PodInput, createdAt: number): NewPodRecord[] {
    const phase = pod.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') return [];
    const one = this.#podRecord(pod, createdMs ?? createdAt);
    if (count === undefined) return [one];
    return Array.from({ length: count }, (_, i) => ({ ...one, name: `${one.base}-${i}` }));
  }

  #podRecord(pod: ApiPod, createdAt: number): NewPodRecord {
    const base = pod.metadata?.name ?? '';
    const namespace = pod.metadata?.namespace ?? 'default';
    const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
    const nodeName: string | undefined = pod.spec?.nodeName;
    const unscheduled = pod.status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable');
    return {
      namespace,
      name: base,
      base,
      spec: specOf(pod),
      ownerName: owner === undefined ? '' : `${owner.kind}/${namespace}/${owner.name}`,
      createdAt,
      unschedulable: nodeName === undefined && (pod.status?.phase === 'Pending' ? unscheduled === true : true),
      ...(pod.status?.nominatedNodeName && { nominated: pod.status.nominatedNodeName }),
      ...(nodeName !== undefined && { node: this.#byName.get(nodeName)?.row ?? NONE }),
    };
  }

  /** Creates pods in the order in which a lister would show them. */
  #createAll(records: readonly NewPodRecord[]): void {
    const sorted = [...records].sort(
      (a, b) => a.createdAt - b.createdAt || compareText(a.name, b.name) || compareText(a.namespace, b.namespace),
    );
    for (const record of sorted) this.#create(record);
  }

  #createComing(): void {
    this.#createAll(this.#coming);
    this.#coming = [];
  }

  #create({ node, unschedulable, nominated, ...record }: NewPodRecord): void {
    const { cluster } = this;
    const podClass = this.classes.pod(record.spec).id;
    const owner = record.ownerName === '' ? NONE : this.#ownerRow(record.ownerName);
    const { now } = cluster;
    cluster.setNow(record.createdAt);
    const row = cluster.createPod({ podClass, owner, ordinal: 0, duration: Infinity });
    this.pods[row] = { ...record, row, podClass, owner, nominated };
    if (node !== undefined && node !== NONE) {
      cluster.adopt(row, node);
      cluster.start(row);
    } else if (unschedulable) cluster.markUnschedulable(row);
    cluster.setNow(now);
    this.#changed = true;
  }

  #ownerRow(name: string): number {
    const row = this.#owners.get(name) ?? this.#owners.size;
    this.#owners.set(name, row);
    return row;
  }

  #comesBack(pod: PodRecord): boolean {
    return pod.ownerName !== '' && !/^(DaemonSet|Node)\//.test(pod.ownerName);
  }

  #comeBack(now: number): void {
    const due = this.#comebacks.filter((c) => c.due <= now);
    for (const c of due) this.#comebacks.splice(this.#comebacks.indexOf(c), 1);
    due.sort((a, b) => a.due - b.due || compareText(`${a.pod.namespace}/${a.pod.name}`, `${b.pod.namespace}/${b.pod.name}`));
    this.#coming.push(
      ...due.map(({ pod: { namespace, base, spec, ownerName } }) => ({
        namespace,
        name: `${base}-r${++this.#recreated}`,
        base,
        spec,
        ownerName,
        createdAt: now,
        unschedulable: true,
      })),
    );
  }

  #apply(event: EventInput, now: number, report: StepReport): void {
    const { atMs, op } = event;
    const machine = event.node === undefined ? undefined : this.#byName.get(event.node);
    const registered = machine !== undefined && !machine.gone && this.cluster.nodes.state[machine.row] !== NODE.ordered;
    this.#changed = true;
    switch (op) {
      case 'addPods': {
        const inputs = Array.isArray(event.pods) ? (event.pods as PodInput[]) : [event.pods as PodInput];
        // A time of 0 counts as none given, and then pods are a minute old.
        this.#coming.push(...inputs.flatMap((input) => this.#podsOf(input, atMs || -60_000)));
        return;
      }
      case 'deletePods':
        if (this.#coming.some(({ namespace, base }) => qualified(namespace, base) === event.base)) this.#createComing();
        this.#deletePods(event.base ?? '', event.count);
        return;
      case 'ready':
        if (registered) this.#ready(machine, atMs);
        return;
      case 'notReady':
        if (registered && this.cluster.nodes.state[machine.row] === NODE.ready) {
          this.cluster.setNow(atMs);
          this.cluster.unreadyNode(machine.row, UNREADY);
        }
        return;
      case 'taintNode':
        if (registered) {
          const taints = event.taints ?? [];
          this.cluster.changeNode(machine.row, {
            removeTaints: taints.map(({ key }) => ({ key })),
            addTaints: taints.filter(({ effect }) => effect !== undefined) as Taint[],
          });
        }
        return;
      case 'annotateNode':
        if (registered) this.cluster.changeNode(machine.row, { addAnnotations: event.annotations ?? {} });
        return;
      case 'killInstance':
        if (machine !== undefined && !machine.gone) this.#vanish(machine, now, report);
        return;
      case 'setLimits': {
        const limits = this.#limits[this.#groupRow(event.group)];
        limits.min = event.min ?? limits.min;
        limits.max = event.max ?? limits.max;
        return;
      }
      case 'setTarget': {
        const group = this.#groupRow(event.group);
        const by = (event.count ?? 0) - this.#targets[group];
        if (by <= 0) return;
        this.#targets[group] += by;
        this.#launch(group, by, atMs, false);
        return;
      }
      default:
        throw new Error(`events of kind ${op} are not known`);
    }
  }

  #groupRow(id: string | undefined): number {
    return this.groupInputs.findIndex((group) => group.id === id);
  }

  #ready(machine: Machine, at: number): void {
    if (this.cluster.nodes.state[machine.row] !== NODE.registered) return;
    this.cluster.setNow(at);
    this.cluster.readyNode(machine.row, READY);
    this.#changed = true;
  }

  #deletePods(base: string, count: number | undefined): void {
    const { state, createdAt } = this.cluster.pods;
    const found = this.pods.filter(
      (pod) => qualified(pod.namespace, pod.base) === base && state[pod.row] >= POD.pending && state[pod.row] <= POD.terminating,
    );
    found.sort(
      (a, b) =>
        Number(state[a.row] !== POD.pending) - Number(state[b.row] !== POD.pending) ||
        createdAt[b.row] - createdAt[a.row] ||
        compareText(b.name, a.name),
    );
    for (const { row } of found.slice(0, count)) this.#remove(row);
  }

  #remove(row: number): void {
    this.cluster.remove(row);
    this.#changed = true;
  }

  #bindPending(report: StepReport): void {
    if (!this.#changed) return;
    this.#changed = false;
    const { cluster } = this;
    const nodes: number[] = [];
    for (let node = cluster.firstNode; node !== NONE; node = cluster.nodes.next[node]) nodes.push(node);
    nodes.sort((a, b) => compareText(this.nodeName(a), this.nodeName(b)));
    const waiting = this.pods.filter(
      (pod) => cluster.pods.state[pod.row] === POD.pending && (pod.spec.schedulingGates ?? []).length === 0,
    );
    waiting.sort((a, b) => a.createdAt - b.createdAt || compareText(a.name, b.name) || compareText(a.namespace, b.namespace));
    // Without constraints among pods, what a class does not fit before others were bound it does not fit after.
    const hopeless = new Set<number>();
    for (const { row, podClass, namespace, base } of waiting) {
      if (hopeless.has(podClass)) continue;
      const node = nodes.find(
        (n) =>
          cluster.nodes.state[n] === NODE.ready &&
          !this.classes.nodes[cluster.nodes.class[n]].shape.unschedulable &&
          this.filters.fits(podClass, n),
      );
      if (node === undefined) {
        if (isPlain(this.classes.pods[podClass].spec)) hopeless.add(podClass);
        continue;
      }
      cluster.bind(row, node);
      cluster.start(row);
      const name = this.nodeName(node);
      const bases = report.bound.get(name) ?? new Map<string, number>();
      report.bound.set(name, bases);
      const key = qualified(namespace, base);
      bases.set(key, (bases.get(key) ?? 0) + 1);
    }
  }

  #countBudgets(): void {
    const { state } = this.cluster.pods;
    for (const budget of this.#budgets) {
      let total = 0;
      let healthy = 0;
      for (const { row, spec } of this.pods) {
        if (!(state[row] >= POD.pending && state[row] < POD.terminating) || !budget.selects(spec)) continue;
        total++;
        if (state[row] !== POD.pending) healthy++;
      }
      const { minAvailable, maxUnavailable } = budget;
      const desired =
        minAvailable !== undefined ? scaled(minAvailable, total) : Math.max(0, total - scaled(maxUnavailable ?? 0, total));
      budget.allowed = Math.max(0, healthy - desired);
    }
  }

  #evictionError(pod: PodRecord): string | undefined {
    const matching = this.#budgets.filter((budget) => budget.selects(pod.spec));
    if (matching.length > 1) return 'multiplePdbs';
    return matching.length === 1 && matching[0].allowed < 1 ? 'pdb' : undefined;
  }

  #evict(pod: PodRecord, grace: number, now: number): void {
    const name = qualified(pod.namespace, pod.name);
    const err = this.#evictionError(pod);
    if (err !== undefined) {
      this.acts.push({ t: now, op: 'evict', pod: name, err });
      return;
    }
    this.acts.push({ t: now, op: 'evict', pod: name, ...(grace > 0 && { grace }) });
    for (const budget of this.#budgets) if (budget.selects(pod.spec)) budget.allowed--;
    if (this.#comesBack(pod)) this.#comebacks.push({ due: now + (this.#input.world?.recreateMs ?? 0), pod });
    const after = Math.min(this.#input.world?.evictedMs ?? 0, grace * 1000);
    if (after === 0) this.#remove(pod.row);
    else {
      this.cluster.evict(pod.row, EVICTION.drain);
      this.#vanishing.push({ due: now + after, row: pod.row });
      this.#changed = true;
    }
  }

  #change(node: number, change: NodeChange, now: number): void {
    const name = this.nodeName(node);
    const act = (op: string): void => {
      this.acts.push({ t: now, op, node: name });
    };
    const { shape } = this.classes.nodes[this.cluster.nodes.class[node]];
    const has = (key: string): boolean => shape.taints.some((taint) => taint.key === key);
    for (const { key } of change.addTaints ?? []) act(key === TAINT.toBeDeleted ? 'taint' : 'softTaint');
    for (const { key } of change.removeTaints ?? []) if (has(key)) act(key === TAINT.toBeDeleted ? 'untaint' : 'unsoftTaint');
    if (change.unschedulable === true && !shape.unschedulable) act('cordon');
    if (change.unschedulable === false && shape.unschedulable) act('uncordon');
    this.cluster.changeNode(node, change);
    this.#changed = true;
  }
}

/** Whether the places of other pods mean nothing to a pod, apart from the room that they take. */
function isPlain(spec: PodSpec): boolean {
  return spec.podAffinity === undefined && spec.podAntiAffinity === undefined && (spec.topologySpread ?? []).length === 0;
}
