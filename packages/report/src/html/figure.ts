import { SIZES, type SizeName } from './charts/svg.ts';
import { swatch } from './identity.ts';
import { html, type Insert, type Markup } from './markup.ts';

/** A chart on the page: title, what it shows, legend, drawing in two sizes, and the same as a table. */
export interface Figure {
  /** Anchor; also what the pointer's readout looks series up by. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what is drawn and how to read it. */
  readonly about: Insert;
  /** Entries of the legend; left out where there is one line only. */
  readonly legend?: readonly { readonly run: number; readonly name: string }[];
  readonly draw: (size: SizeName) => Markup;
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** Whether the table stands open beside the drawing. */
  readonly tableBeside?: boolean;
  /** Whether the horizontal axis is time since the start, so that readouts can be synchronised. */
  readonly overTime?: boolean;
}

/** A figure as HTML. */
export function figure({ id, title, about, legend, draw, table, overTime = false, tableBeside = false }: Figure): Markup {
  return html`<figure class="chart${overTime && ' over-time'}${tableBeside && ' with-table'}" id="${id}">
<figcaption><h3>${title}</h3><p>${about}</p></figcaption>
${
  legend !== undefined &&
  html`<ul class="legend">${legend.map(
    ({ run, name }) => html`<li>${swatch(run)}<span>${name}</span><output data-run="${run}"></output></li>`,
  )}</ul>`
}
${(Object.keys(SIZES) as SizeName[]).map((size) => html`<div class="drawing ${size}">${draw(size)}</div>`)}
<details class="data"${tableBeside && ' open'}><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Values: ${title}"><table><thead><tr>${table.head.map(
    (cell) => html`<th scope="col">${cell}</th>`,
  )}</tr></thead><tbody>${table.rows.map(
    ([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div></details>
</figure>`;
}
