import { canonical } from '@plimsoll/core';
import {
  emptyJobStatus,
  type FailureRule,
  isJobFinished,
  type JobBackoff,
  type JobPod,
  type JobSpec,
  type JobStatus,
  type SuccessRule,
  syncJob,
} from '@plimsoll/kubernetes';
import { Json } from '../../kube-scheduler/json.ts';
import { DelayedKey } from './delayed-key.ts';
import { type Controllers, merged, World } from './world.ts';
import { cut, type WorldPod } from './world-pod.ts';

/** Changes of pods are gathered for so long before a Job is looked at. */
const BATCH = 1000;

interface Extra {
  readonly index?: number;
  readonly indexFailures?: number;
  readonly indexIgnoredFailures?: number;
}

/** A Job. */
export function answerJob(input: Json): unknown {
  const world = new World(input);
  world.controllers = new JobControllers(world, input.at('job').value);
  return world.run(input, undefined);
}

class JobControllers implements Controllers {
  readonly #world: World;
  readonly #later: DelayedKey;
  readonly #extras = new Map<WorldPod, Extra>();
  #object: Json;
  #status: JobStatus = emptyJobStatus;
  #backoff: JobBackoff = { failures: 0 };
  #dirty = true;

  constructor(world: World, object: unknown) {
    this.#world = world;
    this.#object = new Json(object);
    this.#later = new DelayedKey((at) => world.wakeAt(at, 'job'));
  }

  podChanged(): void {
    this.#later.add(this.#world.now + BATCH);
  }

  patched(patch: Record<string, unknown>): void {
    const before = this.#object.at('spec').value;
    this.#object = new Json(merged(this.#object.value, patch));
    if (canonical(before) !== canonical(this.#object.at('spec').value)) this.#dirty = true;
  }

  wake(): void {
    if (this.#later.fire(this.#world.now)) this.#dirty = true;
  }

  settle(): void {
    while (this.#dirty) {
      this.#dirty = false;
      this.#sync();
    }
  }

  status(): Record<string, unknown> {
    const { startedAt, completedAt, completedIndexes, conditions, ...rest } = this.#status;
    return {
      ...rest,
      ...(startedAt !== undefined && { startTimeMs: startedAt }),
      ...(completedAt !== undefined && { completionTimeMs: completedAt }),
      ...(completedIndexes !== '' && { completedIndexes }),
      ...(conditions.length > 0 && {
        conditions: conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`).sort(),
      }),
    };
  }

  #sync(): void {
    if (isJobFinished(this.#status)) return;
    const world = this.#world;
    const spec = specOf(this.#object.at('spec'));
    const labels = this.#object.at('spec', 'template', 'metadata', 'labels').labels;
    const pods = [...world.pods.values()].map((pod): JobPod => {
      const { deletedAt, ...rest } = pod;
      return { ...rest, ...this.#extras.get(pod), ...(deletedAt !== undefined && { deletedAt: cut(deletedAt) }) };
    });
    const { status, backoff, requeueMs } = syncJob(
      spec,
      this.#status,
      this.#backoff,
      pods,
      {
        create: (extra) => {
          const counter = extra.index === undefined ? 'j' : `j-${extra.index}`;
          const pod = world.createPod({
            labels,
            ownerUid: 'j',
            counter,
            name: (k) => (extra.index === undefined ? `j-${String(k).padStart(5, '0')}` : `${counter}-${k}`),
            ...(extra.index !== undefined && { group: String(extra.index) }),
            finalizer: true,
          });
          if (pod !== undefined) this.#extras.set(pod, extra);
        },
        delete: ({ name }) => world.deletePod(world.pods.get(name) as WorldPod, 'controller'),
        release: ({ name }) => {
          const pod = world.pods.get(name);
          if (pod !== undefined) world.removeFinalizer(pod);
        },
      },
      world.now,
    );
    if (canonical(status) !== canonical(this.#status)) this.#later.add(world.now + BATCH);
    this.#status = status;
    this.#backoff = backoff;
    if (requeueMs !== undefined) this.#later.add(world.now + Math.max(requeueMs, BATCH));
  }
}

function specOf(spec: Json): JobSpec {
  const number = (key: string): Record<string, number> => {
    const { number: value } = spec.at(key);
    return value === undefined ? {} : { [key]: value };
  };
  const parallelism = spec.at('parallelism').number;
  const completions = spec.at('completions').number ?? (parallelism === undefined ? 1 : undefined);
  const replacement = spec.at('podReplacementPolicy').text;
  const failure = spec.at('podFailurePolicy', 'rules');
  const success = spec.at('successPolicy', 'rules');
  return {
    parallelism: parallelism ?? 1,
    ...(completions !== undefined && { completions }),
    indexed: spec.at('completionMode').text === 'Indexed',
    suspended: spec.at('suspend').flag,
    backoffLimit: spec.at('backoffLimit').number ?? (spec.at('backoffLimitPerIndex').present ? 2 ** 31 - 1 : 6),
    ...number('backoffLimitPerIndex'),
    ...number('maxFailedIndexes'),
    ...number('activeDeadlineSeconds'),
    ...(replacement !== undefined && { podReplacementPolicy: replacement as 'Failed' | 'TerminatingOrFailed' }),
    ...(failure.present && { podFailurePolicy: failure.items.map(failureRule) }),
    ...(success.present && { successPolicy: success.items.map(successRule) }),
  };
}

function failureRule(raw: Json): FailureRule {
  const codes = raw.at('onExitCodes');
  return {
    action: raw.at('action').text as FailureRule['action'],
    ...(codes.present && {
      exitCodes: {
        operator: codes.at('operator').text as 'In' | 'NotIn',
        values: codes.at('values').items.map(({ number = 0 }) => number),
      },
    }),
    ...(raw.at('onPodConditions').present && { onDisruption: true }),
  };
}

function successRule(raw: Json): SuccessRule {
  const [indexes, count] = [raw.at('succeededIndexes').text, raw.at('succeededCount').number];
  return { ...(indexes !== undefined && { indexes }), ...(count !== undefined && { count }) };
}
