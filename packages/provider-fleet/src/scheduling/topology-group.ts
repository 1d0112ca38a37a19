import { compareText, firstUntolerated, LABEL, matchesSelector, type PodSpec, type Taint } from '@plimsoll/core';
import { allows, type Requirement, requirement } from '../requirements/requirement.ts';
import type { DomainUniverse } from './domains.ts';
import { type GroupRule, NO_SKEW } from './group-rules.ts';
import type { KnownSet, KnownSets } from './known-sets.ts';

/** How many pods that a rule picks there are in each domain of its key. */
export class TopologyGroup {
  readonly rule: GroupRule;
  /** Pods by domain. Host names stand here only once they have pods. */
  readonly counts = new Map<string, number>();
  readonly isHost: boolean;
  /** Domains with pods. */
  #occupied = 0;
  readonly #sets: KnownSets;

  constructor(rule: GroupRule, universe: DomainUniverse, sets: KnownSets) {
    this.rule = rule;
    this.isHost = rule.key === LABEL.hostname;
    this.#sets = sets;
    if (this.isHost) return;
    for (const domain of universe.reachable(rule.key, rule.domainTolerations)) this.counts.set(domain, 0);
  }

  /** Makes a domain known. */
  register(domain: string): void {
    if (!this.counts.has(domain)) this.counts.set(domain, 0);
  }

  /** Counts a pod in a domain. */
  record(domain: string): void {
    const count = this.counts.get(domain) ?? 0;
    if (count === 0) this.#occupied++;
    this.counts.set(domain, count + 1);
  }

  /** Whether its selector picks pods with some labels. */
  selects({ labels, namespace }: PodSpec): boolean {
    return this.rule.namespaces.includes(namespace) && matchesSelector(labels, this.rule.selector);
  }

  /** Whether a pod that runs already is picked at first: without a selector every one is. */
  lists({ labels, namespace }: PodSpec): boolean {
    const { namespaces, selector } = this.rule;
    return namespaces.includes(namespace) && (selector === undefined || matchesSelector(labels, selector));
  }

  /** Whether a machine counts. */
  includes(taints: readonly Taint[], set: KnownSet, hostName: string): boolean {
    const { filter } = this.rule;
    if (filter === undefined) return true;
    const { alternatives, tolerations } = filter;
    if (alternatives !== undefined && alternatives.length > 0) {
      if (!alternatives.some((asked) => this.#sets.serves(set, hostName, asked))) return false;
    }
    return tolerations === undefined || firstUntolerated(taints, tolerations, () => true) === undefined;
  }

  /** Whether the rule lets a pod onto one host; `podHost` is what the pod itself asks of the host name. */
  allowsHost(selected: boolean, podHost: Requirement | undefined, hostName: string): boolean {
    const count = this.counts.get(hostName) ?? 0;
    switch (this.rule.kind) {
      case 'topology-spread':
        // A new host can always be had, so the smallest count is zero.
        return count + (selected ? 1 : 0) <= this.rule.maxSkew;
      case 'pod-affinity':
        if (podHost !== undefined && !allows(podHost, hostName)) return false;
        if (count > 0) return true;
        return selected && (this.#occupied === 0 || !this.#anyOccupied(podHost));
      case 'pod-anti-affinity':
        return count === 0;
    }
  }

  /** The domains that the rule leaves a pod, given what pod and machine allow of the key; empty where it may not come. */
  domains(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    switch (this.rule.kind) {
      case 'topology-spread':
        return this.#leastFull(selected, pod, machine);
      case 'pod-affinity':
        return this.#near(selected, pod, machine);
      case 'pod-anti-affinity': {
        const out: string[] = [];
        for (const [domain, count] of this.counts) {
          if (count === 0 && allowed(machine, domain) && allowed(pod, domain)) out.push(domain);
        }
        return out;
      }
    }
  }

  #leastFull(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    const { maxSkew } = this.rule;
    const least = this.#leastCount(pod);
    const own = selected ? 1 : 0;
    let best: string | undefined;
    let bestCount = Infinity;
    for (const [domain, count] of this.counts) {
      if (count + own - least > maxSkew || !allowed(machine, domain)) continue;
      if (count > bestCount || (count === bestCount && best !== undefined && compareText(best, domain) < 0)) continue;
      best = domain;
      bestCount = count;
    }
    return best === undefined ? [] : [best];
  }

  #leastCount(pod: Requirement | undefined): number {
    const { minDomains } = this.rule;
    let least = NO_SKEW;
    let supported = 0;
    for (const [domain, count] of this.counts) {
      if (!allowed(pod, domain)) continue;
      supported++;
      if (count < least) least = count;
    }
    return minDomains !== undefined && supported < minDomains ? 0 : least;
  }

  #near(selected: boolean, pod: Requirement | undefined, machine: Requirement | undefined): readonly string[] {
    const out: string[] = [];
    for (const [domain, count] of this.counts) {
      if (count > 0 && allowed(pod, domain) && allowed(machine, domain)) out.push(domain);
    }
    if (out.length > 0 || !selected || (this.#occupied > 0 && this.#anyOccupied(pod))) return out;
    // The first pod may choose: a domain that the machine has too, and besides, picked on its own, one that the pod allows.
    const first = (test: (domain: string) => boolean): string | undefined => {
      let found: string | undefined;
      for (const domain of this.counts.keys()) {
        if (test(domain) && (found === undefined || compareText(domain, found) < 0)) found = domain;
      }
      return found;
    };
    const common = first((domain) => allowed(pod, domain) && allowed(machine, domain));
    const any = first((domain) => allowed(pod, domain));
    return [...new Set([common, any].filter((domain) => domain !== undefined))];
  }

  #anyOccupied(pod: Requirement | undefined): boolean {
    for (const [domain, count] of this.counts) if (count > 0 && allowed(pod, domain)) return true;
    return false;
  }
}

/** `key In [domains]`, as a rule's answer narrows a machine. */
export function inDomains(key: string, domains: readonly string[]): Requirement {
  return requirement(key, 'In', domains);
}

function allowed(r: Requirement | undefined, domain: string): boolean {
  return r === undefined || allows(r, domain);
}
