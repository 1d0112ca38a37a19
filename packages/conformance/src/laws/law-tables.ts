import type { Classes, ClusterView, Offering, ResourceList, ResourceVector } from '@plimsoll/core';

/** The tables that a log's rows refer to, as far as laws depend on them. */
export interface LawTables {
  /** Effective requests by pod class. Resources that no class names are not checked. */
  readonly podClasses: readonly ResourceList[];
  /** What is allocatable by node class; a resource that is absent is zero. */
  readonly nodeClasses: readonly ResourceList[];
  readonly offerings: readonly Pick<Offering, 'price'>[];
}

/** The tables of a run that is still at hand. */
export function lawTables(classes: Classes, offerings: LawTables['offerings']): LawTables {
  const list = (vector: ResourceVector): ResourceList => classes.resources.list(vector);
  return {
    podClasses: classes.pods.map(({ requests }) => list(requests)),
    nodeClasses: classes.nodes.map(({ allocatable }) => list(allocatable)),
    offerings,
  };
}

/** What the live cluster holds each node's use to be: a claim for `checkLaws`. */
export function useOf({
  used,
  stride,
  classes,
}: Pick<ClusterView, 'used' | 'stride' | 'classes'>): (node: number, resource: string) => number {
  return (node, resource) => {
    const index = classes.resources.find(resource);
    return index < 0 || index >= stride ? 0 : used[node * stride + index];
  };
}
