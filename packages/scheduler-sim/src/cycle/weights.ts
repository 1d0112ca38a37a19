/** Weights of the default profile. Source: kube-scheduler v1.36.2, `pkg/scheduler/apis/config/v1/default_plugins.go`. */
export const WEIGHT = { TaintToleration: 3, NodeAffinity: 2 } as const;
