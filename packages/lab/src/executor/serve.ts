import * as Comlink from 'comlink';
import type { RunResult } from '../run-spec.ts';
import { endpointOf, type NodePort } from './endpoint.ts';
import type { RunFunction } from './executor.ts';
import type { RunService } from './protocol.ts';

/** At most this often does a worker report progress, in milliseconds of real time. */
const PROGRESS_MS = 100;

/** Serves runs on a port: what a worker's entry file calls. */
export function serveRuns(port: NodePort, run: RunFunction): void {
  const service: RunService = {
    run: async (spec, onProgress) => {
      let reported = Date.now();
      try {
        const result = run(spec, (now, events) => {
          if (onProgress === undefined || Date.now() - reported < PROGRESS_MS) return;
          reported = Date.now();
          onProgress(now, events);
        });
        return Comlink.transfer({ ok: true as const, result }, buffersOf(result));
      } catch (error) {
        const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
        return { ok: false as const, kind: name, message, ...(stack !== undefined && { stack }) };
      }
    },
  };
  Comlink.expose(service, endpointOf(port));
}

function buffersOf({ log }: RunResult): ArrayBuffer[] {
  return [log.time, log.kind, log.a, log.b, log.c].map((column) => column.buffer as ArrayBuffer);
}
