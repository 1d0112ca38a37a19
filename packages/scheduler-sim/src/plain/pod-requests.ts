import {
  type Container,
  effectiveRequests,
  maxLists,
  NON_ZERO_CPU,
  NON_ZERO_MEMORY,
  type PodSpec,
  type ResourceList,
} from '@plimsoll/core';
import type { PodObject } from './objects.ts';

/** What a pod asks of a node that it is not on yet. */
export function requestsOf(spec: PodSpec): ResourceList {
  return effectiveRequests(spec);
}

/**
 * What a pod on a node takes there: while a container is resized in place, the most of what it asks for, was promised and has.
 *
 * Source: Kubernetes v1.36.2, `component-helpers/resource/helpers.go` (determineContainerReqs).
 */
export function requestsOnNode(pod: PodObject): ResourceList {
  return effectiveRequests(actual(pod));
}

/**
 * CPU and memory that a pod on a node counts for in scores: a container without a request counts 100m and 200 MiB. With pod-level
 * requests only a resource that is named nowhere is filled in.
 *
 * Source: kube-scheduler v1.36.2, `pkg/scheduler/framework/types.go` (calculateResource).
 */
export function countedOnNode(pod: PodObject): { cpu: number; memory: number } {
  const spec = actual(pod);
  const known = spec.podRequests === undefined ? {} : effectiveRequests(spec);
  const counted = effectiveRequests(filled(spec, known.cpu === undefined, known.memory === undefined));
  return { cpu: counted.cpu ?? 0, memory: counted.memory ?? 0 };
}

/**
 * What the score of NodeResourcesFit counts for the pod that is being placed. It is built without pod-level requests, which its filter
 * honours.
 */
export function countedForFit(spec: PodSpec): ResourceList {
  const { podRequests: _, ...rest } = spec;
  return effectiveRequests(filled(rest, true, true));
}

function filled(spec: PodSpec, cpu: boolean, memory: boolean): PodSpec {
  const fill = (container: Container): Container => ({
    ...container,
    requests: {
      ...(cpu && { cpu: NON_ZERO_CPU }),
      ...(memory && { memory: NON_ZERO_MEMORY }),
      ...container.requests,
    },
  });
  return {
    ...spec,
    containers: spec.containers.map(fill),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(fill) }),
  };
}

function actual({ spec, containerStatuses, resizeInfeasible = false }: PodObject): PodSpec {
  if (containerStatuses === undefined || containerStatuses.length === 0) return spec;
  const resized = (container: Container): Container => {
    const status = containerStatuses.find(({ name }) => name === container.name);
    if (status === undefined) return container;
    const has = maxLists(status.actuated ?? {}, status.allocated ?? {});
    return { ...container, requests: resizeInfeasible ? has : maxLists(container.requests, has) };
  };
  return {
    ...spec,
    containers: spec.containers.map(resized),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(resized) }),
  };
}
