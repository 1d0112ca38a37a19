import { Workload } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../../src/problems/problem.ts';
import { formatReceipt } from '../../src/receipt/receipt.ts';
import type { TraceOptions } from '../../src/trace-csv/options.ts';
import { readTraceCsv } from '../../src/trace-csv/trace-csv.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, options: Partial<TraceOptions> = {}) => readTraceCsv(bytes(text), { file: 'jobs.csv', ...options });

/** The problems that refuse a trace. */
async function problemsOf(input: string | Uint8Array): Promise<readonly Problem[]> {
  try {
    await readTraceCsv(typeof input === 'string' ? bytes(input) : input, { file: 'jobs.csv' });
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('expected the trace to be refused');
}

const brief = (problems: readonly Problem[]): string[] =>
  problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.message}${p.help ? ` (${p.help})` : ''}`);

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe('readTraceCsv', () => {
  it('makes one row of a workload from each row of a trace', async () => {
    const { workload, problems } = await read(`id,arrive_s,duration_s,count,cpu_m,mem_mib,gpu
train,0,90,1,4000,8192,2
web,1.5,,3,500,256,0
`);
    expect(problems).toEqual([]);
    expect(workload.length).toBe(2);
    expect([workload.name(0), workload.time[0], workload.duration[0], workload.count[0]]).toEqual(['train', 0, 90_000, 1]);
    expect([workload.name(1), workload.time[1], workload.duration[1], workload.count[1]]).toEqual(['web', 1500, Infinity, 3]);
    expect(workload.templates[workload.template[0]]).toEqual({
      namespace: 'default',
      labels: {},
      annotations: {},
      controller: 'Job',
      containers: [{ requests: { cpu: 4000, memory: 8192 * 2 ** 20, 'nvidia.com/gpu': 2 } }],
    });
    expect(workload.templates[workload.template[1]].controller).toBe('ReplicaSet');
    expect(workload.templates[workload.template[1]].containers[0].requests).toEqual({ cpu: 500, memory: 256 * 2 ** 20 });
  });

  it('finds the line of a row, also where blank lines and order set rows apart from lines', async () => {
    const { workload, placeOf } = await read('id,arrive_s,duration_s,cpu_m\n\nlate,9,1,100\nearly,3,1,100\n');
    const lines = [0, 1].map((row) => [workload.name(row), placeOf(row)]);
    expect(lines).toEqual([
      ['early', { file: 'jobs.csv', line: 4, column: 1, width: 5 }],
      ['late', { file: 'jobs.csv', line: 3, column: 1, width: 4 }],
    ]);
  });

  it('shares one template among rows of one shape', async () => {
    const { workload } = await read(
      'id,arrive_s,duration_s,cpu_m,mem_mib\na,0,1,100,64\nb,0,2,200,64\nc,0,3,100,64\nd,0,,100,64\n',
    );
    expect([...workload.template]).toEqual([0, 1, 0, 2]);
  });

  it('asks for 2 GiB of memory for each CPU where the trace has none, and says so', async () => {
    const { workload, receipt, shape } = await read('id,arrive_s,duration_s,cpu_m,mem_mib\na,0,1,1500,\nb,0,1,1000,\n');
    expect(workload.templates.map((t) => t.containers[0].requests.memory)).toEqual([3 * 2 ** 30, 2 * 2 ** 30]);
    expect(shape.memoryMissing).toBe(true);
    const entry = receipt.entries.find((e) => e.subject === 'mem_mib');
    expect(entry).toMatchObject({ treatment: 'approximated', count: 2, line: 2, code: 'F0301' });
    const smaller = await read('id,arrive_s,duration_s,cpu_m\na,0,1,1500\n', { memoryPerCpuMiB: 1024 });
    expect(smaller.workload.templates[0].containers[0].requests.memory).toBe(1536 * 2 ** 20);
  });

  it('gives a pod of which only GPUs are known 4 CPUs and 16 GiB for each', async () => {
    const { workload, shape } = await read('id,arrive_s,duration_s,cpu_m,gpu\na,0,1,,2\nb,0,1,,\n');
    expect(workload.templates[0].containers[0].requests).toEqual({ cpu: 8000, memory: 32 * 2 ** 30, 'nvidia.com/gpu': 2 });
    expect(workload.templates[1].containers[0].requests).toEqual({ cpu: 1000, memory: 2 * 2 ** 30 });
    expect(shape.cpuMissing).toBe(true);
  });

  it('keeps a pod that asks for nothing best effort', async () => {
    const { workload } = await read('id,arrive_s,duration_s,cpu_m,mem_mib\na,0,1,0,0\n');
    expect(workload.templates[0].containers[0].requests).toEqual({});
  });

  it('rounds a share of a GPU up to a whole one, or leaves it out when told to', async () => {
    const trace = 'id,arrive_s,duration_s,cpu_m,mem_mib,gpu,gpu_milli\na,0,1,1000,64,1,460\n';
    const whole = await read(trace);
    expect(whole.workload.templates[0].containers[0].requests['nvidia.com/gpu']).toBe(1);
    expect(whole.receipt.entries.find((e) => e.subject === 'gpu_milli')).toMatchObject({ treatment: 'approximated', count: 1 });
    const none = await read(trace, { gpuShares: 'none' });
    expect(none.workload.templates[0].containers[0].requests['nvidia.com/gpu']).toBeUndefined();
    expect(none.receipt.entries.find((e) => e.subject === 'gpu_milli')).toMatchObject({ treatment: 'ignored', count: 1 });
  });

  it('maps GPU models to a node label where it is told how', async () => {
    const trace = 'id,arrive_s,duration_s,cpu_m,mem_mib,gpu,gpu_models\na,0,1,1000,64,1,T4|A10\n';
    const { workload } = await read(trace, { gpuModels: { label: 'gpu-name', values: { T4: 't4', A10: 'a10g' } } });
    expect(workload.templates[0].nodeAffinity).toEqual({
      required: [{ matchExpressions: [{ key: 'gpu-name', operator: 'In', values: ['a10g', 't4'] }] }],
    });
    const plain = await read(trace);
    expect(plain.workload.templates[0].nodeAffinity).toBeUndefined();
    expect(plain.receipt.entries.find((e) => e.subject === 'gpu_models')).toMatchObject({ treatment: 'ignored', code: 'F0304' });
    expect(plain.shape.gpuModels).toEqual(['A10', 'T4']);
  });

  it('asks for local disk only when told to', async () => {
    const trace = 'id,arrive_s,duration_s,cpu_m,mem_mib,disk_gib\na,0,1,1000,64,20\n';
    expect((await read(trace)).workload.templates[0].containers[0].requests['ephemeral-storage']).toBeUndefined();
    const asked = await read(trace, { disk: 'request' });
    expect(asked.workload.templates[0].containers[0].requests['ephemeral-storage']).toBe(20 * 2 ** 30);
  });

  it('lists everything that it ignores, with counts and the line of the first', async () => {
    const { receipt } = await read(`id,group,arrive_s,duration_s,cpu_m,mem_mib,max_per_node,outcome,constraints
a,g,0,1,1000,64,,,
b,g,0,1,1000,64,2,done,gang|rdma=25
c,g,0,1,1000,64,2,done,rdma=50
`);
    expect(
      receipt.entries.filter((e) => e.treatment === 'ignored').map((e) => `${e.subject} ${e.count} ${e.line} ${e.code}`),
    ).toEqual([
      'max_per_node 2 3 F0305',
      'constraints: rdma 2 3 F0306',
      'constraints: gang 1 3 F0306',
      'group 3 2 F0308',
      'outcome 2 3 F0308',
    ]);
    expect(formatReceipt(receipt).split('\n')[0]).toBe('fidelity  5 honoured · 0 approximated · 5 ignored   (jobs.csv, 3 rows)');
  });

  it('takes columns in any order, quoted fields, CRLF, a byte order mark and blank lines', async () => {
    const { workload } = await read('\ufeffcpu_m,"id",duration_s,arrive_s\r\n1000,"a ""b"", c",1,0\r\n\r\n"2000",d,1,1\r\n');
    expect([workload.name(0), workload.name(1)]).toEqual(['a "b", c', 'd']);
    expect(workload.templates.map((t) => t.containers[0].requests.cpu)).toEqual([1000, 2000]);
  });

  it('reads gzip without being told', async () => {
    const { workload } = await readTraceCsv(await gzip('id,arrive_s,duration_s,cpu_m\na,0,1,1000\n'), { file: 'jobs.csv.gz' });
    expect(workload).toBeInstanceOf(Workload);
    expect(workload.length).toBe(1);
  });

  it('sorts rows that are out of order, stably, and warns', async () => {
    const { workload, problems } = await read('id,arrive_s,duration_s,cpu_m\na,5,1,1\nb,2,1,1\nc,5,1,1\nd,2,1,1\n');
    expect([0, 1, 2, 3].map((row) => workload.name(row))).toEqual(['b', 'd', 'a', 'c']);
    expect(brief(problems)).toEqual([
      'W0201 3:1 rows are not in the order of arrive_s (2 arrive before a row above them); they were sorted',
    ]);
  });

  it('raises a run time of zero to a second, and warns', async () => {
    const { workload, problems, receipt } = await read('id,arrive_s,duration_s,cpu_m\na,0,0,1\n');
    expect(workload.duration[0]).toBe(1000);
    expect(brief(problems)).toEqual(['W0202 2:1 1 row with a run time of zero run for one second']);
    expect(receipt.entries.find((e) => e.code === 'F0309')).toMatchObject({ count: 1, treatment: 'approximated' });
  });
});

describe('a trace that is refused', () => {
  it('names the column that is missing', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s\na,0,1\n'))).toEqual([
      'E0101 1:23 column "cpu_m" is missing (a trace must have the columns id, arrive_s, duration_s, cpu_m)',
    ]);
  });

  it('suggests the column that was meant', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m,mem_mb\na,0,1,1,1\n'))).toEqual([
      'E0102 1:30 unknown column "mem_mb" (did you mean "mem_mib"?)',
    ]);
    expect(brief(await problemsOf('id,arrive_s, durations_s,cpu_m\na,0,1,1\n'))).toEqual([
      'E0102 1:14 unknown column "durations_s" (did you mean "duration_s"?)',
      'E0101 1:31 column "duration_s" is missing (a trace must have the columns id, arrive_s, duration_s, cpu_m)',
    ]);
  });

  it('points at a column that is named twice', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m,id\na,0,1,1,b\n'))).toEqual([
      'E0108 1:30 column "id" is named twice',
    ]);
  });

  it('points at a negative run time', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\na,0,10,1\nb,0,-5,1\n'))).toEqual([
      'E0110 3:5 duration_s must not be negative, got -5',
    ]);
  });

  it('points at what is no number, all at once', async () => {
    const trace =
      'id,arrive_s,duration_s,cpu_m,mem_mib,count\na,0,NaN,1,1,1\nb,x1,1,1.5,1,1\nc,0,1,1e3,Infinity,0\nd,1.2345,1,1,1,1\n,0,1,1,1,1\n';
    expect(brief(await problemsOf(trace))).toEqual([
      'E0104 2:5 duration_s must be seconds such as 90 or 0.25, got "NaN"',
      'E0104 3:3 arrive_s must be seconds such as 90 or 0.25, got "x1"',
      'E0104 3:8 cpu_m must be a whole number, got "1.5"',
      'E0104 4:7 cpu_m must be a whole number in plain digits, got "1e3"',
      'E0104 4:11 mem_mib must be a whole number in plain digits, got "Infinity"',
      'E0110 4:20 count must be at least 1, got 0',
      'E0104 5:3 arrive_s must be in whole milliseconds, so at most three decimals, got "1.2345"',
      'E0101 6:1 id is empty',
    ]);
  });

  it('points at the time that is empty', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\na,,1,1\n'))).toEqual(['E0101 2:3 arrive_s is empty']);
  });

  it('points at an amount that no machine could hold', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m,mem_mib\na,0,1,1,85899346\n'))).toEqual([
      'E0110 2:9 mem_mib must be at most 85899345, got 85899346',
    ]);
  });

  it('counts the fields of a row', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\na,0,1\nb,0,1,1,9,9\n'))).toEqual([
      'E0109 2:6 expected 4 fields as in the header, got 3',
      'E0109 3:9 expected 4 fields as in the header, got 6 (put quotes around a field that holds a comma)',
    ]);
  });

  it('names the line that has the same id', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\na,0,1,1\nb,0,1,1\na,0,1,1\n'))).toEqual([
      'E0108 4:1 id "a" is also that of line 2',
    ]);
  });

  it('counts columns in characters, not in bytes, and lines inside quoted fields', async () => {
    expect(brief(await problemsOf('id,class,arrive_s,duration_s,cpu_m\nä€,"x\ny",0,-1,1\nb,,0,-1,1\n'))).toEqual([
      'E0110 3:6 duration_s must not be negative, got -1',
      'E0110 4:6 duration_s must not be negative, got -1',
    ]);
  });

  it('tells an empty file from a header without rows', async () => {
    expect(brief(await problemsOf(''))).toEqual([
      'E0001 1:1 the file is empty (the first line names the columns: id,arrive_s,duration_s,cpu_m)',
    ]);
    expect(brief(await problemsOf('\n\n'))).toEqual([
      'E0001 1:1 the file is empty (the first line names the columns: id,arrive_s,duration_s,cpu_m)',
    ]);
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\n'))).toEqual([
      'E0001 2:1 the trace has a header and no rows (every pod, or group of equal pods, is a row)',
    ]);
  });

  it('tells a truncated gzip file, and keeps nothing of it', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `row${i},${i},1,1000`).join('\n');
    const whole = await gzip(`id,arrive_s,duration_s,cpu_m\n${rows}\n`);
    const [problem, ...others] = await problemsOf(whole.subarray(0, whole.length - 100));
    expect(problem).toMatchObject({ code: 'E0003', line: 1, column: 1, help: 'fetch the file again; nothing of it was used' });
    expect(problem.message).toContain('the gzip data ends early');
    expect(others).toEqual([]);
  });

  it('tells damaged gzip data', async () => {
    const whole = await gzip('id,arrive_s,duration_s,cpu_m\na,0,1,1000\n');
    whole[whole.length - 6] ^= 0xff;
    expect((await problemsOf(whole))[0]).toMatchObject({ code: 'E0003', line: 1, column: 1 });
  });

  it('tells that binary data is no text', async () => {
    const garbage = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251);
    expect(brief(await problemsOf(garbage))).toEqual([
      'E0002 1:1 this is no text file (a trace is a CSV file in UTF-8, plain or compressed with gzip)',
    ]);
    const noNewline = new Uint8Array(3 * 2 ** 20).fill(65);
    expect((await problemsOf(noNewline))[0]).toMatchObject({ code: 'E0002', line: 1, column: 1 });
    const inARow = Uint8Array.of(...bytes('id,arrive_s,duration_s,cpu_m\na'), 0xff, 0, ...bytes(',0,1,1\n'));
    expect(brief(await problemsOf(inARow))).toEqual(['E0002 2:1 id holds bytes that are no text']);
  });

  it('tells a quote without an end', async () => {
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\n"a,0,1,1\nb,0,1,1\n'))).toEqual([
      'E0111 2:1 this quoted field has no proper end (a quote inside a quoted field is written twice)',
    ]);
    expect(brief(await problemsOf('id,arrive_s,duration_s,cpu_m\n"a"b,0,1,1\n'))[0]).toContain('E0111 2:4');
  });

  it('says what a list of nodes is, and what a trace needs', async () => {
    expect(brief(await problemsOf('sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\n'))).toEqual([
      'E0004 1:1 this is a list of nodes, not a trace of pods (give the trace of pods that lies beside it; the nodes of a run come from the scenario)',
    ]);
    expect((await problemsOf('hello\nworld\n'))[0].code).toBe('E0004');
  });

  it('shows twenty problems and counts the others', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `r${i},0,-1,1`).join('\n');
    const error = await readTraceCsv(bytes(`id,arrive_s,duration_s,cpu_m\n${rows}\n`), { file: 'jobs.csv' }).catch((e) => e);
    expect(error).toBeInstanceOf(InputError);
    expect([error.problems.length, error.total]).toEqual([20, 50]);
    expect(error.message).toContain('jobs.csv:2:6: duration_s must not be negative, got -1');
    expect(error.message).toContain('… and 30 more');
  });

  it('passes on an error of the source itself', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes('id,arr');
      throw new TypeError('socket gone');
    }
    await expect(readTraceCsv(failing(), { file: 'x' })).rejects.toThrow(new TypeError('socket gone'));
  });
});
