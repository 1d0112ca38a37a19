// The smallest provider that works: one machine for each pod that found no place, and an end to machines that stand empty.
// docs/adding-a-provider.md walks through it; packages/plimsoll/test/example-provider.test.ts runs it.
import {
  type Decision,
  MINUTE,
  NODE,
  NONE,
  type Offering,
  OptionsError,
  type Provider,
  type ProviderContext,
  type ProviderPlugin,
  RECORD,
  type Reconciliation,
  SECOND,
} from '@plimsoll/core';

/** How long a machine may stand empty, milliseconds. */
export interface OneForOneOptions {
  readonly emptyFor: number;
}

const PERIOD = 10 * SECOND;

export const oneForOne: ProviderPlugin<OneForOneOptions> = {
  id: 'one-for-one',
  contract: 1,
  parseOptions(input) {
    const { emptyFor = 5 * MINUTE } = input as Partial<OneForOneOptions>;
    if (!(emptyFor >= 0)) throw new OptionsError(['emptyFor'], `expected milliseconds from 0, got ${emptyFor}`);
    return { emptyFor };
  },
  create: (options, context) => new OneForOne(options, context),
};

class OneForOne implements Provider {
  readonly #options: OneForOneOptions;
  readonly #context: ProviderContext;
  /** Pods that the scheduler found no place for, oldest first, until a machine is ordered for them. */
  #waiting: number[] = [];
  /** Since when each node has been empty. */
  #emptySince = new Map<number, number>();
  #ordered = 0;

  constructor(options: OneForOneOptions, context: ProviderContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Told of every change; answers with the time at which it wants to decide. */
  observe(kind: number, pod: number, first: number): number | undefined {
    if (kind !== RECORD.podUnschedulable || first !== 1) return undefined;
    this.#waiting.push(pod);
    return this.#context.view.now;
  }

  reconcile(now: number): Reconciliation {
    const decisions = [...this.#launches(), ...this.#removals(now)];
    return { decisions, wake: { at: now + PERIOD } };
  }

  #launches(): Decision[] {
    const { view, workload } = this.#context;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.flatMap((pod): Decision[] => {
      if (view.pods.node[pod] !== NONE) return [];
      const offering = this.#cheapestFor(pod);
      if (offering === undefined) return [];
      const name = `one-${++this.#ordered}`;
      const because = { code: 'Unschedulable', message: `${workload.podName(pod)} found no place` };
      return [
        {
          kind: 'launch',
          because,
          request: { name, group: 0, offerings: [offering.id], strategy: 'prioritized', labels: {}, taints: [] },
        },
      ];
    });
  }

  #cheapestFor(pod: number): Offering | undefined {
    const { view, offerings } = this.#context;
    const { requests } = view.classes.pods[view.pods.class[pod]];
    const asked = Object.entries(view.classes.resources.list(requests));
    const fits = ({ type }: Offering): boolean =>
      asked.every(([name, amount]) => amount <= (offerings.types[type].allocatable[name] ?? 0));
    return offerings.offerings.filter(fits).sort((x, y) => x.price - y.price || x.id - y.id)[0];
  }

  #removals(now: number): Decision[] {
    const { view } = this.#context;
    const decisions: Decision[] = [];
    for (let node = view.firstNode; node !== NONE; node = view.nodes.next[node]) {
      if (view.nodes.pods[node] > 0 || view.nodes.state[node] !== NODE.ready || view.nodes.terminating[node] === 1) {
        this.#emptySince.delete(node);
        continue;
      }
      const since = this.#emptySince.get(node) ?? now;
      this.#emptySince.set(node, since);
      if (now - since < this.#options.emptyFor) continue;
      decisions.push({ kind: 'terminate', node, because: { code: 'Empty', message: `empty for ${(now - since) / SECOND} s` } });
    }
    return decisions;
  }

  snapshot() {
    return { waiting: this.#waiting, emptySince: [...this.#emptySince], ordered: this.#ordered };
  }

  restore(value: unknown): void {
    const saved = value as { waiting: number[]; emptySince: [number, number][]; ordered: number };
    this.#waiting = [...saved.waiting];
    this.#emptySince = new Map(saved.emptySince);
    this.#ordered = saved.ordered;
  }
}
