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
