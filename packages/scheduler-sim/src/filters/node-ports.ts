import type { HostPort, PodSpec } from '@plimsoll/core';

/** The host ports that a pod takes: those of its containers and sidecars. */
export function hostPorts(spec: PodSpec): readonly HostPort[] {
  const ports: HostPort[] = [];
  for (const container of spec.containers) ports.push(...taken(container.ports));
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') ports.push(...taken(container.ports));
  }
  return ports;
}

function taken(ports: readonly HostPort[] | undefined): readonly HostPort[] {
  return (ports ?? []).filter(({ port }) => port > 0);
}

/**
 * Whether two pods cannot share a node: some port of one and some port of the other meet on an address.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/types.go` (HostPortInfo.CheckConflict).
 */
export function portsConflict(a: readonly HostPort[], b: readonly HostPort[]): boolean {
  return a.some((x) => b.some((y) => x.port === y.port && x.protocol === y.protocol && addressesMeet(x.ip, y.ip)));
}

const ANY = '0.0.0.0';

function addressesMeet(a: string, b: string): boolean {
  const [x, y] = [a || ANY, b || ANY];
  return x === ANY || y === ANY || x === y;
}
