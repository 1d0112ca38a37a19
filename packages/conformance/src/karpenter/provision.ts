import { closed, failureClasses, failureText, intake, type PodObject, schedule } from '@plimsoll/provider-fleet';
import { type Difference, differences } from '../parity/difference.ts';
import type { Definitions } from '../parity/golden-case.ts';
import { plannedClaimAnswer, podName } from './planned-claim.ts';
import { worldOf } from './world.ts';

/** The answer to a case of kind `provision`: one pass of the provisioner. */
export function answerProvision(raw: unknown, definitions: Definitions): unknown {
  const { fleet, now, state } = worldOf(raw, definitions);
  const { invalid, leaving, notProvisionable, pending } = intake(state, now);
  const ignored: Record<string, string> = {};
  const ignore = (pods: readonly PodObject[], why: string): void => {
    for (const pod of pods) if (pod.nodeName === undefined) ignored[podName(pod)] = why;
  };
  ignore(notProvisionable, 'notProvisionable');
  ignore(invalid, 'invalid');
  if (fleet.ground.pools.length === 0) {
    ignore(pending, 'dropped');
    return { newNodeClaims: [], existing: {}, errors: {}, ...ignoredAnswer(ignored) };
  }
  const nodes = state.nodes.filter((node) => !node.markedForDeletion);
  const result = schedule(fleet, { pods: [...pending, ...leaving], nodes, reserved: 'strict' });
  ignore(result.dropped, 'dropped');
  const errors: Record<string, unknown> = {};
  for (const [pod, failures] of result.failures) {
    errors[podName(pod)] = { classes: failures.map(failureClasses), text: failureText(failures) };
  }
  const newNodeClaims: unknown[] = [];
  for (const claim of result.claims) {
    const planned = closed(claim, fleet.ground);
    if (planned !== undefined) newNodeClaims.push(plannedClaimAnswer(planned));
    else for (const pod of claim.pods) errors[podName(pod)] = { classes: [['minValues']] };
  }
  return {
    newNodeClaims,
    existing: Object.fromEntries(result.existing.map(({ facts, pods }) => [facts.state.name, pods.map(podName)])),
    errors,
    ...ignoredAnswer(ignored),
  };
}

function ignoredAnswer(ignored: Record<string, string>): { ignored?: Record<string, string> } {
  return Object.keys(ignored).length > 0 ? { ignored } : {};
}

/** Why a pod has no place: of each pool the classes of failure that the real program may name, and the whole in its words. */
interface GotError {
  readonly classes: readonly (readonly string[])[];
  readonly text?: string;
}

/**
 * What differs. Claims belong together by their pods. Of each pool the answer names the classes of failure that the real program may name
 * (it names the first of several refusing topology groups, in an order that cannot be told): each pool must have one that was recorded, and
 * every recorded one must be some pool's, unless it was gathered from several runs. Texts are for people and not compared.
 */
export function compareProvision(golden: { readonly tieDependent?: boolean }, expected: unknown, got: unknown): Difference[] {
  const { errors: expectedErrors, summary: _, ...expectedRest } = expected as Expected;
  const { errors, ...rest } = got as { errors: Record<string, GotError> };
  const found = [
    ...differences(expectedRest, rest, {
      newNodeClaims: { keyedBy: ['pods'] },
      'newNodeClaims[].price': { relativeError: 1e-12 },
    }),
  ];
  for (const pod of new Set([...Object.keys(expectedErrors), ...Object.keys(errors)])) {
    const recorded = expectedErrors[pod];
    const ours = errors[pod];
    if (recorded === undefined || ours === undefined || !sameClasses(recorded.class, ours, golden.tieDependent === true)) {
      found.push({ path: `errors.${pod}`, expected: recorded?.class, got: ours?.classes });
    }
  }
  return found;
}

function sameClasses(recorded: readonly string[], { classes }: GotError, gathered: boolean): boolean {
  return (
    classes.every((names) => names.some((name) => recorded.includes(name))) &&
    (gathered || recorded.every((name) => classes.some((names) => names.includes(name))))
  );
}

interface Expected {
  readonly errors: Readonly<Record<string, { readonly class: readonly string[] }>>;
  readonly summary?: unknown;
}
