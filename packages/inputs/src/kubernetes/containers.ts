import { type Container, effectiveRequests, type HostPort, type ResourceList } from '@plimsoll/core';
import type { Field } from '../document/field.ts';
import { allModelled, CONTAINER, checkFields, RESOURCES } from './known-fields.ts';

const PORT: ReturnType<typeof allModelled> = allModelled('containerPort hostIP hostPort name protocol');

/** Requests and limits, as they are written. */
interface Resources {
  readonly requests: ResourceList | undefined;
  readonly limits: ResourceList | undefined;
}

/** Containers of a pod, regular or of the init sequence. With `hostNetwork` every port is one of the host. */
export function readContainers(list: Field, kind: 'containers' | 'initContainers', hostNetwork: boolean): Container[] {
  const names = new Set<string>();
  return list.items().map((container) => {
    checkFields(container, CONTAINER, `${kind}[]`);
    const name = container.at('name').text();
    if (name !== undefined && names.has(name)) {
      container.at('name').problem('E0108', `two containers are named ${JSON.stringify(name)}`, { seen: name });
    }
    names.add(name ?? '');
    const image = container.at('image').text();
    const { requests, limits } = readResources(container.at('resources'));
    const ports = readPorts(container.at('ports'), hostNetwork);
    const policy = container.at('restartPolicy').oneOf(['Always', 'OnFailure', 'Never']);
    return {
      ...(name !== undefined && { name }),
      ...(image !== undefined && { image }),
      // A limit without a request becomes the request. Source: Kubernetes v1.36, `pkg/apis/core/v1/defaults.go` (SetDefaults_Pod).
      requests: { ...limits, ...requests },
      ...(ports.length > 0 && { ports }),
      ...(policy === 'Always' && kind === 'initContainers' && { restartPolicy: 'Always' as const }),
    };
  });
}

function readResources(resources: Field): Resources {
  if (!resources.present) return { requests: undefined, limits: undefined };
  checkFields(resources, RESOURCES, 'resources');
  const requests = resources.at('requests').quantities();
  const limits = resources.at('limits').quantities();
  for (const [name, amount] of Object.entries(requests ?? {})) {
    if (limits?.[name] === undefined || amount <= limits[name]) continue;
    const field = resources.at('requests').at(name);
    field.problem('E0122', `the request for ${name} is above its limit`, {
      seen: String(field.value),
      accepted: `at most ${resources.at('limits').at(name).value}`,
      help: 'the API server refuses such a pod',
    });
  }
  return { requests, limits };
}

/** The ports that a container takes from its host. */
function readPorts(list: Field, hostNetwork: boolean): HostPort[] {
  return list.items().flatMap((item) => {
    checkFields(item, PORT, 'ports[]');
    const range = { min: 1, max: 65535 };
    const container = item.at('containerPort').whole(range);
    const port = item.at('hostPort').whole({ min: 0, max: 65535 }) || (hostNetwork ? container : undefined);
    if (!port) return [];
    const ip = item.at('hostIP').text() ?? '';
    const protocol = item.at('protocol').oneOf(['TCP', 'UDP', 'SCTP']) ?? 'TCP';
    return { port, protocol, ip: ip === '0.0.0.0' ? '' : ip };
  });
}

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

/**
 * The pod-level requests that the API server would store: with limits at pod level, what is missing comes from the sum of the
 * containers (CPU and memory) or, failing that, from the limit.
 *
 * Source: Kubernetes v1.36, `pkg/apis/core/v1/defaults.go` (defaultHugePagePodLimits, defaultPodRequests).
 */
export function readPodResources(
  resources: Field,
  containers: readonly Container[],
  initContainers: readonly Container[],
): ResourceList | undefined {
  if (!resources.present) return undefined;
  const { requests = {}, limits: written = {} } = readResources(resources);
  if (Object.keys(requests).length + Object.keys(written).length === 0) return undefined;
  const sum = effectiveRequests({
    namespace: '',
    labels: {},
    annotations: {},
    controller: 'none',
    containers: [...containers],
    initContainers: [...initContainers],
  });
  const limits: Record<string, number> = { ...written };
  // Huge pages can't be overcommitted: a container's request equals its limit.
  for (const name of Object.keys(sum)) if (isHugePages(name)) limits[name] ??= sum[name];
  const out: Record<string, number> = { ...requests };
  if (Object.keys(limits).length > 0) {
    for (const name of ['cpu', 'memory']) if (sum[name] !== undefined) out[name] ??= sum[name];
    for (const name of Object.keys(limits)) {
      if (name === 'cpu' || name === 'memory' || isHugePages(name)) out[name] ??= limits[name];
    }
  }
  return out;
}
