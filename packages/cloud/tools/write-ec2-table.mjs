// Writes src/catalogue/ec2-table.ts from a CSV of EC2 facts, one row per type. The columns that it reads are described in the
// package's README, with their sources.
//
//   node tools/write-ec2-table.mjs <ec2-us-east-1.csv> > src/catalogue/ec2-table.ts
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node tools/write-ec2-table.mjs <csv>');

const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
const names = header.split(',');
const rows = lines.map((line) => {
  const cells = line.split(',');
  if (cells.length !== names.length) throw new Error(`expected ${names.length} cells, got ${cells.length}: ${line}`);
  return Object.fromEntries(names.map((name, i) => [name, cells[i]]));
});

const BANDS = ['<5%', '5-10%', '10-15%', '15-20%', '>20%'];
const orNone = (text) => (text === '' ? '-' : text);

/** Cells of one type, those first that change most from size to size. Must be read in this order by ec2-facts.ts. */
function cells(row) {
  return [
    row.vcpu,
    row.mem_mib,
    row.od_usd_h,
    orNone(row.mem_seen_mib),
    orNone(row.spot_savings_pct),
    row.spot_interrupt === '' ? '-' : String(BANDS.indexOf(row.spot_interrupt)),
    orNone(row.net_mbps),
    orNone(row.ebs_mbps),
    row.default_card_enis,
    row.ip4_per_eni,
    row.branch_enis,
    row.nvme_gb,
    row.efa,
    row.hypervisor === '' ? '-' : row.hypervisor[0],
    row.gpu,
    row.accel,
    orNone(row.gpu_mem_mib),
    row.clock_mhz,
    row.arch === 'arm64' ? 'arm' : 'amd',
    row.cpu_maker,
    orNone(row.gpu_maker),
    orNone(row.gpu_name),
    orNone(row.accel_name),
  ];
}

const families = new Map();
for (const row of rows) families.set(row.family, [...(families.get(row.family) ?? []), row]);

const out = [];
for (const family of [...families.keys()].sort()) {
  let above = [];
  const sizes = families.get(family).sort((a, b) => a.vcpu - b.vcpu || a.mem_mib - b.mem_mib || (a.size < b.size ? -1 : 1));
  for (const row of sizes) {
    if (row.type !== `${family}.${row.size}`) throw new Error(`${row.type} is no size of ${family}`);
    const now = cells(row);
    const short = now.map((cell, i) => (cell === above[i] ? '' : cell)).join(' ');
    out.push(`${above.length === 0 ? family : ''}.${row.size} ${short.trimEnd()}`);
    above = now;
  }
}

process.stdout.write(`// Written by tools/write-ec2-table.mjs; the sources of the facts are named in the package's README.

/**
 * One line per EC2 type: its size, after the family on the family's first line, then its facts in the order that ec2-facts.ts
 * reads. An empty cell means "as on the line above", \`-\` that no figure is known. Prices are those of us-east-1.
 */
export const EC2_TABLE = \`\\
${out.join('\n')}
\`;
`);
