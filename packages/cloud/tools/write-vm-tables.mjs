// Writes src/catalogue/google-table.ts or azure-table.ts from a CSV of facts, one row per type. The sources are named in the package's README.
//
//   node tools/write-vm-tables.mjs google <gcp-machine.csv> > src/catalogue/google-table.ts
//   node tools/write-vm-tables.mjs azure <azure-vm.csv> > src/catalogue/azure-table.ts
import { readFileSync } from 'node:fs';

const [cloud, path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node tools/write-vm-tables.mjs google|azure <csv>');

const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
const names = header.split(',');
const rows = lines
  .map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])))
  // Where memory is zero the source does not know it: no machine is sold on a guess.
  .filter((row) => Number(row.mem_mib ?? row.mem_gib) > 0);
const orNone = (text) => (text === '' ? '-' : String(Number(text)));

const layouts = {
  google: {
    name: 'GOOGLE_TABLE',
    about:
      'One line per machine type of Google: name, vCPUs, memory in GiB, dollars per hour on-demand and as spot in us-central1 and on-demand in\n * europe-west1. `-` means that no figure is known.',
    line: (row) => [
      row.type,
      row.vcpu,
      Number(row.mem_gib),
      orNone(row.od_usd_h_us_central1),
      orNone(row.spot_usd_h_us_central1),
      orNone(row.od_usd_h_europe_west1),
    ],
  },
  azure: {
    name: 'AZURE_TABLE',
    about:
      'One line per size of Azure: name without its prefix, vCPUs, memory in MiB, GPUs, dollars per hour in eastus and in westeurope, and `arm` where it is\n * an Arm machine. `-` means that no figure is known.',
    line: (row) => [
      row.type.replace(/^Standard_/, ''),
      row.vcpu,
      row.mem_mib,
      row.gpu,
      orNone(row.od_usd_h_eastus),
      orNone(row.od_usd_h_westeurope),
      ...(row.arch === 'arm64' ? ['arm'] : []),
    ],
  },
};

const layout = layouts[cloud];
if (layout === undefined) throw new Error(`expected google or azure, got ${cloud}`);
const table = rows.sort((a, b) => (a.type < b.type ? -1 : 1)).map((row) => layout.line(row).join(' '));

process.stdout.write(`// Written by tools/write-vm-tables.mjs; the sources of the facts are named in the package's README.

/**
 * ${layout.about}
 */
export const ${layout.name} = \`\\
${table.join('\n')}
\`;
`);
