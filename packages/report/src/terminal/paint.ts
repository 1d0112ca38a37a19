/** Paints texts for a terminal; plain texts where no colour is wanted. */
export interface Paint {
  bold(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** The sixteen basic colours only: they follow the user's own theme. */
export function paintFor(color: boolean): Paint {
  const with_ =
    (on: number, off: number) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: with_(1, 22), faint: with_(2, 22), good: with_(32, 39), bad: with_(31, 39) };
}
