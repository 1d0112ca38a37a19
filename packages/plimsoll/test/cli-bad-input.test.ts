import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Folder, firstProblem, marked, type Outcome, replayIn } from './support/command.ts';
import { deployment, SCENARIO, TRACE } from './support/scenario-file.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder({ 'trace.csv': TRACE });
});
afterEach(() => folder.dispose());

/** Runs the command on an input that it must refuse: with status 3, without a trace of the stack, and without leaving anything behind. */
async function refused(input: string): Promise<Outcome> {
  const before = folder.list();
  const outcome = await replayIn(folder.path, input, { out: 'X', report: 'report.html' });
  expect(outcome).toMatchObject({ status: 3, stdout: '' });
  expect(outcome.stderr).not.toMatch(/^ {4}at |defect/m);
  expect(folder.list()).toEqual(before);
  return outcome;
}

/** Writes a text with a mark into a file, and expects the first problem to be at the mark. */
async function pointsAt(file: string, text: string, told: string, input = file): Promise<string | undefined> {
  const { text: plain, position } = marked(text);
  folder.write(file, plain);
  const problem = firstProblem((await refused(input)).stderr);
  const [code, ...message] = told.split(' ');
  expect(problem.told).toBe(`${code} ${file}:${position} ${message.join(' ')}`);
  return problem.help;
}

/** The scenario with one text in place of another. */
function changed(from: string, to: string): string {
  expect(SCENARIO).toContain(from);
  return SCENARIO.replace(from, to);
}

/** The same for a change of the scenario, with patterns for what is told. */
async function refusesChange(from: string, to: string, told: RegExp, help: RegExp | undefined): Promise<void> {
  const { text, position } = marked(changed(from, to));
  folder.write('scenario.yaml', text);
  const problem = firstProblem((await refused('scenario.yaml')).stderr);
  const [code, place, ...message] = problem.told.split(' ');
  expect(`${code} ${message.join(' ')}`).toMatch(told);
  expect(place).toBe(`scenario.yaml:${position}`);
  if (help !== undefined) expect(problem.help).toMatch(help);
}

describe('an input that is not there', () => {
  it.each([
    ['trace.cvs', 'E0006 trace.cvs there is no file "trace.cvs"', 'did you mean "trace.csv"?'],
    ['trace', 'E0006 trace there is no file "trace"', 'did you mean "trace.csv"?'],
    ['quickstrat', 'E0006 quickstrat there is no file "quickstrat"', 'did you mean "quickstart"?'],
    ['trace.csv/a', 'E0006 trace.csv/a there is no file "trace.csv/a"', 'check the path'],
    ['.', 'E0006 . "." is a folder, and not one with a scenario.yaml', 'name a file in it, such as "trace.csv"'],
  ])('%s', async (input, told, help) => {
    expect(firstProblem((await refused(input)).stderr)).toEqual({ told, help });
  });

  it('lists the bundled workloads where nothing is near', async () => {
    const { help } = firstProblem((await refused('zzzzzz')).stderr);
    expect(help).toMatch(/^name a file, or a bundled workload: .*quickstart/);
  });

  it('is pointed at in the scenario that names it', async () => {
    const at = (from: string, to: string, told: string) => pointsAt('scenario.yaml', changed(from, to), told);
    const trace = 'trace: trace.csv';
    expect(await at(trace, 'trace: ▸trac.csv', 'E0006 there is no file "trac.csv"')).toBe('did you mean "trace.csv"?');
    expect(await at(trace, 'trace: { file: ▸no/such.csv }', 'E0006 there is no file "no/such.csv"')).toBe('check the path');
    expect(await at(trace, 'manifests: [▸app.yaml]', 'E0006 there is no file "app.yaml"')).toBe('check the path');
    folder.write('traces/monday.csv', TRACE);
    expect(await at(trace, 'trace: ▸traces', 'E0006 "traces" is a folder, and not one with a scenario.yaml')).toBe(
      'name a file in it, such as "traces/monday.csv"',
    );
  });
});

describe('a trace', () => {
  it.each([
    [
      'unknown column',
      TRACE.replace('duration_s', '▸durations_s'),
      'E0102 unknown column "durations_s"',
      'did you mean "duration_s"?',
    ],
    ['negative duration', TRACE.replace('30,60', '30,▸-60'), 'E0110 duration_s must not be negative, got -60', undefined],
    ['NaN', TRACE.replace('30,60', '▸NaN,60'), 'E0104 arrive_s must be seconds such as 90 or 0.25, got "NaN"', undefined],
    ['empty file', '▸', 'E0001 the file is empty', 'the first line names the columns: id,arrive_s,duration_s,cpu_m'],
    [
      'no rows',
      'id,arrive_s,duration_s,cpu_m\n▸',
      'E0001 the trace has a header and no rows',
      'every pod, or group of equal pods, is a row',
    ],
  ])('%s', async (_, text, told, help) => {
    expect(await pointsAt('bad.csv', text, told)).toBe(help);
  });

  it('that was cut short while it was compressed', async () => {
    folder.write('cut.csv.gz', gzipSync(TRACE.repeat(40)).subarray(0, 70));
    const { told, help } = firstProblem((await refused('cut.csv.gz')).stderr);
    expect(told).toMatch(/^E0003 cut\.csv\.gz:1:1 the gzip data ends early or is damaged/);
    expect(help).toBe('fetch the file again; nothing of it was used');
  });

  it('is named as the user named it', async () => {
    folder.write('sub/bad.csv', TRACE.replace('30,60', '30,-60'));
    const absolute = join(folder.path, 'sub/bad.csv');
    expect((await refused('./sub/bad.csv')).stderr).toContain('  sub/bad.csv:3:6\n');
    expect((await refused(absolute)).stderr).toContain(`  ${absolute}:3:6\n`);
    const outcome = await replayIn(join(folder.path, 'sub'), '../sub/bad.csv', { out: 'X' });
    expect(outcome.stderr).toContain('  ../sub/bad.csv:3:6\n');
  });
});

describe('a manifest', () => {
  it.each([
    [
      'misspelt key',
      deployment('web', '1').replace('replicas', '▸replica'),
      'E0102 unknown field "replica"',
      'did you mean "replicas"?',
    ],
    ['empty', '▸', 'E0001 the file holds no Kubernetes object', 'an object starts with its apiVersion and kind'],
    [
      'without pods',
      '▸apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n',
      'E0001 the input brings no pods',
      'Deployment, ReplicaSet, StatefulSet, ReplicationController, Job and Pod bring pods',
    ],
    [
      'Job without a duration',
      'apiVersion: batch/v1\nkind: Job\nmetadata: { name: j }\nspec:\n  ▸template:\n    spec: { restartPolicy: Never, containers: [{ name: c }] }\n',
      'E0120 the Job "j" does not say how long its pods run',
      'add the annotation plimsoll.dev/duration: "10m" to the metadata of its template',
    ],
  ])('%s', async (_, text, told, help) => {
    expect(await pointsAt('app.yaml', text, told)).toBe(help);
  });

  it('is told by its own line where a scenario names it', async () => {
    folder.write('scenario.yaml', changed('trace: trace.csv', 'trace: trace.csv\n  manifests: [app.yaml]'));
    const text = deployment('web', '1').replace('kind: Deployment', 'kind: ▸Deploymnt');
    expect(await pointsAt('app.yaml', text, 'E0107 unknown kind "Deploymnt"', 'scenario.yaml')).toBe(
      'did you mean "Deployment"?',
    );
  });
});

describe('a pod that is larger than any type', () => {
  const keep = 'if such pods are part of the question, a scenario keeps them with workload.oversized: keep';

  it('is told by the line of its row, wherever the order of time puts it', async () => {
    folder.write('scenario.yaml', changed('trace: trace.csv', 'trace: big.csv'));
    const text = 'id,arrive_s,duration_s,cpu_m,mem_mib\nlate,900,60,500,512\n▸huge,60,60,500,512000\nhuge2,60,60,500,512000\n';
    const told = 'E0130 a pod of "huge" asks for memory 500Gi, more than any instance type has';
    // 32 GiB less what was seen missing on such a machine, and what AL2023 reserves for 58 pods.
    expect(await pointsAt('big.csv', text, told, 'scenario.yaml')).toBe(`the most memory is 29.8Gi on m6i.2xlarge; ${keep}`);
  });

  it('is told by its line in a compressed trace, with that line', async () => {
    folder.write('big.csv.gz', gzipSync('id,arrive_s,duration_s,cpu_m\na,0,60,500\nb,0,60,2000000\n'));
    const { stderr } = await refused('big.csv.gz');
    expect(firstProblem(stderr).told).toBe(
      'E0130 big.csv.gz:3:1 a pod of "b" asks for cpu 2000, more than any instance type has',
    );
    expect(stderr).toContain('    3 | b,0,60,2000000\n');
  });

  it('is told by its line in a manifest', async () => {
    folder.write('scenario.yaml', changed('trace: trace.csv', 'trace: trace.csv\n  manifests: [app.yaml]'));
    const text = `${deployment('small', '1')}---\n${deployment('▸large', '9')}`;
    const told = 'E0130 a pod of "large" asks for cpu 9, more than any instance type has';
    expect(await pointsAt('app.yaml', text, told, 'scenario.yaml')).toBe(`the most cpu is 7.91 on m6i.2xlarge; ${keep}`);
  });

  it('is told with the name that was meant where no type has the resource at all', async () => {
    const text = deployment('▸gpu', '1').replace('memory: 1Gi', 'nvidia.com/gpus: 1');
    const told = 'E0130 a pod of "gpu" asks for nvidia.com/gpus 1, more than any instance type has';
    expect(await pointsAt('app.yaml', text, told)).toMatch(
      /^no type has any nvidia\.com\/gpus; did you mean "nvidia\.com\/gpu"\?; /,
    );
  });

  it('is told where no one type has everything that it asks for', async () => {
    const text = deployment('▸odd', '800').replace('memory: 1Gi', 'nvidia.com/gpu: 8');
    const told = 'E0130 a pod of "odd" asks for cpu 800 and nvidia.com/gpu 8, and no instance type has all of it';
    expect(await pointsAt('app.yaml', text, told)).toMatch(
      /^the most cpu is [\d.]+ on \S+; the most nvidia\.com\/gpu is \d+ on \S+; /,
    );
  });

  it('is told where only types outside the default scenario hold it', async () => {
    const text = deployment('▸chip', '1').replace('memory: 1Gi', 'aws.amazon.com/neuron: 1');
    const told =
      'E0130 a pod of "chip" asks for cpu 1 and aws.amazon.com/neuron 1, more than any instance type that the default scenario buys';
    expect(await pointsAt('app.yaml', text, told)).toMatch(/^the defaults are amd64 types of generation 5 and later/);
  });

  it('stays and waits where the scenario says so', async () => {
    folder.write('trace.csv', TRACE.replace('b,30,60,500', 'b,30,60,50000'));
    folder.write('scenario.yaml', changed('trace: trace.csv', 'trace: trace.csv\n  oversized: keep'));
    const { status, stdout } = await replayIn(folder.path, 'scenario.yaml', { out: false, autoscaler: ['karpenter'] });
    expect(status).toBe(0);
    expect(stdout).toMatch(/never scheduled +1/);
  });
});

describe('a scenario', () => {
  it('that is empty may have been a manifest', async () => {
    const told = 'E0001 the file holds no Kubernetes object';
    expect(await pointsAt('scenario.yaml', '▸# nothing yet\n', told)).toBe('an object starts with its apiVersion and kind');
  });

  it.each([
    [
      'YAML syntax',
      'metadata: { name: small }\n',
      'metadata: { name: small\n▸',
      /^E0005 flow map in block collection/,
      undefined,
    ],
    ['two documents', 'variants:', '---\n▸variants:', /^E0108 .* here a second begins/, /^give it a file of its own/],
    ['key given twice', 'variants:', '▸cloud: {}\nvariants:', /^E0108 key "cloud" is given twice/, undefined],
    ['unknown key', 'workload:', '▸workloads:\n  trace: trace.csv\nworkload:', /^E0102 unknown field "workloads"/, undefined],
    [
      'unknown key further in',
      'instanceTypes: [m',
      '▸instanceType: [m',
      /^E0102 unknown field "instanceType"/,
      /"instanceTypes"/,
    ],
    ['unknown version', 'plimsoll/v1', '▸plimsol/v1', /^E0107 "plimsol\/v1" is not one of plimsoll\/v1/, /"plimsoll\/v1"/],
    [
      'no workload',
      'workload:\n  trace: trace.csv',
      '▸workload: {}',
      /^E0101 the workload names no trace/,
      /^give trace: a file/,
    ],
    ['bad duration', 'cloud:', 'time: { settle: ▸10 }\ncloud:', /^E0106 expected a duration such as/, undefined],
    ['unknown region', 'cloud:', 'cloud:\n  region: ▸us-est-1', /^E0107 unknown region "us-est-1"/, /"us-east-1"/],
    ['unknown zone', '[us-east-1a]', '[us-east-1a, ▸us-est-1b]', /^E0107 unknown zone of us-east-1 "us-est-1b"/, /"us-east-1b"/],
    ['unknown type', 'm6i.2xlarge]\n', '▸m6i.2xlage]\n', /^E0107 unknown instance type "m6i.2xlage"/, /"m6i.2xlarge"/],
    [
      'rule about an unknown type',
      'cloud:',
      'cloud:\n  limits: [{ instanceType: ▸m6i.lagre, max: 1 }]',
      /^E0107 unknown instance type "m6i.lagre"/,
      /"m6i.large"/,
    ],
    [
      'rule that means no machine',
      'cloud:',
      'cloud:\n  shortages: [{ capacityType: spot, zone: us-east-1a, every: ▸0s, lasts: 5m }]',
      /^E0107 expected more than 0 ms, got 0/,
      undefined,
    ],
    [
      'smaller value second',
      'cloud:',
      'kubelet: { podStart: { uniform: ▸[9s, 5s] } }\ncloud:',
      /^E0110 .*the smaller value first/,
      undefined,
    ],
  ])('%s', async (_, from, to, told, help) => refusesChange(from, to, told, help));

  it('without an autoscaler', async () => {
    const text = `${SCENARIO.slice(0, SCENARIO.indexOf('autoscalers:'))}▸autoscalers: {}\n`;
    expect(await pointsAt('scenario.yaml', text, 'E0101 the scenario has no autoscaler')).toMatch(
      /cluster-autoscaler or karpenter/,
    );
  });
});

describe('options of an autoscaler', () => {
  const general = 'max: 5';
  const requirement = (architecture: string): string =>
    `requirements:\n                  - { key: kubernetes.io/arch, operator: In, values: [${architecture}] }`;

  it.each([
    [
      'unknown program',
      'use: karpenter',
      'use: ▸karpentr',
      /^E0107 expected one of cluster-autoscaler, karpenter/,
      /"karpenter"/,
    ],
    ['unknown key of a group', general, '▸maks: 5', /^E0131 unknown field "maks" of a node group/, /"max"/],
    [
      'group without a maximum',
      `- name: general\n          ${general}`,
      '- ▸name: general',
      /^E0131 "max" is missing/,
      /a whole number/,
    ],
    [
      'unknown type of a group',
      '[m6i.2xlarge]\n  k',
      '[▸m6i.2xlage]\n  k',
      /^E0131 .*no instance type "m6i.2xlage"/,
      /"m6i.2xlarge"/,
    ],
    [
      'unknown zone of a group',
      general,
      `${general}\n          zones: [▸us-east-1b]`,
      /^E0131 .*no zone "us-east-1b"/,
      /"us-east-1a"/,
    ],
    [
      'group of what is not sold',
      `${general}\n          instanceTypes`,
      `${general}\n          capacityType: reserved\n          ▸instanceTypes`,
      /^E0131 nothing of m6i.2xlarge is sold reserved/,
      undefined,
    ],
    ['unknown flag', 'scan-interval', '▸scan-intervall', /^E0131 Cluster Autoscaler has no flag/, /"scan-interval"/],
    ['bad value of a flag', 'scan-interval: 10s', 'scan-interval: ▸10', /^E0131 expected a duration .*, got 10/, undefined],
    [
      'values that make no sense together',
      'scan-interval: 10s',
      'balancing-ignore-label: [a]\n        ▸balancing-label: [b]',
      /^E0131 cannot be used together with balancing-ignore-label/,
      undefined,
    ],
    [
      'bad flag of a command line',
      'flags:\n        scan-interval: 10s',
      'flags: [--scan-interval=10s, ▸--expander=leastwaste]',
      /^E0131 expected some of .*, got "leastwaste"/,
      /"least-waste"/,
    ],
    ['unknown key of a NodePool', 'requirements:', '▸requirments:', /^E0131 unknown key "requirments"/, /"requirements"/],
    ['unknown operator', 'operator: In', 'operator: ▸Inn', /^E0131 expected one of In, NotIn, .*, got "Inn"/, /"In"/],
    [
      'requirements that nothing meets',
      requirement('amd64'),
      `▸${requirement('amd65')}`,
      /^E0131 no instance type .* of NodePool default/,
      undefined,
    ],
    ['bad duration', 'consolidateAfter: 1m', 'consolidateAfter: ▸1 minute', /^E0131 expected a duration .*"1 minute"/, undefined],
    [
      'what is not modelled',
      'spec:\n            template:',
      'spec:\n            ▸replicas: 3\n            template:',
      /^E0131 static NodePools are not modelled/,
      undefined,
    ],
    ['variant of nothing', 'of: karpenter', 'of: ▸karpentr', /^E0107 there is no autoscaler "karpentr"/, /groups, karpenter/],
    ['variant of a bad value', 'After: 10m', 'After: ▸10', /^E0131 expected a duration .*, got 10/, undefined],
    [
      'variant of an unknown key',
      'nodePools.0.spec.disruption.consolidateAfter',
      '▸nodePools.0.spec.disruption.consolidateAftr',
      /^E0131 unknown key/,
      /"consolidateAfter"/,
    ],
    [
      'variant of nothing there',
      'nodePools.0.spec',
      '▸nodePools.3.spec',
      /^E0131 "nodePools\.3\.spec.*" is no place in the config of karpenter/,
      /have numbers from 0/,
    ],
    [
      'variant of an item without its number',
      'nodePools.0.spec.disruption.consolidateAfter',
      '▸nodePools.default',
      /^E0131 "nodePools\.default" is no place in the config of karpenter/,
      /have numbers from 0/,
    ],
    ['variant with a name that is taken', '  slow:', '  ▸karpenter:', /^E0107 an autoscaler has this name already/, undefined],
  ])('%s', async (_, from, to, told, help) => refusesChange(from, to, told, help));

  it('amount that is none', async () => {
    folder.write('scenario.yaml', changed('max: 5', 'max: 5\n          taggedResources: { cpu: lots }'));
    const { told } = firstProblem((await refused('scenario.yaml')).stderr);
    expect(told).toMatch(/^E0131 scenario\.yaml:\d+:\d+ expected a Kubernetes quantity .*"lots"/);
  });

  it('value of a type that no one thought of', async () => {
    for (const odd of ['taints: { a: b }', 'instanceTypes: 5', 'labels: [a]', 'overrides: text']) {
      folder.write(
        'scenario.yaml',
        changed('max: 5', `max: 5\n          ${odd}`).replace('instanceTypes: [m6i.2xlarge]\n  k', 'x: 1\n  k'),
      );
      expect(firstProblem((await refused('scenario.yaml')).stderr).told).toMatch(/^E0131 scenario\.yaml:\d+:\d+ /);
    }
  });
});
