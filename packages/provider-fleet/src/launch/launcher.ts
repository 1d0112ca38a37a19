import {
  type ClusterView,
  type Decision,
  type ExplainLevel,
  formatResource,
  type JsonValue,
  LABEL,
  type Reason,
} from '@plimsoll/core';
import type { Availability } from '../catalogue/availability.ts';
import { type Bits, countBits, keepCommon, rowsOf } from '../catalogue/bits.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSet } from '../catalogue/compiled-sets.ts';
import type { MinValuesPolicy } from '../options/karpenter-options.ts';
import type { PlanClaim } from '../provisioning/claim.ts';
import type { ClaimTemplate } from '../provisioning/templates.ts';
import { allows, operatorOf, type Requirement } from '../requirements/requirement.ts';
import { requirementText } from '../requirements/requirement-set.ts';
import { WELL_KNOWN } from '../requirements/well-known.ts';
import { type LaunchPlan, launchPlan } from './launch-plan.ts';
import { dollarsPerHour } from './money.ts';

/** A machine to buy. */
export interface Purchase {
  readonly template: ClaimTemplate;
  readonly requirements: CompiledSet;
  /** Types of the NodeClaim. */
  readonly types: readonly number[];
  /** How many pods it is for, and what they ask for by resource. */
  readonly pods: number;
  readonly totals: readonly number[];
}

/** Turns purchases into launch decisions, and gives machines their names. */
export class Launcher {
  /** How many machines were named. */
  launched = 0;
  readonly #view: ClusterView;
  readonly #catalogue: Catalogue;
  readonly #availability: Availability;
  readonly #policy: MinValuesPolicy;
  readonly #explain: ExplainLevel;

  constructor(
    view: ClusterView,
    catalogue: Catalogue,
    availability: Availability,
    policy: MinValuesPolicy,
    explain: ExplainLevel,
  ) {
    this.#view = view;
    this.#catalogue = catalogue;
    this.#availability = availability;
    this.#policy = policy;
    this.#explain = explain;
  }

  /**
   * The decision to buy a machine; undefined where nothing that it may be can be had at the moment.
   *
   * Names are the pool's and a running number of five digits: names decide in which order nodes are filled.
   */
  launch(purchase: Purchase, code: string, why: string): (Decision & { readonly kind: 'launch' }) | undefined {
    const { template, requirements, types } = purchase;
    const plan = launchPlan(this.#catalogue, this.#availability, requirements, types, this.#policy);
    if (plan === undefined) return undefined;
    this.launched++;
    const { name, labels, taints } = template.nodePool;
    return {
      kind: 'launch',
      request: {
        name: `${name}-${String(this.launched).padStart(5, '0')}`,
        group: template.pool,
        offerings: plan.offerings,
        strategy: plan.capacityType === 'spot' ? 'price-capacity-optimized' : 'lowest-price',
        labels: { ...labels, ...customLabels(requirements), [LABEL.nodePool]: name },
        taints,
      },
      because: this.#because(purchase, plan, code, why),
    };
  }

  #because(purchase: Purchase, plan: LaunchPlan, code: string, why: string): Reason {
    if (this.#explain === 'off') return { code, message: '' };
    const { types } = this.#catalogue;
    const { names } = this.#view.classes.resources;
    const asked = purchase.totals.flatMap((amount, resource) =>
      amount > 0 && names[resource] !== 'pods' ? [`${names[resource]} ${formatResource(names[resource], amount)}`] : [],
    );
    const message =
      `${why}${purchase.pods} ${purchase.pods === 1 ? 'pod' : 'pods'} (${asked.join(', ')}) in NodePool ${purchase.template.nodePool.name}: ` +
      `cheapest ${plan.capacityType} type ${types[plan.types[0]].name} at ${dollarsPerHour(plan.price)}, ` +
      `${purchase.types.length} of ${types.length} types left`;
    if (this.#explain !== 'full') return { code, message };
    const details: Record<string, JsonValue> = {
      funnel: this.#funnel(purchase),
      launch: { ...plan.funnel },
      types: plan.types.map((type) => types[type].name),
    };
    return { code, message, details };
  }

  /**
   * How many types each requirement, each resource and availability leave, one after the other; where each requirement comes from; and
   * what the cheapest type that is left costs then, anywhere that the requirements so far allow.
   */
  #funnel({ requirements, template, totals }: Purchase): JsonValue {
    const { markets, types, words } = this.#catalogue;
    const bits: Bits = new Int32Array(words).fill(-1);
    const spare = bits.length * 32 - types.length;
    if (spare > 0) bits[bits.length - 1] &= -1 >>> spare;
    let open = markets.reduce((mask, _, row) => mask | (1 << row), 0);
    const steps: Record<string, JsonValue>[] = [];
    const step = (filter: string, from?: string): void => {
      const { cheapest } = this.#availability.prices(open);
      const least = rowsOf(bits).reduce((price, row) => Math.min(price, cheapest[row]), Infinity);
      const price = least === Infinity ? {} : { cheapest: dollarsPerHour(least) };
      steps.push({ filter, ...(from !== undefined && { from }), left: countBits(bits), ...price });
    };
    step('catalogue');
    for (const wanted of requirements.set.values()) {
      keepCommon(bits, this.#catalogue.admits(wanted));
      markets.forEach(({ capacityType, zone }, row) => {
        const value = wanted.key === LABEL.zone ? zone : wanted.key === LABEL.capacityType ? capacityType : undefined;
        if (value !== undefined && !allows(wanted, value)) open &= ~(1 << row);
      });
      step(`${wanted.key} ${operatorOf(wanted)} [${wanted.values.join(', ')}]`, sourceOf(wanted, template));
    }
    totals.forEach((amount, resource) => {
      if (amount <= 0) return;
      const enough = this.#catalogue.atLeast(resource, amount);
      if (enough === undefined) bits.fill(0);
      else keepCommon(bits, enough);
      const name = this.#view.classes.resources.names[resource];
      step(`${name} at least ${formatResource(name, amount)}`, 'pods');
    });
    keepCommon(bits, this.#availability.types(requirements.markets));
    step('an available offering');
    return steps as unknown as JsonValue;
  }
}

/** Who asks for a requirement of a claim: its NodePool, its pods, or both. */
function sourceOf(wanted: Requirement, { nodePool, requirements }: ClaimTemplate): string {
  const own = requirements.set.get(wanted.key);
  if (own === undefined) return 'pods';
  const pool = `NodePool ${nodePool.name}`;
  return requirementText(own) === requirementText(wanted) ? pool : `${pool} and pods`;
}

/** A claim as a purchase. */
export function purchaseOf(claim: PlanClaim, types: readonly number[]): Purchase {
  return {
    template: claim.template,
    requirements: claim.requirements,
    types,
    pods: claim.pods.length,
    totals: Array.from(claim.totals, (amount) => amount ?? 0),
  };
}

/**
 * The user's own labels as a node gets them: of several values the first in text order, of an open range its lower bound, else 0.
 * The real program draws one at random.
 */
function customLabels({ set }: CompiledSet): Record<string, string> {
  const out: Record<string, string> = {};
  for (const r of set.values()) {
    if (WELL_KNOWN.has(r.key)) continue;
    const operator = operatorOf(r);
    if (operator === 'In') out[r.key] = r.values[0];
    else if (operator === 'Exists') out[r.key] = String(r.lower ?? 0);
  }
  return out;
}
