import { type LabelSelector, matchesSelector } from '@plimsoll/core';
import { nodeShapeFrom, podSpecFrom } from '@plimsoll/inputs';
import {
  type ContainerState,
  type CoveringBudget,
  DeschedulerCluster,
  type DeschedulerNode,
  type DeschedulerPod,
  type MapOrder,
  type PodPhase,
  PolicyError,
  type RequestEviction,
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
  answer: ({ input }) => answerOrRefuse(input),
  compare: ({ input, expect }, _expected, got) => {
    const { orderFree, ...expected } = expect as Recorded;
    const compared = (answer: unknown) =>
      differences(expected, answer, { ...(orderFree === true && { evicted: 'set' }), invalidPolicy: isThere });
    const found = compared(got);
    if (found.length === 0 || orderFree === true) return found;
    // The real program walks maps (owners, their nodes) in an order that differs from run to run. A recording agrees when the
    // model comes to the same by the order that was met in it.
    return compared(answerOrRefuse(input, recordedOrder(expected.evicted ?? []))).length === 0 ? [] : found;
  },
};

interface Recorded {
  /** Absent where the policy is refused. */
  readonly evicted?: readonly string[];
  readonly orderFree?: boolean;
}

/** Both are told, in whatever words. */
function isThere(expected: unknown, got: unknown): boolean {
  return (expected === undefined) === (got === undefined);
}

/** First what was evicted first, then what was not evicted, as it stands. */
function recordedOrder(evicted: readonly string[]): MapOrder {
  const rank = new Map(evicted.map((text, index) => [text.split(' ', 2).join(' '), index]));
  const rankOf = ({ name, nodeName }: DeschedulerPod): number => rank.get(`${name} ${nodeName}`) ?? evicted.length;
  return (items, podsOf) => {
    const least = new Map(items.map((item) => [item, Math.min(evicted.length, ...podsOf(item).map(rankOf))]));
    return [...items].sort((a, b) => (least.get(a) as number) - (least.get(b) as number));
  };
}

function answerOrRefuse(input: unknown, order?: MapOrder): unknown {
  try {
    return answerDescheduler(new Json(input), order);
  } catch (error) {
    if (error instanceof PolicyError) return { invalidPolicy: error.message };
    throw error;
  }
}

function answerDescheduler(input: Json, order: MapOrder | undefined): unknown {
  const cluster = new DeschedulerCluster(input.at('nodes').items.map(node), input.at('pods').items.map(pod), {
    budgets: input.at('pdbs').items.map(budget),
    now: input.at('nowMs').number ?? 0,
  });
  const refuse = new Set(input.at('refuse').texts);
  const evicted: string[] = [];
  const refused: string[] = [];
  const request: RequestEviction = ({ name, nodeName }, plugin, profile) => {
    const accepted = !refuse.has(name);
    if (accepted) evicted.push(`${name} ${nodeName} ${profile}/${plugin}`);
    else refused.push(name);
    return accepted;
  };
  runDescheduler(cluster, readDeschedulerPolicy(input.at('policy').value), request, order);
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
