import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { reportFailure } from './failures.ts';

/** Runs the command line and returns the exit status. What a command needs is loaded when it is called. */
export async function command(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportFailure(error);
  }
}

function program(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const plimsoll = new Command('plimsoll')
    .description('The load line for Kubernetes clusters: replays pod traces against Cluster Autoscaler and Karpenter.')
    .version(version)
    .showHelpAfterError('(plimsoll --help lists the commands)')
    .exitOverride();

  plimsoll
    .command('replay')
    .description('run each autoscaler of a scenario on one workload and seed, and compare them')
    .argument(
      '[input]',
      'scenario.yaml, a trace (.csv, .csv.gz), a recorded watch (.jsonl, .jsonl.gz), Kubernetes YAML, or a bundled workload',
      'quickstart',
    )
    .option(
      '-a, --autoscaler <name>',
      'only this autoscaler of the scenario (may be given again)',
      (name: string, all: string[] = []) => [...all, name],
    )
    .option('--trace <file>', "a trace in place of the scenario's own")
    .option('--seed <number>', "seed of all chance; default: the scenario's", wholeNumber)
    .option(
      '--threads <number>',
      'worker threads; 1 runs everything in this one; default: one for each run, as far as there are cores',
      positiveNumber,
    )
    .option('-o, --out <folder>', 'where the run folder goes; default: .plimsoll/<run id>')
    .option('--no-out', 'write no run folder')
    .option('--report <file.html>', 'write an offline HTML report')
    .option('--json', 'print the comparison as JSON on stdout')
    .option('--quiet', 'no progress and no notes, only the result')
    .option('--no-color', 'no colours')
    .option('--no-skip', 'make every call of an autoscaler, also those that provably decide nothing (the digest is the same)')
    .showHelpAfterError('(plimsoll replay --help lists the options)')
    .action(async (input: string, options) => {
      const { replay } = await import('./replay.ts');
      await replay(input, options, { version, cwd: startFolder() });
    });

  plimsoll
    .command('why')
    .description(
      'why a pod went where it went, or nowhere: its way, and what every plug-in of the scheduler said of every node; what became of a group',
    )
    .argument('<subject>', 'pod/NAME or group/NAME')
    .argument('[input]', 'scenario.yaml, a trace, Kubernetes YAML, or a bundled workload', 'quickstart')
    .option('-a, --autoscaler <name>', 'in the run of this autoscaler; default: the first of the scenario')
    .option('--trace <file>', "a trace in place of the scenario's own")
    .option('--at <time>', "the last attempt up to this time from the scenario's start, such as 14m or 1h30m")
    .option('--seed <number>', "seed of all chance; default: the scenario's", wholeNumber)
    .option('--all', 'every node, not only the best')
    .option('--json', 'print everything as JSON on stdout')
    .option('--quiet', 'no notes, only the answer')
    .option('--no-color', 'no colours')
    .showHelpAfterError('(plimsoll why --help lists the options)')
    .action(async (subject: string, input: string, options) => {
      const { why } = await import('./why.ts');
      await why(subject, input, options, { cwd: startFolder() });
    });

  plimsoll
    .command('explain')
    .description('the long text of an error, warning or fidelity code, such as E0102')
    .argument('<code>')
    .action(async (code: string) => {
      const { explain } = await import('./explain.ts');
      explain(code);
    });
  return plimsoll;
}

/**
 * The folder that names start from: the user's. A script of this repository runs at its root, wherever the user stands; the package
 * manager says where that is. Scripts of other packages mean the folder that they run in.
 */
function startFolder(): string {
  const { INIT_CWD, npm_package_name: script, npm_package_json: manifest } = process.env;
  const here = process.cwd();
  const own = script === 'plimsoll-workspace' && (manifest === undefined || dirname(manifest) === here);
  return own && INIT_CWD !== undefined ? INIT_CWD : here;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 0');
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected at least 1');
  return value;
}
