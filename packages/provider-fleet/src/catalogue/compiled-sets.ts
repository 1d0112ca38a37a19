import { LABEL } from '@plimsoll/core';
import { allows } from '../requirements/requirement.ts';
import { incompatibility, type RequirementSet, setText, withAll } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import { type Bits, keepCommon } from './bits.ts';
import type { Catalogue } from './catalogue.ts';

/** A requirement set with what it means for a catalogue. Equal sets are one object. */
export interface CompiledSet {
  readonly id: number;
  readonly set: RequirementSet;
  /** Types whose own requirements meet it. */
  readonly types: Bits;
  /** Zones and capacity types that it allows, as bits over the catalogue's markets. */
  readonly markets: number;
  /** Keys whose requirement asks for a number of distinct values. */
  readonly minValueKeys: readonly string[];
}

/** Interns requirement sets, and remembers what adding one to another gives. */
export class CompiledSets {
  readonly #catalogue: Catalogue;
  readonly #byText = new Map<string, CompiledSet>();
  readonly #merged = new Map<number, CompiledSet | undefined>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  of(set: RequirementSet): CompiledSet {
    const text = setText(set);
    let known = this.#byText.get(text);
    if (known === undefined) {
      known = this.#compile(set, this.#byText.size);
      this.#byText.set(text, known);
    }
    return known;
  }

  /** A claim's requirements with a pod's added; undefined where the claim cannot serve them. */
  merge(claim: CompiledSet, pod: CompiledSet): CompiledSet | undefined {
    const key = claim.id * 2 ** 24 + pod.id;
    let merged = this.#merged.get(key);
    if (merged === undefined && !this.#merged.has(key)) {
      if (incompatibility(claim.set, pod.set, WELL_KNOWN) === undefined) merged = this.of(withAll(claim.set, pod.set.values()));
      this.#merged.set(key, merged);
    }
    return merged;
  }

  #compile(set: RequirementSet, id: number): CompiledSet {
    const catalogue = this.#catalogue;
    const types = new Int32Array(catalogue.words).fill(-1);
    for (const wanted of set.values()) keepCommon(types, catalogue.admits(wanted));
    const spare = types.length * 32 - catalogue.types.length;
    if (spare > 0) types[types.length - 1] &= -1 >>> spare;
    const zone = set.get(LABEL.zone);
    const capacityType = set.get(LABEL.capacityType);
    let markets = 0;
    catalogue.markets.forEach((market, row) => {
      if (zone !== undefined && !allows(zone, market.zone)) return;
      if (capacityType !== undefined && !allows(capacityType, market.capacityType)) return;
      markets |= 1 << row;
    });
    const minValueKeys = [...set.values()].filter((r) => r.minValues !== undefined).map((r) => r.key);
    return { id, set, types, markets, minValueKeys };
  }
}
