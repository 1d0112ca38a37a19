import { compareText, type NodeSelectorTerm, parseDuration } from '@plimsoll/core';
import type {
  BudgetObject,
  ClusterObjects,
  Condition,
  CsiNodeObject,
  DaemonSetObject,
  NodeClaimObject,
  NodeObject,
  NodePoolObject,
  OwnerReference,
  PodObject,
  PoolBudget,
  RequirementSpec,
  StorageClassObject,
  VolumeClaimObject,
  VolumeObject,
} from '@plimsoll/provider-fleet';
import type { Json } from '../kube-scheduler/json.ts';
import { amounts, PodSpecs, podSpecAsWritten, taints } from './pod-spec.ts';

/** Everything in a case's input that the real program reads from the API, with the defaults that the format names. */
export function clusterObjects(input: Json): ClusterObjects {
  const specs = new PodSpecs();
  const list = <T extends { readonly name: string; readonly namespace?: string }>(key: string, read: (raw: Json) => T): T[] =>
    input.at(key).items.map(read).sort(byNamespaceAndName);
  return {
    pods: input
      .at('pods')
      .items.map((raw) => podObject(raw, specs))
      .sort((a, b) => compareText(a.spec.namespace, b.spec.namespace) || compareText(a.name, b.name)),
    nodes: list('nodes', nodeObject),
    nodeClaims: list('nodeClaims', nodeClaimObject),
    nodePools: list('nodePools', nodePoolObject),
    daemonSets: list('daemonSets', daemonSetObject),
    budgets: list('podDisruptionBudgets', budgetObject),
    volumeClaims: list('persistentVolumeClaims', volumeClaimObject),
    volumes: list('persistentVolumes', volumeObject),
    storageClasses: list('storageClasses', storageClassObject),
    csiNodes: list('csiNodes', csiNodeObject),
    namespaces: list('namespaces', (raw) => ({ name: nameOf(raw), labels: raw.at('metadata', 'labels').labels })),
  };
}

/** A pod. An unbound one without conditions has been found unschedulable and is pending. */
function podObject(raw: Json, specs: PodSpecs): PodObject {
  const [meta, status] = [raw.at('metadata'), raw.at('status')];
  const spec = specs.of(raw);
  const name = nameOf(raw);
  const nodeName = raw.at('spec', 'nodeName').text || undefined;
  const conditions = status.at('conditions');
  const has = (type: string, key: string, value: string): boolean =>
    conditions.items.some((condition) => condition.at('type').text === type && condition.at(key).text === value);
  const times = { deletedAt: meta.at('deletionTimestamp').time, startedAt: status.at('startTime').time };
  const claims = [...raw.at('spec', 'containers').items, ...raw.at('spec', 'initContainers').items];
  return {
    name,
    uid: meta.at('uid').text ?? `${spec.namespace}/${name}`,
    createdAt: meta.at('creationTimestamp').time ?? 0,
    spec,
    owners: meta.at('ownerReferences').items.map((owner) => ownerOf(owner, spec.namespace)),
    ...(nodeName !== undefined && { nodeName }),
    ...(status.at('nominatedNodeName').text && { nominatedNodeName: status.at('nominatedNodeName').text as string }),
    phase: status.at('phase').text ?? (nodeName === undefined ? 'Pending' : 'Running'),
    ...(times.deletedAt !== undefined && { deletedAt: times.deletedAt }),
    ...(times.startedAt !== undefined && { startedAt: times.startedAt }),
    unschedulable: conditions.present ? has('PodScheduled', 'reason', 'Unschedulable') : nodeName === undefined,
    unready: has('Ready', 'status', 'False'),
    hasResourceClaims:
      raw.at('spec', 'resourceClaims').items.length > 0 || claims.some((c) => c.at('resources', 'claims').items.length > 0),
  };
}

function ownerOf(raw: Json, namespace: string): OwnerReference {
  const [kind, name] = [raw.at('kind').text ?? '', raw.at('name').text ?? ''];
  return {
    apiVersion: raw.at('apiVersion').text ?? '',
    kind,
    name,
    uid: raw.at('uid').text ?? `${kind}/${namespace}/${name}`,
    controller: raw.at('controller').value !== false,
  };
}

function nodeObject(raw: Json): NodeObject {
  return {
    ...common(raw),
    providerId: raw.at('spec', 'providerID').text ?? '',
    taints: taints(raw.at('spec', 'taints')),
    capacity: amounts(raw.at('status', 'capacity')),
    allocatable: amounts(raw.at('status', 'allocatable')),
    conditions: conditionsOf(raw),
  };
}

function nodeClaimObject(raw: Json): NodeClaimObject {
  const lastPodEventAt = raw.at('status', 'lastPodEventTime').time;
  return {
    ...common(raw),
    requirements: requirementsOf(raw.at('spec', 'requirements')),
    taints: taints(raw.at('spec', 'taints')),
    startupTaints: taints(raw.at('spec', 'startupTaints')),
    ...durationOf('expireAfterMs', raw.at('spec', 'expireAfter')),
    ...durationOf('terminationGracePeriodMs', raw.at('spec', 'terminationGracePeriod')),
    providerId: raw.at('status', 'providerID').text ?? '',
    capacity: amounts(raw.at('status', 'capacity')),
    allocatable: amounts(raw.at('status', 'allocatable')),
    conditions: conditionsOf(raw),
    ...(lastPodEventAt !== undefined && { lastPodEventAt }),
  };
}

/** A NodePool. Without a status it is ready. */
function nodePoolObject(raw: Json): NodePoolObject {
  const [spec, template, disruption] = [raw.at('spec'), raw.at('spec', 'template'), raw.at('spec', 'disruption')];
  const conditions = raw.at('status', 'conditions');
  return {
    name: nameOf(raw),
    annotations: raw.at('metadata', 'annotations').labels,
    weight: spec.at('weight').number ?? 0,
    labels: template.at('metadata', 'labels').labels,
    requirements: requirementsOf(template.at('spec', 'requirements')),
    taints: taints(template.at('spec', 'taints')),
    startupTaints: taints(template.at('spec', 'startupTaints')),
    ...(spec.at('limits').present && { limits: amounts(spec.at('limits')) }),
    ...(spec.at('replicas').present && { replicas: spec.at('replicas').number as number }),
    ready:
      !raw.at('status').present || conditions.items.some((c) => c.at('type').text === 'Ready' && c.at('status').text === 'True'),
    deleting: raw.at('metadata', 'deletionTimestamp').present,
    ...durationOf('expireAfterMs', template.at('spec', 'expireAfter')),
    ...durationOf('terminationGracePeriodMs', template.at('spec', 'terminationGracePeriod')),
    ...(disruption.at('consolidationPolicy').text && {
      consolidationPolicy: disruption.at('consolidationPolicy').text as string,
    }),
    ...durationOf('consolidateAfterMs', disruption.at('consolidateAfter')),
    ...(disruption.at('budgets').present && { budgets: disruption.at('budgets').items.map(budgetOf) }),
  };
}

function budgetOf(raw: Json): PoolBudget {
  return {
    nodes: String(raw.at('nodes').value ?? ''),
    ...(raw.at('reasons').present && { reasons: raw.at('reasons').texts }),
    ...(raw.at('schedule').text !== undefined && { schedule: raw.at('schedule').text as string }),
    ...durationOf('durationMs', raw.at('duration')),
  };
}

function daemonSetObject(raw: Json): DaemonSetObject {
  const namespace = raw.at('metadata', 'namespace').text ?? 'default';
  const name = nameOf(raw);
  const template = podSpecAsWritten(raw.at('spec', 'template'), true);
  return {
    name,
    namespace,
    uid: raw.at('metadata', 'uid').text ?? `DaemonSet/${namespace}/${name}`,
    template: { ...template, namespace },
  };
}

function budgetObject(raw: Json): BudgetObject {
  const spec = raw.at('spec');
  const bound = (key: string): string | number | undefined => spec.at(key).value as string | number | undefined;
  return {
    name: nameOf(raw),
    namespace: raw.at('metadata', 'namespace').text ?? 'default',
    ...(spec.at('selector').present && { selector: spec.at('selector').value as BudgetObject['selector'] & object }),
    disruptionsAllowed: raw.at('status', 'disruptionsAllowed').number ?? 0,
    ...(bound('maxUnavailable') !== undefined && { maxUnavailable: bound('maxUnavailable') as string | number }),
    ...(bound('minAvailable') !== undefined && { minAvailable: bound('minAvailable') as string | number }),
    alwaysEvictsUnhealthy: spec.at('unhealthyPodEvictionPolicy').text === 'AlwaysAllow',
  };
}

function volumeClaimObject(raw: Json): VolumeClaimObject {
  return {
    name: nameOf(raw),
    namespace: raw.at('metadata', 'namespace').text ?? 'default',
    volumeName: raw.at('spec', 'volumeName').text ?? '',
    storageClassName: raw.at('spec', 'storageClassName').text ?? '',
    deleting: raw.at('metadata', 'deletionTimestamp').present,
    lost: raw.at('status', 'phase').text === 'Lost',
    bindCompleted: 'pv.kubernetes.io/bind-completed' in raw.at('metadata', 'annotations').labels,
  };
}

function volumeObject(raw: Json): VolumeObject {
  const spec = raw.at('spec');
  const terms = spec.at('nodeAffinity', 'required', 'nodeSelectorTerms');
  return {
    name: nameOf(raw),
    deleting: raw.at('metadata', 'deletionTimestamp').present,
    driver: spec.at('csi', 'driver').text ?? (spec.at('awsElasticBlockStore').present ? 'ebs.csi.aws.com' : ''),
    local: spec.at('local').present || spec.at('hostPath').present,
    ...(terms.present && { nodeAffinity: terms.value as NodeSelectorTerm[] }),
  };
}

function storageClassObject(raw: Json): StorageClassObject {
  return {
    name: nameOf(raw),
    provisioner: raw.at('provisioner').text ?? '',
    immediate: raw.at('volumeBindingMode').text === 'Immediate',
    allowedTopologies: raw
      .at('allowedTopologies')
      .items.map((term) =>
        term.at('matchLabelExpressions').items.map((e) => ({ key: e.at('key').text ?? '', values: e.at('values').texts })),
      ),
  };
}

function csiNodeObject(raw: Json): CsiNodeObject {
  return {
    name: nameOf(raw),
    drivers: raw.at('spec', 'drivers').items.map((driver) => ({
      name: driver.at('name').text ?? '',
      ...(driver.at('allocatable').present && { count: driver.at('allocatable', 'count').number ?? 0 }),
    })),
  };
}

/** Requirements, as manifests and instance types write them. */
export function requirementsOf(raw: Json): RequirementSpec[] {
  return raw.items.map((item) => ({
    key: item.at('key').text ?? '',
    operator: item.at('operator').text as RequirementSpec['operator'],
    values: item.at('values').texts,
    ...(item.at('minValues').number !== undefined && { minValues: item.at('minValues').number as number }),
  }));
}

function common(raw: Json): Pick<NodeObject, 'name' | 'labels' | 'annotations' | 'createdAt'> & { readonly deletedAt?: number } {
  const meta = raw.at('metadata');
  const deletedAt = meta.at('deletionTimestamp').time;
  return {
    name: nameOf(raw),
    labels: meta.at('labels').labels,
    annotations: meta.at('annotations').labels,
    createdAt: meta.at('creationTimestamp').time ?? 0,
    ...(deletedAt !== undefined && { deletedAt }),
  };
}

function conditionsOf(raw: Json): Condition[] {
  return raw.at('status', 'conditions').items.map((condition) => ({
    type: condition.at('type').text ?? '',
    status: condition.at('status').text ?? '',
    reason: condition.at('reason').text ?? '',
    changedAt: condition.at('lastTransitionTime').time ?? 0,
  }));
}

/** A duration that may be `Never` or absent. */
function durationOf<K extends string>(key: K, raw: Json): { [P in K]?: number } {
  if (raw.text === undefined || raw.text === 'Never') return {};
  return { [key]: parseDuration(raw.text) } as { [P in K]: number };
}

function nameOf(raw: Json): string {
  return raw.at('metadata', 'name').text ?? '';
}

function byNamespaceAndName(
  a: { readonly name: string; readonly namespace?: string },
  b: { readonly name: string; readonly namespace?: string },
): number {
  return compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name);
}
