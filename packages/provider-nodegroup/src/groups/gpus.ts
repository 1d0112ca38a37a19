import { type Classes, CPU, type NodeClass } from '@plimsoll/core';

/** Label of nodes that have GPUs; its value is their type. Source: `cloudprovider/aws/aws_cloud_provider.go`. */
export const GPU_LABEL = 'k8s.amazonaws.com/accelerator';

/** Resources that count as GPUs, in the order in which a node is looked at for them. Source: `utils/gpu/gpu.go`. */
const GPU_RESOURCES: readonly string[] = [
  'nvidia.com/gpu',
  'habana.ai/gaudi',
  'gpu.intel.com/xe',
  'amd.com/gpu',
  'microsoft.com/directx',
];

/** Index of the first GPU resource of which a node of a class has any; −1 where it has none. */
export function gpuIndex(classes: Classes, { allocatable }: NodeClass): number {
  for (const name of GPU_RESOURCES) {
    const index = classes.resources.find(name);
    if (index > CPU && (allocatable[index] ?? 0) > 0) return index;
  }
  return -1;
}

/** Whether a node should have GPUs, by its label, and has none yet. */
export function lacksGpus(classes: Classes, nodeClass: number): boolean {
  const node = classes.nodes[nodeClass];
  return node.shape.labels[GPU_LABEL] !== undefined && gpuIndex(classes, node) < 0;
}

/** Whether a pod asks for GPUs, be it for none of them. */
export function isGpuResource(name: string): boolean {
  return GPU_RESOURCES.includes(name);
}
