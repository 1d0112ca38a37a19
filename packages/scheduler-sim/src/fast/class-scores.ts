import { type ClusterView, CPU, MEMORY, NONE } from '@plimsoll/core';
import type { FilterModel } from '../filters/filter-model.ts';
import { FILTER, FILTER_PLUGINS } from '../filters/plugins.ts';
import type { PodFacts } from '../filters/pod-table.ts';
import type { SchedulerConfig } from '../plain/config.ts';
import { balance, balanceGain, leastAllocated } from '../scores/resources.ts';
import type { PodConstraints } from '../topology/constraints.ts';
import { Groups, UNKNOWN } from './groups.ts';
import { AT, BLOCK, type Capacities, type NodeRows, WIDTH } from './node-rows.ts';
import { isDefaultRoom, RoomScore } from './room-score.ts';

/** The score of a slot without a node. A node that filter c rejects has -1 - c. */
const EMPTY = -100;
const NO_ROOM = -1 - FILTER.NodeResourcesFit;
const PORTS_TAKEN = -1 - FILTER.NodePorts;
const KEY_MAX = 2 ** 31 - 1;

/** Groups that 16 bits tell apart, with room for those that one catching up may add. */
const GROUPS_MAX = 50_000;

/** With more groups than this, blocks no longer keep the best of each group: all nodes are walked instead. */
const BLOCK_GROUPS_MAX = 24;

/**
 * Every node's score for one pod class, with the best of each block of slots.
 *
 * Kept is what depends on the node alone: filters, and the scores of room. What is normalised over the nodes that fit, and filters about
 * other pods, are the same for all nodes of a group, so blocks keep their best per group, and groups are weighed against each other at
 * each decision.
 *
 * The best of a block is exact, or marked stale and then an upper bound for the score and a lower one for the key: a walk
 * refreshes it only where it could still win. Every stored score is the fresh score as of {@link catchUp}, so the walk finds what a scan
 * of all nodes would.
 */
export class ClassScores {
  /** When it was used last, by the cycle's count of uses. */
  usedAt = 0;
  /** Nodes that have room, and how many of each group. */
  roomy = 0;
  groupCounts: number[] = [];
  groups: Groups;
  constraints: PodConstraints;
  /**
   * By slot: `(score << shift) | group`. Together, since whoever reads one reads the other, and half as wide while there is one group
   * alone: what a decision costs is mostly how much memory it touches.
   */
  cells: Int16Array | Int32Array = new Int16Array(0);
  /** 16 where cells hold groups, else 0. */
  shift = 0;
  readonly #view: ClusterView;
  readonly #filters: FilterModel;
  readonly #config: SchedulerConfig;
  readonly #facts: PodFacts;
  readonly #rows: NodeRows;
  readonly #capacity: Capacities;
  readonly #cpu: number;
  readonly #memory: number;
  readonly #scoredCpu: number;
  readonly #scoredMemory: number;
  readonly #bestEffort: boolean;
  /** Whether it asks for host ports, or for resources besides CPU and memory. */
  readonly #picky: boolean;
  /** Whether it asks for CPU and memory and nothing else, and the scores of room are the default ones. */
  readonly #plain: boolean;
  /** Resources besides CPU and memory. */
  readonly #others: readonly (readonly [resource: number, amount: number])[];
  /** Scores of room where they are not the default ones. */
  readonly #room: RoomScore | undefined;
  readonly #fitWeight: number;
  readonly #balanceWeight: number;
  readonly #rejected = new Int32Array(FILTER_PLUGINS.length);
  #blocks = 0;
  #groupsReserved = 0;
  #withBlocks = false;
  #group = 0;
  #best = new Int32Array(0);
  #bestSlot = new Int32Array(0);
  #bestKey = new Int32Array(0);
  #stale = new Uint8Array(0);
  #cursor = 0;
  #moves = -1;
  #reorders = -1;

  constructor(view: ClusterView, filters: FilterModel, facts: PodFacts, rows: NodeRows, config: SchedulerConfig) {
    this.#view = view;
    this.#filters = filters;
    this.#facts = facts;
    this.#rows = rows;
    this.constraints = filters.constraints.of(facts.id);
    this.#config = config;
    this.groups = new Groups(view, filters, facts, this.constraints, config);
    const { requests } = view.classes.pods[facts.id];
    this.#cpu = requests[CPU];
    this.#memory = requests[MEMORY];
    this.#scoredCpu = facts.scoredCpu;
    this.#scoredMemory = facts.scoredMemory;
    this.#capacity = rows.capacities;
    this.#bestEffort = this.#cpu === 0 && this.#memory === 0;
    this.#others = facts.resources.flatMap((r, i) => (r === CPU || r === MEMORY ? [] : [[r, facts.amounts[i]] as const]));
    this.#picky = facts.ports.length > 0 || this.#others.length > 0;
    this.#room = isDefaultRoom(config) ? undefined : new RoomScore(view, config, facts);
    this.#plain = !this.#picky && this.#room === undefined && this.#cpu > 0 && this.#memory > 0;
    this.#fitWeight = config.scoreWeights.NodeResourcesFit ?? 0;
    this.#balanceWeight = config.scoreWeights.NodeResourcesBalancedAllocation ?? 0;
  }

  /** Bytes that the caches of this class take. */
  get bytes(): number {
    return this.cells.byteLength + this.#best.length * 13;
  }

  /** Whether blocks know the best of each group. */
  get blockwise(): boolean {
    return this.#withBlocks && this.groups.count <= BLOCK_GROUPS_MAX;
  }

  /** What of a cell is the group. */
  get groupMask(): number {
    return this.shift === 0 ? 0 : 0xffff;
  }

  /** The filters that reject the class on some node, as a mask. Of the nodes without room, `spared` do not count. */
  rejectors(spared: number): number {
    let mask = 0;
    for (let code = 0; code < this.#rejected.length; code++) {
      if (this.#rejected[code] > (code === FILTER.NodeResourcesFit ? spared : 0)) mask |= 1 << code;
    }
    return mask;
  }

  /** Brings every score up to date. `reorders` is that of the node order; `withBlocks` keeps the best of each block too. */
  catchUp(reorders: number, withBlocks: boolean): void {
    const rows = this.#rows;
    const behind = rows.end - this.#cursor;
    const constraints = this.#filters.constraints.of(this.#facts.id);
    const changed = constraints !== this.constraints || withBlocks !== this.#withBlocks || this.groups.count > GROUPS_MAX;
    if (changed || this.cells.length !== rows.capacity || behind * 2 > rows.count || behind > rows.ring.length) {
      // Groups that no node is in any more would pile up; a rebuild is the time to forget them.
      if (changed || this.groups.count > 1)
        this.groups = new Groups(this.#view, this.#filters, this.#facts, constraints, this.#config);
      this.constraints = constraints;
      this.#withBlocks = withBlocks;
      this.#rebuild(reorders);
      return;
    }
    if (reorders !== this.#reorders) this.#distrustKeys(reorders);
    if (behind === 0) return;
    if (this.#plain && !this.groups.byNode) this.#patchPlain();
    else {
      const mask = rows.ring.length - 1;
      for (let at = this.#cursor; at < rows.end; at++) this.#patch(rows.ring[at & mask]);
    }
    this.#cursor = rows.end;
  }

  /**
   * `for (slot of touched) this.#patch(slot)`, for a class that asks for CPU and memory alone, has the default scores of room, and
   * finds all nodes of a class alike. This is where most of a run's time goes, so everything is in one loop and in local variables.
   */
  #patchPlain(): void {
    const { ring, end, data, key, moves } = this.#rows;
    const mask = ring.length - 1;
    const { groups } = this;
    const moved = moves !== this.#moves;
    this.#moves = moves;
    const blocks = this.#blocks;
    let [best, bestSlot, bestKey, stale] = [this.#best, this.#bestSlot, this.#bestKey, this.#stale];
    let groupsReserved = this.#groupsReserved;
    let { cells, shift } = this;
    let groupMask = this.groupMask;
    const { cpu: cpuCaps, memory: memoryCaps } = this.#capacity;
    const [cpu, memory, scoredCpu, scoredMemory] = [this.#cpu, this.#memory, this.#scoredCpu, this.#scoredMemory];
    const [fitWeight, balanceWeight] = [this.#fitWeight, this.#balanceWeight];
    let kinds = groups.kindOfClass;
    for (let at = this.#cursor; at < end; at++) {
      const slot = ring[at & mask];
      const row = slot * WIDTH;
      const nodeClass = data[row + AT.nodeClass];
      let score = EMPTY;
      let group = 0;
      if (nodeClass >= 0) {
        group = nodeClass < kinds.length ? kinds[nodeClass] : UNKNOWN;
        if (group === UNKNOWN) {
          group = groups.ofClass(nodeClass);
          this.#meet(group);
          ({ cells, shift, groupMask } = this);
          [best, bestSlot, bestKey, stale] = [this.#best, this.#bestSlot, this.#bestKey, this.#stale];
          groupsReserved = this.#groupsReserved;
          kinds = groups.kindOfClass;
        }
        const cpuCap = cpuCaps[nodeClass];
        const memoryCap = memoryCaps[nodeClass];
        const cpuUse = data[row + AT.cpuUsed] + cpu;
        const memoryUse = data[row + AT.memoryUsed] + memory;
        if (group < 0) {
          score = group;
          group = 0;
        } else if (cpuUse > cpuCap || memoryUse > memoryCap || data[row + AT.places] < 1) score = NO_ROOM;
        else {
          // leastAllocated and balance, for a node that has both resources.
          const cpuLeft = cpuCap - data[row + AT.cpuCounted] - scoredCpu;
          const memoryLeft = memoryCap - data[row + AT.memoryCounted] - scoredMemory;
          const least =
            ((cpuLeft <= 0 ? 0 : ((cpuLeft * 100) / cpuCap) | 0) +
              (memoryLeft <= 0 ? 0 : ((memoryLeft * 100) / memoryCap) | 0)) >>
            1;
          const even = ((1 - Math.abs((cpuUse / cpuCap - memoryUse / memoryCap) / 2)) * 100) | 0;
          score = least * fitWeight + (50 + ((50 + even - data[row + AT.balance]) >> 1)) * balanceWeight;
        }
      }
      const after = (score << shift) | group;
      const cell = cells[slot];
      cells[slot] = after;
      if (cell >= 0 && after >= 0 && (cell & groupMask) === group) {
        // #withdraw and #enter, where nothing but the score may have changed. Whether it has cannot be foretold, but most scores neither are
        // the best of their block nor were.
        if (group >= groupsReserved) continue;
        const i = group * blocks + (slot >> 6);
        const most = best[i];
        if (score < most) {
          if (bestSlot[i] === slot && cell >> shift === most) stale[i] = 1;
        } else if (score > most) {
          best[i] = score;
          bestSlot[i] = slot;
          bestKey[i] = key[slot];
          stale[i] = 0;
        } else if (key[slot] < bestKey[i]) {
          bestSlot[i] = slot;
          bestKey[i] = key[slot];
        } else if (moved && bestSlot[i] === slot && key[slot] > bestKey[i]) stale[i] = 1;
        continue;
      }
      if (cell === after) continue;
      if (cell >= 0) this.#withdraw(slot, cell >> shift, cell & groupMask);
      else if (cell >> shift !== EMPTY) this.#rejected[-1 - (cell >> shift)]--;
      this.#enter(slot, score, group);
    }
  }

  /**
   * The best slot of a group: the highest score, and among equals the first in the order of nodes. NONE where no node of it fits. Walks
   * the blocks.
   */
  bestOf(group: number): number {
    const [bests, bestKeys, stale] = [this.#best, this.#bestKey, this.#stale];
    const from = group * this.#blocks;
    const to = from + this.#blocks;
    // No score is below 0, so that an empty block never wins.
    let best = 0;
    let bestKey = KEY_MAX;
    let block = -1;
    for (let i = from; i < to; i++) {
      if (bests[i] < best || (bests[i] === best && bestKeys[i] >= bestKey)) continue;
      if (stale[i] === 1) {
        this.#refresh(i, group);
        if (bests[i] < best || (bests[i] === best && bestKeys[i] >= bestKey)) continue;
      }
      best = bests[i];
      bestKey = bestKeys[i];
      block = i;
    }
    return block < 0 ? NONE : this.#bestSlot[block];
  }

  #rebuild(reorders: number): void {
    const rows = this.#rows;
    this.#reorders = reorders;
    this.#cursor = rows.end;
    this.#moves = rows.moves;
    const wide = this.groups.count > 1 || this.groups.byNode;
    if (this.cells.length !== rows.capacity || wide !== this.shift > 0) {
      this.cells = wide ? new Int32Array(rows.capacity) : new Int16Array(rows.capacity);
      this.shift = wide ? 16 : 0;
      this.#blocks = rows.capacity / BLOCK;
    }
    this.#best = new Int32Array(0);
    this.#reserveGroups(this.#withBlocks ? Math.max(1, Math.min(this.groups.count, BLOCK_GROUPS_MAX)) : 0);
    this.roomy = 0;
    this.groupCounts = [];
    this.#rejected.fill(0);
    this.cells.fill(EMPTY << this.shift, rows.slots);
    for (let slot = 0; slot < rows.slots; slot++) {
      const score = this.#score(slot);
      this.cells[slot] = (score << this.shift) | this.#group;
      this.#enter(slot, score, this.#group);
    }
  }

  #patch(slot: number): void {
    const score = this.#score(slot);
    const cell = this.cells[slot];
    const { shift } = this;
    const after = (score << shift) | this.#group;
    if (after === cell) {
      if (after >= 0) this.#checkKey(slot, score, this.#group);
      return;
    }
    this.cells[slot] = after;
    const before = cell >> shift;
    if (before >= 0) this.#withdraw(slot, before, cell & this.groupMask);
    else if (before !== EMPTY) this.#rejected[-1 - before]--;
    this.#enter(slot, score, this.#group);
  }

  /** The slot may hold another node now, which scores the same but stands elsewhere in the order. */
  #checkKey(slot: number, score: number, group: number): void {
    if (group >= this.#groupsReserved) return;
    const i = group * this.#blocks + (slot >> 6);
    if (score !== this.#best[i]) return;
    const key = this.#rows.key[slot];
    if (key < this.#bestKey[i]) {
      this.#bestSlot[i] = slot;
      this.#bestKey[i] = key;
    } else if (this.#bestSlot[i] === slot && key > this.#bestKey[i]) this.#stale[i] = 1;
  }

  /** Takes back a slot's old score. Where it was the best of its block, that is open again. */
  #withdraw(slot: number, score: number, group: number): void {
    this.roomy--;
    this.groupCounts[group]--;
    const i = group * this.#blocks + (slot >> 6);
    if (group < this.#groupsReserved && this.#bestSlot[i] === slot && this.#best[i] === score) this.#stale[i] = 1;
  }

  /** Counts a slot's new score, and lets it compete for the best of its block. */
  #enter(slot: number, score: number, group: number): void {
    if (score < 0) {
      if (score !== EMPTY) this.#rejected[-1 - score]++;
      return;
    }
    this.roomy++;
    this.groupCounts[group] = (this.groupCounts[group] ?? 0) + 1;
    if (group >= this.#groupsReserved) return;
    const i = group * this.#blocks + (slot >> 6);
    const key = this.#rows.key[slot];
    if (score > this.#best[i]) {
      this.#best[i] = score;
      this.#stale[i] = 0;
    } else if (score < this.#best[i] || key >= this.#bestKey[i]) return;
    this.#bestSlot[i] = slot;
    this.#bestKey[i] = key;
  }

  #refresh(i: number, group: number): void {
    const { cells, shift, groupMask } = this;
    const { key } = this.#rows;
    const start = (i - group * this.#blocks) * BLOCK;
    let best = -1;
    let bestKey = KEY_MAX;
    let bestSlot: number = NONE;
    for (let slot = start; slot < start + BLOCK; slot++) {
      const score = cells[slot] >> shift;
      if (score < best || score < 0 || (cells[slot] & groupMask) !== group) continue;
      if (score > best || key[slot] < bestKey) {
        best = score;
        bestKey = key[slot];
        bestSlot = slot;
      }
    }
    this.#best[i] = best;
    this.#bestKey[i] = bestKey;
    this.#bestSlot[i] = bestSlot;
    this.#stale[i] = 0;
  }

  /** Nodes changed places: scores stay, but which of equals comes first is open in every block. */
  #distrustKeys(reorders: number): void {
    this.#reorders = reorders;
    this.#stale.fill(1);
    this.#bestKey.fill(-1);
  }

  /** The score of a slot's node without what is normalised. Leaves the node's group in `#group`; 0 where it has none. */
  #score(slot: number): number {
    const rows = this.#rows;
    const data = rows.data;
    const at = slot * WIDTH;
    const nodeClass = data[at + AT.nodeClass];
    this.#group = 0;
    if (nodeClass < 0) return EMPTY;
    const group = this.groups.byNode ? this.groups.ofNode(nodeClass, rows.rowOf[slot]) : this.groups.ofClass(nodeClass);
    if (group < 0) return group;
    this.#meet(group);
    this.#group = group;
    if (this.#picky) {
      const node = rows.rowOf[slot];
      if (this.#facts.ports.length > 0 && this.#filters.portsTaken(this.#facts, node)) return PORTS_TAKEN;
      if (!this.#hasOthers(node, nodeClass)) return NO_ROOM;
    }
    if (data[at + AT.places] < 1) return NO_ROOM;
    const capacity = this.#capacity;
    const cpuCap = capacity.cpu[nodeClass];
    const cpu = data[at + AT.cpuUsed] + this.#cpu;
    if (cpu > cpuCap && this.#cpu > 0) return NO_ROOM;
    const memoryCap = capacity.memory[nodeClass];
    const memory = data[at + AT.memoryUsed] + this.#memory;
    if (memory > memoryCap && this.#memory > 0) return NO_ROOM;
    if (this.#room !== undefined) return this.#room.of(rows.rowOf[slot], nodeClass);
    const least = leastAllocated(
      data[at + AT.cpuCounted] + this.#scoredCpu,
      cpuCap,
      data[at + AT.memoryCounted] + this.#scoredMemory,
      memoryCap,
    );
    if (this.#bestEffort) return least * this.#fitWeight;
    const gain = balanceGain(balance(cpu, cpuCap, memory, memoryCap), data[at + AT.balance]);
    return least * this.#fitWeight + gain * this.#balanceWeight;
  }

  /** A group may be new: blocks keep its best, and cells tell it from the first. */
  #meet(group: number): void {
    if (group >= this.#groupsReserved && group < BLOCK_GROUPS_MAX && this.#withBlocks) this.#reserveGroups(group + 1);
    if (group < 1 || this.shift > 0) return;
    this.cells = Int32Array.from(this.cells, (score) => score << 16);
    this.shift = 16;
  }

  #hasOthers(node: number, nodeClass: number): boolean {
    const { used, stride, classes } = this.#view;
    const { allocatable } = classes.nodes[nodeClass];
    for (let i = 0; i < this.#others.length; i++) {
      const [r, amount] = this.#others[i];
      if (amount > (allocatable[r] ?? 0) - (r < stride ? used[node * stride + r] : 0)) return false;
    }
    return true;
  }

  /** Makes room for the bests of groups that were met for the first time. */
  #reserveGroups(groups: number): void {
    const length = groups * this.#blocks;
    const best = new Int32Array(length).fill(-1);
    const bestSlot = new Int32Array(length);
    const bestKey = new Int32Array(length);
    const stale = new Uint8Array(length);
    if (this.#best.length > 0) {
      best.set(this.#best);
      bestSlot.set(this.#bestSlot);
      bestKey.set(this.#bestKey);
      stale.set(this.#stale);
    }
    this.#best = best;
    this.#bestSlot = bestSlot;
    this.#bestKey = bestKey;
    this.#stale = stale;
    this.#groupsReserved = groups;
  }
}
