import type { CycleContext } from './plugin.ts';
import { type Preemption, preempt } from './preemption.ts';
import type { Search } from './schedule-pod.ts';

/** What came of the plug-ins that are asked when a pod fits nowhere. */
export interface PostFilter {
  /** What they say; empty where room is being made, and where there are none. */
  readonly message: string;
  /** What preemption found; absent where it was not tried. */
  readonly preemption?: Preemption;
}

/** DynamicResources has no claims to give back: devices are not modelled. */
const NO_CLAIMS = 'no new claims to deallocate';

/**
 * Asks the PostFilter plug-ins in their order. After a refusal that no eviction could change, DynamicResources, which never got to look at
 * the pod, ends them with an error.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/runtime/framework.go` (RunPostFilterPlugins) and
 * `plugins/dynamicresources/dynamicresources.go` (PostFilter).
 */
export function runPostFilters(context: CycleContext, search: Search, now: number): PostFilter {
  const reasons: string[] = [];
  let preemption: Preemption | undefined;
  for (const name of context.config.postFilters) {
    if (name === 'DynamicResources') {
      if (search.refused?.code === 'UU') return { message: 'not found', ...(preemption && { preemption }) };
      reasons.push(NO_CLAIMS);
    } else if (name === 'DefaultPreemption') {
      preemption = preempt(context, search, now);
      if (preemption.status === 'ok') return { message: '', preemption };
      reasons.push(preemption.message ?? '');
    }
  }
  return { message: reasons.join(', '), ...(preemption && { preemption }) };
}

/** What they say where preemption finds nothing, in these words. */
export function postFilterMessage(postFilters: readonly string[], preemptionMessage: string): string {
  const said = postFilters.map((name) => (name === 'DynamicResources' ? NO_CLAIMS : preemptionMessage));
  return said.join(', ');
}
