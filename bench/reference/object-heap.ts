/** What most simulators start with: a binary heap of objects and a comparator. The event queue is measured against it. */
export interface HeapEvent {
  readonly time: number;
  readonly phase: number;
  readonly sequence: number;
  readonly kind: number;
}

export class ObjectHeap {
  readonly #items: HeapEvent[] = [];
  readonly #before: (x: HeapEvent, y: HeapEvent) => boolean;

  constructor(before: (x: HeapEvent, y: HeapEvent) => boolean) {
    this.#before = before;
  }

  push(item: HeapEvent): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, items[parent])) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }

  pop(): HeapEvent | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1], items[child])) child++;
      if (!this.#before(items[child], last)) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return first;
  }
}
