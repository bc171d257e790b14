import type { AppProps, SynthesizedJob } from '../../cdk/app.ts';
import { loadPart } from './cdk-command.ts';

export type { AppProps, SynthesizedJob };

/**
 * The stack of a job as files (cdk/app.ts). The one place from which the command line reaches outward, and only when it is
 * asked to: the packages of the CDK are not everybody's.
 *
 * @throws Error naming the package that is missing
 */
export async function synthesizeJob(props: AppProps): Promise<SynthesizedJob> {
  const app = await loadPart(() => import('../../cdk/app.ts'));
  return app.synthesizeJob(props);
}
