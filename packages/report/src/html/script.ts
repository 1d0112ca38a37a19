import { MARGIN, SIZES } from './charts/svg.ts';

/**
 * The page's one script: the theme switch, the filter of decisions, and a readout that follows the pointer through all charts over
 * time. The page is complete without it. It is the same for every report, so its hash in the page's policy is too.
 */
export const SCRIPT = `'use strict';
(() => {
  const root = document.documentElement;
  const store = (value) => { try { return value === undefined ? localStorage.getItem('plimsoll-theme') : localStorage.setItem('plimsoll-theme', value); } catch { return null; } };
  const kept = store();
  if (kept === 'light' || kept === 'dark') root.dataset.theme = kept;
  const button = document.querySelector('button.theme');
  const isDark = () => (root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const name = () => { button.querySelector('span').textContent = isDark() ? 'Light' : 'Dark'; };
  button.hidden = false;
  name();
  button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; store(root.dataset.theme); name(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', name);

  const form = document.querySelector('form.filter');
  if (form) {
    const rows = [...document.querySelectorAll('table.decisions tbody tr')];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const apply = () => {
      const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
      const run = form.elements.run.value;
      const code = form.elements.code.value;
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = (run !== '' && row.dataset.run !== run) || (code !== '' && row.dataset.code !== code) || !words.every((word) => texts[i].includes(word));
        if (!row.hidden) shown++;
      });
      form.querySelector('output').textContent = shown + ' of ' + rows.length + ' shown';
    };
    form.hidden = false;
    form.addEventListener('input', apply);
    form.addEventListener('submit', (event) => event.preventDefault());
    apply();
  }

  const data = JSON.parse(document.getElementById('readout').textContent);
  const sizes = ${JSON.stringify(SIZES)};
  const right = ${MARGIN.marginRight}, top = ${MARGIN.marginTop}, bottom = ${MARGIN.marginBottom};
  const charts = [...document.querySelectorAll('figure.over-time')];
  const drawings = charts.flatMap((chart) => Object.keys(sizes).map((size) => ({ size: sizes[size], svg: chart.querySelector('.' + size + ' svg') })));
  const clock = (ms) => { const m = Math.round(ms / 6e4); return (m >= 1440 ? Math.floor(m / 1440) + ' d ' : '') + String(Math.floor(m / 60) % 24).padStart(2, '0') + ':' + String(m % 60).padStart(2, '0'); };
  for (const drawing of drawings) {
    const line = drawing.svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'line'));
    line.setAttribute('class', 'cursor');
    line.setAttribute('y1', top);
    line.setAttribute('y2', drawing.size.height - bottom);
    line.setAttribute('visibility', 'hidden');
    drawing.line = line;
    const inner = drawing.size.width - drawing.size.marginLeft - right;
    drawing.svg.addEventListener('pointermove', (event) => {
      const box = drawing.svg.getBoundingClientRect();
      const share = (((event.clientX - box.left) / box.width) * drawing.size.width - drawing.size.marginLeft) / inner;
      if (share >= 0 && share <= 1) show(share); else hide();
    });
    drawing.svg.addEventListener('pointerleave', () => hide());
  }
  const show = (share) => {
    for (const { line, size } of drawings) {
      const x = size.marginLeft + share * (size.width - size.marginLeft - right);
      line.setAttribute('x1', x);
      line.setAttribute('x2', x);
      line.setAttribute('visibility', 'visible');
    }
    const at = share * data.span;
    for (const chart of charts) for (const output of chart.querySelectorAll('output')) {
      const run = data.runs[output.dataset.run];
      const values = run && run[chart.id];
      const value = values && at <= run.span ? values[Math.min(Math.floor(at / run.step), values.length - 1)] : null;
      output.textContent = value == null ? '' : (chart.id === 'cost' ? '$ ' : '') + (chart.id === 'pending' || value >= 100 ? Math.round(value) : value.toFixed(chart.id === 'cost' ? 2 : 1)) + ' at ' + clock(at);
    }
  };
  const hide = () => {
    for (const { line } of drawings) line.setAttribute('visibility', 'hidden');
    for (const chart of charts) for (const output of chart.querySelectorAll('output')) output.textContent = '';
  };
})();
`;
