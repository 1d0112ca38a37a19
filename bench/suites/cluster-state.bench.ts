import { Classes, Cluster, Log, type NodeShape, type PodSpec, Streams } from '@plimsoll/core';
import type { Suite } from '../suite.ts';

const NODES = 1000;
const PODS = 10_000;
const BATCH = 2000;

const POD: PodSpec = {
  namespace: 'default',
  labels: {},
  annotations: {},
  controller: 'Job',
  containers: [{ requests: { cpu: 100, memory: 2 ** 20 } }],
};
const SIZE = { cpu: 16_000, memory: 64 * 2 ** 30, pods: 110 };
const NODE: NodeShape = { labels: {}, taints: [], unschedulable: false, capacity: SIZE, allocatable: SIZE };

export const clusterState: Suite = {
  name: 'cluster-state',
  question: `bind and take back on ${NODES} nodes inside a what-if: how much faster than copying the state of the node in objects?`,
  ratios: [['object copies / what-if', 'object copies', 'what-if']],
  prepare() {
    const classes = new Classes();
    const cluster = new Cluster(classes, new Log());
    const podClass = classes.pod(POD).id;
    const nodeClass = classes.node(NODE).id;
    for (let n = 0; n < NODES; n++) {
      const node = cluster.orderNode({ name: `node-${n}`, offering: 0, group: 0, decision: -1 });
      cluster.nodeRunning(node, 0);
      cluster.registerNode(node, nodeClass);
    }
    const pods = Array.from({ length: PODS }, (_, ordinal) =>
      cluster.createPod({ podClass, owner: 0, ordinal, duration: Infinity }),
    );
    const stream = new Streams(7).stream('bench', 'cluster-state');
    const choice = Int32Array.from({ length: BATCH }, () => stream.below(NODES));

    const objects = Array.from({ length: NODES }, () => ({ used: { cpu: 0, memory: 0, pods: 0 }, pods: [] as number[] }));
    return {
      operations: BATCH,
      facts: { nodes: NODES, pods: PODS },
      tasks: {
        'what-if': () =>
          cluster.speculate(() => {
            for (let i = 0; i < BATCH; i++) cluster.bind(pods[i], choice[i]);
          }),
        'object copies': () => {
          let forked = objects;
          for (let i = 0; i < BATCH; i++) {
            const node = forked[choice[i]];
            const next = {
              used: { cpu: node.used.cpu + 100, memory: node.used.memory + 2 ** 20, pods: node.used.pods + 1 },
              pods: [...node.pods, pods[i]],
            };
            forked = forked.with(choice[i], next);
          }
        },
      },
    };
  },
};
