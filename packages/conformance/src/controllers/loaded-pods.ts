import type { Json } from '../kube-scheduler/json.ts';
import { T0 } from './pods.ts';

const HOUR = 3_600_000;
/** Younger pods have no sample yet, ms. */
const FIRST_SAMPLE = 30_000;

/** Pods that share a load: what the golden cases of a closed loop between workload and autoscaler are driven by. */
export class LoadedPods {
  readonly #requestMilli: number;
  readonly #readyAfter: number;
  #total: number;
  #startedAt: number[] | undefined;

  constructor(workload: Json) {
    this.#requestMilli = workload.at('cpuRequestMilli').number ?? 0;
    this.#readyAfter = workload.at('readyAfterMs').number ?? 0;
    this.#total = workload.at('totalUsageMilli').number ?? 0;
  }

  /** Pods and PodMetrics once there are as many as the scale says. */
  step(replicas: number, now: number, total: number | undefined): { readonly pods: unknown[]; readonly podMetrics: unknown[] } {
    if (total !== undefined) this.#total = total;
    const starts = (this.#startedAt ??= new Array(replicas).fill(-HOUR));
    starts.length = Math.min(starts.length, replicas);
    while (starts.length < replicas) starts.push(now);
    const ready = starts.filter((start) => start + this.#readyAfter <= now).length;
    const share = ready === 0 ? 0 : Math.trunc(this.#total / ready);
    const pods = starts.map((start, index) => this.#pod(`w-${index}`, start, now));
    const podMetrics = starts.flatMap((start, index) => {
      if (now - start < FIRST_SAMPLE) return [];
      const cpu = start + this.#readyAfter <= now ? share : 0;
      return [
        {
          metadata: { name: `w-${index}` },
          timestamp: text(now),
          window: '30s',
          containers: [{ name: 'main', usage: { cpu: `${cpu}m` } }],
        },
      ];
    });
    return { pods, podMetrics };
  }

  #pod(name: string, start: number, now: number): unknown {
    const ready = start + this.#readyAfter <= now;
    return {
      metadata: { name, labels: { app: 'w' } },
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: `${this.#requestMilli}m` } } }] },
      status: {
        phase: 'Running',
        startTime: text(start),
        conditions: [
          { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: text(ready ? start + this.#readyAfter : start) },
        ],
      },
    };
  }
}

function text(ms: number): string {
  return new Date(T0 + ms).toISOString();
}
