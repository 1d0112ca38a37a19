/** Bytes in one piece or in chunks. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array>;

/** Data that claims to be gzip and can't be inflated. */
export class GzipError extends Error {
  override readonly name = 'GzipError';
}

/**
 * The chunks of a source, inflated where its first two bytes are those of gzip. Uses the DecompressionStream that browsers, Deno and Node
 * share.
 *
 * @throws GzipError where the compressed data ends early or is damaged, also where the source itself inflates and fails.
 */
export async function* inflated(source: ByteSource): AsyncGenerator<Uint8Array> {
  const chunks = source instanceof Uint8Array ? oneChunk(source) : source[Symbol.asyncIterator]();
  try {
    // The first chunk may be a single byte.
    let head = new Uint8Array(0);
    while (head.length < 2) {
      const { done, value } = await chunks.next();
      if (done) break;
      head = head.length === 0 ? (value as Uint8Array<ArrayBuffer>) : joined(head, value);
    }
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(head, chunks);
    else {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    }
  } catch (error) {
    throw asGzipError(error);
  } finally {
    await chunks.return?.();
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* gunzipped(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = head;
  let sourceError: { readonly error: unknown } | undefined;
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const next = first === undefined ? await rest.next() : { done: false, value: first };
        first = undefined;
        if (next.done) controller.close();
        else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        sourceError = { error };
        controller.error(error);
      }
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    if (sourceError !== undefined) throw sourceError.error;
    // Hosts disagree on the class: Node gives zlib's own error, browsers a TypeError.
    throw new GzipError(error instanceof Error ? error.message : String(error));
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** A source that inflates by itself, with Node's zlib, fails with one of its codes. */
function asGzipError(error: unknown): unknown {
  const code = (error as { code?: unknown } | undefined)?.code;
  return error instanceof Error && typeof code === 'string' && /^Z_/.test(code) ? new GzipError(error.message) : error;
}
