import { nodeShapeFrom } from '@plimsoll/inputs';
import { admitPod } from '@plimsoll/kubernetes';
import type { Json } from '../kube-scheduler/json.ts';
import { kubeletPod } from './pods.ts';

/** A pod that is admitted to a node, or not. */
export function answerAdmission(input: Json): unknown {
  const node = input.at('node');
  const { preempted, ...admission } = admitPod(
    kubeletPod(input.at('pod')),
    node.at('metadata', 'name').text ?? '',
    nodeShapeFrom(node.value),
    input.at('pods').items.map(kubeletPod),
  );
  return { ...admission, ...(preempted.length > 0 && { preempted: preempted.map(({ name }) => name) }) };
}
