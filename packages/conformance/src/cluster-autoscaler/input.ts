/** A golden case of Cluster Autoscaler as its file has it; API objects are left as they are. Times are milliseconds from the start. */
export interface GroupInput {
  readonly id: string;
  readonly min: number;
  readonly max: number;
  readonly template: ApiNode;
  readonly actual?: ApiNode;
  readonly templatePods?: readonly ApiPod[];
  readonly provisionMs: number;
  readonly readyMs?: number;
  readonly faults?: readonly FaultInput[];
  readonly options?: GroupOptionsInput;
}

/** What a group sets for itself in place of the flags. */
interface GroupOptionsInput {
  readonly scaleDownUtilizationThreshold?: number;
  readonly scaleDownGpuUtilizationThreshold?: number;
  readonly scaleDownUnneededMs?: number;
  readonly scaleDownUnreadyMs?: number;
  readonly maxNodeProvisionMs?: number;
  readonly maxNodeStartupMs?: number;
  readonly ignoreDaemonSetsUtilization?: boolean;
  readonly zeroOrMaxNodeScaling?: boolean;
  readonly allowNonAtomicScaleUpToMax?: boolean;
}

/** What becomes of increases between two times. */
interface FaultInput {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'refuse' | 'never' | 'error' | 'unlisted';
  readonly ok?: number;
  readonly code?: string;
}

export interface NodeInput {
  readonly group?: string;
  readonly node?: ApiNode;
  readonly name: string;
  readonly count?: number;
  readonly createdMs?: number;
  readonly notReady?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly ApiTaint[];
  readonly cordoned?: boolean;
}

export interface PodInput {
  readonly pod: ApiPod;
  readonly count?: number;
  readonly createdMs?: number;
}

interface ControllerInput {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
}

export interface EventInput {
  readonly atMs: number;
  readonly op: string;
  readonly pods?: PodInput | readonly PodInput[];
  readonly base?: string;
  readonly count?: number;
  readonly node?: string;
  readonly taints?: readonly ApiTaint[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly min?: number;
  readonly max?: number;
}

export interface WorldInput {
  readonly nodeDeleteMs?: number;
  readonly evictedMs?: number;
  readonly recreateMs?: number;
  readonly podCpuPrice?: number;
  readonly podGiBPrice?: number;
}

export interface LoopInput {
  readonly kind: 'loop';
  readonly options?: OptionsInput;
  readonly loops: number;
  readonly intervalMs: number;
  readonly world?: WorldInput;
  readonly nodeGroups: readonly GroupInput[];
  readonly nodes?: readonly NodeInput[];
  readonly pods?: readonly PodInput[];
  readonly controllers?: readonly ControllerInput[];
  readonly daemonSets?: readonly ApiObject[];
  readonly pdbs?: readonly ApiObject[];
  readonly priorityConfig?: string;
  readonly events?: readonly EventInput[];
  readonly recordUtil?: boolean;
}

export interface EstimateInput {
  readonly kind: 'estimate';
  readonly options?: OptionsInput;
  readonly template: ApiNode;
  readonly templatePods?: readonly ApiPod[];
  readonly group: { readonly max: number; readonly target: number };
  readonly similar?: readonly { readonly max: number; readonly target: number }[];
  readonly nodes?: readonly NodeInput[];
  readonly pods: readonly PodInput[];
}

export interface ExpandInput {
  readonly kind: 'expand';
  readonly options: OptionsInput;
  readonly nodeGroups: readonly GroupInput[];
  readonly choices: readonly { readonly group: string; readonly nodes: number; readonly pods?: readonly PodInput[] }[];
  readonly nodes?: readonly NodeInput[];
  readonly priorityConfig?: string;
  readonly world?: WorldInput;
}

/** Flags by name, as on the command line; a list is a flag given several times. */
export type OptionsInput = Readonly<Record<string, string | readonly string[]>>;

export interface ApiTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

interface ApiMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
}

export interface ApiObject {
  readonly metadata?: ApiMetadata;
  // biome-ignore lint/suspicious/noExplicitAny: the readers of API objects check what they read
  readonly spec?: any;
}

export type ApiNode = ApiObject;

export interface ApiPod extends ApiObject {
  readonly status?: {
    readonly phase?: string;
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}
