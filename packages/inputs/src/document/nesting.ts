/** Deepest nesting by indentation that is parsed. No object of Kubernetes comes near it. */
const DEPTH_MAX = 250;
/** Deepest nesting of brackets. More, because scripts inside a text can have brackets without a partner. */
const BRACKETS_MAX = 400;

/**
 * Where a YAML text is nested deeper than any sensible one, or -1. The parser descends by recursion: on a hostile text it would run out of
 * stack, which Node does not always survive. This is a rough count, made before parsing: of brackets, of dashes on one line, and of
 * lines that are each indented more than the last. Brackets inside texts count too.
 */
export function tooDeepAt(text: string): number {
  const indents: number[] = [];
  let brackets = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (text.startsWith('---', start)) {
      indents.length = 0;
      brackets = 0;
    }
    let at = start;
    let dashes = 0;
    for (; at < end; at++) {
      const letter = text.charCodeAt(at);
      const item = letter === 0x2d /* - */ || letter === 0x3f; /* ? */
      if (item && (at + 1 === end || text.charCodeAt(at + 1) === 0x20)) dashes += 1;
      else if (letter !== 0x20) break;
    }
    if (at < end) {
      while (indents.length > 0 && indents[indents.length - 1] >= at - start) indents.pop();
      indents.push(at - start);
    }
    if (dashes + indents.length > DEPTH_MAX) return start;
    for (; at < end; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 0x5b /* [ */ || letter === 0x7b /* { */) {
        brackets += 1;
        if (brackets + indents.length > BRACKETS_MAX) return at;
      } else if ((letter === 0x5d /* ] */ || letter === 0x7d) /* } */ && brackets > 0) brackets -= 1;
    }
    start = end + 1;
  }
  return -1;
}
