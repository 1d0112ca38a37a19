import { expect, it } from 'vitest';
import { NodeOrder, placesIn } from '../../src/cycle/node-order.ts';
import { Bench, nodeShape } from '../support/build.ts';

const inZone = (zone: string) => nodeShape(1000, 1000, { labels: { 'topology.kubernetes.io/zone': zone } });

function start() {
  const bench = new Bench();
  const rows: Record<string, number> = {};
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) rows[name] = bench.node(name, inZone(name[0]));
  const order = new NodeOrder(placesIn(bench.view));
  for (const node of bench.registered) order.add(node);
  const names = (): string => {
    order.refresh();
    return order.rows.map((node) => bench.view.nodeNames[node]).join(' ');
  };
  return { bench, rows, order, names };
}

it('takes one node of each zone in turn and passes over zones that have no more', () => {
  expect(start().names()).toBe('a1 b1 c1 a2 c2 a3');
});

it('puts a zone that comes back at the end', () => {
  const { bench, rows, order, names } = start();
  names();
  order.remove(rows.b1);
  order.add(bench.node('b2', inZone('b')));
  expect(names()).toBe('a1 c1 b2 a2 c2 a3');
});

it('keeps the old places after a change of zone until a node comes or goes', () => {
  const { bench, rows, order, names } = start();
  names();
  bench.cluster.changeNode(rows.a1, { addLabels: { 'topology.kubernetes.io/zone': 'c' } });
  order.update(rows.a1);
  expect(names()).toBe('a1 b1 c1 a2 c2 a3');
  order.remove(rows.b1);
  expect(names()).toBe('a2 c1 a3 c2 a1');
});

it('keeps the place of a name that left and came back between two looks', () => {
  const { bench, rows, order, names } = start();
  names();
  order.remove(rows.a1);
  const again = bench.node('a1', inZone('a'));
  order.add(again);
  expect(names()).toBe('a1 b1 c1 a2 c2 a3');
  expect(order.rows[0]).toBe(again);
});
