/** Largest body of a request, bytes. Source: Kubernetes v1.36, `apiserver/pkg/server/config.go` (3 MiB). */
export const BODY_MAX = 3 * 2 ** 20;
/** Largest object that etcd stores, bytes. Source: etcd v3.6, `--max-request-bytes` (1.5 MiB). */
export const OBJECT_MAX = 1.5 * 2 ** 20;

/** Why the database refuses a write. */
export type StorageRefusal = 'body too large' | 'object too large' | 'no space';

/**
 * The database behind the API: how large it is, and what it refuses. Once it has passed its quota an alarm stops every write but deletions
 * until it is compacted and the alarm is disarmed by hand.
 *
 * Source: etcd v3.6, `server/etcdserver/apply`, quota and NOSPACE alarm.
 */
export class Storage {
  readonly #quota: number;
  #bytes = 0;
  #alarm = false;

  /** @param quota bytes */
  constructor(quota: number) {
    this.#quota = quota;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether writes are refused for want of space. */
  get alarm(): boolean {
    return this.#alarm;
  }

  /** Writes an object in place of one of `before` bytes. Returns why it was refused, or undefined. */
  write(bytes: number, before = 0): StorageRefusal | undefined {
    if (bytes > BODY_MAX) return 'body too large';
    if (bytes > OBJECT_MAX) return 'object too large';
    if (this.#alarm) return 'no space';
    this.#bytes += bytes - before;
    // The write that passes the quota is the last one that is carried out.
    if (this.#bytes > this.#quota) this.#alarm = true;
    return undefined;
  }

  delete(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Disarms the alarm, as an operator does after making room. It goes off again with the next write where there is none. */
  disarm(): void {
    this.#alarm = false;
  }
}
