import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { PodHistory } from 'plimsoll';
import { afterAll, expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/scheduler.md', import.meta.url), 'utf8');
const script = new URL('./scheduler-docs-example.generated.ts', import.meta.url);
afterAll(() => rmSync(script, { force: true }));

it('docs/scheduler.md has a notebook example that runs and tells what it says', async () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(page) as RegExpExecArray;
  writeFileSync(script, example);
  const { walk, attempts } = (await import(/* @vite-ignore */ script.href)) as Pick<PodHistory, 'walk' | 'attempts'>;
  expect(walk.map(({ what }) => what)).toEqual(expect.arrayContaining(['created', 'bound', 'started']));
  expect(attempts.at(-1)?.outcome).toBe('scheduled');
});

it('docs/scheduler.md names only files that exist', () => {
  const links = [...page.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, link]) => link);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(() => readFileSync(new URL(`../../../docs/${link}`, import.meta.url)), link).not.toThrow();
  const files = [...page.matchAll(/`((?:plain|fast|queue|cycle|topology|filters)\/[\w./-]*\.ts)`/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    expect(() => readFileSync(new URL(`../../scheduler-sim/src/${file}`, import.meta.url)), file).not.toThrow();
  }
});
