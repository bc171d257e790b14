import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Inside the repository `millrace` is its TypeScript, as the exports of package.json say.
  resolve: { conditions: ['millrace-source'] },
  ssr: { resolve: { conditions: ['millrace-source'], externalConditions: ['millrace-source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/millrace/tests.json' }]],
  },
});
