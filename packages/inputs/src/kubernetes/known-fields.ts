import { didYouMean } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import type { ProblemCode } from '../problems/codes.ts';

/**
 * What is done with a field of the API: `modelled`; `harmless`, which means that it can't influence placement; or a sentence on what
 * happens in place of what a real cluster would do.
 */
type FieldUse = 'modelled' | 'harmless' | (string & {});

/** Uses by field name. */
export type FieldTable = Readonly<Record<string, FieldUse>>;

const harmless = (names: string): FieldTable => Object.fromEntries(names.split(' ').map((name) => [name, 'harmless']));
const modelled = (names: string): FieldTable => Object.fromEntries(names.split(' ').map((name) => [name, 'modelled']));

/** Fields of `metadata`. */
export const METADATA: FieldTable = {
  ...modelled('name namespace labels annotations ownerReferences generateName'),
  ...harmless(
    'uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds finalizers managedFields selfLink',
  ),
};

/** Fields of a pod's `spec`. Source: Kubernetes v1.36, `api/core/v1/types.go`. */
export const POD_SPEC: FieldTable = {
  ...modelled('affinity containers hostNetwork initContainers nodeName nodeSelector overhead preemptionPolicy priority'),
  ...modelled('priorityClassName resources restartPolicy schedulerName schedulingGates terminationGracePeriodSeconds'),
  ...modelled('tolerations topologySpreadConstraints volumes'),
  ...harmless(
    'automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC hostPID',
  ),
  ...harmless('hostUsers hostname hostnameOverride imagePullSecrets os securityContext serviceAccount serviceAccountName'),
  ...harmless('setHostnameAsFQDN shareProcessNamespace subdomain'),
  activeDeadlineSeconds: 'no pod is ended by a deadline',
  readinessGates: 'a pod is ready as soon as it runs',
  resourceClaims: 'dynamically allocated devices are not modelled: the pod fits without them',
  runtimeClassName: 'the overhead and node selector of the class are not looked up; spec.overhead counts',
  schedulingGroup: 'pods of a group are placed one by one',
  workloadRef: 'pods of a group are placed one by one',
};

/** Fields of a container. Same source. */
export const CONTAINER: FieldTable = {
  ...modelled('image name ports resources restartPolicy'),
  ...harmless(
    'args command env envFrom imagePullPolicy lifecycle livenessProbe restartPolicyRules securityContext stdin stdinOnce',
  ),
  ...harmless('terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir'),
  readinessProbe: 'a container is ready as soon as it runs',
  resizePolicy: 'requests of a running pod never change',
  startupProbe: 'a container is ready as soon as it runs',
};

/** Fields of `resources`. */
export const RESOURCES: FieldTable = {
  ...modelled('limits requests'),
  claims: 'dynamically allocated devices are not modelled: the pod fits without them',
};

/** Names without a use of their own, for objects of which every field is modelled. */
export const allModelled = modelled;

/**
 * Checks the keys of an object against what is known of it. A key close to a known one is a misspelling and an error; one that
 * resembles none is taken for a field of another version of the API and listed in the receipt, as is what has no effect here.
 */
export function checkFields(object: Field, table: FieldTable, prefix: string): void {
  const { receipt } = object.context;
  for (const [key, field] of object.entries()) {
    const use = Object.hasOwn(table, key) ? table[key] : undefined;
    const subject = prefix === '' ? key : `${prefix}.${key}`;
    if (use === undefined) {
      const near = didYouMean(key, Object.keys(table));
      if (near !== undefined) unknownField(field, key, near);
      else receipt?.ignored(subject, field.line, 'F0321', 'not known to this version');
    } else if (receipt === undefined || !field.present) continue;
    else if (use === 'modelled') receipt.honoured(subject, field.line);
    else if (use === 'harmless') receipt.ignored(subject, field.line, 'F0323', 'has no influence on placement');
    else receipt.ignored(subject, field.line, 'F0321', use);
  }
}

function unknownField(field: Field, key: string, near: string): void {
  const code: ProblemCode = 'E0102';
  field.problem(code, `unknown field ${JSON.stringify(key)}`, {
    seen: key,
    part: 'key',
    help: `did you mean ${JSON.stringify(near)}?`,
  });
}
