import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Definitions, disruptionMoment } from '@plimsoll/conformance';
import { runMethod } from '@plimsoll/provider-fleet';
import { fullPass } from '../karpenter/full-cluster.ts';
import type { Suite } from '../suite.ts';

const NODES = 1000;
/** CPU of the real program for the same decision with its validation, the wait left out; see the golden decisions' timings. */
const REAL_MILLIS = 1310;

const RECORDED = new URL('../../packages/conformance/fixtures/karpenter/bench-consolidation-1000.jsonl.gz', import.meta.url);

export const karpenterConsolidation: Suite = {
  name: 'karpenter-consolidation',
  question:
    'one decision of Karpenter over 1,000 nodes: several nodes together as recorded, and a live pass that tries every node in vain',
  ratios: [],
  time: 3000,
  prepare() {
    const { definitions, expect, input } = recorded();
    const moment = disruptionMoment(input, definitions);
    const afterWait = disruptionMoment(input, definitions);
    const together = () => runMethod('MultiNodeConsolidation', moment, () => afterWait).command;
    const names = together()?.candidates.map(({ name }) => name);
    if (JSON.stringify(names) !== JSON.stringify(expect)) throw new Error('the recorded decision is another one');
    const { look, pods } = fullPass(NODES);
    if (look() !== 0) throw new Error('a node of the full cluster can go');
    return {
      operations: 1,
      facts: { nodes: NODES, pods, realCpuMillis: REAL_MILLIS },
      tasks: { 'recorded, several nodes': () => void together(), 'live, a whole pass in vain': () => void look() },
    };
  },
};

/** The recorded case, and the nodes that the real program took away together. */
function recorded(): { readonly input: unknown; readonly definitions: Definitions; readonly expect: readonly string[] } {
  const definitions: Record<string, Record<string, unknown>> = {};
  let found: { input: unknown; expect: { methods: { commands: { candidates: string[] }[] }[] } } | undefined;
  for (const line of gunzipSync(readFileSync(RECORDED)).toString().split('\n').filter(Boolean)) {
    const value = JSON.parse(line);
    if (value.define === undefined) found = value;
    else definitions[value.define] = { ...definitions[value.define], [value.name]: value.value };
  }
  if (found === undefined) throw new Error('the file holds no case');
  return { input: found.input, definitions, expect: found.expect.methods[0].commands[0].candidates };
}
