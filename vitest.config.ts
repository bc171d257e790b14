import { defineConfig } from 'vitest/config';

/** The suite's other modes, by `--mode`: test/restore-mode.ts and test/property-seed.ts say what they do. */
const MODES: { readonly [mode: string]: Record<string, string> } = {
  restore: { MILLRACE_RESTORE_EVERY_RECORD: '1' },
  blocks: { MILLRACE_RESTORE_EVERY_RECORD: 'blocks' },
  random: { MILLRACE_RANDOM: '1' },
};

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 30_000,
    env: MODES[mode] ?? {},
    reporters:
      mode in MODES ? ['default'] : ['default', ['json', { outputFile: 'node_modules/.cache/millrace/tests.json' }]],
  },
}));
