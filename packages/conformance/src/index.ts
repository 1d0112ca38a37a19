export { type CataloguesSettings, catalogues, INSTANCE_TYPES, nodeGroups } from './arbitraries/catalogues.ts';
export { labelSelectors, nodeLabels, nodeSelectors, nodeSelectorTerms, podLabels, ZONES } from './arbitraries/labels.ts';
export { nodeShapes } from './arbitraries/nodes.ts';
export {
  containers,
  nodeAffinities,
  POD_PARTS,
  type PodPart,
  type PodSpecsSettings,
  podAffinities,
  podSpecs,
  topologySpreads,
} from './arbitraries/pods.ts';
export { cpuAmounts, memoryAmounts, type QuantityText, quantityTexts, requests } from './arbitraries/quantities.ts';
export { type SeededSettings, seeded } from './arbitraries/seeded.ts';
export { taints, tolerations } from './arbitraries/taints.ts';
export { type WorkloadParts, type WorkloadsSettings, workloadParts, workloads } from './arbitraries/workloads.ts';
export { disruptionMoment } from './karpenter/disruption.ts';
export { type Bill, billOf, nanoDollars } from './laws/bill.ts';
export { assertLaws, checkLaws, type LawClaims } from './laws/check-laws.ts';
export { type LawTables, lawTables, useOf } from './laws/law-tables.ts';
export { LAWS, type Law, type Violation } from './laws/violation.ts';
export type { Answerer } from './parity/answerer.ts';
export { answerers } from './parity/answerers.ts';
export { type ParityHost, parityCommand } from './parity/command.ts';
export { comparing, type Difference, differences, type Rule, type Rules } from './parity/difference.ts';
export { type Definitions, type GoldenCase, GoldenFileError, type Problem } from './parity/golden-case.ts';
export { findGoldenFiles, type GoldenFiles, goldenFile } from './parity/golden-files.ts';
export {
  type CaseFailure,
  type FamilyResult,
  type ParityOptions,
  type ParityReport,
  runParity,
  type Source,
} from './parity/run.ts';
