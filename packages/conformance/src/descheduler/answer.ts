import { type LabelSelector, matchesSelector } from '@plimsoll/core';
import { nodeShapeFrom, podSpecFrom } from '@plimsoll/inputs';
import {
  type ContainerState,
  type CoveringBudget,
  DeschedulerCluster,
  type DeschedulerNode,
  type DeschedulerPod,
  type PodPhase,
  readDeschedulerPolicy,
  runDescheduler,
} from '@plimsoll/kubernetes';
import { instant } from '../controllers/pods.ts';
import { Json } from '../kube-scheduler/json.ts';
import type { Answerer } from '../parity/answerer.ts';
import { differences } from '../parity/difference.ts';

/** The descheduler, as `pnpm parity` asks it. */
export const deschedulerAnswerer: Answerer = {
  oracle: 'descheduler',
  answer: ({ input }) => answerDescheduler(new Json(input)),
  compare: ({ expect }, _expected, got) => {
    const { orderFree, ...expected } = expect as { orderFree?: boolean; evicted: readonly string[] };
    const { evicted } = got as { evicted: readonly string[] };
    return differences(
      { ...expected, evicted: fixedOrder(expected.evicted) },
      { ...(got as object), evicted: fixedOrder(evicted) },
      orderFree === true ? { evicted: 'set' } : {},
    );
  },
};

/** These walk maps of Go (owners; pods to evict): their order is free, also where a few recordings happened to agree on one. */
const WALKS_A_MAP = /\/(RemoveDuplicates|RemovePodsViolatingTopologySpreadConstraint)$/;

/** Evictions with each run of such a plug-in sorted. */
function fixedOrder(evicted: readonly string[]): string[] {
  const out: string[] = [];
  for (let from = 0; from < evicted.length; ) {
    const plugin = WALKS_A_MAP.exec(evicted[from])?.[0];
    let to = from + 1;
    while (plugin !== undefined && to < evicted.length && evicted[to].endsWith(plugin)) to++;
    out.push(...evicted.slice(from, to).sort());
    from = to;
  }
  return out;
}

function answerDescheduler(input: Json): unknown {
  const cluster = new DeschedulerCluster(input.at('nodes').items.map(node), input.at('pods').items.map(pod), {
    budgets: input.at('pdbs').items.map(budget),
    now: input.at('nowMs').number ?? 0,
  });
  const refuse = new Set(input.at('refuse').texts);
  const evicted: string[] = [];
  const refused: string[] = [];
  runDescheduler(cluster, readDeschedulerPolicy(input.at('policy').value), ({ name, nodeName }, plugin, profile) => {
    const accepted = !refuse.has(name);
    if (accepted) evicted.push(`${name} ${nodeName} ${profile}/${plugin}`);
    else refused.push(name);
    return accepted;
  });
  return { evicted, ...(refused.length > 0 && { refused }) };
}

function node(raw: Json): DeschedulerNode {
  const ready = raw.at('status', 'conditions').items.find((condition) => condition.at('type').text === 'Ready');
  return {
    name: raw.at('metadata', 'name').text ?? '',
    shape: nodeShapeFrom(raw.value),
    ready: ready === undefined || ready.at('status').text === 'True',
  };
}

function pod(raw: Json): DeschedulerPod {
  const [meta, status] = [raw.at('metadata'), raw.at('status')];
  const startedAt = instant(status.at('startTime'));
  const reason = status.at('reason').text;
  return {
    name: meta.at('name').text ?? '',
    nodeName: raw.at('spec', 'nodeName').text ?? '',
    spec: podSpecFrom(raw.value, { unchecked: true }),
    phase: (status.at('phase').text ?? 'Pending') as PodPhase,
    ...(reason !== undefined && { reason }),
    qosClass: (status.at('qosClass').text ?? 'BestEffort') as DeschedulerPod['qosClass'],
    deleting: meta.at('deletionTimestamp').present,
    createdAt: instant(meta.at('creationTimestamp')) ?? 0,
    ...(startedAt !== undefined && { startedAt }),
    owners: meta.at('ownerReferences').items.map((owner) => ({
      kind: owner.at('kind').text ?? '',
      name: owner.at('name').text ?? '',
      uid: owner.at('uid').text ?? '',
    })),
    containers: status.at('containerStatuses').items.map(containerState),
    initContainers: status.at('initContainerStatuses').items.map(containerState),
    conditions: status.at('conditions').items.map((condition) => {
      const changedAt = instant(condition.at('lastTransitionTime'));
      return {
        type: condition.at('type').text ?? '',
        status: condition.at('status').text ?? '',
        ...(condition.at('reason').text !== undefined && { reason: condition.at('reason').text as string }),
        ...(changedAt !== undefined && { changedAt }),
      };
    }),
  };
}

function containerState(raw: Json): ContainerState {
  const state = raw.at('state');
  const optional = <T>(key: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [key]: value });
  return {
    restarts: raw.at('restartCount').number ?? 0,
    ...optional('waitingReason', state.at('waiting', 'reason').text),
    ...optional('terminatedReason', state.at('terminated', 'reason').text),
    ...optional('exitCode', state.at('terminated').present ? (state.at('terminated', 'exitCode').number ?? 0) : undefined),
  };
}

function budget(raw: Json): CoveringBudget {
  const selector = raw.at('spec', 'selector').value as LabelSelector | undefined;
  return {
    namespace: raw.at('metadata', 'namespace').text ?? 'default',
    covers: ({ spec }) => matchesSelector(spec.labels, selector),
  };
}
