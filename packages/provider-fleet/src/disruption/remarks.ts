import { NONE, POD, type ProviderRemark, type WorkloadView } from '@plimsoll/core';
import { isInitialized } from '../nodes/node-kinds.ts';
import type { Planner } from '../planner.ts';
import { UNPLACED } from '../provisioning/solver.ts';
import { type Candidate, isEmpty } from './candidates.ts';
import { listed } from './consolidation.ts';
import { cheaperChoice } from './replacement.ts';

/**
 * Says of nodes that stay why they do, in the words of the real program's events `DisruptionBlocked` and `Unconsolidatable`; once, until the
 * reason is another one. Only for those who listen: it plans again to find the words, and decides nothing.
 *
 * Source: Karpenter 1.14.1, `pkg/controllers/state/statenode.go`, `pkg/controllers/disruption/consolidation.go`.
 */
export class NodeRemarks {
  readonly #planner: Planner;
  readonly #workload: WorkloadView;
  readonly #remark: (remark: ProviderRemark) => void;
  readonly #said = new Map<number, string>();

  constructor(planner: Planner, workload: WorkloadView, remark: (remark: ProviderRemark) => void) {
    this.#planner = planner;
    this.#workload = workload;
    this.#remark = remark;
  }

  /** After a pass that found nothing to consolidate among some candidates. */
  tell(candidates: readonly Candidate[], now: number): void {
    const { fleet, view } = this.#planner;
    const byNode = new Map(candidates.map((candidate) => [candidate.node, candidate]));
    for (const node of fleet.byName) {
      if (view.nodes.group[node] < 0) continue;
      const blocked = this.#blocked(node, now);
      const candidate = byNode.get(node);
      if (blocked !== undefined) this.#say(node, 'DisruptionBlocked', blocked);
      else if (candidate !== undefined) this.#say(node, 'Unconsolidatable', this.#unconsolidatable(candidate));
    }
  }

  #say(subject: number, code: string, message: string | undefined): void {
    if (message === undefined || this.#said.get(subject) === message) return;
    this.#said.set(subject, message);
    this.#remark({ about: 'node', subject, code, message });
  }

  #blocked(node: number, now: number): string | undefined {
    const { budgets, fleet, intake, nodeKinds, pods: kinds, view } = this.#planner;
    if (!isInitialized(view, node)) return "Node isn't initialized";
    if (fleet.isMarked(node)) return 'Node is deleting or marked for deletion';
    if (fleet.nominatedUntil(node) > now) return 'Node is nominated for a pending pod';
    if (nodeKinds.of(node).doNotDisrupt) return 'Disruption is blocked through the "karpenter.sh/do-not-disrupt" annotation';
    const { class: podClass, next, state } = view.pods;
    for (let pod = view.nodes.firstPod[node]; pod !== NONE; pod = next[pod]) {
      const kind = kinds.of(podClass[pod]);
      if (intake.isProtected(pod, kind)) return `Pod has "karpenter.sh/do-not-disrupt" annotation (Pod=${this.#nameOf(pod)})`;
      const asked = state[pod] !== POD.terminating && !kind.toleratesDisruption;
      if (asked && budgets.blocks(pod)) return `Pdb prevents pod evictions (Pod=${this.#nameOf(pod)})`;
    }
    return undefined;
  }

  /** Why a candidate stays; undefined where nothing is said of it. */
  #unconsolidatable(candidate: Candidate): string | undefined {
    const planner = this.#planner;
    const { name, consolidationPolicy } = planner.options.nodePools[candidate.pool];
    if (isEmpty(candidate, planner.rules)) return undefined;
    if (consolidationPolicy === 'WhenEmpty') {
      return `NodePool "${name}" has consolidation policy WhenEmpty, but node is not empty`;
    }
    planner.without([candidate.index], candidate.pods, Infinity);
    const { claims, placements, planned, plannedPods } = planner.solver;
    const own = new Set(candidate.pods);
    const failed: string[] = [];
    for (let i = 0; i < planned; i++) {
      const [pod, place] = [plannedPods[i], placements[i]];
      if (!own.has(pod)) continue;
      if (place === UNPLACED) failed.push(this.#nameOf(pod));
      else if (place >= 0 && planner.existing.initialized[place] === 0)
        failed.push(`${this.#nameOf(pod)} (on a node that starts)`);
    }
    if (failed.length > 0) return `Not all pods would schedule, ${failed.join(', ')}`;
    if (claims.length > 1) return `Can't remove without creating ${claims.length} candidates`;
    const types = claims.length === 0 ? undefined : listed(planner, claims[0]);
    if (types === undefined) return undefined;
    const choice = cheaperChoice(
      planner.market,
      { types, requirements: claims[0].requirements },
      {
        price: candidate.price,
        count: 1,
        allSpot: candidate.spot,
        spotToSpot: planner.options.featureGates.spotToSpotConsolidation,
      },
    );
    return typeof choice === 'string' ? choice : undefined;
  }

  #nameOf(pod: number): string {
    const { classes, pods } = this.#planner.view;
    return `${classes.pods[pods.class[pod]].spec.namespace}/${this.#workload.podName(pod)}`;
  }
}
