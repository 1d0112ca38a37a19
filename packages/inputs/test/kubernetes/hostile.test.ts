import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/document/yaml-text.ts';
import { readManifests } from '../../src/kubernetes/manifests.ts';
import { InputError, type Problem, ProblemList } from '../../src/problems/problem.ts';

const pod = (request: string, resource = 'memory') => `apiVersion: v1
kind: Pod
metadata: { name: p, annotations: { plimsoll.dev/duration: 1m } }
spec:
  restartPolicy: Never
  containers:
  - name: a
    resources: { requests: { ${resource}: ${request} } }
`;

/** What a pod asks for, or the problems of its text. */
function read(text: string): Readonly<Record<string, number>> | string[] {
  try {
    return readManifests([{ file: 'p.yaml', text }]).workload.templates[0].containers[0].requests;
  } catch (error) {
    if (error instanceof InputError)
      return error.problems.map(({ code, line, column, message }: Problem) => `${code} ${line}:${column} ${message}`);
    throw error;
  }
}

describe('a quantity that no computer holds at ease', () => {
  it.each([
    ['"0.1m"', 'memory', 1],
    ['"1e-30"', 'memory', 1],
    ['"0.1m"', 'cpu', 1],
    ['"1.0001"', 'cpu', 1001],
    ['"9007199254740991"', 'memory', Number.MAX_SAFE_INTEGER],
    ['"1e3"', 'memory', 1000],
    ['"0.0000000000000000000000000000000000000001Ei"', 'memory', 1],
    ['8Pi', 'memory', undefined],
  ])('%s of %s is rounded up as the API server does, or refused', (text, resource, amount) => {
    const found = read(pod(text, resource));
    if (amount !== undefined) expect(found).toEqual({ [resource]: amount });
    else expect(found).toEqual([expect.stringMatching(/^E0105 8:38 .*2\^53/)]);
  });

  it.each([
    ['"9223372036854775807"', 'passes 2^53 and cannot be held exactly'],
    ['"9007199254740993"', 'passes 2^53 and cannot be held exactly'],
    ['9007199254740993', 'passes 2^53 and cannot be held exactly'],
    ['"12E"', 'passes 2^53 and cannot be held exactly'],
    ['"1e30"', 'passes 2^53 and cannot be held exactly'],
    ['"1e+400000000"', 'is too large'],
    ['"1Zi"', 'expected a Kubernetes quantity'],
    ['"NaN"', 'expected a Kubernetes quantity'],
    ['"0x10"', 'expected a Kubernetes quantity'],
    ['"1_000"', 'expected a Kubernetes quantity'],
    ['"1e"', 'expected a Kubernetes quantity'],
    ['"-1"', 'must not be negative'],
  ])('%s is refused where it stands', (text, said) => {
    expect(read(pod(text))).toEqual([expect.stringMatching(/^E01(05|10) 8:38 /)]);
    expect((read(pod(text)) as string[])[0]).toContain(said);
  });

  it('is refused where only the sum of the containers is too much', () => {
    const more = '  - name: b\n    resources: { requests: { memory: "9007199254740991" } }\n';
    expect(read(`${pod('"9007199254740991"')}${more}`)).toEqual([
      'E0110 6:3 the containers ask for more memory together than can be held exactly (2^53)',
    ]);
  });
});

describe('names that every object knows', () => {
  it.each([
    ['nodeSelector: { constructor: a }', '5:19'],
    ['nodeSelector: { __proto__: a }', '5:19'],
    ['affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: toString }] } }', '5:98'],
    ['topologySpreadConstraints: [{ topologyKey: valueOf, maxSkew: 1, whenUnsatisfiable: DoNotSchedule }]', '5:46'],
  ])('are refused where they would be looked up: %s', (field, position) => {
    const text = pod('1').replace('restartPolicy: Never', field);
    const found = read(text) as string[];
    expect(found.filter((problem) => problem.startsWith('E0112'))).toEqual([expect.stringContaining(`E0112 ${position} `)]);
  });

  it('are refused as labels and as resources', () => {
    expect(read(pod('1').replace('name: p,', 'name: p, labels: { hasOwnProperty: x },'))).toEqual([
      'E0112 3:32 "hasOwnProperty" cannot be a name here',
    ]);
    expect(read(pod('1', 'constructor'))).toEqual(['E0112 8:30 "constructor" cannot be a name here']);
  });
});

describe('a document of one line', () => {
  it('is read in time that grows with its length: a hundred thousand keys, each with its place', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":"v"`);
    const problems = new ProblemList();
    const [document] = parseYaml(`{"labels":{${keys.join(',')}}}`, 'p.json', problems);
    expect(problems.total).toBe(0);
    expect(document.locate(['labels', 'k0'], 'key')).toMatchObject({ line: 1, column: 12, width: 4 });
  });

  it('is told of keys that are given twice, wherever they stand', () => {
    const problems = new ProblemList();
    expect(parseYaml('a: { b: 1, c: { d: 1, d: 2 }, b: 3 }\n', 'p.yaml', problems)).toEqual([]);
    expect(problems.list().map(({ code, column, message }) => [code, column, message])).toEqual([
      ['E0108', 23, 'key "d" is given twice'],
      ['E0108', 31, 'key "b" is given twice'],
    ]);
  });
});
