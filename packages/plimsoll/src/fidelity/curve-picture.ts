import type { Comparison } from './comparison.ts';
import type { Curves } from './measures.ts';

const WIDTH = 860;
const PANEL = 190;
const MARGIN = { left: 46, right: 14, top: 26, bottom: 24 };
const REAL = ['#0b6e99', '#4aa5c9', '#8cc9e0'];
const OURS = '#c2571a';

/** Both curves of a setting as a picture: each real run a line, ours the mean of the seeds with the least and the most as a band. */
export function curvePicture({ setting, runs, seeds, durationMs, realCurves, ourCurves }: Comparison): string {
  const panels = [
    { title: 'machines', of: (curves: Curves) => curves.nodes },
    { title: 'pending pods', of: (curves: Curves) => curves.pending },
  ].map(({ title, of }, index) =>
    panel(title, index * PANEL, durationMs, realCurves.map(of), ourCurves.map(of), realCurves[0].step),
  );
  const height = 2 * PANEL + 30;
  const legend = [
    ...runs.map((name, index) => ({ name, colour: REAL[index % REAL.length] })),
    { name: `simulated, mean of ${seeds} (band: least to most)`, colour: OURS },
  ];
  let x = MARGIN.left;
  const entries = legend.map(({ name, colour }) => {
    const entry = `<rect x="${x}" y="${height - 18}" width="14" height="4" fill="${colour}"/><text x="${x + 19}" y="${height - 12}">${name}</text>`;
    x += 34 + name.length * 6.2;
    return entry;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="11" fill="#333" role="img">`,
    `<title>${setting}: machines and pending pods over time, real and simulated</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...panels,
    ...entries,
    '</svg>',
    '',
  ].join('\n');
}

function panel(
  title: string,
  top: number,
  end: number,
  real: readonly (readonly number[])[],
  ours: readonly (readonly number[])[],
  step: number,
): string {
  const length = ours[0].length;
  const at = (index: number) => (pick: (values: readonly number[]) => number) => pick(ours.map((run) => run[index]));
  const indices = Array.from({ length }, (_, index) => index);
  const least = indices.map((index) => at(index)((values) => Math.min(...values)));
  const most = indices.map((index) => at(index)((values) => Math.max(...values)));
  const mean = indices.map((index) => at(index)((values) => values.reduce((sum, value) => sum + value, 0) / values.length));
  const high = niceCeiling(Math.max(1, ...most, ...real.flat()));
  const x = (index: number): string => (MARGIN.left + ((index * step) / end) * (WIDTH - MARGIN.left - MARGIN.right)).toFixed(1);
  const y = (value: number): string =>
    (top + PANEL - MARGIN.bottom - (value / high) * (PANEL - MARGIN.top - MARGIN.bottom)).toFixed(1);
  const line = (values: readonly number[]): string => values.map((value, index) => `${x(index)},${y(value)}`).join(' ');
  const band = [
    ...most.map((value, index) => `${x(index)},${y(value)}`),
    ...least.map((value, index) => `${x(index)},${y(value)}`).reverse(),
  ];
  const ticks = [0, high / 2, high].map(
    (value) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${value}</text>`,
  );
  const minutes = Math.floor(end / 60_000);
  const every = Math.max(1, Math.ceil(minutes / 13));
  const hours = Array.from({ length: Math.floor(minutes / every) + 1 }, (_, index) => index * every).map(
    (minute) =>
      `<text x="${x((minute * 60_000) / step)}" y="${top + PANEL - MARGIN.bottom + 15}" text-anchor="middle">${minute} min</text>`,
  );
  return [
    `<text x="${MARGIN.left}" y="${top + 17}" font-weight="600">${title}</text>`,
    ...ticks,
    ...hours,
    `<polygon points="${band.join(' ')}" fill="${OURS}" fill-opacity="0.16"/>`,
    ...real.map(
      (values, index) =>
        `<polyline points="${line(values)}" fill="none" stroke="${REAL[index % REAL.length]}" stroke-width="1.4"/>`,
    ),
    `<polyline points="${line(mean)}" fill="none" stroke="${OURS}" stroke-width="1.8"/>`,
  ].join('\n');
}

function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((candidate) => candidate >= value) ?? value;
}
