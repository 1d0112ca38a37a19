import type { Field } from '../document/field.ts';
import { suggestion } from '../problems/did-you-mean.ts';
import { PLIMSOLL_ANNOTATIONS } from './pod-spec.ts';

/** When an owner's pods arrive, and how long each runs. */
export interface Timing {
  /** Milliseconds from the start. */
  readonly at: number;
  /** Milliseconds; undefined where nothing says. */
  readonly duration: number | undefined;
}

const PREFIX = 'plimsoll.dev/';

/** Reads `plimsoll.dev/at` and `plimsoll.dev/duration` from a pod template, or else from the object that has the template. */
export function readTiming(template: Field, object: Field): Timing {
  const places = [template.at('metadata').at('annotations'), object.at('metadata').at('annotations')];
  if (template.path.length === object.path.length) places.pop();
  for (const annotations of places) {
    for (const [key, field] of annotations.entries()) {
      if (!key.startsWith(PREFIX) || (PLIMSOLL_ANNOTATIONS as readonly string[]).includes(key)) continue;
      const help = suggestion(key, PLIMSOLL_ANNOTATIONS);
      field.problem('E0102', `unknown annotation ${JSON.stringify(key)}`, {
        part: 'key',
        seen: key,
        ...(help !== undefined && { help }),
      });
    }
  }
  const find = (name: string): Field | undefined =>
    places.map((annotations) => annotations.at(name)).find((field) => field.present);
  return { at: find(`${PREFIX}at`)?.duration() ?? 0, duration: find(`${PREFIX}duration`)?.duration() };
}
