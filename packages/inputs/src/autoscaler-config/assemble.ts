import { isRecord, type Path } from '../document/field.ts';
import type { ConfigPart, ObjectPart, Origin } from './config-part.ts';

/** The options of an autoscaler, and where each part of them stands. */
export interface AssembledConfig {
  readonly config: Readonly<Record<string, unknown>>;
  /** The place of what is at a path of the config; undefined where nothing was written down there. */
  placeOf(path: Path): { readonly origin: Origin; readonly path: Path } | undefined;
}

const LISTS: Readonly<Record<ObjectPart['kind'], string>> = {
  nodePool: 'nodePools',
  nodeClass: 'nodeClasses',
  nodeOverlay: 'nodeOverlays',
  nodeGroup: 'nodeGroups',
};

/**
 * One value of options from what files say and what the scenario itself adds. What stands later wins, the scenario last: flags and
 * settings of one name, and fields of a node group of one name; lists of other objects are joined.
 *
 * @param inline what the scenario says beside the files, and its place
 */
export function assembleConfig(
  parts: readonly ConfigPart[],
  inline: Readonly<Record<string, unknown>>,
  at: Origin,
): AssembledConfig {
  const config: Record<string, unknown> = {};
  const origins: { readonly at: Path; readonly origin: Origin; readonly namedThere?: Readonly<Record<string, string>> }[] = [];
  const put = (path: Path, value: unknown, origin: Origin, namedThere: Readonly<Record<string, string>> = {}): void => {
    const [key, inner] = path;
    if (inner === undefined) config[key] = value;
    else if (typeof inner === 'number') ((config[key] ??= []) as unknown[])[inner] = value;
    else config[key] = { ...(config[key] as object | undefined), [inner]: value };
    origins.push({ at: path, origin, namedThere });
  };
  const next = (list: string): number => ((config[list] as unknown[] | undefined) ?? []).length;
  const add = (list: string, value: unknown, origin: Origin, namedThere?: Readonly<Record<string, string>>): void => {
    const name = isRecord(value) ? value.name : undefined;
    const same =
      (config[list] as readonly unknown[] | undefined)?.findIndex((item) => isRecord(item) && item.name === name) ?? -1;
    if (list !== 'nodeGroups' || name === undefined || same < 0) put([list, next(list)], value, origin, namedThere);
    else {
      const before = (config[list] as readonly object[])[same];
      (config[list] as object[])[same] = { ...before, ...(value as object) };
      for (const key of Object.keys(value as object))
        origins.push({ at: [list, same, key], origin: below(origin, [namedThere?.[key] ?? key]) });
    }
  };
  const overruled = flagNames(inline.flags);
  for (const part of parts) {
    if (part.kind === 'flag' && overruled.has(flagName(part.text))) continue;
    if (part.kind === 'flag') put(['flags', next('flags')], part.text, part.origin);
    else if ('name' in part) put([`${part.kind}s`, part.name], part.value, part.origin);
    else if (part.kind === 'priorities') put(['priorities'], part.value, part.origin);
    else add(LISTS[part.kind], part.value, part.origin, part.namedThere);
  }
  for (const [key, value] of Object.entries(inline)) {
    const here = below(at, [key]);
    const there = config[key];
    if (there === undefined) put([key], value, here);
    else if (Array.isArray(value)) for (const [index, item] of value.entries()) add(key, item, below(here, [index]));
    else if (key === 'flags' && isRecord(value)) {
      // Files give flags as a command line, and so they stay.
      for (const [name, of] of Object.entries(value)) {
        for (const item of Array.isArray(of) ? of : [of]) put(['flags', next('flags')], `--${name}=${item}`, below(here, [name]));
      }
    } else if (isRecord(value) && isRecord(there)) {
      for (const [name, of] of Object.entries(value)) put([key, name], of, below(here, [name]));
    } else put([key], value, here);
  }
  return {
    config,
    placeOf(path) {
      // The longest beginning of the path that was put there; of equals, the last.
      let best: (typeof origins)[number] | undefined;
      for (const candidate of origins) {
        const begins = candidate.at.length <= path.length && candidate.at.every((step, index) => step === path[index]);
        if (begins && candidate.at.length >= (best?.at.length ?? 0)) best = candidate;
      }
      if (best === undefined) return undefined;
      const rest = there(path.slice(best.at.length), best.namedThere ?? {});
      return { origin: best.origin, path: [...best.origin.path, ...rest] };
    },
  };
}

/** A path by the names of the file. */
function there([field, item, ...rest]: Path, names: Readonly<Record<string, string>>): Path {
  if (field === undefined) return [];
  const named = item === undefined ? undefined : names[`${field}.${item}`];
  if (named !== undefined) return [named, ...rest];
  return [names[field] ?? field, ...(item === undefined ? [] : [item, ...rest])];
}

function flagName(text: string): string {
  return text.replace(/^--?/, '').split('=', 1)[0];
}

/** Names of the flags that a scenario gives itself, as an object or as a command line. */
function flagNames(flags: unknown): ReadonlySet<string> {
  if (Array.isArray(flags)) return new Set(flags.map((flag) => flagName(String(flag))));
  return new Set(isRecord(flags) ? Object.keys(flags) : []);
}

function below(origin: Origin, steps: Path): Origin {
  return { context: origin.context, path: [...origin.path, ...steps] };
}
