import { parseDuration, parseUnits } from '@plimsoll/core';
import {
  EvictionManager,
  type NodeStats,
  type PodUsage,
  type PressureSignal,
  type PressureThreshold,
  type ThresholdValue,
} from '@plimsoll/kubernetes';
import type { Json } from '../kube-scheduler/json.ts';
import { kubeletPod } from './pods.ts';

/** The eviction manager of a node, look by look. */
export function answerNodePressure(input: Json): unknown {
  const bytes = (name: string): number => input.at(name).number ?? 0;
  const manager = new EvictionManager({
    thresholds: thresholdsOf(input),
    transitionMs: bytes('pressureTransitionPeriodMs'),
    maxPodGraceSeconds: bytes('maxPodGracePeriodSeconds'),
  });
  let pods = input.at('pods').items.map(kubeletPod);
  const usage = new Map<string, PodUsage>();
  let images = bytes('unusedImageBytes');
  const sum = (of: keyof PodUsage): number => pods.reduce((total, { name }) => total + (usage.get(name)?.[of] ?? 0), 0);
  const stats: NodeStats = {
    observe: (signal) => {
      const memory = signal === 'memory.available';
      const capacity = bytes(memory ? 'memoryBytes' : 'diskBytes');
      const used = memory ? bytes('systemMemoryBytes') + sum('memory') : bytes('otherDiskBytes') + images + sum('disk');
      return { capacity, available: Math.max(0, capacity - used) };
    },
    usage: ({ name }) => usage.get(name) ?? { memory: 0, disk: 0 },
    collectImages: () => {
      const found = images > 0;
      images = 0;
      return found;
    },
  };
  let told: string | undefined;
  const steps = input.at('steps').items.flatMap((step) => {
    for (const name of step.at('usage').keys) {
      const used = step.at('usage', name);
      usage.set(name, { memory: used.at('memoryBytes').number ?? 0, disk: used.at('diskBytes').number ?? 0 });
    }
    const { evicted, imagesDeleted } = manager.synchronize(pods, stats, step.at('atMs').number ?? 0);
    pods = pods.filter((pod) => !evicted.some((one) => one.pod === pod));
    const conditions = [...manager.conditions].sort();
    const changed = conditions.join() !== told;
    told = conditions.join();
    const admissions = Object.fromEntries(
      step.at('admit').items.map((raw) => {
        const pod = kubeletPod(raw);
        const admit = manager.admits(pod);
        return [pod.name, { admit, ...(!admit && { reason: 'Evicted' }) }];
      }),
    );
    const said = {
      ...(evicted.length > 0 && { evicted: evicted.map(({ pod, graceSeconds }) => ({ pod: pod.name, graceSeconds })) }),
      ...(imagesDeleted && { imagesDeleted }),
      ...(changed && { conditions }),
      ...(Object.keys(admissions).length > 0 && { admissions }),
    };
    return Object.keys(said).length > 0 ? [{ atMs: step.at('atMs').number, ...said }] : [];
  });
  return { steps, left: pods.length === 0 ? null : pods.map(({ name }) => name) };
}

function thresholdsOf(input: Json): PressureThreshold[] {
  const reclaim = input.at('evictionMinimumReclaim');
  return ['evictionHard', 'evictionSoft'].flatMap((kind) =>
    input.at(kind).keys.map((name): PressureThreshold => {
      const signal = name as PressureSignal;
      const least = reclaim.at(name).text;
      return {
        signal,
        value: thresholdValue(input.at(kind, name).text ?? ''),
        ...(kind === 'evictionSoft' && { graceMs: parseDuration(input.at('evictionSoftGracePeriod', name).text ?? '0s') }),
        ...(least !== undefined && { minReclaim: thresholdValue(least) }),
      };
    }),
  );
}

/** The kubelet holds percentages in 32 bits. */
function thresholdValue(text: string): ThresholdValue {
  return text.endsWith('%') ? { fraction: Math.fround(Number(text.slice(0, -1)) / 100) } : { bytes: parseUnits(text) };
}
