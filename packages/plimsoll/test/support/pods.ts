import type { ControllerKind, PodSpec } from '@plimsoll/core';

/** A plain pod: millicores, MiB. */
export function podSpec(cpu: number, memoryMiB: number, controller: ControllerKind): PodSpec {
  return {
    namespace: 'default',
    labels: {},
    annotations: {},
    controller,
    containers: [{ requests: { cpu, memory: memoryMiB * 2 ** 20 } }],
  };
}
