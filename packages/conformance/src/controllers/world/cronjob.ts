import { canonical, offsetAt, timeZone } from '@plimsoll/core';
import { type CronChild, type CronJobSpec, type CronJobStatus, requeueAfterChange, syncCronJob } from '@plimsoll/kubernetes';
import { Json } from '../../kube-scheduler/json.ts';
import { instant, T0 } from '../pods.ts';
import { DelayedKey } from './delayed-key.ts';
import { Retries } from './retries.ts';
import { type Controllers, merged, World } from './world.ts';
import { cut } from './world-pod.ts';

/** A CronJob, whose Jobs run for given times and have no pods. */
export function answerCronJob(input: Json): unknown {
  const world = new World(input);
  world.controllers = new CronJobControllers(world, input);
  return world.run(input, undefined);
}

class CronJobControllers implements Controllers {
  readonly statusAtStart = true;
  readonly #world: World;
  readonly #runs: number[];
  readonly #createdAt: number;
  readonly #later: DelayedKey;
  readonly #retries = new Retries();
  #object: Json;
  #status: CronJobStatus;
  #jobs: CronChild[] = [];
  #made = 0;
  #dirty = true;
  #jobsCreated: string[] = [];
  #jobsDeleted: string[] = [];

  constructor(world: World, input: Json) {
    this.#world = world;
    this.#later = new DelayedKey((at) => world.wakeAt(at, 'cronjob'));
    this.#runs = input.at('jobRunsMs').items.map(({ number = 0 }) => number);
    this.#object = input.at('cronJob');
    this.#createdAt = instant(this.#object.at('metadata', 'creationTimestamp')) ?? cut(input.at('startMs').number ?? 0);
    const last = instant(this.#object.at('status', 'lastScheduleTime'));
    this.#status = { active: [], ...(last !== undefined && { lastScheduleAt: T0 + last }) };
  }

  podChanged(): void {}

  patched(patch: Record<string, unknown>): void {
    const before = this.#spec();
    this.#object = new Json(merged(this.#object.value, patch));
    const after = this.#spec();
    if (before.schedule === after.schedule && before.timeZone === after.timeZone) {
      this.#dirty = true;
      return;
    }
    // A new schedule is looked at when its first time comes.
    const delay = requeueAfterChange(after, this.#status, T0 + this.#world.now);
    if (delay !== undefined) this.#later.add(this.#world.now + delay);
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
    const { active, lastScheduleAt, lastSuccessAt } = this.#status;
    return {
      active: active.length === 0 ? null : [...active].sort(),
      ...(lastScheduleAt !== undefined && { lastScheduleTimeMs: lastScheduleAt - T0 }),
      ...(lastSuccessAt !== undefined && { lastSuccessfulTimeMs: lastSuccessAt - T0 }),
    };
  }

  takeDone(): Record<string, unknown> {
    const [jobsCreated, jobsDeleted] = [this.#jobsCreated, this.#jobsDeleted];
    this.#jobsCreated = [];
    this.#jobsDeleted = [];
    return {
      ...(jobsCreated.length > 0 && { jobsCreated: jobsCreated.sort() }),
      ...(jobsDeleted.length > 0 && { jobsDeleted: jobsDeleted.sort() }),
    };
  }

  #sync(): void {
    const world = this.#world;
    const spec = this.#spec();
    const before = this.#status;
    const plan = syncCronJob(spec, before, this.#jobs, T0 + world.now);
    const { create } = plan;
    this.#status = plan.status;
    const refused = create !== undefined && this.#jobs.some(({ name }) => name === create.name);
    const finished = this.#jobs.filter(({ name, finished }) => finished !== undefined && before.active.includes(name));
    if (plan.delete.length > 0) {
      this.#jobs = this.#jobs.filter(({ name }) => !plan.delete.includes(name));
      this.#jobsDeleted.push(...plan.delete);
      this.#dirty = true;
    }
    if (create !== undefined && !refused) {
      this.#jobsCreated.push(`${create.name} ${zoned(create.scheduledAt, spec.timeZone ?? '')}`);
      this.#start(create.name);
      this.#dirty = true;
      this.#staleSync(before, finished, plan.delete.length > 0);
    }
    if (refused) {
      // The Job exists: nothing of the run is noted, and the queue backs off.
      const { lastScheduleAt: _, ...rest } = plan.status;
      const last = before.lastScheduleAt;
      const active = plan.status.active.filter((name) => name !== create.name);
      this.#status = { ...rest, active, ...(last !== undefined && { lastScheduleAt: last }) };
      this.#later.add(world.now + this.#retries.next());
    } else {
      this.#retries.forget();
      if (plan.requeueMs !== undefined) this.#later.add(world.now + plan.requeueMs);
    }
    if (canonical(this.#status) !== canonical(before)) this.#dirty = true;
  }

  /**
   * The new Job wakes the controller before it sees its own status. That sync notes successes, and where it takes a finished Job from the
   * old status it writes that one over the new: nothing conflicts on the version of an object here.
   */
  #staleSync(before: CronJobStatus, finished: readonly CronChild[], deleted: boolean): void {
    if (finished.length === 0) return;
    const times = finished.flatMap(({ finished, completedAt }) => (finished === 'Complete' ? [completedAt ?? 0] : []));
    const success = Math.max(before.lastSuccessAt ?? -Infinity, ...times);
    // A deletion on the way gives the status time to be seen.
    this.#status = {
      ...(deleted ? this.#status : { ...before, active: [] }),
      ...(success > -Infinity && { lastSuccessAt: success }),
    };
  }

  #start(name: string): void {
    const world = this.#world;
    const run = this.#runs[this.#made++ % this.#runs.length];
    this.#jobs.push({ name, startedAt: cut(world.now) });
    world.at(world.now + Math.abs(run), () => {
      const index = this.#jobs.findIndex((job) => job.name === name);
      if (index < 0) return;
      const job = this.#jobs[index];
      this.#jobs[index] =
        run < 0 ? { ...job, finished: 'Failed' } : { ...job, finished: 'Complete', completedAt: T0 + cut(world.now) };
      this.#dirty = true;
    });
  }

  #spec(): CronJobSpec {
    const spec = this.#object.at('spec');
    const zone = spec.at('timeZone').text;
    const deadline = spec.at('startingDeadlineSeconds').number;
    return {
      name: this.#object.at('metadata', 'name').text ?? '',
      createdAt: T0 + this.#createdAt,
      schedule: spec.at('schedule').text ?? '',
      ...(zone !== undefined && { timeZone: zone }),
      concurrency: (spec.at('concurrencyPolicy').text ?? 'Allow') as CronJobSpec['concurrency'],
      suspended: spec.at('suspend').flag,
      ...(deadline !== undefined && { startingDeadlineSeconds: deadline }),
      successfulJobsHistoryLimit: spec.at('successfulJobsHistoryLimit').number ?? 3,
      failedJobsHistoryLimit: spec.at('failedJobsHistoryLimit').number ?? 1,
    };
  }
}

/** An instant in a zone, as RFC 3339. */
function zoned(unixMs: number, name: string): string {
  const zone = timeZone(name);
  const minutes = zone === undefined ? 0 : offsetAt(zone, unixMs);
  const text = new Date(unixMs + minutes * 60_000).toISOString().slice(0, 19);
  if (minutes === 0) return `${text}Z`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${text}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
