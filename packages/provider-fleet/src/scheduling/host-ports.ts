import type { HostPort } from '@plimsoll/core';

/**
 * Whether two sets of host ports cannot share a node: same protocol and port, and the same address or one of them all addresses.
 *
 * Source: Karpenter 1.14.1, `pkg/scheduling/hostportusage.go`.
 */
export function portsConflict(taken: readonly HostPort[], wanted: readonly HostPort[]): boolean {
  return wanted.some((w) =>
    taken.some((t) => t.port === w.port && t.protocol === w.protocol && (t.ip === w.ip || isAny(t.ip) || isAny(w.ip))),
  );
}

function isAny(ip: string): boolean {
  return ip === '' || ip === '0.0.0.0' || ip === '::';
}
