import { type DocumentContext, Field, isRecord } from '../document/field.ts';
import { parseYaml } from '../document/yaml-text.ts';
import { ProblemList } from '../problems/problem.ts';
import { type ConfigPart, originOf } from './config-part.ts';
import { containerOf, runsContainers } from './container.ts';
import { readEksctlGroups } from './eksctl.ts';
import { isFlagText, readFlagText } from './flag-text.ts';
import { isClusterAutoscalerValues, readClusterAutoscalerValues } from './helm-cluster-autoscaler.ts';
import { isKarpenterValues, readKarpenterContainer, readKarpenterValues } from './karpenter-settings.ts';
import { readPriorities } from './priorities.ts';

/** The programs whose files are understood. */
export type ConfiguredProgram = 'cluster-autoscaler' | 'karpenter';

/** How values of a chart lie inside those of a chart that includes it. */
const CHARTS = ['cluster-autoscaler', 'karpenter'] as const;

const UNDERSTOOD: Readonly<Record<ConfiguredProgram, string>> = {
  'cluster-autoscaler':
    'a Deployment of cluster-autoscaler, its Helm values, its flags as plain text, the ConfigMap of the priority expander, and an eksctl ClusterConfig',
  karpenter: 'NodePool, EC2NodeClass and NodeOverlay, a Deployment of karpenter, and its Helm values',
};

/**
 * Reads the files by which people configure an autoscaler, as they are. Each document is known by what is in it. Objects that go along
 * with these in manifests (service accounts, roles, services) say nothing about decisions and are passed over.
 *
 * @throws InputError with the line and column of everything that is wrong, in all the files.
 */
export function readAutoscalerFiles(
  files: readonly { readonly file: string; readonly text: string }[],
  program: ConfiguredProgram,
): ConfigPart[] {
  const problems = new ProblemList();
  const parts = files.flatMap(({ file, text }) => {
    const before = problems.errors;
    const found = partsOf(file, text, program, problems);
    if (found.length === 0 && problems.errors === before) {
      const message = `the file says nothing about ${program}`;
      problems.add({
        code: 'E0133',
        severity: 'error',
        file,
        line: 1,
        column: 1,
        message,
        help: `understood are ${UNDERSTOOD[program]}`,
      });
    }
    return found;
  });
  problems.settle();
  return parts;
}

function partsOf(file: string, text: string, program: ConfiguredProgram, problems: ProblemList): ConfigPart[] {
  if (program === 'cluster-autoscaler' && isFlagText(text)) return readFlagText(text, file, problems);
  return parseYaml(text, file, problems).flatMap(({ value, locate }) => {
    const context: DocumentContext = { file, problems, locate };
    return documentParts(new Field(value, [], context), program);
  });
}

function documentParts(document: Field, program: ConfiguredProgram): ConfigPart[] {
  if (!isRecord(document.value)) return [];
  const kind = document.at('kind').value;
  if (kind === 'List')
    return document
      .at('items')
      .items()
      .flatMap((item) => documentParts(item, program));
  if (kind === undefined) {
    const values = CHARTS.map((chart) => document.at(chart)).find((inner) => isRecord(inner.value)) ?? document;
    if (program === 'karpenter') return isKarpenterValues(values) ? readKarpenterValues(values) : [];
    return isClusterAutoscalerValues(values) ? readClusterAutoscalerValues(values) : [];
  }
  if (runsContainers(kind)) {
    const container = containerOf(document, program);
    if (container === undefined) return [];
    if (program === 'karpenter') return readKarpenterContainer(container);
    return container.words.map((word) => ({ kind: 'flag', text: String(word.value), origin: originOf(word) }));
  }
  return program === 'karpenter' ? karpenterObject(document, kind) : clusterAutoscalerObject(document, kind);
}

function clusterAutoscalerObject(document: Field, kind: unknown): ConfigPart[] {
  if (kind === 'ClusterConfig') return readEksctlGroups(document);
  const priorities = document.at('data').at('priorities');
  if (kind !== 'ConfigMap' || !priorities.present) return [];
  return [{ kind: 'priorities', value: readPriorities(priorities), origin: originOf(priorities) }];
}

const OBJECTS: Readonly<Record<string, 'nodePool' | 'nodeClass' | 'nodeOverlay'>> = {
  NodePool: 'nodePool',
  EC2NodeClass: 'nodeClass',
  KWOKNodeClass: 'nodeClass',
  NodeOverlay: 'nodeOverlay',
};

function karpenterObject(document: Field, kind: unknown): ConfigPart[] {
  const part = typeof kind === 'string' && Object.hasOwn(OBJECTS, kind) ? OBJECTS[kind] : undefined;
  return part === undefined ? [] : [{ kind: part, value: document.value, origin: originOf(document) }];
}
