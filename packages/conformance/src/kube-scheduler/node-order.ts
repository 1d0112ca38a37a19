import { GoldenCluster } from './cluster.ts';
import { Json } from './json.ts';
import { nodeObject, podObject } from './objects.ts';

/** The answer to a case of kind `nodeorder`: the order of nodes at each look, while they come, go and change zone. */
export function answerNodeOrder(raw: unknown): unknown {
  const input = new Json(raw);
  const cluster = new GoldenCluster(new Json({}));
  const orders: string[][] = [];
  for (const step of input.at('steps').items) {
    switch (step.at('op').text) {
      case 'addNode':
        cluster.addNode(nodeObject(step.at('node')));
        break;
      case 'updateNode':
        cluster.updateNode(nodeObject(step.at('node')));
        break;
      case 'deleteNode':
        cluster.removeNode(step.at('name').text ?? '');
        break;
      case 'addPod':
        cluster.addPod(podObject(step.at('pod')));
        break;
      case 'snapshot':
        orders.push(cluster.snapshot().nodes.map(({ name }) => name));
        break;
      default:
        throw new Error(`unknown step ${step.at('op').text}`);
    }
  }
  return { orders };
}
