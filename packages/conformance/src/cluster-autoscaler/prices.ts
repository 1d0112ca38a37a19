import type { GroupsView } from '@plimsoll/core';
import type { WorldInput } from './input.ts';

const GIB = 2 ** 30;

/** The price model of a golden case: a node costs what its label says, a pod by cores and GiB; dollars an hour. */
export function pricingFrom(world: WorldInput | undefined): GroupsView['pricing'] | undefined {
  const { podCpuPrice, podGiBPrice } = world ?? {};
  if (podCpuPrice === undefined || podGiBPrice === undefined) return undefined;
  return {
    nodePrice: ({ labels }) => Number(labels['sim/price'] ?? 0),
    podPrice: ({ containers }) => {
      let price = 0;
      for (const { requests } of containers) {
        price += ((requests.cpu ?? 0) / 1000) * podCpuPrice + ((requests.memory ?? 0) / GIB) * podGiBPrice;
      }
      return price;
    },
  };
}
