/** Completion indexes as the API writes them: `0-3,5,7,8`. Two neighbours are no range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to + 1 < sorted.length && sorted[to + 1] === sorted[to] + 1) to++;
    if (to === from) parts.push(String(sorted[from]));
    else parts.push(to === from + 1 ? `${sorted[from]},${sorted[to]}` : `${sorted[from]}-${sorted[to]}`);
    from = to + 1;
  }
  return parts.join(',');
}

/** Reads indexes such as `0-3,5`. */
export function parseIndexes(text: string): Set<number> {
  const out = new Set<number>();
  for (const part of text.split(',').filter(Boolean)) {
    const [first, last = first] = part.split('-').map(Number);
    for (let index = first; index <= last; index++) out.add(index);
  }
  return out;
}
