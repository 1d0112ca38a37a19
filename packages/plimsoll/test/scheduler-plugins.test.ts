import { OptionsError, type PodSpec, RECORD, Workload } from '@plimsoll/core';
import { licences, smallestFirst } from '@plimsoll/examples/scheduler-plugins';
import { explainPod, simulate, type UserPlugin } from 'plimsoll';
import { describe, expect, it } from 'vitest';
import { podSpec } from './support/pods.ts';
import { smallScenario } from './support/scenarios.ts';

/** Two nodes with two licences each, one without. No autoscaler adds any: to it, all pods seem to fit. */
const autoscalers = {
  groups: {
    use: 'cluster-autoscaler',
    config: {
      nodeGroups: [
        { name: 'licensed', min: 2, max: 2, instanceTypes: ['m6i.2xlarge'], labels: { 'example.com/licences': '2' } },
        { name: 'general', min: 1, max: 1, instanceTypes: ['m6i.2xlarge'] },
      ],
    },
  },
};

const licensed: PodSpec = { ...podSpec(100, 128, 'Job'), labels: { 'example.com/licence': 'yes' } };
const HOUR = 3_600_000;

/** Pods that come after the nodes are there. */
function specWith(templates: readonly PodSpec[], schedulerPlugins: readonly UserPlugin[], scheduler: object = {}) {
  const rows = templates.map((_, i) => ({ name: `job${i}`, template: i, time: HOUR, duration: HOUR, count: 1 }));
  const scenario = smallScenario({ autoscalers, scheduler, time: { duration: '90m' } });
  return { scenario, workload: Workload.of(templates, rows).share(), autoscaler: 'groups', seed: 1, schedulerPlugins };
}

/** Pods in the order in which they were bound, each with its node. */
function bindings(spec: ReturnType<typeof specWith>): [pod: number, node: string][] {
  const { log, tables } = simulate(spec);
  return [...log.kind].flatMap((kind, i): [number, string][] =>
    kind === RECORD.podBound ? [[log.a[i], tables.nodeNames[log.b[i]]]] : [],
  );
}

const count = (found: readonly [number, string][]): Record<string, number> => {
  const nodes: Record<string, number> = {};
  for (const [, node] of found) nodes[node] = (nodes[node] ?? 0) + 1;
  return nodes;
};

describe('the example plug-ins', () => {
  const six = Array.from({ length: 6 }, () => licensed);

  it('give out no more licences than there are, the first node’s before the second’s', () => {
    const found = bindings(specWith(six, [licences]));
    expect(count(found)).toEqual({ 'licensed-0': 2, 'licensed-1': 2 });
    expect(found.map(([, node]) => node).slice(0, 2)).toEqual([found[0][1], found[0][1]]);
    expect(count(bindings(specWith(six, []))).general).not.toBe(0);
  });

  it('speak in the message of the pod’s condition and in why', () => {
    const spec = specWith(six, [licences]);
    const { schedulerPlugins } = spec;
    const { attempts } = explainPod(spec, 'job5-0', { schedulerPlugins });
    expect(attempts[0].message).toMatch(/^0\/3 nodes are available: 3 node\(s\) had no licence left\./);
    expect(attempts[0].filters.at(-1)).toBe('Licences');
    const [first] = explainPod(spec, 'job0-0', { schedulerPlugins }).attempts;
    expect(first.weights.Licences).toBe(5);
  });

  it('sort the queue', () => {
    const sizes = [900, 300, 700, 100].map((cpu) => podSpec(cpu, 128, 'Job'));
    const cpuOf = (found: readonly [number, string][]): number[] => found.map(([pod]) => [900, 300, 700, 100][pod]);
    expect(cpuOf(bindings(specWith(sizes, [])))).toEqual([900, 300, 700, 100]);
    expect(cpuOf(bindings(specWith(sizes, [smallestFirst])))).toEqual([100, 300, 700, 900]);
  });

  it('stay out where the configuration disables them, and weigh what it says', () => {
    const config = (profile: object) => ({
      config: { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles: [profile] },
    });
    const without = config({ plugins: { multiPoint: { disabled: [{ name: 'Licences' }] } } });
    expect(bindings(specWith(six, [licences], without))).toHaveLength(6);
    const weighed = config({ plugins: { score: { enabled: [{ name: 'Licences', weight: 9 }] } } });
    const spec = specWith(six, [licences], weighed);
    expect(explainPod(spec, 'job0-0', { schedulerPlugins: [licences] }).attempts[0].weights.Licences).toBe(9);
  });

  it('decide the same every time', () => {
    const spec = specWith(six, [licences, smallestFirst]);
    expect(simulate(spec).digest).toBe(simulate(spec).digest);
  });
});

describe('a plug-in of one’s own', () => {
  it('must not have the name of another', () => {
    const spec = specWith([licensed], [{ ...licences, name: 'NodeName' }]);
    expect(() => simulate(spec)).toThrow(
      new OptionsError(['schedulerPlugins', 'NodeName'], 'there is a plug-in of this name already'),
    );
    expect(() => simulate(specWith([licensed], [licences, licences]))).toThrow(OptionsError);
  });

  it('must do something', () => {
    expect(() => simulate(specWith([licensed], [{ name: 'Idle' }]))).toThrow('expected at least one of filter, score and before');
  });

  it('wakes its pods at any event, as it names none', () => {
    // Pods come one by one; a licence is given back when the first job ends.
    const short = { ...specWith([licensed, licensed, licensed, licensed, licensed], [licences]) };
    const rows = [0, 1, 2, 3, 4].map((i) => ({
      name: `job${i}`,
      template: 0,
      time: HOUR,
      duration: i === 0 ? 600_000 : HOUR,
      count: 1,
    }));
    const found = bindings({ ...short, workload: Workload.of([licensed], rows).share() });
    expect(found).toHaveLength(5);
  });
});
