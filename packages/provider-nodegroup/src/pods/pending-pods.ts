import { type ClusterView, NONE, RECORD } from '@plimsoll/core';

/**
 * The pods that the scheduler has reported unschedulable and that still wait, kept up to date from the log's records, so that a loop never
 * looks at pods that have a node. Two levels of bits over pod rows: reading them in order of creation needs no sort.
 */
export class PendingPods {
  #bits = new Int32Array(1024);
  /** One bit per word of `#bits` that is not zero. */
  #summary = new Int32Array(32);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Takes a record in. Returns whether it was a pod's first report as unschedulable. */
  observe(kind: number, pod: number, b: number): boolean {
    if (kind === RECORD.podUnschedulable) {
      this.#add(pod);
      return b === 1;
    }
    if (kind === RECORD.podBound || kind === RECORD.podGone) this.#remove(pod);
    return false;
  }

  /** Copies the pods to `out`, oldest row first; returns how many. `out` must have room for {@link count}. */
  list(out: Int32Array): number {
    let found = 0;
    for (let s = 0; s < this.#summary.length; s++) {
      for (let words = this.#summary[s]; words !== 0; words &= words - 1) {
        const word = (s << 5) + lowestBit(words);
        for (let bits = this.#bits[word]; bits !== 0; bits &= bits - 1) out[found++] = (word << 5) + lowestBit(bits);
      }
    }
    return found;
  }

  /** Reads the index anew from the cluster's columns. */
  rebuild(view: ClusterView): void {
    this.#bits.fill(0);
    this.#summary.fill(0);
    this.#count = 0;
    for (let pod = view.firstPending; pod !== NONE; pod = view.pods.next[pod]) {
      if (view.pods.unschedulable[pod] === 1) this.#add(pod);
    }
  }

  #add(pod: number): void {
    const word = pod >>> 5;
    if (word >= this.#bits.length) this.#grow(word);
    const bit = 1 << (pod & 31);
    if ((this.#bits[word] & bit) !== 0) return;
    this.#bits[word] |= bit;
    this.#summary[word >>> 5] |= 1 << (word & 31);
    this.#count++;
  }

  #remove(pod: number): void {
    const word = pod >>> 5;
    if (word >= this.#bits.length) return;
    const bit = 1 << (pod & 31);
    if ((this.#bits[word] & bit) === 0) return;
    this.#bits[word] &= ~bit;
    if (this.#bits[word] === 0) this.#summary[word >>> 5] &= ~(1 << (word & 31));
    this.#count--;
  }

  #grow(word: number): void {
    const length = Math.max(this.#bits.length * 2, ((word >>> 5) + 1) << 5);
    const bits = new Int32Array(length);
    bits.set(this.#bits);
    this.#bits = bits;
    const summary = new Int32Array((length + 31) >>> 5);
    summary.set(this.#summary);
    this.#summary = summary;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
