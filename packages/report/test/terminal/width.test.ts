import { describe, expect, it } from 'vitest';
import { cutTo, displayWidth, padTo, tame, wrapTo } from '../../src/terminal/width.ts';

const ESC = String.fromCharCode(27);

describe('displayWidth', () => {
  it('counts cells and not characters', () => {
    expect([displayWidth('abc'), displayWidth('日本'), displayWidth('e\u0301'), displayWidth('✔ −'), displayWidth('🚢')]).toEqual(
      [3, 4, 1, 3, 2],
    );
  });

  it('counts no colours', () => {
    expect(displayWidth(`${ESC}[1mbold${ESC}[22m`)).toBe(4);
  });
});

it('pads, cuts and wraps by cells', () => {
  expect(padTo('日', 4)).toBe('日  ');
  expect(padTo('7', 3, 'right')).toBe('  7');
  expect(cutTo('a long name', 6)).toBe('a lon…');
  expect(wrapTo('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapTo('abcdefghij', 4)).toEqual(['abc', 'def', 'ghij']);
});

it('takes the power out of escape sequences and of changes of direction', () => {
  expect(tame(`a${ESC}[2Jb\u202ec\nd`)).toBe('a [2Jb c d');
});
