import { describe, expect, it } from 'vitest';
import { escaped, html, trusted } from '../../src/html/markup.ts';

const character = (code: number): string => String.fromCharCode(code);

describe('html', () => {
  it('escapes what is inserted, in content and in attributes', () => {
    const name = `<b a='1' c="2">&`;
    expect(html`<i title="${name}">${name}</i>`.text).toBe(
      '<i title="&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;">&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;</i>',
    );
  });

  it('leaves markup as it is, joins lists and leaves out what is absent', () => {
    expect(html`${[html`<b>${1}</b>`, '<', [trusted('<hr>')]]}${false}${null}${undefined}${0}`.text).toBe('<b>1</b>&lt;<hr>0');
  });
});

it('shows control characters and changes of direction instead of obeying them', () => {
  expect(escaped(`a${character(0)}b${character(27)}c${character(0x202e)}d\ne`)).toBe('a�b�c�d\ne');
});
