export * from '@plimsoll/lab';
export { type DefaultScenario, defaultScenario, oversizedRow } from './default-scenario.ts';
export { bundledProviders, type LiveRun, offeringsOf, prepare, providerOf, simulate } from './simulate.ts';
