export type { PoolLimit, PoolMatch, PoolShortage } from './capacity-pools.ts';
export { type CatalogueName, type CatalogueOptions, catalogue, type PricedType, priceList } from './catalogue/catalogue.ts';
export type { NodeSetup } from './catalogue/ec2-shape.ts';
export type { SpotWithoutFigure } from './catalogue/prices.ts';
export { type CapacityReservation, withReservations } from './catalogue/reservations.ts';
export { SimulatedCloud, type SimulatedCloudParts } from './cloud.ts';
export type { GroupBehaviourInput } from './groups/behaviour.ts';
export { arrivedNode, describedNode, type GroupNode, type TemplateGap, templateGaps } from './groups/template-gaps.ts';
export { type LaunchLatency, launchLatencyPresets } from './launch-latency.ts';
export { type NodeExtras, notReadyTaint, realShape } from './node-shape.ts';
export { type CloudSettings, defaultCloudSettings } from './settings.ts';
export {
  defaultTerminationHandler,
  TerminationHandler,
  type TerminationHandlerSettings,
} from './termination-handler.ts';
