// Checks every package against the map in docs/architecture.md: who may import whom, that each import is declared, that index files only
// re-export, and that published fields are in place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages of ours that each may import. */
const MAY_IMPORT = {
  core: [],
  kubernetes: ['core'],
  cloud: ['core'],
  'scheduler-sim': ['core'],
  'provider-nodegroup': ['core'],
  'provider-fleet': ['core'],
  inputs: ['core'],
  lab: ['core'],
  report: ['core', 'lab'],
  conformance: ['core', 'inputs', 'scheduler-sim', 'provider-nodegroup', 'provider-fleet', 'kubernetes', 'cloud'],
  plimsoll: ['core', 'kubernetes', 'cloud', 'scheduler-sim', 'provider-nodegroup', 'provider-fleet', 'inputs', 'lab', 'report'],
};
/** Packages that run anywhere: no Node modules, only one external library each where named. */
const ENGINE = {
  core: ['immer', 'seedrandom', 'zod'],
  kubernetes: [],
  cloud: [],
  'scheduler-sim': [],
  'provider-nodegroup': [],
  'provider-fleet': [],
};

const problems = [];
const root = new URL('../packages/', import.meta.url).pathname;
for (const name of readdirSync(root)) {
  const folder = join(root, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const allowed = MAY_IMPORT[name];
  if (allowed === undefined) problems.push(`${name}: not on the map in tools/check-packages.mjs`);
  for (const field of ['description', 'license', 'exports', 'publishConfig', 'files', 'engines']) {
    if (manifest[field] === undefined) problems.push(`${name}: package.json has no ${field}`);
  }
  if (Object.keys(manifest.exports['.'])[0] !== '@plimsoll/source')
    problems.push(`${name}: the source condition must stand first in exports`);
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const file of filesOf(join(folder, 'src'))) {
    const where = file.slice(root.length);
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) continue;
      if (specifier.startsWith('node:')) {
        if (ENGINE[name] !== undefined) problems.push(`${where}: an engine package imports ${specifier}`);
        continue;
      }
      const [scope, rest] = specifier.split('/');
      const target = specifier.startsWith('@') ? `${scope}/${rest}` : scope;
      if (declared[target] === undefined) problems.push(`${where}: imports ${target}, which package.json does not declare`);
      const ours = target.startsWith('@plimsoll/') ? target.slice('@plimsoll/'.length) : undefined;
      if (ours !== undefined && allowed?.includes(ours) !== true) problems.push(`${where}: ${name} may not import ${ours}`);
      if (ours === undefined && ENGINE[name]?.includes(target) === false)
        problems.push(`${where}: an engine package imports ${target}`);
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('packages: every import is declared and allowed');

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)) : entry.name.endsWith('.ts') ? [join(folder, entry.name)] : [],
  );
}

function importsOf(text) {
  return [
    ...text.matchAll(
      /^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3]);
}
