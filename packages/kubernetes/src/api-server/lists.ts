/** How the answer to a list is encoded. */
export type ListEncoding = 'protobuf' | 'json';

/** What decides how long a list takes. */
export interface ListSettings {
  /** Level of gzip; 0 turns it off. Default 1, since v1.26 (before: 4). Source: Kubernetes v1.36, `responsewriters/writers.go`. */
  readonly gzip: 0 | 1 | 4;
  /** Bytes a second from the server to the client. Default 125e6: 1 Gbit/s, a modelling default. */
  readonly bandwidth: number;
  /** Size after compression ÷ size before. Default 0.15 for text-like objects (modelling default; random data has 1). */
  readonly compressedShare: number;
}

export const defaultListSettings: ListSettings = { gzip: 1, bandwidth: 125e6, compressedShare: 0.15 };

/** Answers from this size on are compressed, bytes. Source: Kubernetes v1.36, `responsewriters/writers.go`. */
export const GZIP_THRESHOLD = 128 * 1024;
/** What a list takes before its first byte, milliseconds. Modelling default. */
const BASE_MS = 20;
/** Bytes a second that are serialised. Modelling defaults, from 700 objects of 1 MB in 4.8 s (kubernetes/kubernetes PR 112309). */
const SERIALISE = { protobuf: 150e6, json: 60e6 } as const;
/** Bytes a second that are compressed, by level. Modelling defaults. */
const COMPRESS = { 1: 45e6, 4: 20e6 } as const;

/** What a list of so many bytes comes to. */
export interface ListCost {
  readonly ms: number;
  /** Bytes that cross the network. */
  readonly sentBytes: number;
  readonly compressed: boolean;
}

/**
 * How long a list takes, unloaded: serialising, compressing where the answer is large enough and the client has not opted out, and the
 * transfer.
 *
 * @param clientCompresses whether the client asks for compression. Go clients do; core control-plane clients and those with
 * `disable-compression` do not.
 */
export function listCost(
  bytes: number,
  encoding: ListEncoding,
  clientCompresses: boolean,
  { gzip, bandwidth, compressedShare }: ListSettings = defaultListSettings,
): ListCost {
  const compressed = gzip !== 0 && clientCompresses && bytes > GZIP_THRESHOLD;
  const sentBytes = compressed ? Math.ceil(bytes * compressedShare) : bytes;
  const seconds = bytes / SERIALISE[encoding] + (compressed ? bytes / COMPRESS[gzip] : 0) + sentBytes / bandwidth;
  return { ms: Math.round(BASE_MS + seconds * 1000), sentBytes, compressed };
}

/** Seats that a list takes. Source: Kubernetes v1.36, `apiserver/pkg/util/flowcontrol/request/list_work_estimator.go`. */
export function listSeats(items: number): number {
  return Math.min(Math.max(1, Math.ceil(items / 100)), MAX_LIST_SEATS);
}

/** Most seats that one list takes. Same source. */
export const MAX_LIST_SEATS = 10;
