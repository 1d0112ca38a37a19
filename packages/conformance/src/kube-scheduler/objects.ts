import type { LabelSelector, NodeSelectorTerm, ResourceList } from '@plimsoll/core';
import { parseResource } from '@plimsoll/core';
import { nodeShapeFrom, podSpecFrom } from '@plimsoll/inputs';
import type {
  AttachmentObject,
  BudgetObject,
  ClaimObject,
  ClusterObjects,
  CsiDriverObject,
  CsiNodeObject,
  NodeObject,
  PodObject,
  SelectingObject,
  StorageClassObject,
  VolumeObject,
} from '@plimsoll/scheduler-sim';
import type { Json } from './json.ts';

/** A pod of a golden case, as the API server would have stored it. */
export function podObject(raw: Json): PodObject {
  const spec = podSpecFrom(raw.value, { unchecked: true });
  const [meta, status] = [raw.at('metadata'), raw.at('status')];
  const owner = meta.at('ownerReferences').items.find((reference) => reference.at('controller').flag);
  const images = raw.at('spec', 'volumes').items.flatMap((volume) => volume.at('image', 'reference').text ?? []);
  const conditions = status.at('conditions').items;
  const deleting = meta.at('deletionTimestamp').present;
  const statuses = status.at('containerStatuses').items.map((container) => ({
    name: container.at('name').text ?? '',
    allocated: amounts(container.at('allocatedResources')),
    actuated: amounts(container.at('resources', 'requests')),
  }));
  const { nodeName, ...unbound } = spec;
  return {
    name: meta.at('name').text ?? '',
    namespace: spec.namespace,
    spec: unbound,
    ...(nodeName !== undefined && { nodeName }),
    ...optional('nominatedNodeName', status.at('nominatedNodeName').text || undefined),
    ...optional('startTime', status.at('startTime').time),
    deleting,
    preempted:
      deleting &&
      conditions.some(
        (condition) =>
          condition.at('type').text === 'DisruptionTarget' &&
          condition.at('status').text === 'True' &&
          condition.at('reason').text === 'PreemptionByScheduler',
      ),
    ...(owner && { owner: { kind: owner.at('kind').text ?? '', name: owner.at('name').text ?? '' } }),
    ...(images.length > 0 && { imageVolumes: images }),
    ...(statuses.length > 0 && { containerStatuses: statuses }),
    resizeInfeasible: conditions.some(
      (condition) =>
        condition.at('type').text === 'PodResizePending' &&
        condition.at('status').text === 'True' &&
        condition.at('reason').text === 'Infeasible',
    ),
  };
}

/** A node of a golden case. */
export function nodeObject(raw: Json): NodeObject {
  const shape = nodeShapeFrom(raw.value, { unchecked: true });
  const images = raw.at('status', 'images').items.map((image) => ({
    names: image.at('names').texts,
    sizeBytes: image.at('sizeBytes').number ?? 0,
  }));
  return {
    name: raw.at('metadata', 'name').text ?? '',
    labels: raw.at('metadata', 'labels').labels,
    taints: shape.taints,
    unschedulable: shape.unschedulable,
    allocatable: shape.allocatable,
    ...(images.length > 0 && { images }),
  };
}

/** Everything else in a case's input. */
export function clusterObjects(input: Json): ClusterObjects {
  return {
    namespaces: new Map(
      input.at('namespaces').items.map((raw) => [raw.at('metadata', 'name').text ?? '', raw.at('metadata', 'labels').labels]),
    ),
    services: input.at('services').items.map(byLabels),
    replicationControllers: input.at('replicationControllers').items.map(byLabels),
    replicaSets: input.at('replicaSets').items.map(bySelector),
    statefulSets: input.at('statefulSets').items.map(bySelector),
    budgets: input.at('pdbs').items.map(budgetObject),
    claims: input.at('pvcs').items.map(claimObject),
    volumes: input.at('pvs').items.map(volumeObject),
    storageClasses: input.at('storageClasses').items.map(storageClassObject),
    csiNodes: input.at('csiNodes').items.map(csiNodeObject),
    csiDrivers: input.at('csiDrivers').items.map(csiDriverObject),
    attachments: input.at('volumeAttachments').items.map(attachmentObject),
  };
}

/** A label selector; undefined where it is absent. */
function selectorFrom(raw: Json): LabelSelector | undefined {
  return raw.present ? (raw.value as LabelSelector) : undefined;
}

/** Terms of a node selector, in the API's form, which is the model's. */
function nodeTerms(raw: Json): NodeSelectorTerm[] | undefined {
  return raw.present ? (raw.value as NodeSelectorTerm[]) : undefined;
}

function amounts(raw: Json): ResourceList {
  const out: Record<string, number> = {};
  for (const name of raw.keys) out[name] = parseResource(name, raw.at(name).value as string | number);
  return out;
}

function byLabels(raw: Json): SelectingObject {
  const selector = raw.at('spec', 'selector');
  return named(raw, selector.present ? { matchLabels: selector.labels } : undefined);
}

function bySelector(raw: Json): SelectingObject {
  return named(raw, selectorFrom(raw.at('spec', 'selector')));
}

function named(raw: Json, selector: LabelSelector | undefined): SelectingObject {
  return { name: raw.at('metadata', 'name').text ?? '', namespace: namespaceOf(raw), ...optional('selector', selector) };
}

function namespaceOf(raw: Json): string {
  return raw.at('metadata', 'namespace').text ?? 'default';
}

function budgetObject(raw: Json): BudgetObject {
  return {
    namespace: namespaceOf(raw),
    ...optional('selector', selectorFrom(raw.at('spec', 'selector'))),
    disruptionsAllowed: raw.at('status', 'disruptionsAllowed').number ?? 0,
    disruptedPods: raw.at('status', 'disruptedPods').keys,
  };
}

function claimObject(raw: Json): ClaimObject {
  const annotations = raw.at('metadata', 'annotations').labels;
  return {
    name: raw.at('metadata', 'name').text ?? '',
    namespace: namespaceOf(raw),
    uid: raw.at('metadata', 'uid').text ?? '',
    ...optional('volumeName', raw.at('spec', 'volumeName').text || undefined),
    ...optional('storageClassName', raw.at('spec', 'storageClassName').text),
    accessModes: raw.at('spec', 'accessModes').texts,
    requestedBytes: amounts(raw.at('spec', 'resources', 'requests')).storage ?? 0,
    deleting: raw.at('metadata', 'deletionTimestamp').present,
    bindCompleted: 'pv.kubernetes.io/bind-completed' in annotations,
    ...optional('selectedNode', annotations['volume.kubernetes.io/selected-node']),
    phase: (raw.at('status', 'phase').text ?? 'Pending') as ClaimObject['phase'],
  };
}

function volumeObject(raw: Json): VolumeObject {
  const [claim, csi] = [raw.at('spec', 'claimRef'), raw.at('spec', 'csi')];
  return {
    name: raw.at('metadata', 'name').text ?? '',
    labels: raw.at('metadata', 'labels').labels,
    capacityBytes: amounts(raw.at('spec', 'capacity')).storage ?? 0,
    accessModes: raw.at('spec', 'accessModes').texts,
    storageClassName: raw.at('spec', 'storageClassName').text ?? '',
    phase: raw.at('status', 'phase').text ?? '',
    ...(claim.present && {
      claimRef: {
        namespace: claim.at('namespace').text ?? '',
        name: claim.at('name').text ?? '',
        ...optional('uid', claim.at('uid').text),
      },
    }),
    ...(csi.present && { csi: { driver: csi.at('driver').text ?? '', volumeHandle: csi.at('volumeHandle').text ?? '' } }),
    ...optional('nodeAffinity', nodeTerms(raw.at('spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'))),
    deleting: raw.at('metadata', 'deletionTimestamp').present,
  };
}

function storageClassObject(raw: Json): StorageClassObject {
  const topologies = raw.at('allowedTopologies');
  return {
    name: raw.at('metadata', 'name').text ?? '',
    provisioner: raw.at('provisioner').text ?? '',
    bindingMode: raw.at('volumeBindingMode').text === 'WaitForFirstConsumer' ? 'WaitForFirstConsumer' : 'Immediate',
    ...(topologies.present && {
      allowedTopologies: topologies.items.map((topology) =>
        topology
          .at('matchLabelExpressions')
          .items.map((expression) => ({ key: expression.at('key').text ?? '', values: expression.at('values').texts })),
      ),
    }),
  };
}

function csiNodeObject(raw: Json): CsiNodeObject {
  return {
    name: raw.at('metadata', 'name').text ?? '',
    drivers: raw.at('spec', 'drivers').items.map((driver) => ({
      name: driver.at('name').text ?? '',
      ...optional('count', driver.at('allocatable', 'count').number),
    })),
  };
}

function csiDriverObject(raw: Json): CsiDriverObject {
  return { name: raw.at('metadata', 'name').text ?? '', storageCapacity: raw.at('spec', 'storageCapacity').flag };
}

function attachmentObject(raw: Json): AttachmentObject {
  return {
    name: raw.at('metadata', 'name').text ?? '',
    nodeName: raw.at('spec', 'nodeName').text ?? '',
    attacher: raw.at('spec', 'attacher').text ?? '',
    ...optional('volumeName', raw.at('spec', 'source', 'persistentVolumeName').text),
  };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: T });
}
