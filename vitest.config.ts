import { defineConfig } from 'vitest/config';

const conditions = ['@plimsoll/source', 'module', 'node'];

// Tests run from source: the private export condition comes first, so no build is needed.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@plimsoll/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'workloads/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
  },
});
