/** Versions whose rules can be chosen, the newest first. */
export const VERSIONS = ['1.14', '1.13', '1.4'] as const;
export type KarpenterVersion = (typeof VERSIONS)[number];

/** What a version decides otherwise about disruption. Planning follows 1.14 whatever the version. */
export interface VersionRules {
  /** Which candidates are tried first: the best savings for their disruption, or the least disruption. */
  readonly sort: 'savings' | 'disruption';
  /** Whether a node is empty once no pod costs anything to evict, or once it has no pod that would come back; only then it is left to Emptiness. */
  readonly empty: 'no-cost' | 'no-pods';
  /** Whether nodes inside their consolidateAfter window take no pods from consolidation. */
  readonly windowsClose: boolean;
  readonly methods: readonly ('Emptiness' | 'Drift' | 'MultiNodeConsolidation' | 'SingleNodeConsolidation')[];
}

const NOW: VersionRules = {
  sort: 'savings',
  empty: 'no-cost',
  windowsClose: true,
  methods: ['Emptiness', 'Drift', 'MultiNodeConsolidation', 'SingleNodeConsolidation'],
};
const BEFORE_14: VersionRules = { ...NOW, sort: 'disruption', empty: 'no-pods', windowsClose: false };

/**
 * The rules of each version. Source: Karpenter v1.14.1, v1.13.0 and v1.4.0, `pkg/controllers/disruption` (controller.go, consolidation.go,
 * emptiness.go, helpers.go).
 */
export const VERSION_RULES: Readonly<Record<KarpenterVersion, VersionRules>> = {
  '1.14': NOW,
  '1.13': BEFORE_14,
  '1.4': { ...BEFORE_14, methods: ['Drift', 'Emptiness', 'MultiNodeConsolidation', 'SingleNodeConsolidation'] },
};
