import type { Field } from '../document/field.ts';
import { suggestion } from '../problems/did-you-mean.ts';

/** Refuses every key of an object that is not in a list: kube-scheduler reads its configuration strictly. */
export function knownFields(object: Field, known: readonly string[]): void {
  for (const [key, field] of object.present ? object.entries() : []) {
    if (known.includes(key)) continue;
    // What is there already was hardly misspelt.
    const free = known.filter((name) => !object.at(name).present);
    const help = suggestion(key, free);
    field.problem('E0102', `unknown field ${JSON.stringify(key)}`, {
      part: 'key',
      seen: key,
      accepted: known.join(', '),
      ...(help !== undefined && { help }),
    });
  }
}
