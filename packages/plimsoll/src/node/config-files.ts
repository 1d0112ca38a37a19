import {
  assembleConfig,
  type ConfiguredProgram,
  InputError,
  type Path,
  ProblemList,
  pathText,
  readAutoscalerFiles,
  type ScenarioReading,
} from '@plimsoll/inputs';

/** Reads a file that a scenario names, at a path in it; what cannot be read is told there. */
export type ReadNamed = (document: ScenarioReading, path: Path, name: string) => Promise<NamedText>;

/** A text, and how messages call its file. */
interface NamedText {
  readonly file: string;
  readonly text: string;
}

const PROGRAMS: readonly string[] = ['cluster-autoscaler', 'karpenter'] satisfies ConfiguredProgram[];

/**
 * The scenario with the files that configure its autoscalers taken up: `config: [nodepools.yaml, values.yaml]`, or
 * `config: { files: […], … }` where the scenario adds something. Problems with such a configuration are told in the file that it comes from.
 *
 * @throws InputError
 */
export async function withConfigFiles(document: ScenarioReading, read: ReadNamed): Promise<ScenarioReading> {
  const { scenario } = document;
  const configs = new Map<string, ReturnType<typeof assembleConfig>>();
  for (const [name, { use, config }] of Object.entries(scenario.autoscalers)) {
    const named = filesOf(config);
    if (named === undefined || !PROGRAMS.includes(use)) continue;
    const way: Path = ['autoscalers', name, 'config', ...named.path];
    const files: NamedText[] = [];
    for (const [index, file] of named.files.entries()) files.push(await read(document, [...way, index], file));
    const parts = readAutoscalerFiles(files, use as ConfiguredProgram);
    const context = { file: document.file, problems: new ProblemList(), locate: document.locate };
    configs.set(name, assembleConfig(parts, named.inline, { context, path: ['autoscalers', name, 'config'] }));
  }
  if (configs.size === 0) return document;
  const autoscalers = Object.fromEntries(
    Object.entries(scenario.autoscalers).map(([name, entry]) => [
      name,
      { ...entry, config: configs.get(name)?.config ?? entry.config },
    ]),
  );
  return {
    ...document,
    scenario: { ...scenario, autoscalers },
    problem(path, code, message, details = {}) {
      const [top, name, part, ...rest] = path;
      const place = top === 'autoscalers' && part === 'config' ? configs.get(String(name))?.placeOf(rest) : undefined;
      if (place === undefined) return document.problem(path, code, message, details);
      const { help, part: side = 'value' } = details;
      const { file, locate } = place.origin.context;
      const position = locate?.(place.path, side) ?? { line: 0, column: 0 };
      const told = { code, severity: 'error', file, ...position, path: pathText(place.path), message } as const;
      return new InputError([{ ...told, ...(help !== undefined && { help }) }]);
    },
  };
}

interface NamedFiles {
  readonly files: readonly string[];
  /** Way from the config to the list. */
  readonly path: Path;
  readonly inline: Readonly<Record<string, unknown>>;
}

/** The files that a config names. A list whose items begin with a dash is a command line. */
function filesOf(config: unknown): NamedFiles | undefined {
  if (isFileList(config)) return { files: config, path: [], inline: {} };
  if (typeof config !== 'object' || config === null || !('files' in config)) return undefined;
  const { files, ...inline } = config;
  return isFileList(files) ? { files, path: ['files'], inline } : undefined;
}

function isFileList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && !item.startsWith('-'));
}
