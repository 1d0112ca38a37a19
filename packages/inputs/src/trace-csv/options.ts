/** How a trace's columns become pods. All have defaults; each default that was needed is in the receipt. */
export interface TraceOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Memory in MiB for each CPU of a pod whose `mem_mib` is empty. Default 2048. */
  readonly memoryPerCpuMiB?: number;
  /** Millicores of a pod whose `cpu_m` is empty and which asks for no GPU. Default 1000. */
  readonly cpuPerPodMilli?: number;
  /** Millicores for each GPU of a pod whose `cpu_m` is empty. Default 4000. */
  readonly cpuPerGpuMilli?: number;
  /** Memory in MiB for each GPU of a pod whose `cpu_m` and `mem_mib` are both empty. Default 16384. */
  readonly memoryPerGpuMiB?: number;
  /** Name of the resource that `gpu` asks for. Default `nvidia.com/gpu`. */
  readonly gpuResource?: string;
  /** What a share of a GPU (`gpu_milli`) becomes: one whole GPU (the default), or none. */
  readonly gpuShares?: 'whole' | 'none';
  /** A node label for the models in `gpu_models`, and its value for each. Default: models are ignored. */
  readonly gpuModels?: { readonly label: string; readonly values: Readonly<Record<string, string>> };
  /** Whether `disk_gib` becomes a request for ephemeral storage. Default: it is ignored. */
  readonly disk?: 'ignore' | 'request';
}

/** Options with nothing left open. */
export type CompleteTraceOptions = Required<Omit<TraceOptions, 'gpuModels'>> & Pick<TraceOptions, 'gpuModels'>;

/** Fills in the defaults. */
export function completeOptions(options: TraceOptions): CompleteTraceOptions {
  return {
    memoryPerCpuMiB: 2048,
    cpuPerPodMilli: 1000,
    cpuPerGpuMilli: 4000,
    memoryPerGpuMiB: 16384,
    gpuResource: 'nvidia.com/gpu',
    gpuShares: 'whole',
    disk: 'ignore',
    ...options,
  };
}
