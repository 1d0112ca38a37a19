/** Colours of the page, by role. Text on `card` and on `page` has a contrast of at least 4.5 to 1, lines of runs at least 3 to 1. */
type Theme = Readonly<Record<string, string>>;

const LIGHT: Theme = {
  page: '#f5f6f8',
  card: '#ffffff',
  sunken: '#eef1f4',
  ink: '#17212b',
  quiet: '#52606d',
  rule: '#d9dfe5',
  grid: '#e6eaee',
  axis: '#8795a1',
  accent: '#0a5aa3',
  better: '#0b6b45',
  'better-tint': '#e3f4ec',
  worse: '#ad2318',
  'worse-tint': '#fdebe8',
  'run-0': '#0a62b0',
  'run-1': '#c4500c',
  'run-2': '#00795b',
  'run-3': '#8b3f97',
  'run-4': '#806500',
  'run-5': '#4a5663',
};

const DARK: Theme = {
  page: '#0f151b',
  card: '#171f27',
  sunken: '#10171e',
  ink: '#e8eef3',
  quiet: '#a3b2bf',
  rule: '#2d3a46',
  grid: '#26313b',
  axis: '#6d7f8e',
  accent: '#7cbdf8',
  better: '#5fd39a',
  'better-tint': '#15332a',
  worse: '#ff9085',
  'worse-tint': '#3b1f1e',
  'run-0': '#62b2f7',
  'run-1': '#ff9d5c',
  'run-2': '#42d3a5',
  'run-3': '#d896e6',
  'run-4': '#e5c34a',
  'run-5': '#b4c0cc',
};

/** The custom properties of both themes: the system's choice first, the reader's own above it, light on paper. */
export function themeCss(): string {
  const of = (theme: Theme): string =>
    Object.entries(theme)
      .map(([name, color]) => `--${name}:${color}`)
      .join(';');
  return `:root{color-scheme:light dark;${of(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${of(DARK)}}}
:root[data-theme=light]{color-scheme:light;${of(LIGHT)}}
:root[data-theme=dark]{color-scheme:dark;${of(DARK)}}
@media print{:root,:root[data-theme=dark]{color-scheme:light;${of(LIGHT)}}}`;
}
