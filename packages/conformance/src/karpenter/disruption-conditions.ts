import { LABEL } from '@plimsoll/core';
import { lookAtClaim } from '@plimsoll/provider-fleet';
import { Json } from '../kube-scheduler/json.ts';
import type { Definitions } from '../parity/golden-case.ts';
import { instanceTypesOf } from './instance-types.ts';
import { clusterObjects } from './objects.ts';

const SHOWN = ['Consolidatable', 'Drifted'];

/** What a look at each NodeClaim of a case comes to. */
export function answerConditions(input: unknown, definitions: Definitions): unknown {
  const raw = new Json(input);
  const now = raw.at('now').time as number;
  const { nodeClaims, nodePools } = clusterObjects(raw);
  const types = instanceTypesOf(raw, new Json(definitions.instanceTypes ?? {}));
  const answers = nodeClaims.map((claim) => {
    const pool = nodePools.find(({ name }) => name === claim.labels[LABEL.nodePool]);
    const facts = {
      instanceTypes: types.get(pool?.name ?? '') ?? [],
      providerReason: raw.at('providerDrift', claim.name).text,
    };
    const { conditions, again } = lookAtClaim(claim, pool, facts, now);
    const shown = conditions.filter(({ type }) => SHOWN.includes(type));
    const told = shown.map(({ type, status, reason, changedAt }) => {
      return [type, { status, reason, lastTransitionTime: timeText(changedAt) }] as const;
    });
    return [claim.name, { conditions: Object.fromEntries(told), requeueAfter: durationText(again ?? 0) }] as const;
  });
  return Object.fromEntries(answers);
}

function timeText(millis: number): string {
  return new Date(millis).toISOString().replace('.000Z', 'Z');
}

/** A duration as Go prints it: `5m0s`. */
function durationText(millis: number): string {
  const seconds = millis / 1000;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${seconds - hours * 3600 - minutes * 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
