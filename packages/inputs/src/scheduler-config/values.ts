import type { Field } from '../document/field.ts';

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Refuses a text that cannot be the key of a label or the name of a resource.
 *
 * Source: Kubernetes v1.36.2, `apimachinery/pkg/util/validation/validation.go` (IsQualifiedName).
 */
export function refuseOddName(field: Field): void {
  const text = field.text();
  if (text === undefined) return;
  const slash = text.indexOf('/');
  const prefix = text.slice(0, Math.max(slash, 0));
  const fine = NAME.test(text.slice(slash + 1)) && (slash < 0 || (PREFIX.test(prefix) && prefix.length <= 253));
  if (fine) return;
  field.problem('E0122', `${JSON.stringify(text)} is no name that a label or a resource can have`, {
    seen: text,
    help: 'expected letters, digits, "-", "_" and ".", and perhaps a domain and "/" before them, as in example.com/name',
  });
}

const GO_DURATION = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** Reports a text that is no duration as Go writes them: `15s`, `1m30s`. Returns whether it is one, or absent. */
export function isGoDuration(field: Field): boolean {
  const text = field.text();
  if (text === undefined || GO_DURATION.test(text)) return text !== undefined || !field.present;
  field.problem('E0106', `expected a duration such as "15s" or "1m30s", got ${JSON.stringify(text)}`, { seen: text });
  return false;
}
