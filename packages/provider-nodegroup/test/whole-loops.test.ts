import { describe, expect, it } from 'vitest';
import { GIB, MINUTE, Run, SECOND } from './world.ts';

describe('a run of the autoscaler', () => {
  it('grows a group from zero for pods that fit nowhere', () => {
    // Three pods of 1,500m. A 4x16 node is believed to offer 4,000m less a kube-proxy of 100m: two pods a node, so two nodes.
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [{ at: 5 * SECOND, count: 3, cpu: 1500, memory: GIB }],
    }).until(3 * MINUTE);
    // At 5 s the pods are new, so the loop that they wake only waits; the next one comes a scan interval later.
    expect(run.lines).toEqual(['15.0s scale small TriggeredScaleUp']);
    expect(run.decisions[0].because.message).toBe(
      'pod pod-0 and 2 more found no place: small 0->2 (max: 5), 2 nodes wanted for 3 pods',
    );
    expect(run.nodes).toEqual(['small-0', 'small-1']);
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });

  it('removes a node after it has been unneeded for longer than ten minutes', () => {
    // The pod uses more than half of the node, so the node is first looked at when the pod has ended: by the next loop, at most 10 s later. The
    // first loop more than 10 minutes after that is also past the 10 minutes after the growth.
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [{ at: 0, cpu: 2500, runs: 50 * SECOND }],
      boot: 52 * SECOND,
    }).until(20 * MINUTE);
    expect(run.steps).toHaveLength(3);
    const [grown, tainted, ended] = run.steps;
    expect([grown.kind, tainted.kind, ended.kind]).toEqual(['scale', 'cordon', 'terminate']);
    const finished = grown.at + 52 * SECOND + SECOND + 50 * SECOND;
    expect(tainted.at).toBeGreaterThan(finished + 10 * MINUTE);
    expect(tainted.at).toBeLessThanOrEqual(finished + 10 * MINUTE + 20 * SECOND);
    expect(tainted.because.code).toBe('ScaleDownEmpty');
    expect(ended.at).toBe(tainted.at + 5 * SECOND);
    expect(run.nodes).toEqual([]);
  });

  it('removes a node with GPUs after it has been empty for longer than ten minutes', () => {
    // The pod takes both GPUs. It is helped once it is 30 s old; the node is unneeded from the first loop after the pod's end.
    const requests = { cpu: 1000, 'nvidia.com/gpu': 2 };
    const run = new Run({
      config: { nodeGroups: [{ name: 'gpus', min: 0, max: 5, instanceTypes: ['4x16x2'] }] },
      arrivals: [{ at: 0, runs: 5 * MINUTE, spec: { containers: [{ requests }] } }],
    }).until(30 * MINUTE);
    expect(run.steps.map(({ kind, name, because }) => `${kind} ${name} ${because.code}`)).toEqual([
      'scale gpus TriggeredScaleUp',
      'cordon gpus-0 ScaleDownEmpty',
      'terminate gpus-0 ScaleDownEmpty',
    ]);
    const { pods } = run.simulation.cluster;
    const [grown, tainted] = run.steps;
    expect(grown.at).toBeGreaterThanOrEqual(30 * SECOND);
    const ended = pods.startedAt[0] + 5 * MINUTE;
    expect(tainted.at).toBeGreaterThan(ended + 10 * MINUTE);
    expect(tainted.at).toBeLessThanOrEqual(ended + 10 * MINUTE + 20 * SECOND);
    expect(run.nodes).toEqual([]);
  });

  it('leaves a node alone for five minutes after its pods found no other place, even if they end', () => {
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [{ at: 0, cpu: 1500, runs: 2 * MINUTE }],
    }).until(30 * MINUTE);
    const [, tainted] = run.steps;
    const { startedAt, boundAt } = run.simulation.cluster.pods;
    expect(startedAt[0] - boundAt[0]).toBe(SECOND);
    // Bound when the node turned ready; the next loop finds no other place, for 5 minutes; then the node is unneeded for 10.
    expect(tainted.at - boundAt[0]).toBeGreaterThan(15 * MINUTE);
    expect(tainted.at - boundAt[0]).toBeLessThanOrEqual(15 * MINUTE + 40 * SECOND);
  });

  it('drains nodes one at a time', () => {
    // Four nodes of 3,900m carry one pod of 1,000m each (a big one kept them apart and ends): three can go, their pods fit on the fourth.
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 4, instanceTypes: ['4x16'] }] },
      arrivals: [
        { at: 0, count: 4, cpu: 2500, runs: 5 * MINUTE },
        { at: 2 * MINUTE, count: 4, cpu: 900, memory: GIB },
      ],
    }).until(40 * MINUTE);
    const drains = run.decisions.filter(({ kind }) => kind === 'drain');
    const ends = run.decisions.filter(({ kind, because }) => kind === 'terminate' && because.code === 'ScaleDown');
    expect(run.nodes).toHaveLength(1);
    expect(drains).toHaveLength(3);
    expect(ends).toHaveLength(3);
    for (let i = 1; i < drains.length; i++) expect(drains[i].at).toBeGreaterThan(ends[i - 1].at);
    // Taint, 5 s, evict, look every 5 s: pods take 2 s to stop.
    expect(ends[0].at - drains[0].at).toBe(5 * SECOND);
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });

  it('leaves a pod that no group can take pending, and says why', () => {
    const run = new Run({
      config: {
        nodeGroups: [
          { name: 'full', min: 0, max: 0, instanceTypes: ['64x256'] },
          { name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] },
          { name: 'tainted', min: 0, max: 5, instanceTypes: ['32x64'], taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
        ],
      },
      arrivals: [{ at: 0, cpu: 5000 }],
      explain: 'full',
    }).until(5 * MINUTE);
    expect(run.decisions).toEqual([]);
    const { status } = run.autoscaler;
    expect(status.scaleUp).toBe('NoOptionsAvailable');
    expect(status.remaining).toEqual([
      {
        podClass: 0,
        count: 1,
        rejected: {
          small: ['Insufficient cpu'],
          tainted: ["node(s) didn't match the pod's taints, selector or affinity"],
        },
        pods: [0],
        skipped: { full: 'max node group size reached' },
      },
    ]);
  });

  it('tries another group once the cloud has failed to launch for the first', () => {
    const run = new Run({
      config: {
        nodeGroups: [
          { name: 'best', min: 0, max: 5, instanceTypes: ['2x4'] },
          { name: 'other', min: 0, max: 5, instanceTypes: ['8x64'] },
        ],
      },
      arrivals: [{ at: 0, cpu: 1500, memory: GIB }],
      shortages: [{ group: 'best', from: 0, to: 60 * MINUTE }],
    }).until(5 * MINUTE);
    const [first, cut, second] = run.decisions;
    expect([first.name, first.because.code]).toEqual(['best', 'TriggeredScaleUp']);
    expect([cut.name, cut.because.code]).toEqual(['best', 'FailedScaleUp']);
    expect(cut.at - first.at).toBeLessThanOrEqual(MINUTE);
    // In the very same loop.
    expect([second.name, second.at]).toEqual(['other', cut.at]);
    expect(run.simulation.cluster.pendingCount).toBe(0);
  });

  it('keeps a node whose pods have no other home', () => {
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [{ at: 0, cpu: 500, memory: GIB }],
      explain: 'full',
    }).until(60 * MINUTE);
    expect(run.lines).toHaveLength(1);
    expect(run.nodes).toEqual(['small-0']);
    // Alternates with RecentlyUnremovable, for the five minutes that a finding lasts.
    expect([...run.autoscaler.status.unremovable.values()][0].reason).toMatch(/NoPlaceToMovePods|RecentlyUnremovable/);
  });

  it('keeps a node with a bare pod, which nothing would replace', () => {
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, desired: 2, instanceTypes: ['4x16'] }] },
      arrivals: [{ at: 0, cpu: 500, spec: { controller: 'none' } }],
    }).until(60 * MINUTE);
    expect(run.nodes).toEqual(['small-0']);
  });

  it('marks nodes that may go soon, and takes the mark back when they are needed again', () => {
    // The pod ends after 2 minutes; the next comes 4 minutes later, before the node has been unneeded for 10.
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, instanceTypes: ['4x16'] }] },
      arrivals: [
        { at: 0, cpu: 2500, runs: 2 * MINUTE },
        { at: 7 * MINUTE, cpu: 2500 },
      ],
    }).until(12 * MINUTE);
    expect(run.decisions.map(({ kind, because }) => `${kind} ${because.code}`)).toEqual([
      'scale TriggeredScaleUp',
      'cordon DeletionCandidate',
      'cordon NoDeletionCandidate',
    ]);
  });

  it('gives up a drain whose pods a budget protects, and takes its taint back', () => {
    const run = new Run({
      config: { nodeGroups: [{ name: 'small', min: 0, max: 5, desired: 2, instanceTypes: ['4x16'] }] },
      arrivals: [
        { at: 0, count: 2, cpu: 2500, runs: MINUTE },
        { at: 30 * SECOND, count: 2, cpu: 1000 },
      ],
      // The planner finds nothing wrong; when the drain begins, nothing may be evicted any more.
      blocked: (_pod, now) => now > 11 * MINUTE + 15 * SECOND,
    }).until(16 * MINUTE);
    const codes = run.decisions.map(({ kind, because }) => `${kind} ${because.code}`);
    expect(codes.filter((code) => code.startsWith('terminate'))).toEqual([]);
    expect(run.nodes).toEqual(['small-0', 'small-1']);
    const last = run.steps.at(-1);
    if (last !== undefined) expect(last.because.code).toBe('ScaleDownFailed');
  });
});
