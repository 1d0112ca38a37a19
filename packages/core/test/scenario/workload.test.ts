import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../src/model/pod-spec.ts';
import { Workload, type WorkloadRow } from '../../src/scenario/workload.ts';

const template: PodSpec = { namespace: 'default', labels: {}, annotations: {}, controller: 'Job', containers: [] };
const templates = [template, { ...template, controller: 'none' }];
const row: WorkloadRow = { name: 'job', template: 0, time: 0, duration: 1000, count: 1 };

/** The rows of a workload as they went in. */
const rowsOf = (workload: Workload): WorkloadRow[] =>
  Array.from({ length: workload.length }, (_, index) => ({
    name: workload.name(index),
    template: workload.template[index],
    time: workload.time[index],
    duration: workload.duration[index],
    count: workload.count[index],
  }));

describe('a workload', () => {
  it('sorts its rows by time; rows of one time keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 2, 2 ** 35), { maxLength: 30 }), (times) => {
        const rows = times.map((time, index) => ({ ...row, name: `row-${index}`, time }));
        const expected = [0, 1, 2, 2 ** 35].flatMap((time) => rows.filter((each) => each.time === time));
        expect(rowsOf(Workload.of(templates, rows))).toEqual(expected);
      }),
      { seed: 111, numRuns: 200 },
    );
  });

  it('goes to another thread and comes back with every row and any name', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record<WorkloadRow>({
            name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'ü', '日本', '😀-1', '\ud800')),
            template: fc.constantFrom(0, 1),
            time: fc.constantFrom(0, 5, 2 ** 40 - 1),
            duration: fc.constantFrom(0, 1, 2 ** 40, Infinity),
            count: fc.constantFrom(0, 1, 2 ** 31 - 1),
          }),
          { maxLength: 10 },
        ),
        (rows) => {
          const made = Workload.of(templates, rows);
          const opened = Workload.open(structuredClone(made.share()));
          expect(rowsOf(opened)).toEqual(rowsOf(made));
          expect(opened.templates).toEqual(templates);
          expect(opened.length).toBe(rows.length);
          expect(
            rowsOf(made)
              .map(({ name }) => name)
              .sort(),
          ).toEqual(rows.map(({ name }) => name).sort());
        },
      ),
      { seed: 112, numRuns: 300 },
    );
  });

  it('shares its memory instead of copying it', () => {
    const made = Workload.of(templates, [row]);
    const opened = Workload.open(made.share());
    expect(opened.time.buffer).toBe(made.time.buffer);
    expect(made.time.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('counts the pods of all rows', () => {
    expect(Workload.of(templates, []).pods).toBe(0);
    expect(Workload.of(templates, [row, { ...row, count: 4 }, { ...row, count: 0 }]).pods).toBe(5);
  });

  it.each<[string, Partial<WorkloadRow>]>([
    ['job: time: expected whole milliseconds, got -1', { time: -1 }],
    ['job: time: expected whole milliseconds, got 0.5', { time: 0.5 }],
    ['job: time: expected whole milliseconds, got NaN', { time: Number.NaN }],
    ['job: time: expected whole milliseconds, got Infinity', { time: Infinity }],
    ['job: duration: expected whole milliseconds or Infinity, got -5', { duration: -5 }],
    ['job: duration: expected whole milliseconds or Infinity, got 1.5', { duration: 1.5 }],
    ['job: duration: expected whole milliseconds or Infinity, got NaN', { duration: Number.NaN }],
    ['job: count: expected a whole number, got 1.5', { count: 1.5 }],
    ['job: count: expected a whole number, got 2147483648', { count: 2 ** 31 }],
    ['job: template 2 does not exist', { template: 2 }],
    ['job: template -1 does not exist', { template: -1 }],
  ])('refuses a row out of range: %s', (message, change) => {
    expect(() => Workload.of(templates, [row, { ...row, ...change }])).toThrow(new RangeError(message));
  });
});
