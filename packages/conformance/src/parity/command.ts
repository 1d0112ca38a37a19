import { parseArgs } from 'node:util';
import type { Answerer } from './answerer.ts';
import { findGoldenFiles } from './golden-files.ts';
import { printCase, printFailure, printFamilies, printPass, printProblem, printTotal, reportAsJson } from './print.ts';
import { type ParityReport, runParity } from './run.ts';

const HELP = `Compares the models' decisions with recorded decisions of the real programs.

  pnpm parity <file or folder>…

Folders are walked for *.jsonl.gz and *.jsonl. Prints a line a family, then "N passed, N failed".

  --case ID      run only this case and print its differences field by field; may be repeated
  --fail-list    one line for each failed case
  --limit N      differences of a case (default 50) or failed cases (default all) to print at most
  --json         one JSON object on stdout instead; the total goes to stderr
  --help         this text

Exit status: 0 all passed, 1 a case failed, 2 a file could not be read or is no golden file.
`;

const CASE_NAMES = 'ids look like taints-0017; --fail-list prints those of failed cases';

/** What the command is run with. */
export interface ParityHost {
  /** Directory that relative paths start from. */
  readonly directory: string;
  readonly answerers: readonly Answerer[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Shows how far it is, where somebody is looking. */
  readonly progress?: (text: string) => void;
}

/** The command behind `pnpm parity`: returns its exit status. */
export async function parityCommand(args: readonly string[], host: ParityHost): Promise<number> {
  const { out, err } = host;
  const settings = parse(args);
  if (typeof settings === 'string') {
    err(`${settings}\n  see pnpm parity --help\n`);
    return 2;
  }
  if (settings.help) {
    out(HELP);
    return 0;
  }
  const { sources, problems: missing, notes } = findGoldenFiles(settings.paths, host.directory);
  for (const note of notes) err(`${note}\n`);
  const asked = settings.only.length > 0;
  const single: string[] = [];
  const met = new Set<string>();
  let cases = 0;
  const report = await runParity(sources, host.answerers, {
    ...(asked && { only: settings.only }),
    onCase: (golden, failure) => {
      host.progress?.(`${++cases} cases, ${golden.file}`);
      if (!asked) return;
      met.add(golden.id);
      single.push(...(failure === undefined ? [printPass(golden)] : printCase(failure, settings.limit ?? 50)));
    },
  });
  const problems = [...missing, ...report.problems];
  for (const id of settings.only) {
    if (!met.has(id))
      problems.push({ file: settings.paths.join(' '), message: `no case is called ${id}`, suggestion: CASE_NAMES });
  }
  host.progress?.('');
  for (const problem of problems) err(`${printProblem(problem)}\n`);
  const total = `${printTotal(report)}\n`;
  if (settings.json) {
    out(`${reportAsJson({ ...report, problems }, settings.limit ?? 5)}\n`);
    err(total);
  } else {
    out(`${(asked ? single : [...body(report, settings)]).map((line) => `${line}\n`).join('')}${total}`);
  }
  return problems.length > 0 ? 2 : report.failed > 0 ? 1 : 0;
}

interface Settings {
  readonly paths: readonly string[];
  readonly only: readonly string[];
  readonly failList: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly limit: number | undefined;
}

/** The settings, or what is wrong with the arguments. */
function parse(args: readonly string[]): Settings | string {
  try {
    const { values, positionals } = parseArgs({
      // pnpm hands a leading `--` on as it stands.
      args: args[0] === '--' ? args.slice(1) : [...args],
      allowPositionals: true,
      options: {
        case: { type: 'string', multiple: true },
        'fail-list': { type: 'boolean' },
        json: { type: 'boolean' },
        limit: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const limit = values.limit === undefined ? undefined : Number(values.limit);
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
      return `--limit: expected a whole number from 1, got ${JSON.stringify(values.limit)}`;
    }
    const help = values.help === true;
    if (positionals.length === 0 && !help) return 'expected at least one golden file or folder';
    return {
      paths: positionals,
      only: values.case ?? [],
      failList: values['fail-list'] === true,
      json: values.json === true,
      help,
      limit,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function* body(report: ParityReport, { failList, limit }: Settings): Generator<string> {
  const failures = report.families.flatMap((family) => family.failures);
  if (failList) {
    const most = limit ?? failures.length;
    for (const failure of failures.slice(0, most)) yield printFailure(failure);
    if (failures.length > most) yield `… and ${failures.length - most} more failed cases`;
  }
  yield* printFamilies(report.families);
}
