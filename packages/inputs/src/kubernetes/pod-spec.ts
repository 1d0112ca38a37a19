import { type ControllerKind, effectiveRequests, nonZeroRequests, type PodSpec } from '@plimsoll/core';
import { Field, type Locate } from '../document/field.ts';
import { ProblemList } from '../problems/problem.ts';
import { readAffinity } from './affinity.ts';
import { readContainers, readPodResources } from './containers.ts';
import { allModelled, checkFields, METADATA, POD_SPEC } from './known-fields.ts';
import { readTolerations, readTopologySpread } from './placement-rules.ts';
import type { PriorityClasses } from './priority-classes.ts';
import { readVolumes } from './volumes.ts';

/** What a pod's own JSON does not say. */
export interface PodContext {
  /** Kind of the owner. Default: the kind of the owner reference that controls the pod, else `none`. */
  readonly controller?: ControllerKind;
  /** Counts an owner reference that lacks `controller: true` as well, as Karpenter does. */
  readonly anyOwner?: boolean;
  /** Namespace where the pod names none. Default `default`. */
  readonly namespace?: string;
  /** Priority classes by name. Without them a class name alone gives no priority. */
  readonly priorityClasses?: PriorityClasses;
}

/** Where a value stands, for the messages of {@link podSpecFrom} and {@link nodeShapeFrom}. */
export interface ValuePlace {
  /** Name for messages. Default `pod` or `node`. */
  readonly file?: string;
  /** Finds positions in the text that the value was read from, if it was. */
  readonly locate?: Locate;
  /** The value was accepted by another program: rules that only the API server has are not checked, and `Gte` and `Lte` pass. */
  readonly unchecked?: boolean;
}

/** Annotations that tell the simulator about a pod. They are not part of what the pod is. */
export const PLIMSOLL_ANNOTATIONS = ['plimsoll.dev/duration', 'plimsoll.dev/at'] as const;

/**
 * A pod, or a pod template, in the Kubernetes API's JSON form, as the spec that decisions are made by. Defaults are filled in as the
 * API server does before any scheduler sees the pod: limits become missing requests, amounts finer than a unit are rounded up, host
 * ports follow from `hostNetwork`, pod-level requests from the containers, and label keys are written into selectors.
 *
 * @throws InputError with the path of everything that is wrong, and its position where `locate` is given.
 */
export function podSpecFrom(object: unknown, options: PodContext & ValuePlace = {}): PodSpec {
  const problems = new ProblemList();
  const { file = 'pod', locate, unchecked = false } = options;
  const spec = readPod(new Field(object, [], { file, problems, unchecked, ...(locate && { locate }) }), options);
  problems.settle();
  return spec;
}

/** The same for a field of a document; problems go to the document's list. */
export function readPod(pod: Field, context: PodContext): PodSpec {
  const metadata = pod.at('metadata');
  if (metadata.present) checkFields(metadata, METADATA, 'metadata');
  const spec = pod.at('spec');
  if (spec.present) checkFields(spec, POD_SPEC, 'spec');
  else spec.missing();
  const labels = metadata.at('labels').labels();
  const annotations = metadata.at('annotations').labels();
  for (const name of PLIMSOLL_ANNOTATIONS) delete annotations[name];

  const hostNetwork = spec.at('hostNetwork').flag();
  const containers = readContainers(spec.at('containers'), 'containers', hostNetwork);
  if (spec.present && containers.length === 0 && !Array.isArray(spec.at('containers').value)) spec.at('containers').missing();
  const initContainers = readContainers(spec.at('initContainers'), 'initContainers', hostNetwork);
  const podRequests = readPodResources(spec.at('resources'), containers, initContainers);
  const tolerations = readTolerations(spec.at('tolerations'));
  const topologySpread = readTopologySpread(spec.at('topologySpreadConstraints'), labels);
  const schedulingGates = spec
    .at('schedulingGates')
    .items()
    .map((gate) => gate.at('name').requiredText());
  const volumes = readVolumes(spec.at('volumes'));
  const nodeSelector = spec.at('nodeSelector').labels();
  const read = defined<PodSpec>({
    namespace: metadata.at('namespace').text() ?? context.namespace ?? 'default',
    labels,
    annotations,
    ...readPriority(spec, context.priorityClasses),
    schedulerName: spec.at('schedulerName').text() || undefined,
    controller: context.controller ?? ownerKind(metadata.at('ownerReferences'), context.anyOwner === true),
    containers,
    initContainers: some(initContainers),
    podRequests,
    overhead: spec.at('overhead').quantities(),
    nodeName: spec.at('nodeName').text() || undefined,
    nodeSelector: Object.keys(nodeSelector).length > 0 ? nodeSelector : undefined,
    ...readAffinity(spec.at('affinity'), labels),
    tolerations: some(tolerations),
    topologySpread: some(topologySpread),
    schedulingGates: some(schedulingGates),
    volumes: some(volumes),
    gracePeriodSeconds: spec.at('terminationGracePeriodSeconds').whole({ min: 0, max: 2 ** 31 }),
  });
  refuseHugeSums(spec, read);
  return read;
}

/** Each amount is held exactly, and so must be their sum. */
function refuseHugeSums(spec: Field, read: PodSpec): void {
  const sums = { ...effectiveRequests(read), ...nonZeroRequests(read) };
  for (const [resource, amount] of Object.entries(sums)) {
    if (amount <= Number.MAX_SAFE_INTEGER) continue;
    const message = `the containers ask for more ${resource} together than can be held exactly (2^53)`;
    spec.at('containers').problem('E0110', message, { part: 'key', seen: resource });
  }
}

const OWNER = allModelled('apiVersion blockOwnerDeletion controller kind name uid');

function ownerKind(references: Field, any: boolean): ControllerKind {
  const owners = references.items();
  for (const owner of owners) checkFields(owner, OWNER, 'ownerReferences[]');
  const owner = owners.find((reference) => reference.at('controller').flag()) ?? (any ? owners[0] : undefined);
  return owner?.at('kind').requiredText() ?? 'none';
}

function readPriority(
  spec: Field,
  classes: PriorityClasses | undefined,
): { priority?: number; preemptionPolicy?: 'Never' | 'PreemptLowerPriority' } {
  const priority = spec.at('priority').whole({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const policy = spec.at('preemptionPolicy').oneOf(['PreemptLowerPriority', 'Never']);
  const className = spec.at('priorityClassName');
  const name = className.text() ?? '';
  const found = classes?.find(name);
  if (classes !== undefined && name !== '' && found === undefined) {
    const known = classes.names();
    className.problem('E0121', `there is no priority class ${JSON.stringify(name)}`, {
      seen: name,
      accepted: known.join(', '),
      help: 'add the PriorityClass to the input',
    });
  }
  const value = priority ?? found?.value;
  const preemptionPolicy = policy ?? found?.preemptionPolicy;
  return { ...(value !== undefined && { priority: value }), ...(preemptionPolicy !== undefined && { preemptionPolicy }) };
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** The object without the keys whose value is undefined. */
function defined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
