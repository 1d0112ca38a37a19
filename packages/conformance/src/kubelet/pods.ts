import { parseResource, type ResourceList } from '@plimsoll/core';
import { podSpecFrom } from '@plimsoll/inputs';
import { type KubeletPod, qosClassOf } from '@plimsoll/kubernetes';
import type { Json } from '../kube-scheduler/json.ts';

/** A pod of a golden case, as the kubelet reads it. */
export function kubeletPod(raw: Json): KubeletPod {
  const spec = podSpecFrom(raw.value, { unchecked: true });
  const containers = raw.at('spec', 'containers').items.map((container, index) => ({
    requests: spec.containers[index].requests,
    limits: amounts(container.at('resources', 'limits')),
  }));
  const source = spec.annotations['kubernetes.io/config.source'];
  const os = raw.at('spec', 'os', 'name').text;
  return {
    name: raw.at('metadata', 'name').text ?? '',
    spec,
    limits: containers.map(({ limits }) => limits),
    qosClass: qosClassOf(containers),
    isStatic: source !== undefined && source !== 'api',
    ...(os !== undefined && { os }),
  };
}

function amounts(raw: Json): ResourceList {
  return Object.fromEntries(raw.keys.map((name) => [name, parseResource(name, String(raw.at(name).value))]));
}
