import { LABEL, type NodeShape } from '@plimsoll/core';
import { Field } from '../document/field.ts';
import { ProblemList } from '../problems/problem.ts';
import { readTaints } from './placement-rules.ts';
import type { ValuePlace } from './pod-spec.ts';

/**
 * A node in the Kubernetes API's JSON form as the shape that decisions are made by. The label `kubernetes.io/hostname` is left out, since
 * a node's name stands for it. Where only one of capacity and allocatable is given, it counts as both.
 *
 * @throws InputError with the path of everything that is wrong, and its position where `locate` is given.
 */
export function nodeShapeFrom(object: unknown, options: ValuePlace = {}): NodeShape {
  const problems = new ProblemList();
  const { file = 'node', locate } = options;
  const node = new Field(object, [], { file, problems, ...(locate && { locate }) });
  const { [LABEL.hostname]: _, ...labels } = node.at('metadata').at('labels').labels();
  const annotations = node.at('metadata').at('annotations').labels();
  const capacity = node.at('status').at('capacity').quantities();
  const allocatable = node.at('status').at('allocatable').quantities();
  const shape: NodeShape = {
    labels,
    ...(Object.keys(annotations).length > 0 && { annotations }),
    taints: readTaints(node.at('spec').at('taints')),
    unschedulable: node.at('spec').at('unschedulable').flag(),
    capacity: capacity ?? allocatable ?? {},
    allocatable: allocatable ?? capacity ?? {},
  };
  problems.settle();
  return shape;
}
