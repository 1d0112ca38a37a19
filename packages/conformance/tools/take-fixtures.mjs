// Takes every n-th case of a folder of golden files into the fixtures of this package:
//   node packages/conformance/tools/take-fixtures.mjs <golden folder> <n> [<ids to leave out>]
// Lines that define things for later cases are kept. The fixtures are what the test command shows parity on; `pnpm parity` runs whole folders.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const [folder, every, without = ''] = process.argv.slice(2);
const leftOut = new Set(without.split(','));
if (folder === undefined || !(Number(every) >= 1)) {
  console.error('usage: take-fixtures.mjs <golden folder> <n> [<id>,<id>…]');
  process.exit(2);
}
/** A family keeps at least so many cases. */
const FEWEST = 12;
const target = new URL(`../fixtures/${basename(folder)}/`, import.meta.url).pathname;
mkdirSync(target, { recursive: true });
for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz') && !name.startsWith('bench-'))) {
  const lines = gunzipSync(readFileSync(join(folder, file)))
    .toString()
    .split('\n')
    .filter(Boolean);
  const ids = lines.map((line) => JSON.parse(line).id);
  const isCase = ids.map((id) => id !== undefined);
  // A small family gives enough for a test to say something.
  const step = Math.max(1, Math.min(Number(every), Math.floor(isCase.filter(Boolean).length / FEWEST)));
  let cases = 0;
  const kept = lines.filter((_, i) => !isCase[i] || (cases++ % step === 0 && !leftOut.has(ids[i])));
  writeFileSync(join(target, file), gzipSync(`${kept.join('\n')}\n`, { level: 9 }));
}
