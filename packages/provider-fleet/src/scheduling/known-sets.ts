import { LABEL, type Labels } from '@plimsoll/core';
import { allows, allowsAbsence, type Requirement } from '../requirements/requirement.ts';
import {
  incompatibility,
  labelSet,
  type RequirementSet,
  requirementText,
  setText,
  withAll,
} from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';

/**
 * A requirement set with a row of its own. The host name stands apart: every claim and node has one of its own, and without it
 * machines that are otherwise alike share a set.
 */
export interface KnownSet {
  readonly id: number;
  /** Without the host name. */
  readonly set: RequirementSet;
  /** What is asked of the host name, where anything is. */
  readonly host: Requirement | undefined;
  /** Keys with `minValues`. */
  readonly minValueKeys: readonly string[];
  /** Whether it asks for a user's own label, which a machine may lack now and have later. */
  readonly fickle: boolean;
}

/** Nothing may be undefined: what a real node lacks is lacking. */
const NONE_UNDEFINED: ReadonlySet<string> = new Set();

/** Room for ids in a key of two. */
const IDS = 2 ** 24;

/** Sets and what comes of adding one to another, each worked out once. */
export class KnownSets {
  readonly #byText = new Map<string, KnownSet>();
  readonly #byLabels = new WeakMap<Labels, KnownSet>();
  readonly #merged = new Map<number, KnownSet | undefined>();
  readonly #mergedStrictly = new Map<number, KnownSet | undefined>();
  readonly #narrowed = new Map<string, KnownSet>();
  readonly #compatible = new Map<number, boolean>();

  of(whole: RequirementSet): KnownSet {
    const text = setText(whole);
    let known = this.#byText.get(text);
    if (known === undefined) {
      const host = whole.get(LABEL.hostname);
      const set = new Map(whole);
      set.delete(LABEL.hostname);
      known = {
        id: this.#byText.size,
        set,
        host,
        minValueKeys: [...set.values()].filter((r) => r.minValues !== undefined).map((r) => r.key),
        fickle: [...set.values()].some((r) => !WELL_KNOWN.has(r.key) && !allowsAbsence(r)),
      };
      this.#byText.set(text, known);
    }
    return known;
  }

  /** What a node's labels allow, the host name left out. */
  ofLabels(labels: Labels): KnownSet {
    let known = this.#byLabels.get(labels);
    if (known === undefined) {
      const set = new Map(labelSet(labels));
      set.delete(LABEL.hostname);
      this.#byLabels.set(labels, (known = this.of(set)));
    }
    return known;
  }

  /**
   * A machine's requirements with a pod's added; undefined where the machine cannot serve them. The host name is not looked at.
   *
   * @param real whether it is a real node, which has no label that it does not show
   */
  merge(machine: KnownSet, pod: KnownSet, real: boolean): KnownSet | undefined {
    const cache = real ? this.#mergedStrictly : this.#merged;
    const key = machine.id * IDS + pod.id;
    let merged = cache.get(key);
    if (merged === undefined && !cache.has(key)) {
      const clash = incompatibility(machine.set, pod.set, real ? NONE_UNDEFINED : WELL_KNOWN);
      if (clash === undefined) merged = this.of(withAll(machine.set, pod.set.values()));
      cache.set(key, merged);
    }
    return merged;
  }

  /** A set with more requirements, whether they can be met or not. */
  narrow(machine: KnownSet, added: readonly Requirement[]): KnownSet {
    const key = `${machine.id} ${added.map(requirementText).join(' ')}`;
    let narrowed = this.#narrowed.get(key);
    if (narrowed === undefined) this.#narrowed.set(key, (narrowed = this.of(withAll(machine.set, added))));
    return narrowed;
  }

  /** Whether a real machine of a set serves another, the host name included. */
  serves(machine: KnownSet, hostName: string, asked: KnownSet): boolean {
    if (!allowsHost(asked, hostName)) return false;
    const key = machine.id * IDS + asked.id;
    let known = this.#compatible.get(key);
    if (known === undefined) {
      known = incompatibility(machine.set, asked.set, NONE_UNDEFINED) === undefined;
      this.#compatible.set(key, known);
    }
    return known;
  }
}

/** Whether what is asked of the host name allows one. */
export function allowsHost({ host }: KnownSet, hostName: string): boolean {
  return host === undefined || allows(host, hostName);
}
