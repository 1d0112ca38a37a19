import {
  type Candidate,
  ClusterState,
  DISRUPTION_METHODS,
  type DisruptionCommand,
  type DisruptionMethod,
  type DisruptionWorld,
  type InstanceType,
  type PodObject,
  runMethod,
  type StateNode,
  savingsOf,
} from '@plimsoll/provider-fleet';
import { Json } from '../kube-scheduler/json.ts';
import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import type { GoldenCase } from '../parity/golden-case.ts';
import { answerConditions } from './disruption-conditions.ts';
import { instanceTypesOf } from './instance-types.ts';
import { clusterObjects } from './objects.ts';

/** A nominated machine is left alone for this long, and a command waits for this long before it is looked at again. */
const NOMINATED_MS = 20_000;
const WAIT_MS = 15_000;

const EXACT = { relativeError: 1e-12 } as const;

/** Karpenter's disruption methods, as `pnpm parity` asks them. */
export const disruptionAnswerer: Answerer = {
  oracle: 'karpenter',
  kinds: ['disrupt', 'conditions'],
  answer: (golden) => (golden.kind === 'conditions' ? answerConditions(golden) : answerDisruption(golden)),
  compare: comparing({
    events: 'ignored',
    'methods[].candidates[].price': EXACT,
    'methods[].candidates[].rescheduleCost': EXACT,
    'methods[].candidates[].disruptionCost': EXACT,
    'methods[].candidates[].savingsRatio': EXACT,
    'methods[].commands[].savings': EXACT,
    'methods[].commands[].replacements': { keyedBy: ['pods'] },
    'methods[].commands[].replacements[].price': EXACT,
    'methods[].events': 'ignored',
  }),
};

function answerDisruption({ input, definitions }: GoldenCase): unknown {
  const raw = new Json(input);
  const types = new Json(definitions.instanceTypes ?? {});
  const start = worldOf(raw, types, { at: raw.at('now').time as number, nominated: raw.at('nominated').texts });
  const later = (): DisruptionWorld => {
    const at = start.now + WAIT_MS;
    const during = raw.at('duringValidation');
    return worldOf(changed(raw, during), types, {
      at,
      nominated: during.at('nominate').texts,
      earlier: raw.at('nominated').texts,
    });
  };
  const wanted = raw.at('methods');
  const methods = Object.keys(DISRUPTION_METHODS).filter(
    (method) => !wanted.present || wanted.texts.includes(method),
  ) as DisruptionMethod[];
  const answers = methods.map((method) => answerMethod(method, start, later));
  return { methods: answers, acts: answers.find(({ commands }) => commands.length > 0)?.method ?? '' };
}

function answerMethod(method: DisruptionMethod, world: DisruptionWorld, later: () => DisruptionWorld) {
  const { budgets, candidates, command } = runMethod(method, world, later);
  const pools = world.state.objects.nodePools;
  return {
    method,
    reason: DISRUPTION_METHODS[method],
    budgets: Object.fromEntries(pools.map(({ name }, pool) => [name, budgets[pool]])),
    candidates: candidates.map((candidate) => candidateAnswer(candidate)),
    commands: command === undefined ? [] : [commandAnswer(command)],
  };
}

function candidateAnswer({ disruptionCost, name, nodePool, pods, price, rescheduleCost, savingsRatio }: Candidate) {
  return { node: name, nodePool: nodePool.name, price, rescheduleCost, disruptionCost, savingsRatio, pods: pods.length };
}

function commandAnswer(command: DisruptionCommand) {
  const { candidates, existing, replacements } = command;
  return {
    decision: replacements.length > 0 ? 'replace' : 'delete',
    candidates: candidates.map(({ name }) => name),
    ...(replacements.length > 0 && { replacements }),
    ...(existing.size > 0 && {
      existing: Object.fromEntries([...existing].map(([node, pods]) => [node.name, pods.map(({ name }) => name)])),
    }),
    savings: savingsOf(command),
  };
}

interface Moment {
  readonly at: number;
  readonly nominated: readonly string[];
  /** Nominated when the case began. */
  readonly earlier?: readonly string[];
}

function worldOf(raw: Json, definitions: Json, { at, nominated, earlier = [] }: Moment): DisruptionWorld {
  const objects = clusterObjects(raw);
  const state = new ClusterState(objects);
  const instanceTypes: ReadonlyMap<string, readonly InstanceType[]> = instanceTypesOf(raw, definitions);
  for (const name of raw.at('markedForDeletion').texts) nodeCalled(state, name).marked = true;
  for (const name of earlier) nodeCalled(state, name).nominatedUntil = at - WAIT_MS + NOMINATED_MS;
  for (const name of nominated) nodeCalled(state, name).nominatedUntil = at + NOMINATED_MS;
  const podsByNode = new Map<string, PodObject[]>();
  for (const pod of objects.pods) {
    if (pod.nodeName === undefined) continue;
    const there = podsByNode.get(pod.nodeName);
    if (there === undefined) podsByNode.set(pod.nodeName, [pod]);
    else there.push(pod);
  }
  return {
    state,
    instanceTypes,
    now: at,
    spotToSpot: raw.at('options', 'spotToSpotConsolidation').flag,
    podsOn: ({ node }) => (node === undefined ? [] : (podsByNode.get(node.name) ?? [])),
    simulate: () => ({ claims: [], existing: new Map(), errors: new Map() }),
  };
}

function nodeCalled(state: ClusterState, name: string): StateNode {
  const node = state.nodes.find((candidate) => candidate.name === name || candidate.node?.name === name);
  if (node === undefined) throw new Error(`there is no node called ${name}`);
  return node;
}

const OBJECT_LISTS = ['pods', 'nodes', 'nodeClaims', 'nodePools', 'podDisruptionBudgets'] as const;

/** The case's input after the change that the wait brings. */
function changed(raw: Json, during: Json): Json {
  const input = { ...(raw.value as Record<string, unknown>) };
  const keyOf = (object: Json): string =>
    `${object.at('metadata', 'namespace').text ?? 'default'}/${object.at('metadata', 'name').text}`;
  for (const list of OBJECT_LISTS) {
    const put = new Map(during.at(list).items.map((object) => [keyOf(object), object.value]));
    if (put.size === 0) continue;
    const kept = raw.at(list).items.map((object) => {
      const next = put.get(keyOf(object));
      put.delete(keyOf(object));
      return next ?? object.value;
    });
    input[list] = [...kept, ...put.values()];
  }
  const gone = during.at('deletePods').texts;
  if (gone.length > 0)
    input.pods = new Json(input.pods).items.filter((pod) => !gone.includes(keyOf(pod))).map((pod) => pod.value);
  input.unavailable = [...raw.at('unavailable').items, ...during.at('unavailable').items].map(({ value }) => value);
  return new Json(input);
}
