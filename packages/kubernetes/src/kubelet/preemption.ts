import { isCritical, type KubeletPod, requestOf } from './kubelet-pod.ts';

/** How much of a resource is missing: millicores, bytes, counts. */
export interface Requirement {
  readonly resource: string;
  readonly amount: number;
}

/**
 * Which pods a critical pod drives out to free what is missing: as few good ones as possible, guaranteed before burstable before best effort.
 *
 * Source: Kubernetes v1.36.2, `pkg/kubelet/preemption/preemption.go`.
 */
export function victimsOf(
  preemptor: KubeletPod,
  pods: readonly KubeletPod[],
  missing: readonly Requirement[],
): { readonly pods: readonly KubeletPod[] } | { readonly unmet: readonly Requirement[] } {
  const open = pods.filter((pod) => mayGo(preemptor, pod));
  const unmet = left(missing, open);
  if (unmet.length > 0) return { unmet };
  const of = (qosClass: KubeletPod['qosClass']): KubeletPod[] => open.filter((pod) => pod.qosClass === qosClass);
  const [bestEffort, burstable] = [of('BestEffort'), of('Burstable')];
  const guaranteed = nearest(of('Guaranteed'), left(missing, [...bestEffort, ...burstable]));
  const middle = nearest(burstable, left(missing, [...bestEffort, ...guaranteed]));
  const low = nearest(bestEffort, left(missing, [...middle, ...guaranteed]));
  return { pods: [...low, ...middle, ...guaranteed] };
}

function mayGo(preemptor: KubeletPod, pod: KubeletPod): boolean {
  if (isCritical(preemptor) && !isCritical(pod)) return true;
  const [mine, other] = [preemptor.spec.priority, pod.spec.priority];
  return mine !== undefined && other !== undefined && mine > other;
}

/** What is still missing once these pods are gone. */
function left(missing: readonly Requirement[], pods: readonly KubeletPod[]): Requirement[] {
  return missing.flatMap(({ resource, amount }) => {
    const rest = pods.reduce((sum, pod) => sum - requestOf(pod, resource), amount);
    return rest > 0 ? [{ resource, amount: rest }] : [];
  });
}

/** Pod after pod the one that leaves least missing, the smaller of equals. */
function nearest(pods: readonly KubeletPod[], missing: readonly Requirement[]): KubeletPod[] {
  const open = [...pods];
  const out: KubeletPod[] = [];
  let rest = missing;
  while (rest.length > 0 && open.length > 0) {
    let best = 0;
    let least = rest.length + 1;
    open.forEach((pod, index) => {
      const far = distance(pod, rest);
      if (far < least || (far === least && isSmaller(pod, open[best]))) [least, best] = [far, index];
    });
    const [pod] = open.splice(best, 1, open[open.length - 1]);
    open.pop();
    out.push(pod);
    rest = left(rest, [pod]);
  }
  return out;
}

function distance(pod: KubeletPod, missing: readonly Requirement[]): number {
  let sum = 0;
  for (const { resource, amount } of missing) {
    const rest = amount - requestOf(pod, resource);
    if (rest > 0) sum += (rest / amount) * (rest / amount);
  }
  return sum;
}

function isSmaller(a: KubeletPod, b: KubeletPod): boolean {
  for (const resource of ['memory', 'cpu']) {
    const difference = requestOf(a, resource) - requestOf(b, resource);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
