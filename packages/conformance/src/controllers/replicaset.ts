import { type LabelSelector, matchesSelector } from '@plimsoll/core';
import { deletionOrder, isActive, type PodState, planReplicas, replicaSetStatus, slowStart } from '@plimsoll/kubernetes';
import { Json } from '../kube-scheduler/json.ts';
import { podState } from './pods.ts';

/** One sync of one ReplicaSet. */
export function answerReplicaSet(raw: unknown): unknown {
  const input = new Json(raw);
  const now = input.at('nowMs').number ?? 0;
  const pods = input.at('pods').items.map(podState);
  const sets = input.at('replicaSets').items;
  const [set] = sets;
  const spec = set.at('spec');
  const selected = (other: Json): PodState[] =>
    pods.filter(({ labels }) => matchesSelector(labels, other.at('spec', 'selector').value as LabelSelector));
  const uid = set.at('metadata', 'uid').text;
  const own = selected(set).filter(({ ownerUid }) => ownerUid === uid);
  const owner = ownerUid(set);
  const related = owner === undefined ? [] : [...new Set(sets.filter((other) => ownerUid(other) === owner).flatMap(selected))];
  const active = own.filter(isActive);
  const { create, victims } = planReplicas(spec.at('replicas').number ?? 1, active, related, now);
  const { attempts, created } = slowStart(create, input.at('failCreatesAfter').number ?? Infinity);
  const template = spec.at('template', 'metadata', 'labels').labels;
  const status = replicaSetStatus(own, (spec.at('minReadySeconds').number ?? 0) * 1000, now, ({ labels }) =>
    matchesSelector(labels, { matchLabels: template }),
  );
  const refused = attempts > created;
  return {
    createAttempts: attempts,
    created,
    deleted: victims.map(({ name }) => name),
    // The recorded order ranks by all pods of the case, whoever owns them; the deletion by those of the same Deployment.
    ...(active.length > 1 && { order: deletionOrder(active, pods, now).map(({ name }) => name) }),
    status: { ...status, ...(refused && { condition: 'ReplicaFailure=True FailedCreate' }) },
    ...(refused && { error: 'pods is forbidden: exceeded quota' }),
  };
}

function ownerUid(set: Json): string | undefined {
  const owner = set.at('metadata', 'ownerReferences').items.find((reference) => reference.at('controller').flag);
  return owner?.at('uid').text;
}
