import { type PodSpec, TAINT, type Toleration } from '@plimsoll/core';

const SECONDS = 300;

/**
 * A pod as the API server stores it, beside its defaults: the priority 0 where no class gives one, and the tolerations for nodes that
 * are not ready or unreachable, for 300 s each.
 *
 * Source: Kubernetes v1.36, `plugin/pkg/admission/priority`, `plugin/pkg/admission/defaulttolerationseconds`.
 */
export function admitted(spec: PodSpec): PodSpec {
  const given = spec.tolerations ?? [];
  const added: Toleration[] = [];
  for (const key of [TAINT.notReady, TAINT.unreachable]) {
    const covered = given.some(
      (toleration) =>
        (toleration.key === key || toleration.key === undefined) &&
        (toleration.effect === undefined || toleration.effect === 'NoExecute'),
    );
    if (!covered) added.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS });
  }
  return { ...spec, priority: spec.priority ?? 0, tolerations: [...given, ...added] };
}
