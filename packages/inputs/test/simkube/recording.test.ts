import type { Workload } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../../src/problems/problem.ts';
import type { TraceOptions } from '../../src/trace-csv/options.ts';
import { readTraceCsv } from '../../src/trace-csv/trace-csv.ts';

const HEADER = 'recording,t_s,op,kind,name,replicas,req_cpu_m,req_mem_mib,lim_cpu_m,containers,tolerations,grace_s';

const read = (rows: readonly string[], options: Partial<TraceOptions> = {}) =>
  readTraceCsv(new TextEncoder().encode(`${[HEADER, ...rows].join('\n')}\n`), { file: 'events.csv', ...options });

const rowsOf = (workload: Workload): unknown[] =>
  Array.from({ length: workload.length }, (_, row) => [
    workload.name(row),
    workload.time[row] / 1000,
    workload.duration[row] / 1000,
    workload.count[row],
  ]);

async function problemsOf(rows: readonly string[], options: Partial<TraceOptions> = {}): Promise<string[]> {
  const error = await read(rows, options).catch((caught: unknown) => caught);
  if (!(error instanceof InputError)) throw error;
  return error.problems.map((p: Problem) => `${p.code} ${p.line}:${p.column} ${p.message}${p.help ? ` (${p.help})` : ''}`);
}

describe('a recording of objects', () => {
  it('makes rows of replicas that are added, which end when the newest are taken away', async () => {
    const { workload, receipt, placeOf } = await read([
      'a,0,apply,Deployment,dsb/web,1,1000,1024,,1,0,30',
      'a,10,apply,Deployment,dsb/web,4,1000,1024,,1,0,30',
      'a,20,apply,Deployment,dsb/web,6,1000,1024,,1,0,30',
      'a,50,apply,Deployment,dsb/web,2,1000,1024,,1,0,30',
      'a,60,apply,Deployment,dsb/web,3,1000,1024,,1,0,30',
    ]);
    // At 50 the two of 20 go, and two of the three of 10.
    expect(rowsOf(workload)).toEqual([
      ['dsb/web', 0, Infinity, 1],
      ['dsb/web-2', 10, 40, 2],
      ['dsb/web-3', 10, Infinity, 1],
      ['dsb/web-4', 20, 30, 2],
      ['dsb/web-5', 60, Infinity, 1],
    ]);
    expect([0, 1, 2, 3, 4].map((row) => placeOf(row).line)).toEqual([2, 3, 3, 4, 6]);
    expect(workload.templates).toEqual([
      {
        namespace: 'dsb',
        labels: {},
        annotations: {},
        controller: 'ReplicaSet',
        containers: [{ requests: { cpu: 1000, memory: 2 ** 30 } }],
        gracePeriodSeconds: 30,
      },
    ]);
    expect(receipt.entries.find((e) => e.code === 'F0330')).toMatchObject({ treatment: 'approximated', count: 4 });
  });

  it('ends the pods of an object that is deleted, and replaces all when the template changes', async () => {
    const { workload } = await read([
      'a,0,apply,Deployment,web,2,500,,,1,0,',
      'a,5,apply,Deployment,web,2,800,,,1,0,',
      'a,9,delete,Deployment,web,,,,,1,0,',
      'a,9,apply,Pod,one,,,,250,1,0,',
    ]);
    expect(rowsOf(workload)).toEqual([
      ['web', 0, 5, 2],
      ['web-2', 5, 4, 2],
      ['one', 9, Infinity, 1],
    ]);
    // A limit without a request counts as request.
    expect(workload.templates.map((t) => t.containers[0].requests.cpu)).toEqual([500, 800, 250]);
  });

  it('reads the first recording of a file, or the one that is asked for', async () => {
    const rows = ['a,0,apply,Deployment,x,1,100,64,,1,0,', 'b,0,apply,Pod,y,,,,,1,2,', 'b,7,apply,CronJob,z,,,,,1,0,'];
    const first = await read(rows);
    expect(rowsOf(first.workload)).toEqual([['x', 0, Infinity, 1]]);
    expect(first.receipt.entries.filter((e) => e.treatment === 'ignored')).toMatchObject([
      { subject: 'recording b', count: 2, line: 3, code: 'F0331' },
    ]);
    const second = await read(rows, { recording: 'b' });
    expect(rowsOf(second.workload)).toEqual([['y', 0, Infinity, 1]]);
    expect(second.receipt.entries.filter((e) => e.treatment === 'ignored').map((e) => e.subject)).toEqual([
      'tolerations',
      'CronJob',
      'recording a',
    ]);
    expect(await problemsOf(rows, { recording: 'bb' })).toEqual(['E0107 1:1 the file has no recording "bb"; it has a, b']);
  });

  it('points at what is wrong', async () => {
    expect(await problemsOf(['a,0,aply,Deployment,x,1,,,,1,0,', 'a,-1,apply,,x,1,,,,1,0,'])).toEqual([
      'E0107 2:5 "aply" is not one of apply, delete (did you mean "apply"?)',
      'E0110 3:3 t_s must not be negative, got -1',
      'E0101 3:12 kind is empty',
    ]);
    expect(await problemsOf(['a,9,apply,Pod,x,1,,,,1,0,', 'a,8,apply,Pod,y,1,,,,1,0,'])).toEqual([
      "E0110 3:1 rows are not in the order of t_s (1 are earlier than a row above them), so replicas can't be followed",
    ]);
    expect(await problemsOf([])).toEqual([
      'E0001 2:1 the trace has a header and no rows (every pod, or group of equal pods, is a row)',
    ]);
  });
});
