import { intolerableTaints } from '../../scores/preferences.ts';
import type { NodeInfo } from '../node-info.ts';
import type { ScorePlugin } from '../plugin.ts';
import { normaliseByLargest } from './normalise-by-largest.ts';

/**
 * The fewer PreferNoSchedule taints a pod does not tolerate, the better.
 *
 * Source: kube-scheduler v1.36.2, `plugins/tainttoleration/taint_toleration.go (Score, NormalizeScore)`.
 */
export const taintTolerationScore: ScorePlugin = {
  name: 'TaintToleration',
  prepare: ({ pod }) => ({
    score: ({ node }) => intolerableTaints(pod.pod.spec, node.taints),
    normalise: (scores) => normaliseByLargest(scores, true),
  }),
};

/**
 * Claims for devices are not modelled; the plug-in takes part in every cycle all the same, with 0 for every node.
 *
 * Source: kube-scheduler v1.36.2, `plugins/dynamicresources/dynamicresources.go` (Score).
 */
export const dynamicResourcesScore: ScorePlugin = { name: 'DynamicResources', prepare: () => ({ score: () => 0 }) };

const MIN_IMAGE_BYTES = 23 * 2 ** 20;
const MAX_CONTAINER_IMAGE_BYTES = 1000 * 2 ** 20;

/**
 * How much of a pod's images a node holds already. An image counts less the fewer nodes hold it, so that pods do not crowd on the one
 * node that happened to pull it first.
 *
 * Source: kube-scheduler v1.36.2, `plugins/imagelocality/image_locality.go`.
 */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  prepare: ({ pod, snapshot }) => {
    const { spec, imageVolumes = [] } = pod.pod;
    const containers = [...(spec.initContainers ?? []), ...spec.containers];
    const wanted = [...containers.map(({ image = '' }) => image), ...imageVolumes].map(imageName);
    const images = imagesOf(snapshot.nodes);
    const max = MAX_CONTAINER_IMAGE_BYTES * containers.length;
    return {
      score: ({ node }) => {
        const held = new Set((node.images ?? []).flatMap(({ names }) => names));
        let sum = 0;
        for (const name of wanted) {
          const image = held.has(name) ? images.get(name) : undefined;
          if (image !== undefined) sum += Math.trunc(image.sizeBytes * (image.nodes / snapshot.nodes.length));
        }
        const clamped = Math.min(Math.max(sum, MIN_IMAGE_BYTES), max);
        return Math.trunc((100 * (clamped - MIN_IMAGE_BYTES)) / (max - MIN_IMAGE_BYTES));
      },
    };
  },
};

/** Size of each image, as the first node has it, and how many nodes hold it. */
function imagesOf(nodes: readonly NodeInfo[]): Map<string, { sizeBytes: number; nodes: number }> {
  const images = new Map<string, { sizeBytes: number; nodes: number }>();
  for (const { node } of nodes) {
    const seen = new Set<string>();
    for (const { names, sizeBytes } of node.images ?? []) {
      for (const name of names) {
        if (seen.has(name)) continue;
        seen.add(name);
        const image = images.get(name);
        if (image === undefined) images.set(name, { sizeBytes, nodes: 1 });
        else image.nodes++;
      }
    }
  }
  return images;
}

/** An image's name with the tag that it has when none is written. */
function imageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}
