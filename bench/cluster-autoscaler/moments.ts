import { Streams } from '@plimsoll/core';
import { GIB, MIB, type Moment } from './moment.ts';

const EIGHT_CORES = { cpu: 8000, memory: 32 * GIB };

/** Ten ReplicaSets whose pods wait for nodes, none of which exists. */
export function scaleUpMoment(count: number): Moment {
  const pods = Array.from({ length: 10 }, (_, i) => ({
    owner: i,
    cpu: 150 + 2 * i,
    memory: (600 + i) * MIB,
    count: count / 10,
  }));
  return { ...EIGHT_CORES, max: 2000, nodes: 0, pods };
}

/** 1,000 nodes with ten equal pods each, of one of 50 ReplicaSets: at least `millicores`, and at most 350 more; 256 to 1,792 MiB. */
export function crowdedMoment(millicores: number): Moment {
  const chance = new Streams(42).stream('bench', 'crowded nodes');
  const pods = Array.from({ length: 1000 }, (_, node) => ({
    owner: chance.below(50),
    cpu: millicores + 10 * chance.below(36),
    memory: (256 + 128 * chance.below(13)) * MIB,
    count: 10,
    node,
  }));
  return { ...EIGHT_CORES, max: 2000, nodes: 1000, pods };
}

/** Pods of all sizes, each alone. */
export function diverseMoment(count: number): Moment {
  const chance = new Streams(42).stream('bench', 'diverse pods');
  const pods = Array.from({ length: count }, (_, owner) => ({
    owner,
    cpu: 50 + 10 * chance.below(400),
    memory: (64 + chance.below(16_000)) * MIB,
  }));
  return { cpu: 16_000, memory: 64 * GIB, max: count, nodes: 0, pods };
}
