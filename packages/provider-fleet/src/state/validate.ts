import { LABEL, type PodSpec } from '@plimsoll/core';
import { operatorOf } from '../requirements/requirement.ts';
import { isRestricted, normalised } from '../requirements/well-known.ts';
import { podRequirements } from '../scheduling/pod-shape.ts';

/** Capacity types that there are. */
const CAPACITY_TYPES = ['on-demand', 'spot', 'reserved'];

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Gte', 'Lte'];

/**
 * What keeps a pod from being planned for at all, as far as its spec tells; undefined where nothing does. Preferred terms are not checked.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/provisioning/provisioner.go` (Validate), `pkg/apis/v1/nodeclaim_validation.go`.
 */
export function podProblem(spec: PodSpec, respectPreferences = true): string | undefined {
  const preferred = respectPreferences ? heaviest(spec) : undefined;
  const pool = podRequirements(spec, preferred).get(LABEL.nodePool);
  if (pool !== undefined && operatorOf(pool) === 'DoesNotExist') return 'configured to not run on a Karpenter provisioned node';
  const selector = spec.nodeSelector ?? {};
  for (const key of Object.keys(selector)) {
    const problem = expressionProblem(key, 'In', [selector[key]]);
    if (problem !== undefined) return problem;
  }
  for (const term of spec.nodeAffinity?.required ?? []) {
    if (term.matchFields !== undefined) return 'node selector term with matchFields is not supported';
    for (const { key, operator, values = [] } of term.matchExpressions ?? []) {
      const problem = expressionProblem(key, operator, values);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function heaviest({
  nodeAffinity,
}: PodSpec): NonNullable<NonNullable<PodSpec['nodeAffinity']>['preferred']>[number]['preference'] | undefined {
  const preferred = nodeAffinity?.preferred ?? [];
  let best = preferred[0];
  for (const term of preferred) if (term.weight > best.weight) best = term;
  return best?.preference;
}

function expressionProblem(written: string, operator: string, values: readonly string[]): string | undefined {
  const key = normalised(written);
  if (!OPERATORS.includes(operator)) return `key ${key} has an unsupported operator ${operator}`;
  if (isRestricted(key)) return `using label ${key} is not allowed as it might interfere with the internal provisioning logic`;
  if (operator === 'In') {
    if (values.length === 0) return `key ${key} with operator In must have a value defined`;
    if (key === LABEL.capacityType && !values.some((value) => CAPACITY_TYPES.includes(value))) {
      return `no valid values found in ${JSON.stringify(values)} for ${key}`;
    }
  }
  const name = key.slice(key.indexOf('/') + 1);
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name)) return `key ${key} is not a qualified name`;
  for (const value of values) {
    if (!/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(value)) return `invalid value ${value} for key ${key}`;
  }
  if (['Gt', 'Lt', 'Gte', 'Lte'].includes(operator) && (values.length !== 1 || !/^\+?\d{1,18}$/.test(values[0]))) {
    return `key ${key} with operator ${operator} must have a single positive integer value`;
  }
  return undefined;
}
