// Puts the bundled workloads into the package before it is packed; in the repository they stand at its root.
import { cpSync, readdirSync, rmSync } from 'node:fs';

const from = new URL('../workloads/', import.meta.url).pathname;
const to = new URL('../packages/plimsoll/workloads/', import.meta.url).pathname;
rmSync(to, { recursive: true, force: true });
for (const entry of readdirSync(from, { withFileTypes: true })) {
  if (!entry.isDirectory() || entry.name === 'test' || entry.name === 'node_modules') continue;
  cpSync(`${from}${entry.name}`, `${to}${entry.name}`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
