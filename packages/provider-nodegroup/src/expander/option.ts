/** One way to help the pending pods: some nodes of one group, and what they would hold. */
export interface ExpansionOption {
  readonly group: number;
  readonly name: string;
  /** Nodes wanted, before any limit of the whole cluster. */
  readonly nodes: number;
  /** Pods that the estimation placed. */
  readonly pods: number;
  /** By equivalence group, how many of its pods were placed. */
  readonly packed: readonly number[];
  /** Equivalence groups in the order in which they were placed. */
  readonly order: readonly number[];
  /** Requests of the placed pods: millicores and bytes. */
  readonly cpu: number;
  readonly memory: number;
  /** Capacity of one node of the template: millicores and bytes. */
  readonly nodeCpu: number;
  readonly nodeMemory: number;
  /** Dollars an hour: of one node, and of the placed pods. Absent where the cloud has no prices. */
  readonly price?: { readonly node: number; readonly pods: number };
  /** Whether a node of the template has GPUs. */
  readonly gpu?: boolean;
}
