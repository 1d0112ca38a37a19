import { parentPort } from 'node:worker_threads';
import { serveRuns } from '@plimsoll/lab';
import { fakeRun } from './fake-run.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
serveRuns(parentPort, fakeRun);
