import { type Fault, formatFault } from '../../core/error/error.ts';

/** Tells what is doubtful about a job on standard error, a line each; with `json` as JSON Lines. */
export function tellWarnings(warnings: readonly Fault[], { json = false }: { readonly json?: boolean } = {}): void {
  for (const warning of warnings) {
    const line = json ? JSON.stringify({ kind: 'warning', ...warning }) : `warning: ${formatFault(warning)}`;
    process.stderr.write(`${line}\n`);
  }
}
