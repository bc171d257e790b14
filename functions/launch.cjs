// Plain JavaScript, for Node 20 and up: it finds a Node that runs the rest (24), installing the packages where they are not
// there yet, and starts the command line with the words it was given.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const WANTED = 24;

function run(command, words, options = {}) {
  const { status, error } = spawnSync(command, words, { stdio: 'inherit', cwd: root, ...options });
  if (error) console.error(`millrace: ${command} cannot be started: ${error.message}`);
  return status ?? 1;
}

if (!existsSync(join(root, 'node_modules', 'esbuild'))) {
  const code = run('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
  if (code !== 0) process.exit(code);
}

/** The Node of the platform's package, or this one where it is new enough. */
function nodePath() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const path = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(path)) return path;
  return Number(process.versions.node.split('.')[0]) >= WANTED ? process.execPath : undefined;
}

const node = nodePath();
if (node === undefined) {
  console.error(
    `millrace: Node ${WANTED} or newer is needed; this is ${process.versions.node}. Install it and run this again.`,
  );
  process.exit(2);
}
// Ctrl-C is the command's to handle, which ends in order; this process waits for it.
process.on('SIGINT', () => {});
process.exit(run(node, [join(root, 'functions', 'cli', 'main.ts'), ...process.argv.slice(2)]));
