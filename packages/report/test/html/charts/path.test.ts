import { describe, expect, it } from 'vitest';
import { shortPath } from '../../../src/html/charts/path.ts';

describe('shortPath', () => {
  it('writes steps as horizontal and vertical strokes in tenths', () => {
    expect(shortPath('M0,10L5,10L5,7.123L10,7.123L10,7.14L15,7.14')).toBe('M0,10H5V7.1H15');
  });

  it('keeps a spike that goes up and down at one place', () => {
    expect(shortPath('M0,10L5,10L5,2L5,10L9,10')).toBe('M0,10H5V2V10H9');
  });

  it('keeps slopes, gaps and closed shapes', () => {
    expect(shortPath('M0,0L1,1L2,3ZM5,5L6,5')).toBe('M0,0L1,1L2,3ZM5,5H6');
  });

  it('leaves other paths alone', () => {
    expect(shortPath('M0,0A1,1,0,1,1,5,5')).toBe('M0,0A1,1,0,1,1,5,5');
  });
});
