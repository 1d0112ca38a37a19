import {
  firstUntolerated,
  LABEL,
  type NodeSelectorTerm,
  type NodeShape,
  type PodSpec,
  requirementHolds,
  TAINT,
  type Taint,
  tolerates,
} from '@plimsoll/core';
import type { AskedFilters } from './asked-filters.ts';
import { FILTER } from './plugins.ts';

/** How a filter reads a node's labels. The label `kubernetes.io/hostname` of simulated nodes is their name. */
export type LabelLookup = (key: string) => string | undefined;

/** Labels of a simulated node: those of its shape, and its name as hostname. */
export function labelsOf(shape: NodeShape, nodeName: string): LabelLookup {
  return (key) => (key === LABEL.hostname ? nodeName : shape.labels[key]);
}

/**
 * The first filter that rejects a pod on a node, of those that ask only what the node *is*: cordon, requested name, taints,
 * selector and affinity. Returns the filter's code, or -1 where all of them accept.
 */
export function staticRejection(spec: PodSpec, shape: NodeShape, nodeName: string, asked: AskedFilters): number {
  if (asked.asks('NodeUnschedulable') && !toleratesCordon(spec, shape.unschedulable)) return FILTER.NodeUnschedulable;
  if (asked.asks('NodeName') && !matchesNodeName(spec, nodeName)) return FILTER.NodeName;
  if (asked.asks('TaintToleration') && firstUntolerated(shape.taints, spec.tolerations ?? []) !== undefined) {
    return FILTER.TaintToleration;
  }
  if (!asked.asks('NodeAffinity')) return -1;
  const label = labelsOf(shape, nodeName);
  if (asked.addedTerms !== undefined && !asked.addedTerms.some((term) => matchesTerm(term, label, nodeName))) {
    return FILTER.NodeAffinity;
  }
  return matchesNodeSelection(spec, label, nodeName) ? -1 : FILTER.NodeAffinity;
}

const CORDON: Taint = { key: TAINT.unschedulable, effect: 'NoSchedule' };

/**
 * A cordoned node takes only pods that tolerate the taint that a cordon stands for.
 *
 * Source: kube-scheduler v1.36.2, `plugins/nodeunschedulable/node_unschedulable.go`.
 */
export function toleratesCordon(spec: PodSpec, unschedulable: boolean): boolean {
  return !unschedulable || (spec.tolerations ?? []).some((toleration) => tolerates(toleration, CORDON));
}

/** Source: kube-scheduler v1.36.2, `plugins/nodename/node_name.go`. */
export function matchesNodeName(spec: PodSpec, nodeName: string): boolean {
  return spec.nodeName === undefined || spec.nodeName === '' || spec.nodeName === nodeName;
}

/**
 * Node selector and required terms: every label of the selector, and any one of the terms.
 *
 * Source: kube-scheduler v1.36.2, `component-helpers/scheduling/corev1/nodeaffinity` (GetRequiredNodeAffinity).
 */
export function matchesNodeSelection(spec: PodSpec, label: LabelLookup, nodeName: string): boolean {
  for (const key in spec.nodeSelector) if (label(key) !== spec.nodeSelector[key]) return false;
  const required = spec.nodeAffinity?.required;
  return required === undefined || required.some((term) => matchesTerm(term, label, nodeName));
}

/** Whether a term holds: all of its expressions and fields. A term with neither holds nowhere. */
export function matchesTerm(term: NodeSelectorTerm, label: LabelLookup, nodeName: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => requirementHolds(requirement, label(requirement.key))) &&
    fields.every((requirement) => requirementHolds(requirement, requirement.key === 'metadata.name' ? nodeName : undefined))
  );
}

/** Whether what a pod asks of a node depends on the node's name, so that an answer for one node of a class says nothing of another. */
export function asksForName(spec: PodSpec): boolean {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return true;
  if (spec.nodeSelector?.[LABEL.hostname] !== undefined) return true;
  return (spec.nodeAffinity?.required ?? []).some(termAsksForName);
}

/** Whether a term reads the node's name, as field or as hostname label. */
export function termAsksForName(term: NodeSelectorTerm): boolean {
  return (
    (term.matchExpressions ?? []).some((requirement) => requirement.key === LABEL.hostname) || (term.matchFields ?? []).length > 0
  );
}
