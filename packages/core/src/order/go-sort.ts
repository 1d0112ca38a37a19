/**
 * Sorts as Go's `sort.Slice` does: a pattern-defeating quicksort that is not stable but wholly determined by the order it
 * is given. Real programs sort with it where the order of equals then decides: Karpenter its claims and prices, a ReplicaSet its victims.
 *
 * @param less whether the element at i must stand before the one at j
 * @param swap exchanges two elements
 */
export function goSort(length: number, less: (i: number, j: number) => boolean, swap: (i: number, j: number) => void): void {
  new GoSort(less, swap).sort(0, length, bitLength(length));
}

/** Sorts a list in that order, by a key. */
export function goSortBy<T>(list: T[], less: (a: T, b: T) => boolean): T[] {
  goSort(
    list.length,
    (i, j) => less(list[i], list[j]),
    (i, j) => {
      const kept = list[i];
      list[i] = list[j];
      list[j] = kept;
    },
  );
  return list;
}

/** Up to this length an insertion sort is used. */
const SHORT = 12;
const INCREASING = 1;
const DECREASING = 2;

class GoSort {
  readonly #less: (i: number, j: number) => boolean;
  readonly #swap: (i: number, j: number) => void;
  #hint = 0;
  #swaps = 0;
  #partitioned = true;

  constructor(less: (i: number, j: number) => boolean, swap: (i: number, j: number) => void) {
    this.#less = less;
    this.#swap = swap;
  }

  sort(from: number, to: number, depth: number): void {
    let a = from;
    let b = to;
    let limit = depth;
    let balanced = true;
    let partitioned = true;
    for (;;) {
      const n = b - a;
      if (n <= SHORT) {
        this.#insertion(a, b);
        return;
      }
      if (limit === 0) {
        this.#heap(a, b);
        return;
      }
      if (!balanced) {
        this.#breakPatterns(a, b);
        limit--;
      }
      let pivot = this.#choosePivot(a, b);
      if (this.#hint === DECREASING) {
        for (let i = a, j = b - 1; i < j; i++, j--) this.#swap(i, j);
        pivot = b - 1 - (pivot - a);
        this.#hint = INCREASING;
      }
      if (balanced && partitioned && this.#hint === INCREASING && this.#partialInsertion(a, b)) return;
      if (a > 0 && !this.#less(a - 1, pivot)) {
        a = this.#partitionEqual(a, b, pivot);
        continue;
      }
      const middle = this.#partition(a, b, pivot);
      partitioned = this.#partitioned;
      const left = middle - a;
      const right = b - middle;
      const threshold = Math.floor(n / 8);
      if (left < right) {
        balanced = left >= threshold;
        this.sort(a, middle, limit);
        a = middle + 1;
      } else {
        balanced = right >= threshold;
        this.sort(middle + 1, b, limit);
        b = middle;
      }
    }
  }

  #insertion(a: number, b: number): void {
    for (let i = a + 1; i < b; i++) for (let j = i; j > a && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
  }

  #heap(a: number, b: number): void {
    const n = b - a;
    for (let i = Math.floor((n - 1) / 2); i >= 0; i--) this.#siftDown(i, n, a);
    for (let i = n - 1; i >= 0; i--) {
      this.#swap(a, a + i);
      this.#siftDown(0, i, a);
    }
  }

  #siftDown(top: number, end: number, first: number): void {
    let root = top;
    for (;;) {
      let child = 2 * root + 1;
      if (child >= end) return;
      if (child + 1 < end && this.#less(first + child, first + child + 1)) child++;
      if (!this.#less(first + root, first + child)) return;
      this.#swap(first + root, first + child);
      root = child;
    }
  }

  /** Shuffles three elements about the middle by a generator that depends on the length alone. */
  #breakPatterns(a: number, b: number): void {
    const n = b - a;
    if (n < 8) return;
    let random = BigInt(n);
    const mask = (1n << BigInt(bitLength(n))) - 1n;
    const first = a + Math.floor(n / 4) * 2 - 1;
    for (let i = 0; i < 3; i++) {
      random ^= BigInt.asUintN(64, random << 13n);
      random ^= random >> 7n;
      random ^= BigInt.asUintN(64, random << 17n);
      let other = Number(random & mask);
      if (other >= n) other -= n;
      this.#swap(first + i, a + other);
    }
  }

  #choosePivot(a: number, b: number): number {
    const n = b - a;
    const quarter = Math.floor(n / 4);
    this.#swaps = 0;
    let i = a + quarter;
    let j = a + quarter * 2;
    let k = a + quarter * 3;
    if (n >= 50) {
      i = this.#median(i - 1, i, i + 1);
      j = this.#median(j - 1, j, j + 1);
      k = this.#median(k - 1, k, k + 1);
    }
    j = this.#median(i, j, k);
    this.#hint = this.#swaps === 0 ? INCREASING : this.#swaps === 12 ? DECREASING : 0;
    return j;
  }

  #median(x: number, y: number, z: number): number {
    let [a, b, c] = [x, y, z];
    if (this.#less(b, a)) {
      [a, b] = [b, a];
      this.#swaps++;
    }
    if (this.#less(c, b)) {
      [b, c] = [c, b];
      this.#swaps++;
    }
    if (this.#less(b, a)) {
      [a, b] = [b, a];
      this.#swaps++;
    }
    return b;
  }

  /** Mends up to five places that are out of order; true once all is sorted. */
  #partialInsertion(a: number, b: number): boolean {
    let i = a + 1;
    for (let step = 0; step < 5; step++) {
      while (i < b && !this.#less(i, i - 1)) i++;
      if (i === b) return true;
      if (b - a < 50) return false;
      this.#swap(i, i - 1);
      if (i - a >= 2) for (let j = i - 1; j >= 1 && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
      if (b - i >= 2) for (let j = i + 1; j < b && this.#less(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  #partitionEqual(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    for (;;) {
      while (i <= j && !this.#less(a, i)) i++;
      while (i <= j && this.#less(a, j)) j--;
      if (i > j) return i;
      this.#swap(i, j);
      i++;
      j--;
    }
  }

  #partition(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let i = a + 1;
    let j = b - 1;
    while (i <= j && this.#less(i, a)) i++;
    while (i <= j && !this.#less(j, a)) j--;
    this.#partitioned = i > j;
    while (i <= j) {
      this.#swap(i, j);
      i++;
      j--;
      while (i <= j && this.#less(i, a)) i++;
      while (i <= j && !this.#less(j, a)) j--;
    }
    this.#swap(j, a);
    return j;
  }
}

function bitLength(n: number): number {
  return n === 0 ? 0 : 32 - Math.clz32(n);
}
