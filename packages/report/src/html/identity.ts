import { html, type Markup } from './markup.ts';

/** How many runs look different from each other; further ones begin again. */
export const IDENTITIES = 6;

/** Dashes by run, so that no one has to tell lines apart by hue. Empty is solid. */
const DASHES = ['', '7 4', '2 3', '10 3 2 3', '14 4', '4 2'] as const;

/** The dash of a run's lines. */
export function dashOf(run: number): string {
  return DASHES[run % IDENTITIES];
}

/** The colour of a run's lines, by the name that the style sheet gives it. */
export function colorOf(run: number): string {
  return `var(--run-${run % IDENTITIES})`;
}

/** A short piece of a run's line. */
export function swatch(run: number): Markup {
  const dash = dashOf(run);
  return html`<svg class="swatch run-${run % IDENTITIES}" viewBox="0 0 30 8" width="30" height="8" aria-hidden="true"><line x1="1" x2="29" y1="4" y2="4"${
    dash !== '' && html` stroke-dasharray="${dash}"`
  }/></svg>`;
}
