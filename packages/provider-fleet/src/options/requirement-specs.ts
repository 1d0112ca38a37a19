import { OptionsError } from '@plimsoll/core';
import { OPERATORS } from '../requirements/requirement.ts';
import type { RequirementSpec } from '../requirements/requirement-set.ts';
import { Fields, show } from './fields.ts';

/** Reads one entry of `spec.template.spec.requirements`. */
export function readRequirement(value: unknown, path: readonly (string | number)[]): RequirementSpec {
  const fields = new Fields(value, path, ['key', 'operator', 'values', 'minValues']);
  const key = fields.text('key');
  if (!fields.has('operator'))
    throw new OptionsError(fields.at('operator'), `expected one of ${OPERATORS.join(', ')}, got nothing`);
  const operator = fields.oneOf('operator', OPERATORS, 'In');
  const values = fields.texts('values');
  const valuesPath = fields.at('values');
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    throw new OptionsError(valuesPath, `operator ${operator} needs at least one value`);
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    throw new OptionsError(valuesPath, `operator ${operator} takes no values, got ${show(values)}`);
  }
  if (operator === 'Gt' || operator === 'Lt' || operator === 'Gte' || operator === 'Lte') {
    if (values.length !== 1 || !/^\d{1,15}$/.test(values[0])) {
      throw new OptionsError(valuesPath, `operator ${operator} takes one whole number in quotes, got ${show(values)}`);
    }
  }
  const minValues = fields.has('minValues') ? fields.whole('minValues', 1, 50, 1) : undefined;
  if (minValues !== undefined && operator === 'In' && values.length < minValues) {
    throw new OptionsError(fields.at('minValues'), `asks for ${minValues} values, but only ${values.length} are given`);
  }
  return { key, operator, values, ...(minValues !== undefined && { minValues }) };
}
