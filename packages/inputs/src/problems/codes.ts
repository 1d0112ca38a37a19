/** What one code stands for: a short title, and the long text that `plimsoll explain` prints. */
export interface CodeText {
  readonly title: string;
  readonly text: string;
}

/**
 * Every code that a reader can give, in one list, so that texts are reviewed together and no number is used twice.
 * `E` means that the input can't be used, `W` that it can but is probably not what was meant, `F` that something of it is not
 * modelled exactly. Numbers are never reused.
 */
export const CODES = {
  E0001: {
    title: 'empty input',
    text: 'The file holds nothing to read: no bytes, only a header, or only blank lines. A trace needs at least one row, a manifest at least one object.',
  },
  E0002: {
    title: 'not a text file',
    text: 'The file has bytes that are not UTF-8 text, control characters, or a line of more than a mebibyte. It is probably in a binary format, or damaged. Files that are compressed with gzip are recognised by their first two bytes; other compressions have to be undone first.',
  },
  E0003: {
    title: 'damaged gzip data',
    text: 'The file starts as gzip data, but it ends early or its checksum is wrong. Most often a download was cut short. Nothing was read from it, because the rows that are missing would change every result.',
  },
  E0004: {
    title: 'another form of file',
    text: 'The file is readable, but its header is not that of a pod trace. A pod trace is a CSV file whose first line names its columns: id, arrive_s, duration_s and cpu_m, and any of group, count, mem_mib, gpu, gpu_milli, gpu_models, class, disk_gib, max_per_node, wait_s, outcome, constraints. Lists of nodes are no workload.',
  },
  E0005: {
    title: 'YAML syntax',
    text: 'The text is not valid YAML. The position is where the parser noticed, which can be a line after the cause: look for a missing colon, a tab, or an indentation that differs from its neighbours.',
  },
  E0006: {
    title: 'no such file',
    text: 'The file does not exist, is a folder, or may not be read. Paths on the command line are relative to the current folder, paths in a scenario to the folder that the scenario file is in.',
  },
  E0007: {
    title: 'no place for the results',
    text: 'The folder or file that the results are to go to cannot be written: a file stands where a folder is needed, the rights are missing, or the folder holds something other than an earlier run. A run folder is replaced only by another run folder, so that no work is lost by a misspelt path. Nothing was simulated.',
  },
  E0101: {
    title: 'missing field',
    text: 'A field, key or column that has no default is absent.',
  },
  E0102: {
    title: 'unknown field',
    text: 'A field, key or column has a name that means nothing here. It is refused, because a misspelt name would otherwise be ignored without a word. In scenario files keys that start with "x-" are free for your own notes.',
  },
  E0103: {
    title: 'wrong type',
    text: 'The value is of another type than the field wants: a text where a list is expected, for example.',
  },
  E0104: {
    title: 'not a number',
    text: 'The field wants a number in plain decimal digits. NaN, infinity, exponents, thousands separators and units are refused. Whole numbers are wanted everywhere but in seconds, which may have up to three decimals, since simulated time counts in milliseconds.',
  },
  E0105: {
    title: 'not a quantity',
    text: 'The field wants a Kubernetes quantity: a number with one of the suffixes m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or with an exponent. CPU is kept in whole millicores and everything else in whole units; what is finer is rounded up, as the API server does.',
  },
  E0106: {
    title: 'not a duration',
    text: 'The field wants a duration such as "90s", "10m", "1h30m" or "7d". Units are ms, s, m, h and d; a number without a unit is refused.',
  },
  E0107: {
    title: 'not one of the known values',
    text: 'The field takes one of a few words, and this is none of them. Case matters.',
  },
  E0108: {
    title: 'defined twice',
    text: 'Two rows, keys, columns or objects have the same name where names must be unique.',
  },
  E0109: {
    title: 'wrong number of fields',
    text: 'A row of the CSV file has more or fewer fields than its header. A comma inside a field needs quotes around the field.',
  },
  E0110: {
    title: 'out of range',
    text: 'The value is of the right type, but too small or too large: a negative duration, a count below one, a size that no machine could hold exactly.',
  },
  E0111: {
    title: 'quote without an end',
    text: 'A quoted field of the CSV file is never closed, or is followed by something other than a comma. A quote inside a quoted field is written twice.',
  },
  E0112: {
    title: 'reserved name',
    text: 'Labels, topology keys and resources may not be called constructor, toString, valueOf or by another name that every JavaScript object knows, because looking it up would find something where there is nothing. Kubernetes accepts such label keys; nobody is known to use them.',
  },
  E0120: {
    title: 'a job that says not how long it runs',
    text: 'The pods of a Job end by themselves, and a manifest does not say when. Give the pod template the annotation plimsoll.dev/duration, for example "90s" or "1h30m".',
  },
  E0121: {
    title: 'unknown priority class',
    text: 'The pod names a priority class that none of the objects given defines. The API server would refuse the pod. Add the PriorityClass to the input. The classes system-cluster-critical and system-node-critical always exist.',
  },
  E0122: {
    title: 'refused by the API server',
    text: 'The object breaks a rule of the Kubernetes API, so no cluster would hold it as it stands: a required field left out, a pair of fields that exclude each other, or a request above its limit.',
  },
  E0130: {
    title: 'a pod larger than any machine',
    text: 'The pod asks for more than the largest instance type of the catalogue has left after what the system reserves, so no autoscaler could ever help it. Usually a unit is wrong: mem_mib counts mebibytes, cpu_m millicores. If such pods are part of the question, set workload.oversized to keep; they then stay pending and are counted as never scheduled.',
  },
  E0131: {
    title: 'options of an autoscaler',
    text: 'The options under autoscalers.<name>.config are refused by the autoscaler that is to use them. They carry the names and the meaning of the real program, whose documentation describes them.',
  },
  E0132: {
    title: 'plug-ins of the scheduler',
    text: 'kube-scheduler would not start with these plug-ins, or every cycle would end in an error: a plug-in is enabled at an extension point that it does not extend, the queue is sorted by none or by several, nothing binds pods, or a plug-in is disabled for one half of its work and not for the other (preFilter and filter, preScore and score).',
  },
  E0133: {
    title: "an autoscaler's files",
    text: 'A file under autoscalers.<name>.config says nothing that the autoscaler could be configured by. For Cluster Autoscaler a Deployment, Helm values, flags as plain text, the ConfigMap of the priority expander and an eksctl ClusterConfig are understood; for Karpenter NodePool, EC2NodeClass, NodeOverlay, a Deployment and Helm values. Templates are not rendered: run helm template and name its output.',
  },
  W0201: {
    title: 'rows out of order',
    text: 'Rows of a trace are expected in the order of arrive_s. These were sorted, rows of equal time in the order of the file. Nothing is lost; but a trace that was written by a program is normally sorted, so look whether two files were joined.',
  },
  W0202: {
    title: 'run time of zero',
    text: 'A pod that runs no time at all would never be seen by a scheduler, and in public traces a zero usually comes from rounding. Such rows run for one second instead; the receipt counts them.',
  },
  W0203: {
    title: 'a plug-in that is not there',
    text: 'The configuration of the scheduler disables or configures a plug-in that does not exist, does not take part at this extension point, or takes no arguments. kube-scheduler starts all the same and ignores the entry, and so does the simulation; but what was meant does not happen.',
  },
  F0301: {
    title: 'memory by default',
    text: 'The trace does not say how much memory a pod asks for. A pod without any memory request would make every packing look better than it is, so a default is used: 2 GiB for each CPU asked for, or 16 GiB for each GPU where CPU is missing as well. Change it with memoryPerCpuMiB, or with defaultMemoryMiB for a fixed amount.',
  },
  F0302: {
    title: 'CPU by default',
    text: 'The trace does not say how much CPU a pod asks for. A default is used: 1 CPU for a pod, or 4 for each GPU. Change it with defaultCpuMilli.',
  },
  F0303: {
    title: 'share of a GPU',
    text: 'The pod asks for a share of one GPU. Kubernetes counts GPUs as whole devices, so it gets one whole GPU, and several pods that shared a GPU in the source do not share one here. With gpuShares set to none such pods ask for no GPU at all.',
  },
  F0304: {
    title: 'GPU model',
    text: "The pod may run on some models of GPU only. Without a mapping from the trace's names to a node label (gpuModels), any GPU will do.",
  },
  F0305: {
    title: 'cap of pods per node',
    text: 'The source allowed only so many pods of one group on a node. Kubernetes has no such rule: a required anti-affinity expresses a cap of one, and nothing expresses others. The cap is ignored, so pods of one service may crowd on fewer nodes than in the source.',
  },
  F0306: {
    title: 'further demands',
    text: 'The source had demands that a pod cannot express: certain hosts, starting together (gang), having a node alone, a share of a network card. They are ignored: pods of a gang start one by one.',
  },
  F0307: {
    title: 'local disk',
    text: "The pod asks for local disk. The size of a node's disk is a choice of its owner and not a property of its type, so by default the request is left out; otherwise a few large requests would keep pods from ever starting. With disk set to request it becomes a request for ephemeral storage.",
  },
  F0308: {
    title: 'told for information',
    text: 'The column describes what happened in the source, or who the pod belonged to. It does not influence the simulation.',
  },
  F0309: {
    title: 'run time of zero',
    text: 'A run time of zero was raised to one second: see W0202.',
  },
  F0310: {
    title: 'long jobs are protected',
    text: 'A job that is moved to another node starts again from the beginning, so people annotate long ones: karpenter.sh/do-not-disrupt, and cluster-autoscaler.kubernetes.io/safe-to-evict "false". A trace does not tell, so jobs that run longer than 15 minutes carry both annotations. Change the limit with protectJobsLongerThan.',
  },
  F0320: {
    title: 'kind not modelled',
    text: 'Objects of this kind were read and left out. Only Deployment, ReplicaSet, StatefulSet, ReplicationController, Job and Pod bring pods; PriorityClass is looked up, and DaemonSet is kept apart for the overhead of each node.',
  },
  F0321: {
    title: 'field not modelled',
    text: 'The field could influence placement in a real cluster, and it is not modelled. The receipt says what happens instead.',
  },
  F0322: {
    title: 'waves of a Job',
    text: 'A Job with more completions than parallelism starts its next pod whenever one ends. Here its pods come in waves of as many pods as run in parallel, each wave one run time after the one before. Where pods wait for nodes the real Job would fall behind its waves.',
  },
  F0323: {
    title: 'field without influence',
    text: 'The field has no influence on where a pod can be placed, what it asks for, or when it may be moved, so it is left out.',
  },
  F0324: {
    title: 'pod that would end by itself',
    text: 'A bare pod that is not restarted ends when its containers do, and a manifest does not say when that is. Without the annotation plimsoll.dev/duration it runs until the end of the run.',
  },
  F0325: {
    title: 'no scheduler of this name',
    text: 'Pods choose their scheduler by spec.schedulerName. The scheduler of a run has the profiles that scheduler.config gives it, or one called default-scheduler. A pod that names another is left alone, as in a cluster in which that scheduler does not run: it stays pending, is never reported unschedulable, and so no autoscaler buys a node for it.',
  },
  F0330: {
    title: 'replicas taken away',
    text: 'When a recording lowers the replicas of a Deployment, the newest pods are taken to end. Each runs from its own start for as long as lay between the two records, so a pod that waited for a node ends that much later.',
  },
  F0331: {
    title: 'another recording',
    text: 'The file holds several recordings, each with its own clock. One is read; choose another with the option recording.',
  },
  F0340: {
    title: 'call that changed nothing',
    text: 'The recording holds a call that the API server refused, so the cluster stayed as it was. The call is left out.',
  },
  F0341: {
    title: 'lost pods and their replacements',
    text: 'When a recorded pod was evicted, preempted or lost with its node, its owner made another one in its place. That was the work of the recorded cluster and not of its users, so the two count as one pod here; where it is moved in the simulation, the simulation decides.',
  },
  F0342: {
    title: 'run time that is not known',
    text: 'A pod that had not finished when the recording ended could have run for any time. It runs until the end here. A pod whose owner took it away ran for as long as the recording shows, from its start, so one that waits longer here ends that much later.',
  },
  F0343: {
    title: 'nodes of a recording',
    text: 'Which nodes there were is what an autoscaler decides, so those of the recording are not taken over: the simulated autoscalers buy their own.',
  },
} as const satisfies Readonly<Record<string, CodeText>>;

/** A code of the list. */
export type ProblemCode = keyof typeof CODES;

/** The entry of a code, or undefined for a text that is no code. */
export function explainCode(code: string): CodeText | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as ProblemCode] : undefined;
}
