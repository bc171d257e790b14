import { defineConfig } from 'vitest/config';

/** The suite's other modes, by `--mode`: test/restore-mode.ts and test/property-seed.ts say what they do. */
const MODES: { readonly [mode: string]: Record<string, string> } = {
  restore: { MILLRACE_RESTORE_EVERY_RECORD: '1' },
  blocks: { MILLRACE_RESTORE_EVERY_RECORD: 'blocks' },
  random: { MILLRACE_RANDOM: '1' },
};

/** `--mode aws`: what runs against the services of AWS_ENDPOINT_URL, or of an account. */
const ON_AWS = ['test/contract/*.test.ts', 'test/adapter/contract.test.ts', 'test/deployed/*.test.ts'];

function testsOf(mode: string) {
  if (mode !== 'aws') return { include: ['test/**/*.test.ts'], exclude: ['test/deployed/**'] };
  if (process.env.AWS_ENDPOINT_URL === undefined && process.env.MILLRACE_AWS !== '1')
    throw new Error(
      'say where AWS is: AWS_ENDPOINT_URL=http://…, or MILLRACE_AWS=1 for your account; docs/localstack.md',
    );
  return { include: ON_AWS, fileParallelism: false };
}

export default defineConfig(({ mode }) => ({
  test: {
    ...testsOf(mode),
    setupFiles: ['test/property-seed.ts'],
    testTimeout: mode === 'aws' ? 120_000 : 30_000,
    env: MODES[mode] ?? {},
    reporters:
      mode in MODES || mode === 'aws'
        ? ['default']
        : ['default', ['json', { outputFile: 'node_modules/.cache/millrace/tests.json' }]],
  },
}));
