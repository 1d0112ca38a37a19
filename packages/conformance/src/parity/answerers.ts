import { clusterAutoscalerAnswerer } from '../cluster-autoscaler/answer.ts';
import { controllersAnswerer } from '../controllers/answer.ts';
import { deschedulerAnswerer } from '../descheduler/answer.ts';
import { karpenterAnswerer } from '../karpenter/answer.ts';
import { disruptionAnswerer } from '../karpenter/disruption.ts';
import { kubeSchedulerAnswerer } from '../kube-scheduler/answer.ts';
import { kubeletAnswerer } from '../kubelet/answer.ts';
import type { Answerer } from './answerer.ts';

/** The models that `pnpm parity` asks, in order: the first that answers a case is asked. A new model is one more line. */
export const answerers: readonly Answerer[] = [
  kubeSchedulerAnswerer,
  controllersAnswerer,
  deschedulerAnswerer,
  kubeletAnswerer,
  disruptionAnswerer,
  karpenterAnswerer,
  clusterAutoscalerAnswerer,
];
