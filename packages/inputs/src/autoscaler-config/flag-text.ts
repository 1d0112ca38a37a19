import type { DocumentContext, Locate } from '../document/field.ts';
import type { ProblemList } from '../problems/problem.ts';
import type { FlagPart } from './config-part.ts';

/**
 * Reads flags from plain text as people paste it: a command line over one or several lines, with or without the program's name,
 * backslashes at line ends, quotes and `#` comments.
 */
export function readFlagText(text: string, file: string, problems: ProblemList): FlagPart[] {
  const words = [...wordsOf(text)];
  const locate: Locate = ([index]) => {
    const { line, column, raw } = words[Number(index)] ?? { line: 1, column: 1, raw: ' ' };
    return { line, column, width: raw.length, excerpt: text.split('\n')[line - 1].replace(/\r$/, '') };
  };
  const context: DocumentContext = { file, problems, locate };
  const first = words.findIndex(({ word }) => word.startsWith('-'));
  return words.flatMap(({ word }, index) =>
    first < 0 || index < first ? [] : [{ kind: 'flag', text: word, origin: { context, path: [index] } }],
  );
}

/** Whether a text can be a command line: the first word that stands alone on no YAML key begins with a dash. */
export function isFlagText(text: string): boolean {
  for (const { word } of wordsOf(text)) {
    if (/^--?[a-z]/.test(word)) return true;
    if (word === '-' || word === '---' || word.endsWith(':') || /[{}[\]]/.test(word)) return false;
  }
  return false;
}

interface Word {
  readonly word: string;
  readonly raw: string;
  readonly line: number;
  readonly column: number;
}

/** Words of a shell's command line, without quotes; `#` begins a comment where a word could begin. */
function* wordsOf(text: string): Generator<Word> {
  for (const [index, line] of text.split('\n').entries()) {
    for (const match of line.matchAll(/#.*$|(?:"[^"]*"|'[^']*'|[^\s"'#\\]|(?<=\S)#|\\\S)+/g)) {
      const [raw] = match;
      if (raw.startsWith('#')) break;
      yield { word: raw.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'), raw, line: index + 1, column: match.index + 1 };
    }
  }
}
