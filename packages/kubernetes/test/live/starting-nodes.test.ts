import { type NodeShape, Simulation, TAINT } from '@plimsoll/core';
import { describe, expect, it } from 'vitest';
import { StartingNodes } from '../../src/live/starting-nodes.ts';

const shape = (zone: string): NodeShape => ({
  labels: { 'topology.kubernetes.io/zone': zone },
  taints: [{ key: TAINT.notReady, effect: 'NoSchedule' }],
  unschedulable: false,
  capacity: { cpu: 1000 },
  allocatable: { cpu: 1000 },
});
const ready = { removeTaints: [{ key: TAINT.notReady, effect: 'NoSchedule' as const }] };

function run() {
  const simulation = new Simulation(1);
  const { cluster } = simulation;
  simulation.add((timer) => new StartingNodes(cluster, timer, 5000, 2000));
  const register = (name: string, zone: string): number => {
    const node = cluster.orderNode({ name, offering: 0, group: 0, decision: -1 });
    cluster.nodeRunning(node, 0);
    cluster.registerNode(node, cluster.classes.node(shape(zone)).id);
    return node;
  };
  const effects = (node: number): string[] =>
    cluster.classes.nodes[cluster.nodes.class[node]].shape.taints.map(({ effect }) => effect);
  return { simulation, cluster, register, effects };
}

describe('starting nodes', () => {
  it('evicts from a starting node only beside nodes of its zone that are ready, from tick to tick', () => {
    const { simulation, cluster, register, effects } = run();
    simulation.runUntil(100);
    const first = register('a1', 'a');
    simulation.runUntil(2500);
    expect(effects(first)).toEqual(['NoSchedule']);
    cluster.readyNode(first, ready);
    const [second, other] = [register('a2', 'a'), register('b1', 'b')];
    simulation.runUntil(6999);
    expect(effects(second)).toEqual(['NoSchedule']);
    simulation.runUntil(7000);
    expect([effects(first), effects(second), effects(other)]).toEqual([[], ['NoSchedule', 'NoExecute'], ['NoSchedule']]);
    simulation.runUntil(8000);
    cluster.readyNode(second, ready);
    expect(effects(second)).toEqual(['NoExecute']);
    simulation.runUntil(12_000);
    expect(effects(second)).toEqual([]);
  });

  it('ticks no more once every node has started', () => {
    const { simulation, cluster, register } = run();
    simulation.runUntil(100);
    cluster.readyNode(register('a1', 'a'), ready);
    simulation.run();
    expect(simulation.now).toBe(2000);
  });
});
