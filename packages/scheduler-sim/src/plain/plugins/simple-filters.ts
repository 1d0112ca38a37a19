import { firstUntolerated } from '@plimsoll/core';
import { portsConflict } from '../../filters/node-ports.ts';
import { REASON } from '../../filters/plugins.ts';
import { matchesNodeName, toleratesCordon } from '../../filters/static.ts';
import type { FilterPlugin } from '../plugin.ts';
import { unresolvable, unschedulable } from '../status.ts';

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

export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare: ({ pod }) => ({
    is: 'ready',
    state: {
      filter: ({ name }) => (matchesNodeName(pod.pod.spec, name) ? undefined : unresolvable('NodeName', REASON.NodeName)),
    },
  }),
};

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
