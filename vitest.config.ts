import { defineConfig } from 'vitest/config';

/** `--mode restore` is the suite's second mode: test/restore-mode.ts says what it does. */
export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    env: mode === 'restore' ? { MILLRACE_RESTORE_EVERY_RECORD: '1' } : {},
    reporters:
      mode === 'restore'
        ? ['default']
        : ['default', ['json', { outputFile: 'node_modules/.cache/millrace/tests.json' }]],
  },
}));
