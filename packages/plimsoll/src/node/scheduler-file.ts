import {
  type Path,
  type Problem,
  type Receipt,
  readSchedulerConfig,
  readSchedulerConfigText,
  type ScenarioReading,
  type SchedulerConfigReading,
} from '@plimsoll/inputs';

/** Reads a file that a scenario names, at a path in it; what cannot be read is told there. */
type ReadNamed = (
  document: ScenarioReading,
  path: Path,
  name: string,
) => Promise<{ readonly file: string; readonly text: string }>;

/** A scenario whose scheduler's configuration was taken up and checked. */
export interface ScheduledScenario {
  readonly document: ScenarioReading;
  readonly receipts: readonly Receipt[];
  readonly problems: readonly Problem[];
}

const PATH = ['scheduler', 'config'];

/**
 * The scenario with the file in place of its name under `scheduler.config`. An object there is checked where it stands.
 *
 * @throws InputError with the place in the file, or in the scenario.
 */
export async function withSchedulerFile(document: ScenarioReading, read: ReadNamed): Promise<ScheduledScenario> {
  const { scenario } = document;
  const { config } = scenario.scheduler;
  if (config === undefined) return { document, receipts: [], problems: [] };
  let reading: SchedulerConfigReading;
  if (typeof config === 'string') {
    const { file, text } = await read(document, PATH, config);
    reading = readSchedulerConfigText(text, file, { forRun: true });
  } else reading = readSchedulerConfig(config, { file: document.file, locate: document.locate, path: PATH, forRun: true });
  const scheduler = { ...scenario.scheduler, config: reading.document as Record<string, unknown> };
  const receipt = { ...reading.receipt, file: typeof config === 'string' ? config : 'scheduler.config' };
  return { document: { ...document, scenario: { ...scenario, scheduler } }, receipts: [receipt], problems: reading.problems };
}
