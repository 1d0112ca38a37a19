import type { DocumentContext, Field, Path } from '../document/field.ts';

/** Where a part of a configuration stands: a path in the document of a file. */
export interface Origin {
  readonly context: DocumentContext;
  readonly path: Path;
}

/** One flag of a command line, with its value where it has one: `--scan-interval=10s`. */
export interface FlagPart {
  readonly kind: 'flag';
  readonly text: string;
  readonly origin: Origin;
}

/** One setting by the name that Helm values give it: `batchMaxDuration`; `featureGates` holds gates by their real names. */
interface SettingPart {
  readonly kind: 'setting' | 'featureGate';
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/** An object that the options of an autoscaler take as it is. */
export interface ObjectPart {
  readonly kind: 'nodePool' | 'nodeClass' | 'nodeOverlay' | 'nodeGroup';
  readonly value: unknown;
  readonly origin: Origin;
  /** Names that the file has for fields of the value, and for the one item of a list: `instanceTypes.0`. */
  readonly namedThere?: Readonly<Record<string, string>>;
}

/** What the priority expander's ConfigMap says: patterns of group names by priority. */
interface PrioritiesPart {
  readonly kind: 'priorities';
  readonly value: Readonly<Record<string, readonly string[]>>;
  readonly origin: Origin;
}

/** What a file says about an autoscaler, part by part, in the order of the file. */
export type ConfigPart = FlagPart | SettingPart | ObjectPart | PrioritiesPart;

/** The origin of a field. */
export function originOf({ context, path }: Field): Origin {
  return { context, path };
}
