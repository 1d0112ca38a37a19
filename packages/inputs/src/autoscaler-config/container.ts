import type { Field } from '../document/field.ts';

/** A container's command line and environment, as far as they are written down. */
export interface ContainerSettings {
  /** Words of `command` after the program's name, and those of `args`. */
  readonly words: readonly Field[];
  /** Values by name; those that come from elsewhere are left out. */
  readonly env: readonly { readonly name: string; readonly value: Field }[];
}

/** Kinds that run pods from a template. */
const TEMPLATED = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

/** Whether a document may hold the container of a controller. */
export function runsContainers(kind: unknown): boolean {
  return kind === 'Pod' || TEMPLATED.includes(kind as string);
}

/**
 * The container that runs a program: the one whose name, image or command has the program's name in it, or the only one there is.
 * Undefined, and a problem, where none or several could be meant.
 */
export function containerOf(document: Field, program: string): ContainerSettings | undefined {
  const spec = document.at('kind').value === 'Pod' ? document.at('spec') : document.at('spec').at('template').at('spec');
  const containers = spec.at('containers').items();
  const named = containers.filter((container) => mentions(container, program));
  const [found, second] = named.length > 0 ? named : containers;
  if (found === undefined || second !== undefined) {
    const many = containers.length > 0;
    const message = many ? `which container runs ${program} cannot be told` : 'there is no container';
    spec
      .at('containers')
      .problem('E0133', message, { part: 'key', help: `the container is known by its name, image or command` });
    return undefined;
  }
  const texts = (key: string): Field[] =>
    found
      .at(key)
      .items()
      .filter((word) => word.text() !== undefined);
  const command = texts('command');
  // A program may be started by a shell's word or by its path; flags begin with a dash.
  const first = command.findIndex((word) => String(word.value).startsWith('-'));
  return {
    words: [...(first < 0 ? [] : command.slice(first)), ...texts('args')],
    env: found
      .at('env')
      .items()
      .flatMap((entry) => {
        const name = entry.at('name').text();
        const value = entry.at('value');
        return name === undefined || value.text() === undefined ? [] : [{ name, value }];
      }),
  };
}

function mentions(container: Field, program: string): boolean {
  const words = [container.at('name'), container.at('image'), ...container.at('command').items()];
  return words.some(({ value }) => typeof value === 'string' && value.includes(program));
}
