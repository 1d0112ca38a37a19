import type { PodObject } from './objects.ts';
import type { FilterPlugin, ScorePlugin } from './plugin.ts';

/** What the queue knows of a waiting pod. */
export interface QueuedPod {
  readonly pod: PodObject;
  readonly priority: number;
  /** When it entered the queue, or when its last attempt failed. Milliseconds. */
  readonly since: number;
}

/**
 * A plug-in of one's own, with the same interface as those of kube-scheduler. It must be a function of what it is given: no clock, no
 * chance, no memory of earlier pods, or runs could not be repeated.
 */
export interface UserPlugin {
  /** Its name in messages and configurations. Not that of a plug-in that kube-scheduler brings. */
  readonly name: string;
  readonly filter?: FilterPlugin['prepare'];
  readonly score?: ScorePlugin['prepare'];
  /** Weight of the score where a configuration does not say. Default 1. */
  readonly weight?: number;
  /** Whether one waiting pod goes before another. Pods of which neither does go in the order of their arrival. */
  readonly before?: (a: QueuedPod, b: QueuedPod) => boolean;
}
