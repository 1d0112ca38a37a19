/**
 * Why a node was rejected. `U`: an eviction could help. `UU` (unresolvable): none could.
 *
 * Source: kube-scheduler v1.36.2, `staging/src/k8s.io/kube-scheduler/framework/interface.go` (Code).
 */
export interface Status {
  readonly code: 'U' | 'UU';
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export function unschedulable(plugin: string, ...reasons: string[]): Status {
  return { code: 'U', plugin, reasons };
}

export function unresolvable(plugin: string, ...reasons: string[]): Status {
  return { code: 'UU', plugin, reasons };
}

/** A cycle that ended without a decision, because a plug-in could not do its work. */
export class CycleError extends Error {
  override readonly name = 'CycleError';
}
