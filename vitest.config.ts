import { defineConfig } from 'vitest/config';

/** `--mode restore` and `--mode blocks` are the suite's other modes: test/restore-mode.ts says what they do. */
const MODES: { readonly [mode: string]: string } = { restore: '1', blocks: 'blocks' };

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    env: mode in MODES ? { MILLRACE_RESTORE_EVERY_RECORD: MODES[mode] ?? '' } : {},
    reporters:
      mode in MODES ? ['default'] : ['default', ['json', { outputFile: 'node_modules/.cache/millrace/tests.json' }]],
  },
}));
