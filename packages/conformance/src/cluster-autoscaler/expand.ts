import { Classes, CPU, compareText, MEMORY, Streams } from '@plimsoll/core';
import { ExpanderChain, type ExpansionOption } from '@plimsoll/provider-nodegroup';
import type { ExpandInput } from './input.ts';
import { shapeOf, specOf } from './objects.ts';
import { pricingFrom } from './prices.ts';
import { prioritiesFrom } from './priorities.ts';

/** Asks the expander chain alone, as a case of kind `expand` does. */
export function answerExpand({ options, nodeGroups, choices, nodes, priorityConfig, world }: ExpandInput): unknown {
  const classes = new Classes();
  const pricing = pricingFrom(world);
  const given = choices.map(({ group, nodes: count, pods = [] }, index): ExpansionOption => {
    const template = nodeGroups.find(({ id }) => id === group)?.template ?? {};
    const shape = shapeOf(template);
    const { capacity } = classes.node(shape);
    let [cpu, memory, price, placed] = [0, 0, 0, 0];
    for (const { pod, count: pieces = 1 } of pods) {
      const spec = specOf(pod);
      const { requests } = classes.pod(spec);
      for (let i = 0; i < pieces; i++) {
        cpu += requests[CPU];
        memory += requests[MEMORY];
        price += pricing?.podPrice(spec) ?? 0;
        placed++;
      }
    }
    return {
      group: index,
      name: group,
      nodes: count,
      pods: placed,
      packed: [],
      order: [],
      cpu,
      memory,
      nodeCpu: capacity[CPU],
      nodeMemory: capacity[MEMORY],
      gpu:
        Object.keys(shape.allocatable).some((name) => /gpu$/.test(name) && shape.allocatable[name] > 0) ||
        shape.labels['k8s.amazonaws.com/accelerator'] !== undefined,
      ...(pricing && { price: { node: pricing.nodePrice(shape), pods: price } }),
    };
  });
  const chain = new ExpanderChain(String(options.expander ?? 'least-waste').split(','), prioritiesFrom(priorityConfig), () =>
    new Streams(1).stream('expander'),
  );
  const stabilisingPod = pricing?.podPrice({
    namespace: 'default',
    labels: {},
    annotations: {},
    controller: 'none',
    containers: [{ requests: { cpu: 500, memory: 500 * 2 ** 20 } }],
  });
  const clusterNodes = (nodes ?? []).reduce((sum, { count = 1 }) => sum + count, 0);
  const left = chain.survivors(given, stabilisingPod === undefined ? undefined : { nodes: clusterNodes, stabilisingPod });
  return { set: left.length === 0 ? null : left.map(({ name }) => name).sort(compareText) };
}
