import type { Labels, Taint, Toleration, TopologySpread } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { allModelled, checkFields } from './known-fields.ts';
import { readLabelSelector, withLabelKeys } from './selectors.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
const TOLERATION = allModelled('effect key operator tolerationSeconds value');
const TAINT_FIELDS = allModelled('effect key timeAdded value');
const SPREAD = allModelled(
  'labelSelector matchLabelKeys maxSkew minDomains nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable',
);

/** Tolerations, as written. */
export function readTolerations(list: Field): Toleration[] {
  return list.items().map((item) => {
    checkFields(item, TOLERATION, 'tolerations[]');
    const key = item.at('key').text();
    const operator = item.at('operator').oneOf(['Exists', 'Equal']);
    const value = item.at('value').text();
    // An empty effect covers every effect, as an absent one does.
    const effect = item.at('effect').value === '' ? undefined : item.at('effect').oneOf(EFFECTS);
    const seconds = item.at('tolerationSeconds').whole({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    if ((key === undefined || key === '') && operator !== 'Exists') {
      item.problem('E0122', 'a toleration without a key must have the operator Exists');
    } else if (operator === 'Exists' && value !== undefined && value !== '') {
      item.at('value').problem('E0122', 'a toleration with the operator Exists takes no value');
    }
    return {
      ...(key !== undefined && key !== '' && { key }),
      ...(operator !== undefined && { operator }),
      ...(value !== undefined && value !== '' && { value }),
      ...(effect !== undefined && { effect }),
      ...(seconds !== undefined && { tolerationSeconds: seconds }),
    };
  });
}

/** Taints of a node. */
export function readTaints(list: Field): Taint[] {
  return list.items().flatMap((item) => {
    checkFields(item, TAINT_FIELDS, 'taints[]');
    const key = item.at('key').requiredKey();
    const value = item.at('value').text();
    if (!item.at('effect').present) item.at('effect').missing();
    const effect = item.at('effect').oneOf(EFFECTS);
    return effect === undefined ? [] : { key, effect, ...(value !== undefined && value !== '' && { value }) };
  });
}

/** Topology spread constraints, their label keys written into the selectors from the pod's own labels. */
export function readTopologySpread(list: Field, labels: Labels): TopologySpread[] {
  return list.items().flatMap((item) => {
    checkFields(item, SPREAD, 'topologySpreadConstraints[]');
    const topologyKey = item.at('topologyKey').requiredKey();
    for (const key of ['maxSkew', 'whenUnsatisfiable']) if (!item.at(key).present) item.at(key).missing();
    const maxSkew = item.at('maxSkew').whole({ min: 1, max: 2 ** 31 - 1 });
    const whenUnsatisfiable = item.at('whenUnsatisfiable').oneOf(['DoNotSchedule', 'ScheduleAnyway']);
    const selector = readLabelSelector(item.at('labelSelector'));
    const labelSelector = withLabelKeys(selector, labels, item.at('matchLabelKeys').texts(), []);
    const minDomains = item.at('minDomains').whole({ min: 1, max: 2 ** 31 - 1 });
    const nodeAffinityPolicy = item.at('nodeAffinityPolicy').oneOf(['Honor', 'Ignore']);
    const nodeTaintsPolicy = item.at('nodeTaintsPolicy').oneOf(['Honor', 'Ignore']);
    if (maxSkew === undefined || whenUnsatisfiable === undefined) return [];
    return {
      topologyKey,
      maxSkew,
      whenUnsatisfiable,
      ...(labelSelector && { labelSelector }),
      ...(minDomains !== undefined && { minDomains }),
      ...(nodeAffinityPolicy !== undefined && { nodeAffinityPolicy }),
      ...(nodeTaintsPolicy !== undefined && { nodeTaintsPolicy }),
    };
  });
}
