/** Code points that take two cells: Hangul, CJK, full-width forms, emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Escape sequences that set colours. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** How many cells of a terminal a text takes. Colours take none; combining marks and joiners take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOR, '')) {
    const code = character.codePointAt(0) as number;
    if (/\p{Mark}|\p{Cf}/u.test(character)) continue;
    width += WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
  }
  return width;
}

/** Fills a text with spaces up to a width. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Cuts a text to a width, with `…` in place of what is left out. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  for (const character of text) {
    if (displayWidth(cut + character) >= width) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Breaks a text into lines of at most a width, at spaces where there are any. */
export function wrapTo(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const piece = cutTo(line, width).slice(0, -1);
      lines.push(piece);
      line = line.slice(piece.length);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** A text without characters that move the cursor or recolour the screen: names come from files that anyone may have written. */
export function tame(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
}
