/** The priority expander's ConfigMap: patterns of group names by priority. Text that is no such thing counts as no ConfigMap. */
export function prioritiesFrom(text: string | undefined): Record<string, string[]> | undefined {
  if (text === undefined) return undefined;
  const out: Record<string, string[]> = {};
  let current: string[] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const priority = /^(-?\d+):$/.exec(line);
    const pattern = /^ +- (?:"(.*)"|(.+))$/.exec(line);
    if (priority !== null) out[priority[1]] = current = [];
    else if (pattern !== null && current !== undefined && isPattern(pattern[1] ?? pattern[2])) {
      current.push(pattern[1] ?? pattern[2]);
    } else return undefined;
  }
  return out;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
