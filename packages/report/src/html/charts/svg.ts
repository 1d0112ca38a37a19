import { type Markish, type MarkOptions, type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Markup, trusted } from '../markup.ts';
import { shortPath } from './path.ts';

/** Sizes in which each chart is drawn: the page shows the one that suits the window, so that labels keep their size. */
export const SIZES = {
  wide: { width: 600, height: 250, marginLeft: 58 },
  narrow: { width: 340, height: 230, marginLeft: 50 },
} as const;

export type SizeName = keyof typeof SIZES;

/** Margins beside the left one, which depends on the size. */
export const MARGIN = { marginRight: 14, marginTop: 26, marginBottom: 40 } as const;

/** What a chart leaves to choose. */
export interface ChartOptions {
  readonly x: PlotOptions['x'];
  readonly y: PlotOptions['y'];
  readonly marks: readonly Markish[];
  /** What a person who does not see the chart is told. It is the only text in a chart, and never comes from an input. */
  readonly alt: string;
}

/**
 * Draws a chart as static SVG, without a browser. The drawing carries no style of its own: the page's policy would refuse it, and
 * colours follow the page's theme.
 */
export function svg(size: SizeName, { x, y, marks, alt }: ChartOptions): Markup {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const drawn = plot({
    document: document as never,
    className: 'plot',
    ...SIZES[size],
    ...MARGIN,
    ariaLabel: alt,
    x: x ?? {},
    y: y ?? {},
    marks: [...marks],
  });
  for (const style of drawn.querySelectorAll('style')) style.remove();
  // Labels of parts mean nothing to a reader of a picture, and are not allowed on groups without a role.
  for (const part of drawn.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  for (const path of drawn.querySelectorAll('path[d]')) path.setAttribute('d', shortPath(path.getAttribute('d') as string));
  drawn.removeAttribute('style');
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('font-size', '12');
  return trusted(drawn.outerHTML);
}

/** Looks of grid lines: quiet, in the page's own colour. */
export const GRID: MarkOptions = { stroke: 'var(--grid)', strokeOpacity: 1 };
