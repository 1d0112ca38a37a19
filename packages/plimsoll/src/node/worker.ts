// Entry of a pool's thread: serves runs to the thread that started it.
import { parentPort } from 'node:worker_threads';
import { serveRuns } from '@plimsoll/lab';
import { simulate } from '../simulate.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
serveRuns(parentPort, simulate);
