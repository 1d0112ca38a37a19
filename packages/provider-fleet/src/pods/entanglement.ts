import type { Classes, PodSpec } from '@plimsoll/core';
import { normalised, WELL_KNOWN } from '../requirements/well-known.ts';

/**
 * Whether where some pod of a run may go hangs on where others go. It does where pods say so: by spread, affinity or anti-affinity. It does
 * as well where one pod asks for a user's label and another excludes a value of it: a machine without the label takes the first
 * once it holds the second, for then the real program knows the label.
 */
export class Entanglement {
  readonly #classes: Classes;
  readonly #hardOnly: boolean;
  readonly #asked = new Set<string>();
  readonly #excluded = new Set<string>();
  #seen = 0;
  #any = false;

  /** @param hardOnly whether preferences count for nothing */
  constructor(classes: Classes, hardOnly: boolean) {
    this.#classes = classes;
    this.#hardOnly = hardOnly;
  }

  get any(): boolean {
    const { pods } = this.#classes;
    for (; !this.#any && this.#seen < pods.length; this.#seen++) this.#any = this.#adds(pods[this.#seen].spec);
    return this.#any;
  }

  #adds(spec: PodSpec): boolean {
    if (hasTopology(spec, this.#hardOnly)) return true;
    const terms = [...(spec.nodeAffinity?.required ?? []), ...(spec.nodeAffinity?.preferred ?? []).map((p) => p.preference)];
    const expressions = terms.flatMap(({ matchExpressions = [] }) => matchExpressions);
    const own = (key: string): boolean => !WELL_KNOWN.has(normalised(key));
    for (const key of Object.keys(spec.nodeSelector ?? {})) if (own(key)) this.#asked.add(key);
    for (const { key, operator } of expressions) {
      if (!own(key)) continue;
      if (operator === 'NotIn' || operator === 'DoesNotExist') this.#excluded.add(key);
      else this.#asked.add(key);
    }
    for (const key of this.#excluded) if (this.#asked.has(key)) return true;
    return false;
  }
}

function hasTopology({ podAffinity, podAntiAffinity, topologySpread = [] }: PodSpec, hardOnly: boolean): boolean {
  if (topologySpread.some(({ whenUnsatisfiable }) => !hardOnly || whenUnsatisfiable === 'DoNotSchedule')) return true;
  return [podAffinity, podAntiAffinity].some(
    (terms) => (terms?.required ?? []).length > 0 || (!hardOnly && (terms?.preferred ?? []).length > 0),
  );
}
