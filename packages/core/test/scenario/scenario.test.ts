import { describe, expect, it } from 'vitest';
import { OptionsError } from '../../src/contracts/provider.ts';
import { editAutoscaler, freeze, parseScenario, withVariants } from '../../src/scenario/scenario.ts';
import type { Scenario } from '../../src/scenario/schema.ts';

/** The smallest document. */
const minimal = {
  apiVersion: 'plimsoll/v1',
  kind: 'Scenario',
  metadata: { name: 'small' },
  workload: {},
  autoscalers: {},
};

function scenarioOf(document: object): Scenario {
  const result = parseScenario({ ...minimal, ...document });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.scenario;
}

/** What is wrong with a document, as `path: message`. */
function issuesOf(document: unknown): string[] {
  const result = parseScenario(document);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const deepFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(deepFrozen));

describe('a scenario document', () => {
  it('gets defaults for all that it leaves out', () => {
    expect(scenarioOf({})).toMatchObject({
      seed: 42,
      time: { settle: 1_200_000 },
      cloud: { catalog: 'aws' },
      scheduler: { tie: 'first' },
      kubelet: {},
      controllers: {},
      explain: 'reasons',
      variants: {},
    });
    expect(scenarioOf({ time: { duration: '2h' } }).time).toEqual({ duration: 7_200_000, settle: 1_200_000 });
  });

  it('gives durations and distributions in milliseconds', () => {
    const { kubelet, controllers, cloud } = scenarioOf({
      kubelet: { podStart: { uniform: ['1s', '2.5s'] }, podStop: { constant: '500ms' } },
      controllers: { replaceDelay: '1s' },
      cloud: {
        launch: {
          orderToRunning: { lognormal: { p50: '5s', p99: '20s', max: '1m' } },
          termination: { exponential: { mean: '5m' } },
        },
        shortages: [{ zone: 'a', every: '1d', lasts: '2h' }],
      },
    });
    expect(kubelet).toEqual({ podStart: { kind: 'uniform', min: 1000, max: 2500 }, podStop: { kind: 'constant', value: 500 } });
    expect(controllers).toEqual({ replaceDelay: 1000 });
    expect(cloud.launch).toEqual({
      orderToRunning: { kind: 'lognormal', median: 5000, p99: 20_000, max: 60_000 },
      termination: { kind: 'exponential', mean: 300_000 },
    });
    expect(cloud.shortages).toEqual([{ zone: 'a', every: 86_400_000, lasts: 7_200_000 }]);
  });

  it('is frozen through and through, while what was read stays free', () => {
    const document = { ...minimal, autoscalers: { ca: { use: 'cluster-autoscaler', config: { groups: [{ name: 'a' }] } } } };
    const scenario = scenarioOf(document);
    expect(deepFrozen(scenario)).toBe(true);
    document.autoscalers.ca.config.groups[0].name = 'b';
    document.autoscalers.ca.config.groups.push({ name: 'c' });
    expect(scenario.autoscalers.ca.config).toEqual({ groups: [{ name: 'a' }] });
  });

  it.each<[string, object, string[]]>([
    ['an unknown field', { colour: 1 }, [': unknown field "colour"']],
    ['unknown fields deeper down', { time: { a: 1, b: 2 } }, ['time: unknown fields "a", "b"']],
    [
      'a duration that is none',
      { time: { duration: '5 minutes' } },
      ['time.duration: expected a duration such as "30s", "10m" or "1h30m", got "5 minutes"'],
    ],
    ['a number where text belongs', { metadata: { name: 5 } }, ['metadata.name: expected string']],
    [
      'a name that Kubernetes would not take',
      { metadata: { name: 'My Run' } },
      ['metadata.name: expected lower-case letters, digits, "-" and "."'],
    ],
    [
      'an autoscaler’s name that Kubernetes would not take',
      { autoscalers: { 'My CA': { use: 'x' } } },
      ['autoscalers.My CA: expected lower-case letters, digits, "-" and "."'],
    ],
    ['another version', { apiVersion: 'plimsoll/v2' }, ['apiVersion: expected one of "plimsoll/v1"']],
    ['a word that is no choice', { explain: 'loud' }, ['explain: expected one of "off", "reasons", "full"']],
    ['a seed with a fraction', { seed: 1.5 }, ['seed: expected a whole number']],
    ['a seed below zero', { seed: -1 }, ['seed: expected at least 0']],
    ['a seed that is not exact', { seed: 2 ** 60 }, ['seed: expected at most 9007199254740991']],
    ['an empty list', { cloud: { zones: [] } }, ['cloud.zones: expected at least 1 entry']],
    ['a list’s entry', { cloud: { limits: [{ max: 1 }, { max: -1 }] } }, ['cloud.limits.1.max: expected at least 0']],
    ['a missing part', { workload: undefined }, ['workload: expected object']],
    [
      'two things at once',
      { seed: 'x', explain: 1 },
      ['seed: expected number', 'explain: expected one of "off", "reasons", "full"'],
    ],
    [
      'a trace that is neither file nor options',
      { workload: { trace: 5 } },
      ['workload.trace: expected one of: expected string; or expected object'],
    ],
    ['an unknown option of a trace', { workload: { trace: { file: 'x', nope: 1 } } }, ['workload.trace: unknown field "nope"']],
  ])('tells where it is wrong and what would be accepted: %s', (_, document, issues) => {
    expect(issuesOf({ ...minimal, ...document })).toEqual(issues);
  });

  it.each([
    { uniform: ['6s', '2s'] },
    { uniform: ['6s'] },
    { lognormal: { p50: '0s', p99: '2s' } },
    { lognormal: { p50: '3s', p99: '2s' } },
    { constant: 5 },
    { normal: 5 },
    { constant: '5s', uniform: ['1s', '2s'] },
    '5s',
  ])('refuses the distribution %j', (podStart) => {
    const [issue] = issuesOf({ ...minimal, kubelet: { podStart } });
    expect(issue).toMatch(/^kubelet\.podStart/);
    expect(issuesOf({ ...minimal, kubelet: { podStart } }).length).toBe(1);
  });

  it('names the keys that it does not know', () => {
    const result = parseScenario({ ...minimal, colour: 1 });
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.issues[0].unknownKeys).toEqual(['colour']);
  });

  it.each([null, undefined, 'text', 5, []])('refuses %j as a whole', (document) => {
    expect(issuesOf(document)).toEqual([': expected object']);
  });
});

describe('an edited autoscaler', () => {
  const scenario = scenarioOf({
    autoscalers: {
      ca: {
        use: 'cluster-autoscaler',
        config: {
          scanInterval: '10s',
          groups: [
            { name: 'a', max: 3 },
            { name: 'b', max: 4 },
          ],
        },
      },
      bare: { use: 'karpenter' },
    },
  });

  it('is in a copy; the original stays as it is', () => {
    const before = structuredClone(scenario);
    const { scenario: edited } = editAutoscaler(scenario, 'ca', { 'config.groups.1.max': 9 });
    expect(edited.autoscalers.ca.config).toEqual({
      scanInterval: '10s',
      groups: [
        { name: 'a', max: 3 },
        { name: 'b', max: 9 },
      ],
    });
    expect(scenario).toEqual(before);
    expect(deepFrozen(edited)).toBe(true);
    expect(edited.autoscalers.bare).toBe(scenario.autoscalers.bare);
  });

  it('is called after what was edited', () => {
    const { label, patches } = editAutoscaler(scenario, 'ca', { 'config.scanInterval': '5s', 'config.groups.0.max': 7 });
    expect(label.split(', ').sort()).toEqual(['config.groups.0.max = 7', 'config.scanInterval = "5s"']);
    expect(patches.length).toBe(2);
    expect(editAutoscaler(scenario, 'ca', { 'config.scanInterval': '10s' }).label).toBe('');
    expect(editAutoscaler(scenario, 'ca', { version: '1.36' }).label).toBe('version = "1.36"');
  });

  it('may get options where it had none', () => {
    const { scenario: edited } = editAutoscaler(scenario, 'bare', { 'config.batchIdle': '2s' });
    expect(edited.autoscalers.bare).toEqual({ use: 'karpenter', config: { batchIdle: '2s' } });
  });

  it('takes copies of the values that it gets', () => {
    const pool = { weight: 1 };
    const { scenario: edited } = editAutoscaler(scenario, 'ca', { 'config.pool': pool });
    pool.weight = 2;
    expect(edited.autoscalers.ca.config).toMatchObject({ pool: { weight: 1 } });
  });

  it('must exist, and so must what the path leads through', () => {
    expect(() => editAutoscaler(scenario, 'nobody', {})).toThrow(
      'autoscalers.nobody: there is no such autoscaler; the scenario has ca, bare',
    );
    expect(() => editAutoscaler(scenario, 'ca', { 'config.groups.7.max': 1 })).toThrow(
      'autoscalers.ca.config.groups.7: there is nothing here that a variant could edit',
    );
    expect(() => editAutoscaler(scenario, 'ca', { 'config.scanInterval.unit': 1 })).toThrow(OptionsError);
  });
});

describe('variants', () => {
  const document = {
    autoscalers: { ca: { use: 'cluster-autoscaler', config: { scanInterval: '10s' } } },
    variants: { fast: { of: 'ca', set: { scanInterval: '1s' } }, slow: { of: 'ca', set: { scanInterval: '1m' } } },
  };

  it('become autoscalers of their own, and stay listed', () => {
    const scenario = scenarioOf(document);
    const { autoscalers, variants } = withVariants(scenario);
    expect(autoscalers).toEqual({
      ca: { use: 'cluster-autoscaler', config: { scanInterval: '10s' } },
      fast: { use: 'cluster-autoscaler', config: { scanInterval: '1s' } },
      slow: { use: 'cluster-autoscaler', config: { scanInterval: '1m' } },
    });
    expect(variants).toBe(scenario.variants);
    expect(deepFrozen(autoscalers)).toBe(true);
    expect(Object.keys(scenario.autoscalers)).toEqual(['ca']);
  });

  it('must be of an autoscaler that is there, under a name that is free', () => {
    expect(() => withVariants(scenarioOf({ ...document, variants: { x: { of: 'none', set: {} } } }))).toThrow(
      'variants.x.of: there is no autoscaler "none"; the scenario has ca',
    );
    expect(() => withVariants(scenarioOf({ ...document, variants: { ca: { of: 'ca', set: {} } } }))).toThrow(
      'variants.ca: an autoscaler has this name already',
    );
  });
});

describe('freezing', () => {
  it('reaches everything but buffers', () => {
    const value = freeze({ a: [{ b: 1 }], buffer: new Float64Array(2) });
    expect([Object.isFrozen(value), Object.isFrozen(value.a[0])]).toEqual([true, true]);
    value.buffer[0] = 1;
    expect(value.buffer[0]).toBe(1);
  });
});
