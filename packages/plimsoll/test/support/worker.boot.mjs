// Starts the TypeScript worker from source: Node 20 cannot, so the entry registers tsx itself.
import { register } from 'tsx/esm/api';

register();
await import('../../src/node/worker.ts');
