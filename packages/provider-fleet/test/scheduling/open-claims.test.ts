import { goSort } from '@plimsoll/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenClaim } from '../../src/scheduling/open-claim.ts';
import { OpenClaims } from '../../src/scheduling/open-claims.ts';

/** A claim that takes a pod if it is told to. */
class Fake {
  readonly name: number;
  pods: number[] = [0];
  takes = false;

  constructor(name: number) {
    this.name = name;
  }

  tryAdd(): boolean {
    if (this.takes) this.pods.push(0);
    return this.takes;
  }
}

/** The list as the real program keeps it: sorted anew before every pod. */
class Sorted {
  readonly list: Fake[] = [];

  sort(): void {
    const swap = (i: number, j: number): void => {
      const kept = this.list[i];
      this.list[i] = this.list[j];
      this.list[j] = kept;
    };
    goSort(this.list.length, (i, j) => this.list[i].pods.length < this.list[j].pods.length, swap);
  }
}

describe('the claims of a plan', () => {
  it('stand in the order of the real sort, however they grow', () => {
    // Each step names the place of the claim that takes the pod; a place beyond the end opens a claim.
    fc.assert(
      fc.property(fc.array(fc.nat(120), { minLength: 1, maxLength: 400, size: 'max' }), (steps) => {
        const claims = new OpenClaims();
        const real = new Sorted();
        for (const place of steps) {
          real.sort();
          const chosen = real.list[place];
          for (const claim of real.list) claim.takes = claim === chosen;
          expect(claims.tryAdd({} as never, {} as never)).toBe(chosen !== undefined);
          expect(claims.list.map((claim) => (claim as unknown as Fake).name)).toEqual(real.list.map(({ name }) => name));
          if (chosen !== undefined) continue;
          const opened = new Fake(real.list.length);
          real.list.push(opened);
          claims.push(opened as unknown as OpenClaim);
        }
      }),
      { numRuns: 60 },
    );
  });
});
