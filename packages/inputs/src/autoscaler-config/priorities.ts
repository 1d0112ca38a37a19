import { Field, isRecord } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { ProblemList } from '../problems/problem.ts';

/**
 * Patterns of group names by priority, from the text of the ConfigMap's `priorities` or from an object. Priorities are whole numbers.
 *
 * Source: Cluster Autoscaler 1.37, `expander/priority/priority.go`.
 */
export function readPriorities(field: Field): Record<string, readonly string[]> {
  const priorities: Record<string, readonly string[]> = {};
  for (const [priority, patterns] of asObject(field)) {
    if (!/^-?\d+$/.test(priority)) {
      patterns.problem('E0110', `${JSON.stringify(priority)} is no priority: it is a whole number`, { part: 'key' });
      continue;
    }
    priorities[priority] = patterns.texts();
  }
  return priorities;
}

function asObject(field: Field): (readonly [string, Field])[] {
  if (typeof field.value !== 'string') return field.entries();
  // A text inside a text: its own lines have no place in the file, so that problems point at the text as a whole.
  const inner = new ProblemList();
  const [document] = parseYaml(field.value, field.context.file, inner);
  const [problem] = inner.list();
  if (problem !== undefined || !isRecord(document?.value)) {
    field.problem('E0005', problem?.message ?? 'the text is no YAML object of lists by priority');
    return [];
  }
  return new Field(document.value, field.path, field.context).entries();
}
