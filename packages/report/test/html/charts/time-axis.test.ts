import { DAY, HOUR, MINUTE } from '@plimsoll/core';
import { expect, it } from 'vitest';
import { timeAxis } from '../../../src/html/charts/time-axis.ts';

it('tells time in a unit that suits the span, with ticks at round numbers', () => {
  expect(timeAxis(10 * MINUTE, 'wide')).toEqual({
    unit: { name: 'min', milliseconds: MINUTE },
    end: 10,
    ticks: [0, 2, 4, 6, 8, 10],
    label: 'time since the start (min)',
  });
  expect(timeAxis(24 * HOUR, 'wide').ticks).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24]);
  expect(timeAxis(24 * HOUR, 'narrow').ticks).toEqual([0, 6, 12, 18, 24]);
  expect(timeAxis(7 * DAY, 'wide')).toMatchObject({ end: 7, ticks: [0, 1, 2, 3, 4, 5, 6, 7], label: 'time since the start (d)' });
  expect(timeAxis(1000 * DAY, 'wide').ticks).toEqual([0, 182, 364, 546, 728, 910]);
});

it('draws an axis for a run that ended at once', () => {
  expect(timeAxis(0, 'wide').ticks).toEqual([0]);
});
