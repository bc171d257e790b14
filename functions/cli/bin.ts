#!/usr/bin/env node
/** The command `millrace` of the package: an older Node would fail on an import of main.ts and say nothing useful. */
const [major = 0] = process.versions.node.split('.').map(Number);
if (major >= 24) {
  await import('./main.ts');
} else {
  process.stderr.write(`millrace: Node 24 or newer is needed, and this is ${process.versions.node}.\n`);
  process.exitCode = 2;
}
