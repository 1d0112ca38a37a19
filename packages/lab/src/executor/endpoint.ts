import type { Endpoint } from 'comlink';

/** What Node's workers and message ports have in common. */
export interface NodePort {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  off(event: 'message', listener: (data: unknown) => void): unknown;
}

type Listener = Parameters<Endpoint['addEventListener']>[1];

/**
 * A Node port as the endpoint that comlink speaks to. Our own, because the death of a worker has to become a rejection: comlink
 * itself waits for ever for the answer of a worker that is gone (see {@link workerPool}).
 */
export function endpointOf(port: NodePort): Endpoint {
  const wrapped = new Map<Listener, (data: unknown) => void>();
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener: (_type: string, listener: Listener) => {
      const handler = (data: unknown): void => {
        const event = { data } as MessageEvent;
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      };
      wrapped.set(listener, handler);
      port.on('message', handler);
    },
    removeEventListener: (_type: string, listener: Listener) => {
      const handler = wrapped.get(listener);
      if (handler === undefined) return;
      wrapped.delete(listener);
      port.off('message', handler);
    },
  };
}
