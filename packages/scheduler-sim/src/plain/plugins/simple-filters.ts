import { firstUntolerated } from '@plimsoll/core';
import { portsConflict } from '../../filters/node-ports.ts';
import { REASON } from '../../filters/plugins.ts';
import { matchesNodeName, toleratesCordon } from '../../filters/static.ts';
import type { FilterPlugin } from '../plugin.ts';
import { unresolvable, unschedulable } from '../status.ts';

/**
 * Cordoned nodes take only pods that tolerate the taint that a cordon stands for.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeunschedulable/node_unschedulable.go`.
 */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare: ({ pod }) => ({
    is: 'ready',
    state: {
      filter: ({ node }) =>
        toleratesCordon(pod.pod.spec, node.unschedulable)
          ? undefined
          : unresolvable('NodeUnschedulable', REASON.NodeUnschedulable),
    },
  }),
};

/**
 * A pod that names a node goes there or nowhere.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodename/node_name.go`.
 */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare: ({ pod }) => ({
    is: 'ready',
    state: {
      filter: ({ name }) => (matchesNodeName(pod.pod.spec, name) ? undefined : unresolvable('NodeName', REASON.NodeName)),
    },
  }),
};

/**
 * Every NoSchedule and NoExecute taint must be tolerated.
 *
 * Source: kube-scheduler v1.36.2, `plugins/tainttoleration/taint_toleration.go (Filter)`.
 */
export const taintTolerationFilter: FilterPlugin = {
  name: 'TaintToleration',
  prepare: ({ pod }) => ({
    is: 'ready',
    state: {
      filter: ({ node }) =>
        firstUntolerated(node.taints, pod.pod.spec.tolerations ?? []) === undefined
          ? undefined
          : unresolvable('TaintToleration', REASON.TaintToleration),
    },
  }),
};

/**
 * No pod of the node may hold a host port that the pod asks for.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeports/node_ports.go`.
 */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  prepare: ({ pod }) =>
    pod.ports.length === 0
      ? { is: 'skip' }
      : {
          is: 'ready',
          state: {
            filter: ({ pods }) =>
              pods.some((other) => portsConflict(pod.ports, other.ports))
                ? unschedulable('NodePorts', REASON.NodePorts)
                : undefined,
          },
        },
};
