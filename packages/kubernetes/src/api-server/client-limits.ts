import type { ClientLimit } from '@plimsoll/core';

/**
 * The limits that programs put on their own calls.
 *
 * Sources: client-go's default, `client-go/rest/config.go`; kube-scheduler, `component-base` defaults of its clientConnection; kube-controller-manager, one
 * client for each controller, `cmd/kube-controller-manager/app/options`; kubelet, `pkg/kubelet/apis/config/v1beta1/defaults.go` (all Kubernetes
 * v1.36); Cluster Autoscaler 1.37, flags kube-client-qps and kube-client-burst; Karpenter 1.14.1, `pkg/operator/options/options.go`.
 */
export const CLIENT_LIMITS = {
  default: { qps: 5, burst: 10 },
  scheduler: { qps: 50, burst: 100 },
  controller: { qps: 20, burst: 30 },
  kubelet: { qps: 50, burst: 100 },
  clusterAutoscaler: { qps: 5, burst: 10 },
  karpenter: { qps: 200, burst: 300 },
} as const satisfies Readonly<Record<string, ClientLimit>>;
