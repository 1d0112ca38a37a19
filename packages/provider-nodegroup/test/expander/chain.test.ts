import { describe, expect, it } from 'vitest';
import { ExpanderChain } from '../../src/expander/chain.ts';
import type { ExpansionOption } from '../../src/expander/option.ts';
import { waste } from '../../src/expander/strategies.ts';
import { MIB } from '../world.ts';

function option(over: Partial<ExpansionOption> & { readonly name: string }): ExpansionOption {
  return {
    group: 0,
    nodes: 1,
    pods: 1,
    packed: [1],
    order: [0],
    cpu: 500,
    memory: 1000 * MIB,
    nodeCpu: 8000,
    nodeMemory: 16_000 * MIB,
    ...over,
  };
}

const first = { below: () => 0, next: () => 0 };
const chain = (names: readonly string[], priorities?: Record<string, string[]>) =>
  new ExpanderChain(names, priorities, () => first);
const names = (options: readonly ExpansionOption[]): string[] => options.map(({ name }) => name);

describe('the waste of an option', () => {
  // A pod of 500m and 1,000 MiB; section 6.1 of the reference.
  it('is the unused share of CPU plus that of memory', () => {
    expect(waste(option({ name: 'a' }))).toBe(1.875);
    expect(waste(option({ name: 'b', nodeMemory: 32_000 * MIB }))).toBe(1.90625);
    expect(waste(option({ name: 'c', nodeCpu: 4000 }))).toBe(1.8125);
  });

  it('is minus infinity without nodes', () => {
    expect(waste(option({ name: 'a', nodes: 0 }))).toBe(-Infinity);
  });
});

describe('the expander chain', () => {
  const large = option({ name: 'large', nodeMemory: 32_000 * MIB });
  const small = option({ name: 'small', nodeCpu: 4000, nodes: 3, pods: 5, cpu: 1500, memory: 3000 * MIB });
  const twin = { ...small, name: 'twin' };

  it('takes what wastes least, and keeps exact ties', () => {
    expect(names(chain(['least-waste']).survivors([large, small]))).toEqual(['small']);
    expect(names(chain(['least-waste']).survivors([large, small, twin]))).toEqual(['small', 'twin']);
  });

  it('takes most pods, or fewest nodes', () => {
    expect(names(chain(['most-pods']).survivors([large, small]))).toEqual(['small']);
    expect(names(chain(['least-nodes']).survivors([large, small]))).toEqual(['large']);
  });

  it('applies one strategy after another until one option is left', () => {
    expect(names(chain(['most-pods', 'least-nodes']).survivors([small, { ...twin, nodes: 2 }, large]))).toEqual(['twin']);
  });

  it('draws from what is left, one draw a decision', () => {
    expect(chain(['random']).choose([small, twin])?.name).toBe('small');
    const last = new ExpanderChain(['random'], undefined, () => ({ below: (n) => n - 1, next: () => 0 }));
    expect(last.choose([small, twin])?.name).toBe('twin');
    expect(chain(['random']).choose([])).toBeUndefined();
  });

  it('takes the groups of the highest priority that any matches', () => {
    const lists = { '10': ['small', 'twin'], '50': ['absent'], '20': ['^la'] };
    expect(names(chain(['priority'], lists).survivors([small, twin, large]))).toEqual(['large']);
    expect(names(chain(['priority'], { '10': ['.*'], '5': ['large'] }).survivors([small, large]))).toEqual(['small', 'large']);
  });

  it('keeps all where no pattern matches, or nothing is configured', () => {
    expect(names(chain(['priority'], { '10': ['absent'] }).survivors([small, large]))).toEqual(['small', 'large']);
    expect(names(chain(['priority']).survivors([small, large]))).toEqual(['small', 'large']);
    expect(names(chain(['priority'], { '-5': ['small'] }).survivors([small, large]))).toEqual(['small', 'large']);
  });
});
