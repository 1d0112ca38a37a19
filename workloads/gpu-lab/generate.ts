import { Chance } from '../chance.ts';
import type { TraceRow } from '../trace-writer.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const DAYS = 3;

/** Three days of a research group: notebooks by day, trainings that run through the night, evaluations, and CPU work that feeds them. */
export function gpuLab(seed: number): TraceRow[] {
  return [...notebooks(seed), ...trainings(seed), ...evaluations(seed), ...preprocessing(seed)];
}

function notebooks(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'gpu-lab/notebooks');
  return eachDay((day) =>
    Array.from({ length: chance.whole(9, 14) }, (_, n) => ({
      id: `notebook-${day}-${n}`,
      group: 'notebook',
      arrive: day * DAY + 8 * HOUR + chance.whole(0, 3 * HOUR),
      duration: chance.whole(2 * HOUR, 8 * HOUR),
      cpu: 3000,
      memory: 12_288,
      gpu: 1,
    })),
  );
}

function trainings(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'gpu-lab/trainings');
  return eachDay((day) =>
    Array.from({ length: chance.whole(4, 7) }, (_, n) => {
      const gpu = chance.pick([
        [4, 1],
        [3, 4],
        [2, 8],
      ]);
      return {
        id: `training-${day}-${n}`,
        group: 'training',
        arrive: day * DAY + 10 * HOUR + chance.whole(0, 9 * HOUR),
        duration: chance.draw({ kind: 'lognormal', median: 4 * HOUR, p99: 20 * HOUR }, 600),
        cpu: gpu * 5500,
        memory: gpu * 20_480,
        gpu,
      };
    }),
  );
}

function evaluations(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'gpu-lab/evaluations');
  return chance.arrivals(0, DAYS * DAY, 6 / HOUR).map((arrive, n) => ({
    id: `evaluation-${n}`,
    group: 'evaluation',
    arrive,
    duration: chance.draw({ kind: 'lognormal', median: 400, p99: 3600 }, 30),
    cpu: 2000,
    memory: 8192,
    gpu: 1,
  }));
}

function preprocessing(seed: number): TraceRow[] {
  const chance = new Chance(seed, 'gpu-lab/preprocessing');
  return eachDay((day) =>
    Array.from({ length: 4 }, (_, n) => ({
      id: `preprocess-${day}-${n}`,
      group: 'preprocess',
      arrive: day * DAY + 6 * HOUR + n * 3 * HOUR,
      duration: chance.whole(600, 1500),
      count: chance.whole(30, 80),
      cpu: 2000,
      memory: 4096,
    })),
  );
}

function eachDay<T>(make: (day: number) => T[]): T[] {
  return Array.from({ length: DAYS }, (_, day) => make(day)).flat();
}
