const BARS = '▁▂▃▄▅▆▇█';

/**
 * A line of bars, one cell each: values as they are, averaged down to `width` where there are more. Bars go from 0 to `top`, so that
 * lines with one top can be compared.
 */
export function sparkline(values: readonly number[], { width, top }: { width: number; top: number }): string {
  const cells = Math.min(width, values.length);
  let line = '';
  for (let cell = 0; cell < cells; cell++) {
    const from = Math.floor((cell * values.length) / cells);
    const to = Math.floor(((cell + 1) * values.length) / cells);
    const mean = values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
    const level = top > 0 && Number.isFinite(mean) ? Math.round((mean / top) * (BARS.length - 1)) : 0;
    line += BARS[Math.min(Math.max(level, 0), BARS.length - 1)];
  }
  return line;
}
