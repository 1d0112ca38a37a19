import { type Distribution, quantileMs, SECOND, type Streams } from '@plimsoll/core';
import { nameHash } from './name-hash.ts';

/** The stages of a machine's start, each a distribution in milliseconds. */
export interface LaunchLatency {
  /** From the order until the machine runs; money starts. */
  readonly orderToRunning: Distribution;
  /** From there until the kubelet has registered its Node: kernel, network, container runtime. */
  readonly runningToRegistered: Distribution;
  /** From there until the node is ready: network plug-in, kube-proxy. */
  readonly registeredToReady: Distribution;
}

/**
 * Starts of EC2 machines as EKS nodes.
 *
 * - `default`: a tuned AL2023 image; order to ready has a median of 25 s and a 99th percentile of 57 s. Running after 5 s (EC2 boot
 *   time benchmark, daemonology.net, 2021: weak), registered by 22 s and ready by 26 s (awslabs/node-latency-for-k8s, two nodes, 2022).
 * - `untuned`: a custom image with a long start; median 54 s, 99th percentile 108 s. (About 1,000 EKS nodes, KubeFM, February
 *   2026: 65 s before tuning; a user's log with 70 to 100 s, aws/karpenter-provider-aws issue 3102.)
 *
 * Only the sums are anchored in measurements; how they divide into stages is our judgement. Types, regions and both ways of buying
 * start alike: no difference was found in public measurements.
 */
export const launchLatencyPresets = {
  default: {
    orderToRunning: { kind: 'lognormal', median: 5 * SECOND, p99: 20 * SECOND },
    runningToRegistered: { kind: 'lognormal', median: 15 * SECOND, p99: 45 * SECOND },
    registeredToReady: { kind: 'uniform', min: 2 * SECOND, max: 6 * SECOND },
  },
  untuned: {
    orderToRunning: { kind: 'lognormal', median: 5 * SECOND, p99: 20 * SECOND },
    runningToRegistered: { kind: 'lognormal', median: 42 * SECOND, p99: 95 * SECOND },
    registeredToReady: { kind: 'uniform', min: 2 * SECOND, max: 10 * SECOND },
  },
} as const satisfies Readonly<Record<string, LaunchLatency>>;

/**
 * Milliseconds that something takes for a subject. The chance belongs to what takes time and to the subject's name alone, so that
 * neither the order of orders nor the variant changes it. `draw` tells apart several draws for one subject.
 */
export function drawMillis(streams: Streams, what: string, distribution: Distribution, subject: string, draw = 0): number {
  return quantileMs(distribution, streams.keyed('cloud', what).at(nameHash(subject), draw));
}
