import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../src/sha256.ts';

describe('sha256', () => {
  it('gives the digest that FIPS 180-4 prints for "abc"', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('agrees with the host at every length around the block borders', () => {
    for (let length = 0; length < 200; length++) {
      const text = 'aé✔'.repeat(length).slice(0, length);
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});
