import type { Labels, NodeAffinity, PodAffinityTerm, PodAffinityTerms, PodSpec } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { allModelled, checkFields } from './known-fields.ts';
import { readLabelSelector, readNodeSelectorTerm, withLabelKeys } from './selectors.ts';

const AFFINITY = allModelled('nodeAffinity podAffinity podAntiAffinity');
const RULES = allModelled('preferredDuringSchedulingIgnoredDuringExecution requiredDuringSchedulingIgnoredDuringExecution');
const NODE_SELECTOR = allModelled('nodeSelectorTerms');
const PREFERRED_NODE = allModelled('preference weight');
const PREFERRED_POD = allModelled('podAffinityTerm weight');
const POD_TERM = allModelled('labelSelector matchLabelKeys mismatchLabelKeys namespaceSelector namespaces topologyKey');

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** The three kinds of affinity. `labels` are the pod's own, for terms with label keys. */
export function readAffinity(affinity: Field, labels: Labels): Pick<PodSpec, 'nodeAffinity' | 'podAffinity' | 'podAntiAffinity'> {
  if (!affinity.present) return {};
  checkFields(affinity, AFFINITY, 'affinity');
  const nodeAffinity = readNodeAffinity(affinity.at('nodeAffinity'));
  const podAffinity = readPodTerms(affinity.at('podAffinity'), labels);
  const podAntiAffinity = readPodTerms(affinity.at('podAntiAffinity'), labels);
  return {
    ...(nodeAffinity && { nodeAffinity }),
    ...(podAffinity && { podAffinity }),
    ...(podAntiAffinity && { podAntiAffinity }),
  };
}

/** Node affinity, of a pod or of a scheduler that adds some to every pod. */
export function readNodeAffinity(field: Field): NodeAffinity | undefined {
  if (!field.present) return undefined;
  checkFields(field, RULES, 'nodeAffinity');
  const selector = field.at(REQUIRED);
  if (selector.present) checkFields(selector, NODE_SELECTOR, REQUIRED);
  const terms = selector.at('nodeSelectorTerms');
  if (selector.present && terms.items().length === 0) terms.missing('at least one term is needed');
  const preferred = field
    .at(PREFERRED)
    .items()
    .map((item) => {
      checkFields(item, PREFERRED_NODE, PREFERRED);
      return { weight: readWeight(item), preference: readNodeSelectorTerm(item.at('preference')) };
    });
  return {
    ...(selector.present && { required: terms.items().map(readNodeSelectorTerm) }),
    ...(preferred.length > 0 && { preferred }),
  };
}

function readPodTerms(field: Field, labels: Labels): PodAffinityTerms | undefined {
  if (!field.present) return undefined;
  checkFields(field, RULES, 'podAffinity');
  const required = field
    .at(REQUIRED)
    .items()
    .map((item) => readPodTerm(item, labels));
  const preferred = field
    .at(PREFERRED)
    .items()
    .map((item) => {
      checkFields(item, PREFERRED_POD, PREFERRED);
      return { weight: readWeight(item), term: readPodTerm(item.at('podAffinityTerm'), labels) };
    });
  if (required.length + preferred.length === 0) return undefined;
  return { ...(required.length > 0 && { required }), ...(preferred.length > 0 && { preferred }) };
}

function readWeight(item: Field): number {
  const weight = item.at('weight');
  if (!weight.present) weight.missing();
  return weight.whole({ min: 1, max: 100 }) ?? 1;
}

function readPodTerm(field: Field, labels: Labels): PodAffinityTerm {
  checkFields(field, POD_TERM, 'podAffinityTerm');
  const labelSelector = withLabelKeys(
    readLabelSelector(field.at('labelSelector')),
    labels,
    field.at('matchLabelKeys').texts(),
    field.at('mismatchLabelKeys').texts(),
  );
  const namespaces = field.at('namespaces').texts();
  const namespaceSelector = readLabelSelector(field.at('namespaceSelector'));
  return {
    topologyKey: field.at('topologyKey').requiredKey(),
    ...(labelSelector && { labelSelector }),
    ...(namespaces.length > 0 && { namespaces }),
    ...(namespaceSelector && { namespaceSelector }),
  };
}
