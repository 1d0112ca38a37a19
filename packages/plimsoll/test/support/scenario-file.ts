/** A trace of two pods that fit everywhere. */
export const TRACE = `id,arrive_s,duration_s,cpu_m,mem_mib
a,0,60,500,512
b,30,60,500,512
`;

/** A scenario file with both autoscalers and a variant, on {@link TRACE}. Groups are not in the order of their names. */
export const SCENARIO = `apiVersion: plimsoll/v1
kind: Scenario
metadata: { name: small }
workload:
  trace: trace.csv
cloud:
  zones: [us-east-1a]
  instanceTypes: [m6i.large, m6i.2xlarge]
autoscalers:
  groups:
    use: cluster-autoscaler
    config:
      flags:
        scan-interval: 10s
      nodeGroups:
        - name: zeta
          max: 4
          instanceTypes: [m6i.large]
        - name: general
          max: 5
          instanceTypes: [m6i.2xlarge]
  karpenter:
    use: karpenter
    config:
      nodePools:
        - metadata: { name: default }
          spec:
            template:
              spec:
                requirements:
                  - { key: kubernetes.io/arch, operator: In, values: [amd64] }
            disruption:
              consolidateAfter: 1m
variants:
  slow:
    of: karpenter
    set:
      nodePools.0.spec.disruption.consolidateAfter: 10m
`;

/** A Deployment of three pods that each ask for some CPU. */
export const deployment = (name: string, cpu: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          resources: { requests: { cpu: "${cpu}", memory: 1Gi } }
`;
