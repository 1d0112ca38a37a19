import {
  type Budget,
  type BudgetStatus,
  evict,
  type IntOrPercent,
  type PodState,
  type ScaleOf,
  syncBudget,
} from '@plimsoll/kubernetes';
import { Json } from '../kube-scheduler/json.ts';
import { instant, podState } from './pods.ts';

/** Statuses of PodDisruptionBudgets, then evictions. */
export function answerBudgets(raw: unknown): unknown {
  const input = new Json(raw);
  const now = input.at('nowMs').number ?? 0;
  const owners = new Map<string, Json>();
  let pods = input.at('pods').items.map((raw) => {
    const pod = podState(raw);
    const owner = raw.at('metadata', 'ownerReferences').items.find((reference) => reference.at('controller').flag);
    if (owner) owners.set(pod.name, owner);
    return pod;
  });
  const scaleOf = scales(input, owners);
  const budgets = input.at('pdbs').items.map(budget);
  const sync = (): unknown => {
    for (const budget of budgets) budget.status = syncBudget(budget.spec, budget.status, pods, scaleOf, now);
    return statuses(budgets);
  };
  const synced = input.at('sync').flag ? sync() : undefined;
  const evictions = input.at('evict').texts.map((name) => {
    const pod = pods.find((pod) => pod.name === name);
    const answer = pod === undefined ? { code: 404, message: `pods "${name}" not found` } : evict(pod, budgets, now);
    const deleted = answer.code === 201;
    if (deleted) pods = pods.map((other) => (other === pod ? { ...pod, deleting: true } : other));
    const { cause, ...rest } = answer as { cause?: string };
    return {
      pod: name,
      deleted,
      ...rest,
      ...(cause !== undefined && { causes: [cause] }),
      ...(input.at('resyncBetween').flag && { synced: sync() }),
    };
  });
  return {
    ...(synced !== undefined && { synced }),
    ...(evictions.length > 0 && { evictions, after: statuses(budgets) }),
  };
}

function budget(raw: Json): Budget {
  const [spec, status] = [raw.at('spec'), raw.at('status')];
  const count = (name: string): number => status.at(name).number ?? 0;
  const either = (name: string): Record<string, IntOrPercent> => {
    const { value } = spec.at(name);
    return value === undefined ? {} : { [name]: value as IntOrPercent };
  };
  const selector = spec.at('selector').value as Budget['spec']['selector'];
  const policy = spec.at('unhealthyPodEvictionPolicy').text as Budget['spec']['unhealthyPodEvictionPolicy'];
  return {
    spec: {
      name: raw.at('metadata', 'name').text ?? '',
      generation: raw.at('metadata', 'generation').number ?? 0,
      ...(selector !== undefined && { selector }),
      ...(policy !== undefined && { unhealthyPodEvictionPolicy: policy }),
      ...either('minAvailable'),
      ...either('maxUnavailable'),
    },
    status: {
      expectedPods: count('expectedPods'),
      currentHealthy: count('currentHealthy'),
      desiredHealthy: count('desiredHealthy'),
      disruptionsAllowed: count('disruptionsAllowed'),
      observedGeneration: count('observedGeneration'),
      disruptedPods: new Map(
        status.at('disruptedPods').keys.map((name) => [name, instant(status.at('disruptedPods', name)) ?? 0]),
      ),
    },
  };
}

function statuses(budgets: readonly Budget[]): unknown {
  return Object.fromEntries(budgets.map(({ spec, status }) => [spec.name, printed(status)]));
}

function printed({ disruptedPods, reason, ...counts }: BudgetStatus): unknown {
  return {
    ...counts,
    ...(disruptedPods.size > 0 && { disruptedPods: [...disruptedPods.keys()] }),
    ...(reason !== undefined && {
      condition: `DisruptionAllowed=${reason === 'SufficientPods' ? 'True' : 'False'} ${reason}`,
    }),
  };
}

/** The controllers' scales: a ReplicaSet of a Deployment counts as that Deployment. */
function scales(input: Json, owners: ReadonlyMap<string, Json>): ScaleOf {
  const lists: Readonly<Record<string, Json[]>> = {
    Deployment: input.at('deployments').items,
    ReplicaSet: input.at('replicaSets').items,
    StatefulSet: input.at('statefulSets').items,
    ReplicationController: input.at('replicationControllers').items,
  };
  const find = (reference: Json): Json | undefined =>
    lists[reference.at('kind').text ?? '']?.find(
      (object) =>
        object.at('metadata', 'name').text === reference.at('name').text &&
        object.at('metadata', 'uid').text === reference.at('uid').text,
    );
  return ({ name }: PodState) => {
    const reference = owners.get(name);
    if (reference === undefined) return 'none';
    const object = find(reference);
    const above = object?.at('metadata', 'ownerReferences').items.find((owner) => owner.at('controller').flag);
    const scaled = above === undefined ? object : find(above);
    if (scaled === undefined) return undefined;
    return { uid: scaled.at('metadata', 'uid').text ?? '', replicas: scaled.at('spec', 'replicas').number ?? 1 };
  };
}
