import type { Field } from '../document/field.ts';

/** What a PriorityClass gives to its pods. */
export interface PriorityClass {
  readonly value: number;
  readonly preemptionPolicy?: 'Never' | 'PreemptLowerPriority';
}

/** Priority classes by name. The two that every cluster has are always there. */
export class PriorityClasses {
  readonly #classes = new Map<string, PriorityClass>([
    ['system-cluster-critical', { value: 2_000_000_000 }],
    ['system-node-critical', { value: 2_000_001_000 }],
  ]);
  #standard: PriorityClass | undefined;

  /** Adds a PriorityClass object. */
  read(object: Field): void {
    const name = object.at('metadata').at('name').requiredText();
    if (!object.at('value').present) object.at('value').missing();
    const value = object.at('value').whole({ min: -(2 ** 31), max: 2 ** 31 - 1 }) ?? 0;
    const policy = object.at('preemptionPolicy').oneOf(['PreemptLowerPriority', 'Never']);
    if (this.#classes.has(name)) {
      object
        .at('metadata')
        .at('name')
        .problem('E0108', `there are two priority classes named ${JSON.stringify(name)}`);
    }
    const made: PriorityClass = { value, ...(policy !== undefined && { preemptionPolicy: policy }) };
    this.#classes.set(name, made);
    if (object.at('globalDefault').flag()) this.#standard = made;
  }

  /** The class of a name; the global default, if there is one, for no name. */
  find(name: string): PriorityClass | undefined {
    return name === '' ? this.#standard : this.#classes.get(name);
  }

  names(): string[] {
    return [...this.#classes.keys()];
  }
}
