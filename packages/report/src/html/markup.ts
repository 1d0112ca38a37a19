/** HTML that is safe to insert as it is. Made by {@link html}; {@link trusted} is for what this package wrote itself. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts are escaped, markup is not, lists are joined, `false` and absent values are left out. */
export type Insert = Markup | string | number | false | null | undefined | readonly Insert[];

/** A template of HTML. Every text inserted is escaped, in content and in quoted attributes alike. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  let text = parts[0];
  inserts.forEach((insert, index) => {
    text += textOf(insert) + parts[index + 1];
  });
  return new Markup(text);
}

/** Marks a text as HTML. Never for anything that comes from an input. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as HTML content or as a quoted attribute. Control characters and changes of text direction become `�`. */
export function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITY[character])
    .replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function textOf(insert: Insert): string {
  if (insert === false || insert === null || insert === undefined) return '';
  if (insert instanceof Markup) return insert.text;
  if (Array.isArray(insert)) return insert.map(textOf).join('');
  return escaped(String(insert));
}
