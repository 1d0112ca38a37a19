import {
  type Candidate,
  DISRUPTION_METHODS,
  type DisruptionCommand,
  type DisruptionMethod,
  DisruptionWorld,
  runMethod,
  savingsOf,
} from '@plimsoll/provider-fleet';
import { Json } from '../kube-scheduler/json.ts';
import type { Answerer } from '../parity/answerer.ts';
import { comparing } from '../parity/difference.ts';
import type { Definitions } from '../parity/golden-case.ts';
import { answerConditions } from './disruption-conditions.ts';
import { plannedClaimAnswer, podName } from './planned-claim.ts';
import { worldOf } from './world.ts';

/** How long a consolidation waits before it is looked at again. */
const WAIT_MS = 15_000;

/** Sums of doubles may be taken in another order. */
const EXACT = { relativeError: 1e-12 } as const;

/** Karpenter's disruption, as `pnpm parity` asks it. */
export const disruptionAnswerer: Answerer = {
  oracle: 'karpenter',
  kinds: ['disrupt', 'conditions'],
  answer: ({ definitions, input, kind }) =>
    kind === 'conditions' ? answerConditions(input, definitions) : answerDisruption(new Json(input), definitions),
  compare: comparing({
    'methods[].events': 'ignored',
    'methods[].candidates[].price': EXACT,
    'methods[].candidates[].rescheduleCost': EXACT,
    'methods[].candidates[].disruptionCost': EXACT,
    'methods[].candidates[].savingsRatio': EXACT,
    'methods[].commands[].savings': EXACT,
    'methods[].commands[].replacements': { keyedBy: ['pods'] },
    'methods[].commands[].replacements[].price': EXACT,
  }),
};

/** The answer to a case of kind `disrupt`: every method on the cluster as it was at the start. */
function answerDisruption(input: Json, definitions: Definitions): unknown {
  const start = disruptionMoment(input.value, definitions);
  const afterWait = (): DisruptionWorld => disruptionMoment(changed(input).value, definitions);
  const wanted = input.at('methods');
  const methods = (Object.keys(DISRUPTION_METHODS) as DisruptionMethod[]).filter(
    (method) => !wanted.present || wanted.texts.includes(method),
  );
  const answers = methods.map((method) => answerMethod(method, start, afterWait));
  return { methods: answers, acts: answers.find(({ commands }) => commands.length > 0)?.method ?? '' };
}

/** The cluster of a case of kind `disrupt`, as disruption looks at it. */
export function disruptionMoment(raw: unknown, definitions: Definitions): DisruptionWorld {
  const { fleet, input, now } = worldOf(raw, definitions);
  return new DisruptionWorld(fleet, { now, spotToSpot: input.at('options', 'spotToSpotConsolidation').flag });
}

function answerMethod(method: DisruptionMethod, world: DisruptionWorld, afterWait: () => DisruptionWorld) {
  const { budgets, candidates, command } = runMethod(method, world, afterWait);
  const pools = world.fleet.state.objects.nodePools;
  return {
    method,
    reason: DISRUPTION_METHODS[method],
    budgets: Object.fromEntries(pools.map(({ name }, pool) => [name, budgets[pool]])),
    candidates: candidates.map(candidateAnswer),
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
    ...(replacements.length > 0 && { replacements: replacements.map(plannedClaimAnswer) }),
    ...(existing.size > 0 && {
      existing: Object.fromEntries([...existing].map(([node, pods]) => [node.name, pods.map(podName)])),
    }),
    savings: savingsOf(command),
  };
}

const OBJECT_LISTS = ['pods', 'nodes', 'nodeClaims', 'nodePools', 'podDisruptionBudgets'] as const;

/** The case's input as it is after the wait, with the change that it brings. Who was nominated at the start still is. */
function changed(input: Json): Json {
  const during = input.at('duringValidation');
  const now = new Date((input.at('now').time as number) + WAIT_MS).toISOString();
  const both = (key: string, other: string): unknown[] => [...input.at(key).items, ...during.at(other).items].map((i) => i.value);
  const out: Record<string, unknown> = {
    ...(input.value as object),
    now,
    nominated: both('nominated', 'nominate'),
    unavailable: both('unavailable', 'unavailable'),
  };
  for (const list of OBJECT_LISTS) {
    const put = new Map(during.at(list).items.map((object) => [fullName(object), object.value]));
    const kept = input.at(list).items.map((object) => {
      const next = put.get(fullName(object));
      put.delete(fullName(object));
      return next ?? object.value;
    });
    out[list] = [...kept, ...put.values()];
  }
  const gone = during.at('deletePods').texts;
  out.pods = (out.pods as unknown[]).filter((pod) => !gone.includes(fullName(new Json(pod))));
  return new Json(out);
}

function fullName(object: Json): string {
  return `${object.at('metadata', 'namespace').text ?? 'default'}/${object.at('metadata', 'name').text}`;
}
