import type { Labels } from '@plimsoll/core';
import type { PodPhase, PodState } from '@plimsoll/kubernetes';

/** A pod of a closed loop. The controllers' models read it; the API and the kubelet change it. */
export interface WorldPod extends PodState {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly ownerUid: string;
  /** What rules match: its name, its index or its node. */
  readonly group: string;
  /** Which of its group it is. */
  readonly k: number;
  /** Others will bear its name. */
  readonly reborn: boolean;
  /** Where it will be bound. */
  readonly home: string;
  readonly createdAt: number;
  nodeName?: string;
  phase: PodPhase;
  ready: boolean;
  readyChangedAt?: number;
  deleting: boolean;
  /** When its deletion was asked for. */
  deletedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  disrupted: boolean;
  /** Holds the object until the controller has counted it. */
  finalizer: boolean;
  wasReady: boolean;
  /** The kubelet is done with it. */
  stopped: boolean;
  gone: boolean;
}

/** An instant as the API writes it: cut to whole seconds. */
export function cut(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
