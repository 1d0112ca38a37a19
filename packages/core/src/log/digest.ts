/**
 * A running 64-bit digest over numbers and texts, in order. Integer operations only, so the same in every engine.
 *
 * It tells runs apart; it is no protection against someone who wants two runs to look alike.
 */
export class Digest {
  #h0 = 0x243f6a88 | 0;
  #h1 = 0x85a308d3 | 0;

  /** Adds a 32-bit integer. */
  int(value: number): void {
    let h0 = this.#h0 ^ Math.imul(value, 0xcc9e2d51);
    h0 = Math.imul((h0 << 13) | (h0 >>> 19), 5) + 0xe6546b64;
    let h1 = this.#h1 ^ Math.imul((value << 16) | (value >>> 16), 0x1b873593);
    h1 = Math.imul((h1 << 17) | (h1 >>> 15), 9) + 0x38495ab5;
    this.#h0 = (h0 ^ (h1 >>> 7)) | 0;
    this.#h1 = (h1 ^ (h0 << 11)) | 0;
  }

  /** Adds a whole number below 2^53 in magnitude. */
  whole(value: number): void {
    const low = value | 0;
    this.int(low);
    this.int((value - (low >>> 0)) / 2 ** 32);
  }

  /** Adds a text, its length first. */
  text(value: string): void {
    this.int(value.length);
    for (let i = 0; i < value.length; i++) this.int(value.charCodeAt(i));
  }

  /** The digest so far: 16 hexadecimal digits. */
  hex(): string {
    const h = new Digest();
    h.#h0 = this.#h0;
    h.#h1 = this.#h1;
    // Four rounds spread the last words over all digits.
    for (let i = 0; i < 4; i++) h.int(i);
    return [h.#h0, h.#h1].map((n) => (n >>> 0).toString(16).padStart(8, '0')).join('');
  }

  snapshot(): readonly [number, number] {
    return [this.#h0, this.#h1];
  }

  restore([h0, h1]: readonly [number, number]): void {
    this.#h0 = h0;
    this.#h1 = h1;
  }
}
