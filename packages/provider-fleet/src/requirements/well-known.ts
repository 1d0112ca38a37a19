import { LABEL } from '@plimsoll/core';

const AWS = 'karpenter.k8s.aws/';

/** Keys that an instance type either has a value for or lacks for good: an absent one counts as DoesNotExist. */
export const TYPE_KEYS: readonly string[] = [
  'node.kubernetes.io/windows-build',
  'topology.k8s.aws/zone-id',
  ...[
    'instance-category',
    'instance-family',
    'instance-generation',
    'instance-size',
    'instance-cpu',
    'instance-cpu-manufacturer',
    'instance-cpu-sustained-clock-speed-mhz',
    'instance-memory',
    'instance-ebs-bandwidth',
    'instance-network-bandwidth',
    'instance-hypervisor',
    'instance-encryption-in-transit-supported',
    'instance-local-nvme',
    'instance-gpu-name',
    'instance-gpu-manufacturer',
    'instance-gpu-count',
    'instance-gpu-memory',
    'instance-accelerator-name',
    'instance-accelerator-manufacturer',
    'instance-accelerator-count',
    'instance-capability-flex',
    'instance-tenancy',
    'capacity-reservation-id',
    'capacity-reservation-type',
    'capacity-reservation-interruptible',
    'nitro-sandbox',
    'placement-group-id',
    'placement-group-partition',
  ].map((name) => `${AWS}${name}`),
];

/**
 * Keys that a claim need not define for a pod to ask for them: the node will have them. Every other key is the user's own
 * and must stand in the NodePool's labels or requirements.
 *
 * Source: Karpenter 1.14.1, `pkg/apis/v1/labels.go`; AWS provider, `pkg/apis/v1/labels.go`.
 */
export const WELL_KNOWN: ReadonlySet<string> = new Set([
  LABEL.nodePool,
  LABEL.zone,
  LABEL.region,
  LABEL.instanceType,
  LABEL.arch,
  LABEL.os,
  LABEL.capacityType,
  ...TYPE_KEYS,
]);

/** The label that names a node's class of machine settings, with the only class there is here. */
export const NODE_CLASS_LABEL = { key: `${AWS}ec2nodeclass`, value: 'default' } as const;

const STABLE: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': LABEL.zone,
  'failure-domain.beta.kubernetes.io/region': LABEL.region,
  'beta.kubernetes.io/arch': LABEL.arch,
  'beta.kubernetes.io/os': LABEL.os,
  'beta.kubernetes.io/instance-type': LABEL.instanceType,
  'topology.ebs.csi.aws.com/zone': LABEL.zone,
};

/** A label key without its history: beta names become the stable ones. */
export function normalised(key: string): string {
  return STABLE[key] ?? key;
}

/** Whether a pod may not ask for a key: the host name, and Karpenter's own keys that are not well known. */
export function isRestricted(key: string): boolean {
  if (key === LABEL.hostname) return true;
  if (WELL_KNOWN.has(key)) return false;
  const domain = key.split('/')[0];
  return key.includes('/') && (domain === 'karpenter.sh' || domain.endsWith('.karpenter.sh'));
}
