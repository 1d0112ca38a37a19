import { MINUTE } from '@plimsoll/core';

/** How a trace's columns become pods. All have defaults; each default that was needed is in the receipt. */
export interface TraceOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Memory in MiB for each CPU of a pod whose `mem_mib` is empty. Default 2048. */
  readonly memoryPerCpuMiB?: number;
  /** Memory in MiB of a pod whose `mem_mib` is empty, in place of an amount for each CPU; for each GPU where `cpu_m` is empty as well. */
  readonly defaultMemoryMiB?: number;
  /** Millicores of a pod whose `cpu_m` is empty; for each GPU where it asks for any. Default 1000, or 4000 for each GPU. */
  readonly defaultCpuMilli?: number;
  /** Name of the resource that `gpu` asks for. Default `nvidia.com/gpu`. */
  readonly gpuResource?: string;
  /** What a share of a GPU (`gpu_milli`) becomes: one whole GPU (the default), or none. */
  readonly gpuShares?: 'whole' | 'none';
  /** A node label for the models in `gpu_models`, and its value for each. Default: models are ignored. */
  readonly gpuModels?: { readonly label: string; readonly values: Readonly<Record<string, string>> };
  /** Whether `disk_gib` becomes a request for ephemeral storage. Default: it is ignored. */
  readonly disk?: 'ignore' | 'request';
  /**
   * Groups whose rows are replicas of a service that is scaled: a lost replica is replaced for the rest of its time. Default: none; a row
   * with a run time is a Job, whose lost pods start again from the beginning.
   */
  readonly services?: readonly string[];
  /**
   * Jobs that run longer than this, in milliseconds, ask autoscalers not to move them (`karpenter.sh/do-not-disrupt`, and
   * `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`), as people do for work that would start again. Default 15 minutes.
   */
  readonly protectJobsLongerThan?: number;
  /** Which recording of a file with several is read. Default: the first. */
  readonly recording?: string;
}

/** Options with nothing left open. */
export type CompleteTraceOptions = Required<
  Pick<TraceOptions, 'file' | 'gpuResource' | 'gpuShares' | 'disk' | 'services' | 'protectJobsLongerThan'>
> &
  Pick<TraceOptions, 'gpuModels' | 'recording'> & {
    readonly cpuPerPodMilli: number;
    readonly cpuPerGpuMilli: number;
    readonly memoryPerCpuMiB: number;
    readonly memoryPerGpuMiB: number;
    /** Memory of a pod in place of {@link memoryPerCpuMiB}. */
    readonly memoryPerPodMiB: number | undefined;
  };

/** Fills in the defaults. */
export function completeOptions(options: TraceOptions): CompleteTraceOptions {
  const { defaultCpuMilli, defaultMemoryMiB, memoryPerCpuMiB = 2048, ...rest } = options;
  return {
    gpuResource: 'nvidia.com/gpu',
    gpuShares: 'whole',
    disk: 'ignore',
    services: [],
    protectJobsLongerThan: 15 * MINUTE,
    ...rest,
    cpuPerPodMilli: defaultCpuMilli ?? 1000,
    cpuPerGpuMilli: defaultCpuMilli ?? 4000,
    memoryPerCpuMiB,
    memoryPerGpuMiB: defaultMemoryMiB ?? 16384,
    memoryPerPodMiB: defaultMemoryMiB,
  };
}
