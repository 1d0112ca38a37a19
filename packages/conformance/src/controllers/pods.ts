import { deletionCost, type PodPhase, type PodState } from '@plimsoll/kubernetes';
import type { Json } from '../kube-scheduler/json.ts';

/** T0 of the controllers' clocks: milliseconds count from here. */
export const T0 = Date.UTC(2026, 0, 1);

/** An instant in milliseconds since {@link T0}. */
export function instant(raw: Json): number | undefined {
  return raw.time === undefined ? undefined : raw.time - T0;
}

/** A pod as the controllers of workloads see it. */
export function podState(raw: Json): PodState {
  const [meta, status] = [raw.at('metadata'), raw.at('status')];
  const owner = meta.at('ownerReferences').items.find((reference) => reference.at('controller').flag);
  const ready = status.at('conditions').items.find((condition) => condition.at('type').text === 'Ready');
  const readyChangedAt = ready && instant(ready.at('lastTransitionTime'));
  const most = (list: Json): number =>
    list.items.reduce((most, container) => Math.max(most, container.at('restartCount').number ?? 0), 0);
  const nodeName = raw.at('spec', 'nodeName').text;
  return {
    name: meta.at('name').text ?? '',
    uid: meta.at('uid').text ?? '',
    labels: meta.at('labels').labels,
    ...(owner && { ownerUid: owner.at('uid').text ?? '' }),
    ...(nodeName !== undefined && { nodeName }),
    phase: (status.at('phase').text ?? 'Pending') as PodPhase,
    ready: ready?.at('status').text === 'True',
    ...(readyChangedAt !== undefined && { readyChangedAt }),
    createdAt: instant(meta.at('creationTimestamp')) ?? 0,
    deleting: meta.at('deletionTimestamp').present,
    deletionCost: deletionCost(meta.at('annotations', 'controller.kubernetes.io/pod-deletion-cost').text),
    restarts: most(status.at('containerStatuses')),
    sidecarRestarts: most(status.at('initContainerStatuses')),
  };
}
