import type { Field } from '../document/field.ts';
import { type ObjectPart, originOf } from './config-part.ts';

/** What eksctl does where a node group says nothing. Source: eksctl, `pkg/apis/eksctl.io/v1alpha5/{defaults,types}.go`. */
const DEFAULT_TYPE = 'm5.large';
const DEFAULT_SIZE = 2;

/** How eksctl calls the fields of a group. */
const NAMED = { min: 'minSize', max: 'maxSize', desired: 'desiredCapacity', zones: 'availabilityZones' };

/** Node groups of an eksctl `ClusterConfig`, managed or not, as Cluster Autoscaler's options take them. */
export function readEksctlGroups(document: Field): ObjectPart[] {
  const zones = document.at('availabilityZones').texts();
  const groups = [...document.at('managedNodeGroups').items(), ...document.at('nodeGroups').items()];
  return groups.map((group) => ({
    kind: 'nodeGroup',
    value: nodeGroup(group, zones),
    origin: originOf(group),
    namedThere: group.at('instanceType').present ? { ...NAMED, 'instanceTypes.0': 'instanceType' } : NAMED,
  }));
}

function nodeGroup(group: Field, clusterZones: readonly string[]): Record<string, unknown> {
  const size = (key: string): number | undefined => group.at(key).whole({ min: 0, max: 2 ** 31 - 1 });
  const desired = size('desiredCapacity');
  const min = size('minSize') ?? desired ?? DEFAULT_SIZE;
  const mixed = group.at('instancesDistribution');
  const types = [...group.at('instanceTypes').texts(), ...mixed.at('instanceTypes').texts()];
  const zones = group.at('availabilityZones').texts();
  const allSpot =
    group.at('spot').value === true ||
    (mixed.at('onDemandPercentageAboveBaseCapacity').value === 0 && (mixed.at('onDemandBaseCapacity').value ?? 0) === 0);
  return {
    name: group.at('name').requiredText(),
    min,
    max: size('maxSize') ?? Math.max(min, desired ?? 0),
    ...(desired !== undefined && { desired }),
    instanceTypes: types.length > 0 ? types : [group.at('instanceType').text() ?? DEFAULT_TYPE],
    ...((zones.length > 0 || clusterZones.length > 0) && { zones: zones.length > 0 ? zones : clusterZones }),
    capacityType: allSpot ? 'spot' : 'on-demand',
    labels: group.at('labels').labels(),
    taints: taintsOf(group.at('taints')),
  };
}

/** A list of taints, or the older form: `key: value:Effect`. */
function taintsOf(field: Field): unknown[] {
  if (Array.isArray(field.value)) {
    return field.items().map((taint) => ({
      key: taint.at('key').requiredText(),
      ...(taint.at('value').present && { value: taint.at('value').text() }),
      effect: taint.at('effect').requiredText(),
    }));
  }
  return Object.entries(field.labels()).map(([key, text]) => {
    const [value, effect] = text.split(':', 2);
    return { key, ...(value !== '' && { value }), effect };
  });
}
