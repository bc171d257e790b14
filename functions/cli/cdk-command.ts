import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Runs the command line of the CDK (the package aws-cdk) with these words; its output is the user's. */
export function runCdk(words: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [cdkProgram(), ...words], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? EXIT.done : EXIT.failed));
  });
}

/** The package is the user's, in the project they are in, or comes with this installation. */
function cdkProgram(): string {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return join(dirname(createRequire(from).resolve('aws-cdk/package.json')), 'bin', 'cdk');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`deploying needs the command line of the CDK; ${INSTALL}`);
}

const INSTALL = 'install it with npm install --save-dev aws-cdk aws-cdk-lib constructs';

/**
 * Loads a part of this package that needs packages which only those have who deploy.
 *
 * @throws Error naming the package that is missing, and how to install it
 */
export function loadPart<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((error: NodeJS.ErrnoException) => {
    const missing = /package '([^']+)'/.exec(error.message)?.[1];
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || missing === undefined) throw error;
    throw new Error(`this needs the package ${missing}; npm install --save-dev ${missing}`, { cause: error });
  });
}
