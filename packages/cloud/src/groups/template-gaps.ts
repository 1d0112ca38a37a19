import { formatResource, type GroupSpec, LABEL, type Labels, type OfferingsView, type ResourceList } from '@plimsoll/core';

/** A node of a group: what somebody believed it would be, or what it is. */
export interface GroupNode {
  readonly instanceType: string;
  readonly zone: string;
  readonly allocatable: ResourceList;
  /** Labels by which pods choose. */
  readonly labels: Labels;
  /** Nano-dollars per hour. */
  readonly price: number;
  /** What it counts for in the group's size. */
  readonly units: number;
}

/** One way in which the node that came is not the node that was believed. */
export interface TemplateGap {
  readonly kind: 'template-larger' | 'template-smaller' | 'labels' | 'zone' | 'price' | 'weight';
  /** What was believed, what came, and what follows. */
  readonly message: string;
}

/**
 * The node that the description of a group promises: its first type at its advertised size in its first zone, one unit each. Cluster Autoscaler
 * believes this of a group that never had a node, and of one that has, that every node is like the one it looked at.
 */
export function describedNode(spec: GroupSpec, { types, offerings }: OfferingsView): GroupNode {
  const [instanceType] = spec.instanceTypes;
  const [zone] = spec.zones;
  const type = types.findIndex(({ name }) => name === instanceType);
  const sold = offerings.filter((offering) => offering.type === type && offering.zone === zone);
  const { price } = sold.find(({ capacityType }) => capacityType === spec.capacityType) ?? sold[0];
  const { nominal, labels } = types[type];
  const place = { [LABEL.zone]: zone, [LABEL.instanceType]: instanceType, [LABEL.arch]: labels[LABEL.arch] };
  return { instanceType, zone, allocatable: nominal, labels: { ...place, ...spec.labels }, price, units: 1 };
}

/** The node that a group has got: see {@link describedNode}. */
export function arrivedNode(
  { offering, labels, allocatable, units = 1 }: { offering: number; labels: Labels; allocatable: ResourceList; units?: number },
  { types, offerings }: OfferingsView,
): GroupNode {
  const { type, zone, price } = offerings[offering];
  return { instanceType: types[type].name, zone, allocatable, labels, price, units };
}

/** Resources by which pods are packed. What the system reserves makes less than this share of a difference, and is none. */
const PACKED = ['cpu', 'memory', 'nvidia.com/gpu'] as const;
const RESERVED = 0.25;

/**
 * Where a mixed group's new node differs from the one that a scale-up counted on. That all nodes of a group are alike is Cluster Autoscaler's
 * contract; a group that chooses among unlike types, zones and ways of buying breaks it in these six ways. In the order of the kinds.
 *
 * Source: kubernetes/autoscaler, `cluster-autoscaler/FAQ.md` and pull requests 1886, 1983 and 3096; issue 4851 for weights.
 */
export function templateGaps(group: string, believed: GroupNode, came: GroupNode): readonly TemplateGap[] {
  const gaps: TemplateGap[] = [];
  const tell = (kind: TemplateGap['kind'], text: string): void => {
    gaps.push({ kind, message: `group ${group}: ${text}` });
  };
  const before = sizeText(believed);
  const now = sizeText(came);
  if (PACKED.some((name) => amount(came, name) < amount(believed, name) * (1 - RESERVED))) {
    tell(
      'template-larger',
      `the template promised ${before}, and ${now} came: pods that were counted on it stay pending, and the group may grow for them again and again`,
    );
  }
  if (PACKED.some((name) => amount(came, name) > amount(believed, name) * (1 + RESERVED))) {
    tell(
      'template-smaller',
      `the template promised ${before}, and ${now} came: fewer machines would have done, and the rest stand idle until they are taken away`,
    );
  }
  for (const [key, value] of Object.entries(believed.labels)) {
    if (key === LABEL.zone || came.labels[key] === value) continue;
    tell(
      'labels',
      `the template has ${key}=${value}, and the node that came has ${came.labels[key] ?? 'no such label'}: a pod that asks for the former does not run on it, and one that asks for the latter never makes the group grow`,
    );
  }
  if (came.zone !== believed.zone) {
    tell(
      'zone',
      `the template stands in ${believed.zone}, and the machine came in ${came.zone}: a pod or a volume of another zone than the template's never makes the group grow, and one of the template's may wait for a machine that came elsewhere`,
    );
  }
  if (came.price !== believed.price) {
    tell(
      'price',
      `the template's ${believed.instanceType} costs ${dollars(believed.price)}, and the group bought ${came.instanceType} at ${dollars(came.price)}: no expander of node groups sees what the group's own strategy pays`,
    );
  }
  if (came.units !== believed.units) {
    tell(
      'weight',
      `one machine was counted as ${believed.units} of the size, and the ${came.instanceType} that came counts ${came.units}: what the size lacks looks like machines that never register, and is cut after their time`,
    );
  }
  return gaps;
}

function amount({ allocatable }: GroupNode, name: string): number {
  return allocatable[name] ?? 0;
}

function sizeText(node: GroupNode): string {
  const parts = PACKED.filter((name) => amount(node, name) > 0).map(
    (name) => `${name} ${formatResource(name, amount(node, name))}`,
  );
  return `${node.instanceType} (${parts.join(', ')})`;
}

function dollars(nano: number): string {
  return `$${(nano / 1e9).toFixed(4)}/h`;
}
