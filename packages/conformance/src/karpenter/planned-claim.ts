import { compareText, LABEL, type ResourceList } from '@plimsoll/core';
import {
  type ClosedClaim,
  claimLabels,
  claimRequirements,
  compatible,
  type PodObject,
  type RequirementSet,
} from '@plimsoll/provider-fleet';

const NODE_CLASS = 'karpenter.k8s.aws/ec2nodeclass';

/** A claim as the format tells it. */
export function plannedClaimAnswer(planned: ClosedClaim): Record<string, unknown> {
  const requirements = claimRequirements(planned);
  const { claim, types } = planned;
  const names = types.map(({ name }) => name).sort(compareText);
  const offers = types.flatMap((type) =>
    compatible(type, requirements).map(({ capacityType, price, zone }) => ({
      price,
      at: `${type.name}/${zone}/${capacityType}`,
    })),
  );
  const price = offers.reduce((least, offer) => Math.min(least, offer.price), Infinity);
  const { [LABEL.nodePool]: _pool, [NODE_CLASS]: _class, ...labels } = claimLabels({ ...planned, requirements });
  return {
    nodePool: claim.template.pool.name,
    requirements: requirementsAnswer(requirements),
    instanceTypes: names,
    types: names.length,
    ...(offers.length > 0 && {
      price,
      cheapest: offers
        .filter((offer) => offer.price === price)
        .map(({ at }) => at)
        .sort(compareText),
    }),
    requests: decimals(planned.requests),
    pods: claim.pods.map(podName),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(claim.template.relaxed.minValues && { minValuesRelaxed: true }),
  };
}

/** A pod's name, with its namespace where it is not the default one. */
export function podName({ name, spec }: PodObject): string {
  return spec.namespace === 'default' ? name : `${spec.namespace}/${name}`;
}

function requirementsAnswer(set: RequirementSet): unknown[] {
  const out: { key: string; operator: string; values?: readonly string[]; minValues?: number }[] = [];
  for (const r of set.values()) {
    const { complement, key, lower, minValues, upper, values } = r;
    if (key === LABEL.nodePool || (key === LABEL.instanceType && minValues === undefined)) continue;
    const least = minValues === undefined ? {} : { minValues };
    if (lower !== undefined) out.push({ key, operator: 'Gte', values: [String(lower)], ...least });
    if (upper !== undefined) out.push({ key, operator: 'Lte', values: [String(upper)], ...least });
    if (lower !== undefined || upper !== undefined) continue;
    const operator = complement ? (values.length > 0 ? 'NotIn' : 'Exists') : values.length > 0 ? 'In' : 'DoesNotExist';
    const shown = values.length > 0 && key !== LABEL.instanceType ? { values } : {};
    out.push({ key, operator, ...shown, ...least });
  }
  return out.sort((a, b) => compareText(a.key, b.key) || compareText(a.operator, b.operator));
}

/** Amounts as decimal numbers: CPU in cores. */
function decimals(requests: ResourceList): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of Object.keys(requests)) {
    out[name] = name === 'cpu' ? cores(requests[name]) : String(requests[name]);
  }
  return out;
}

function cores(millis: number): string {
  const fraction = String(millis % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${Math.floor(millis / 1000)}${fraction === '' ? '' : `.${fraction}`}`;
}
