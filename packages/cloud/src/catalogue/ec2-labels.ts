import { LABEL, type Labels } from '@plimsoll/core';
import type { Ec2Facts } from './ec2-facts.ts';

/**
 * Labels of an EC2 type: those that every Kubernetes node has, and those that Karpenter adds where the facts have a figure. Left out
 * for want of facts: encryption in transit, tenancy, zone ids. Bare metal has no hypervisor label.
 */
export function ec2Labels(facts: Ec2Facts): Labels {
  const { category, generation } = familyParts(facts.family);
  const out: Record<string, string> = {
    [LABEL.instanceType]: facts.name,
    [LABEL.arch]: facts.architecture,
    [LABEL.os]: 'linux',
    'karpenter.k8s.aws/instance-category': category,
    'karpenter.k8s.aws/instance-generation': generation,
    'karpenter.k8s.aws/instance-family': facts.family,
    'karpenter.k8s.aws/instance-size': facts.size,
    'karpenter.k8s.aws/instance-cpu': String(facts.vcpu),
    'karpenter.k8s.aws/instance-cpu-manufacturer': facts.cpuMaker,
    'karpenter.k8s.aws/instance-memory': String(facts.memoryMib),
    'karpenter.k8s.aws/instance-capability-flex': facts.family.endsWith('-flex') ? 'true' : 'false',
  };
  if (facts.clockMhz > 0) out['karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz'] = String(facts.clockMhz);
  if (facts.ebsMbps !== undefined) out['karpenter.k8s.aws/instance-ebs-bandwidth'] = String(facts.ebsMbps);
  if (facts.networkMbps !== undefined) out['karpenter.k8s.aws/instance-network-bandwidth'] = String(facts.networkMbps);
  if (facts.hypervisor !== undefined) out['karpenter.k8s.aws/instance-hypervisor'] = facts.hypervisor;
  if (facts.nvmeGb > 0) out['karpenter.k8s.aws/instance-local-nvme'] = String(facts.nvmeGb);
  if (facts.gpuName !== undefined) {
    out['karpenter.k8s.aws/instance-gpu-name'] = facts.gpuName;
    out['karpenter.k8s.aws/instance-gpu-manufacturer'] = String(facts.gpuMaker);
    out['karpenter.k8s.aws/instance-gpu-count'] = String(facts.gpus);
    out['karpenter.k8s.aws/instance-gpu-memory'] = String(facts.gpuMemoryMib);
  }
  if (facts.acceleratorName !== undefined) {
    out['karpenter.k8s.aws/instance-accelerator-name'] = facts.acceleratorName;
    out['karpenter.k8s.aws/instance-accelerator-manufacturer'] = 'aws';
    out['karpenter.k8s.aws/instance-accelerator-count'] = String(facts.accelerators);
  }
  return out;
}

/** Category letters and generation of a family: `m` and 5 of m5, `u` and 7 of u7i-6tb, `is` and 4 of is4gen. */
function familyParts(family: string): { category: string; generation: string } {
  const match = /^([a-z]+)(?:-\d+tb)?(\d+)/.exec(family);
  if (match === null) throw new Error(`family ${family}: expected letters and then a digit`);
  return { category: match[1], generation: match[2] };
}
