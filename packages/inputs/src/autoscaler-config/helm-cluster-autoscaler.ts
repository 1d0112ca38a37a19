import type { Field } from '../document/field.ts';
import { type ConfigPart, type FlagPart, originOf } from './config-part.ts';
import { readPriorities } from './priorities.ts';

/** Keys by which values of the chart are known. */
const KEYS = ['extraArgs', 'autoscalingGroups', 'autoDiscovery', 'expanderPriorities', 'customArgs', 'cloudProvider'];

export function isClusterAutoscalerValues(values: Field): boolean {
  return KEYS.some((key) => values.at(key).present);
}

/**
 * What values of the chart say: the chart turns them into the flags of the container. Everything else in them (image, resources,
 * service accounts) has no influence on decisions.
 *
 * Source: chart cluster-autoscaler 9.59.0, `templates/deployment.yaml`, `templates/priority-expander-configmap.yaml`.
 */
export function readClusterAutoscalerValues(values: Field): ConfigPart[] {
  const parts: ConfigPart[] = [];
  const flag = (text: string, from: Field): void => {
    parts.push({ kind: 'flag', text, origin: originOf(from) } satisfies FlagPart);
  };
  for (const group of values.at('autoscalingGroups').items()) {
    const name = group.at('name').requiredText();
    const [min, max] = [group.at('minSize').value, group.at('maxSize').value];
    flag(`--nodes=${min ?? 0}:${max ?? 0}:${name}`, group);
  }
  for (const [key, value] of values.at('extraArgs').entries()) {
    // The chart drops what stands behind an underscore, so that a flag can be given twice.
    const name = /^[^_]+/.exec(key)?.[0] ?? key;
    const items = Array.isArray(value.value) ? value.items() : [value];
    for (const item of items) {
      if (refuseTemplate(item)) continue;
      if (typeof item.value === 'object') item.wrongType('a text, a number, true or false');
      else flag(item.present ? `--${name}=${item.value}` : `--${name}`, item);
    }
  }
  for (const argument of values.at('customArgs').items()) {
    const text = argument.text();
    if (text !== undefined) flag(text, argument);
  }
  const priorities = values.at('expanderPriorities');
  const given =
    priorities.present && !(typeof priorities.value === 'object' && Object.keys(priorities.value as object).length === 0);
  if (given) parts.push({ kind: 'priorities', value: readPriorities(priorities), origin: originOf(priorities) });
  return parts;
}

function refuseTemplate(field: Field): boolean {
  if (typeof field.value !== 'string' || !field.value.includes('{{')) return false;
  field.problem('E0133', 'a template is not rendered here', { help: 'run helm template and name its output' });
  return true;
}
