/** A node's taint. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A pod's toleration. An empty key with `Exists` tolerates every taint; an empty effect every effect. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: Taint['effect'];
  readonly tolerationSeconds?: number;
}

/** Whether one toleration covers one taint. Source: Kubernetes v1.36, `api/core/v1/toleration.go`. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
  const exists = toleration.operator === 'Exists';
  if ((toleration.key === undefined || toleration.key === '') && !exists) return false;
  return exists || (toleration.value ?? '') === (taint.value ?? '');
}

/** The first taint with one of the given effects that no toleration covers. */
export function firstUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: (effect: Taint['effect']) => boolean = isHard,
): Taint | undefined {
  return taints.find((taint) => effects(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** The effects that keep a pod off a node: NoSchedule and NoExecute. */
export function isHard(effect: Taint['effect']): boolean {
  return effect !== 'PreferNoSchedule';
}
