import { describe, expect, it } from 'vitest';
import { InputError, type Problem } from '../../src/problems/problem.ts';
import { readScenario } from '../../src/scenario/scenario-file.ts';

const SCENARIO = `apiVersion: plimsoll/v1
kind: Scenario
metadata: { name: week }
seed: 7
time: { duration: 7d }
workload:
  trace: { file: jobs.csv, memoryPerCpuMiB: 4096 }
cloud:
  catalog: aws
  launch:
    orderToRunning: { lognormal: { p50: 20s, p99: 60s } }
autoscalers:
  today:
    use: cluster-autoscaler
    config:
      nodeGroups: []
variants:
  slow: { of: today, set: { scanInterval: 1m } }
`;

function problemsOf(text: string): readonly Problem[] {
  try {
    readScenario(text, 'scenario.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('expected the scenario to be refused');
}

const brief = (problems: readonly Problem[]): string[] =>
  problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.message}${p.help ? ` (${p.help})` : ''}`);

/** The problems of the scenario with one text put in the place of another. */
const withChange = (from: string, to: string): string[] => {
  expect(SCENARIO).toContain(from);
  return brief(problemsOf(SCENARIO.replace(from, to)));
};

describe('readScenario', () => {
  it('reads durations as milliseconds and fills in defaults', () => {
    const { scenario } = readScenario(SCENARIO, 'scenario.yaml');
    expect(scenario.seed).toBe(7);
    expect(scenario.time.duration).toBe(7 * 86_400_000);
    expect(scenario.scheduler).toEqual({ tie: 'first', retries: 'each', percentageOfNodesToScore: 100 });
    expect(scenario.cloud.launch?.orderToRunning).toEqual({ kind: 'lognormal', median: 20_000, p99: 60_000 });
    expect(Object.isFrozen(scenario.autoscalers.today)).toBe(true);
  });

  it('leaves keys that start with x- to the user, but not inside options', () => {
    const text = SCENARIO.replace('seed: 7', 'x-note: mine\nseed: 7').replace('nodeGroups: []', 'x-flag: 1');
    const { scenario } = readScenario(text, 'scenario.yaml');
    expect(scenario.autoscalers.today.config).toEqual({ 'x-flag': 1 });
  });

  it('points at what only its user could check', () => {
    const reading = readScenario(SCENARIO, 'scenario.yaml');
    const at = (path: (string | number)[]): string[] =>
      brief(reading.problem(path, 'E0131', 'no such type', { help: 'use another' }).problems);
    expect(at(['autoscalers', 'today', 'use'])).toEqual(['E0131 14:10 no such type (use another)']);
    expect(at(['autoscalers', 'today', 'config', 'nodeGroups', 3, 'name'])).toEqual(['E0131 16:7 no such type (use another)']);
    expect(at(['autoscalers', 'slow', 'config', 'scanInterval'])).toEqual(['E0131 18:43 no such type (use another)']);
    expect(reading.problem(['cloud', 'region'], 'E0131', 'x').problems[0]).toMatchObject({
      line: 8,
      column: 1,
      path: 'cloud.region',
    });
  });

  it("points at a variant's edit where the mistake is its own, else at the autoscaler that it edits", () => {
    const edits = '{ of: today, set: { nodeGroups.0.max: 1, limits: { cpu: 2 } } }';
    const reading = readScenario(SCENARIO.replace('{ of: today, set: { scanInterval: 1m } }', edits), 'scenario.yaml');
    const at = (...path: (string | number)[]): string => {
      const [{ line, column }] = reading.problem(['autoscalers', 'slow', ...path], 'E0131', 'x').problems;
      return `${line}:${column}`;
    };
    expect(at('config', 'nodeGroups', 0, 'max')).toBe('18:47');
    expect(at('config', 'nodeGroups', 0)).toBe('18:47');
    expect(at('config', 'limits', 'cpu')).toBe('18:65');
    expect(at('config', 'other')).toBe('15:5');
    expect(at('use')).toBe('14:10');
  });
});

describe('a scenario that is refused', () => {
  it('suggests the key that was meant', () => {
    expect(withChange('memoryPerCpuMiB', 'memoryPerCpuMb')).toEqual([
      'E0102 7:28 unknown field "memoryPerCpuMb" (did you mean "memoryPerCpuMiB"?)',
    ]);
    expect(withChange('seed: 7', 'sede: 7')).toEqual(['E0102 4:1 unknown field "sede" (did you mean "seed"?)']);
    expect(withChange('orderToRunning', 'ordertorunning')).toEqual([
      'E0102 11:5 unknown field "ordertorunning" (did you mean "orderToRunning"?)',
    ]);
  });

  it('suggests the word that was meant', () => {
    expect(withChange('catalog: aws', 'catalog: AWS')).toEqual([
      'E0107 9:12 "AWS" is not one of aws, google, azure, kwok (did you mean "aws"?)',
    ]);
    expect(withChange('plimsoll/v1', 'plimsoll/v2')).toEqual([
      'E0107 1:13 "plimsoll/v2" is not one of plimsoll/v1 (did you mean "plimsoll/v1"?)',
    ]);
  });

  it('points at durations, deep inside a choice as well', () => {
    expect(withChange('7d', '7 days')).toEqual(['E0106 5:19 expected a duration such as "30s", "10m" or "1h30m", got "7 days"']);
    expect(withChange('p99: 60s', 'p99: 60')).toEqual([
      'E0106 11:51 expected a duration such as "30s", "10m" or "1h30m", got 60',
    ]);
    expect(withChange('7d', '-5m')).toEqual(['E0106 5:19 expected a duration such as "30s", "10m" or "1h30m", got "-5m"']);
  });

  it('points at the smaller value that comes second', () => {
    const expected =
      'expected a distribution: { constant: 5s }, { uniform: [2s, 6s] }, { lognormal: { p50: 5s, p99: 20s } } or { exponential: { mean: 5m } }, the smaller value first';
    expect(withChange('p50: 20s', 'p50: 90s')).toEqual([`E0110 11:34 ${expected}`]);
  });

  it('points at what is missing, at the object that lacks it', () => {
    expect(withChange('    use: cluster-autoscaler\n', '')).toEqual(['E0101 13:3 "use" is missing']);
    expect(withChange('metadata: { name: week }\n', '')).toEqual(['E0101 1:1 "metadata" is missing']);
  });

  it('points at numbers and lists', () => {
    expect(withChange('seed: 7', 'seed: 1.5')).toEqual(['E0103 4:7 expected a whole number, got 1.5']);
    expect(withChange('seed: 7', 'seed: -1')).toEqual(['E0110 4:7 expected at least 0, got -1']);
    expect(withChange('catalog: aws', 'zones: []')).toEqual(['E0110 9:10 expected a list of at least 1, got 0']);
  });

  it('tells all mistakes at once, in the order of the file', () => {
    const text = SCENARIO.replace('seed: 7', 'seed: x').replace('7d', '7').replace('aws', 'was');
    expect(problemsOf(text).map((p) => p.line)).toEqual([4, 5, 9]);
  });

  it('wants one document of YAML', () => {
    expect(brief(problemsOf(''))).toEqual(['E0001 1:1 the scenario is empty (it starts with apiVersion: plimsoll/v1)']);
    expect(brief(problemsOf(`${SCENARIO}---\n${SCENARIO}`))).toEqual([
      'E0108 20:1 a scenario file holds one document, and here a second begins (give it a file of its own, or remove the line "---" before it)',
    ]);
    expect(problemsOf('a: [1\n')[0].code).toBe('E0005');
    expect(brief(problemsOf('- 1\n'))).toEqual(['E0103 1:1 expected an object, got a list']);
  });
});
