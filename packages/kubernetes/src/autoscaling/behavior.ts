/** One limit on the speed of scaling. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodMs: number;
}

/** How fast one direction may go. */
export interface ScalingRules {
  /** How far back recommendations are looked at. */
  readonly stabilizationMs: number;
  readonly select: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
}

/** A HorizontalPodAutoscaler's `behavior`, with its gaps filled. */
export interface ScalingBehavior {
  readonly up: ScalingRules;
  /** `stabilizationMs` absent: the controller's own window. */
  readonly down: Omit<ScalingRules, 'stabilizationMs'> & { readonly stabilizationMs?: number };
}

/** What fills the gaps of a `behavior`. Source: Kubernetes v1.36.2, `pkg/apis/autoscaling/v2/defaults.go`. */
export const defaultScalingBehavior: ScalingBehavior = {
  up: {
    stabilizationMs: 0,
    select: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodMs: 15_000 },
      { type: 'Percent', value: 100, periodMs: 15_000 },
    ],
  },
  down: { select: 'Max', policies: [{ type: 'Percent', value: 100, periodMs: 15_000 }] },
};

/** A change of the scale that was carried out. */
export interface ScaleEvent {
  readonly at: number;
  /** Replicas added, or removed. */
  readonly change: number;
  /** Older than every policy of its time cared for; the next event takes its place. */
  outdated: boolean;
}

/** The highest scale that the rules allow now. Source: Kubernetes v1.36.2, `pkg/controller/podautoscaler/horizontal.go`. */
export function scaleUpLimit(
  replicas: number,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  rules: ScalingRules,
  now: number,
): number {
  if (rules.select === 'Disabled') return replicas;
  const limits = rules.policies.map(({ type, value, periodMs }) => {
    const start = replicas - changed(ups, periodMs, now) + changed(downs, periodMs, now);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules.select === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

/** The lowest scale that the rules allow now. Same source. */
export function scaleDownLimit(
  replicas: number,
  ups: readonly ScaleEvent[],
  downs: readonly ScaleEvent[],
  rules: Pick<ScalingRules, 'select' | 'policies'>,
  now: number,
): number {
  if (rules.select === 'Disabled') return replicas;
  const limits = rules.policies.map(({ type, value, periodMs }) => {
    const start = replicas - changed(ups, periodMs, now) + changed(downs, periodMs, now);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // The smallest change leaves the most replicas.
  return rules.select === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

/** Remembers a change; it takes the place of the last outdated one. Same source. */
export function rememberEvent(events: ScaleEvent[], policies: readonly ScalingPolicy[], change: number, now: number): void {
  const longest = policies.reduce((most, { periodMs }) => Math.max(most, periodMs), 0);
  for (const event of events) if (event.at < now - longest) event.outdated = true;
  let old = events.length - 1;
  while (old >= 0 && !events[old].outdated) old--;
  const event = { at: now, change, outdated: false };
  if (old >= 0) events[old] = event;
  else events.push(event);
}

function changed(events: readonly ScaleEvent[], periodMs: number, now: number): number {
  let sum = 0;
  for (const { at, change } of events) if (at > now - periodMs) sum += change;
  return sum;
}
