import { expect, it } from 'vitest';
import { sparkline } from '../../src/terminal/sparkline.ts';

it('draws one bar a value on the scale given', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], { width: 8, top: 7 })).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([7, 14], { width: 8, top: 14 })).toBe('▅█');
});

it('averages where there are more values than cells', () => {
  expect(sparkline([0, 0, 7, 7], { width: 2, top: 7 })).toBe('▁█');
});

it('draws a flat line where nothing ever was', () => {
  expect(sparkline([0, 0], { width: 5, top: 0 })).toBe('▁▁');
  expect(sparkline([], { width: 5, top: 0 })).toBe('');
});
