import { effectiveRequests, maxLists, type PodSpec, type ResourceList, type Workload } from '@plimsoll/core';

/** Amounts at one moment, or in all. */
export interface Amounts {
  readonly pods: number;
  /** By resource name: CPU in millicores, memory in bytes. */
  readonly requests: ResourceList;
}

/** How large a workload is, in numbers that need no simulation. */
export interface WorkloadShape {
  /** Owners: rows of the workload. */
  readonly rows: number;
  readonly pods: number;
  /** Pods that run until the end of the run. */
  readonly servicePods: number;
  /** Distinct pod templates. */
  readonly templates: number;
  /** Time of the first and the last arrival. */
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
  /** When the last pod that ends would have ended if none had waited; the last arrival where none ends. */
  readonly endMs: number;
  /** The largest request of any pod, resource by resource: not necessarily one pod. */
  readonly largest: ResourceList;
  /** The most that would run at a time if no pod ever waited: each figure its own maximum. */
  readonly peak: Amounts;
  /**
   * Requests times run time, by resource, in units of the resource times seconds. Pods without an end are counted up to the last
   * arrival, which is where the workload stops telling about them.
   */
  readonly demandSeconds: ResourceList;
}

/** Measures a workload: one pass over its arrivals, merged with the ends that they would have. */
export function workloadShape(workload: Workload): WorkloadShape {
  const { length, time, duration, template, count } = workload;
  const requests = workload.templates.map(effectiveRequests);
  const names = [...new Set(requests.flatMap((list) => Object.keys(list)))];
  const amounts = requests.map((list) => names.map((name) => list[name] ?? 0));
  const lastArrivalMs = length > 0 ? time[length - 1] : 0;
  let largest: ResourceList = {};
  for (const id of new Set(template)) largest = maxLists(largest, requests[id]);

  const end = new Float64Array(length);
  const ends = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    end[row] = time[row] + duration[row];
    ends[row] = row;
  }
  ends.sort((a, b) => end[a] - end[b] || a - b);
  const now = names.map(() => 0);
  const peak = names.map(() => 0);
  const demand = names.map(() => 0);
  let [pods, podsNow, podsPeak, servicePods, ended, endMs] = [0, 0, 0, 0, 0, lastArrivalMs];
  for (let row = 0; row < length; row++) {
    // A pod that ends at this moment has made room before the next arrives.
    for (; ended < length && end[ends[ended]] <= time[row]; ended++) {
      const gone = ends[ended];
      podsNow -= count[gone];
      for (let i = 0; i < now.length; i++) now[i] -= amounts[template[gone]][i] * count[gone];
    }
    const service = duration[row] === Number.POSITIVE_INFINITY;
    const seconds = (service ? lastArrivalMs - time[row] : duration[row]) / 1000;
    if (service) servicePods += count[row];
    else if (end[row] > endMs) endMs = end[row];
    pods += count[row];
    podsNow += count[row];
    if (podsNow > podsPeak) podsPeak = podsNow;
    for (let i = 0; i < now.length; i++) {
      const amount = amounts[template[row]][i] * count[row];
      now[i] += amount;
      demand[i] += amount * seconds;
      if (now[i] > peak[i]) peak[i] = now[i];
    }
  }
  const list = (values: readonly number[]): ResourceList => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  return {
    rows: length,
    pods,
    servicePods,
    templates: workload.templates.length,
    firstArrivalMs: length > 0 ? time[0] : 0,
    lastArrivalMs,
    endMs,
    largest,
    peak: { pods: podsPeak, requests: list(peak) },
    demandSeconds: list(demand),
  };
}

/** A pod that is not smaller than any other in every resource. */
export interface LargePod {
  readonly template: number;
  readonly spec: PodSpec;
  readonly requests: ResourceList;
  /** The first row with it, and that row's name. */
  readonly row: number;
  readonly name: string;
  /** How many pods are like it. */
  readonly pods: number;
}

/**
 * The pods that are hardest to place by size: those templates whose requests no other template exceeds or equals in every resource.
 * If each of them fits on some type of machine, so does every pod of the workload, as far as size alone decides.
 */
export function largestRequest(workload: Workload): readonly LargePod[] {
  const requests = workload.templates.map(effectiveRequests);
  const firstRow = new Map<number, number>();
  const pods = workload.templates.map(() => 0);
  for (let row = 0; row < workload.length; row++) {
    const template = workload.template[row];
    if (!firstRow.has(template)) firstRow.set(template, row);
    pods[template] += workload.count[row];
  }
  const used = [...firstRow.keys()].sort((a, b) => a - b);
  const covers = (a: number, b: number): boolean =>
    Object.keys(requests[b]).every((name) => (requests[a][name] ?? 0) >= requests[b][name]);
  const isLargest = (id: number): boolean =>
    !used.some((other) => other !== id && covers(other, id) && (other < id || !covers(id, other)));
  return used.filter(isLargest).map((id) => {
    const row = firstRow.get(id) as number;
    return { template: id, spec: workload.templates[id], requests: requests[id], row, name: workload.name(row), pods: pods[id] };
  });
}
