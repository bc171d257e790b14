import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jobJsonSchema } from '../../core/job/spec/json-schema.ts';
import { type Manifest, publishedManifest } from './published-manifest.ts';

/**
 * `npm run build [folder]`: the package as it is published, in `dist` unless said: JavaScript and declarations, since
 * Node does not strip types under node_modules. `npm pack ./dist` makes the tarball.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'dist'));

/** What stands beside the code and is read while it runs, such as the files of `init`. */
const ASSETS = ['functions/cli/template/**', '{core,functions,cdk}/**/*.{cjs,html,css,js,svg}'];
const PAGES = ['README.md', 'CHANGELOG.md', 'LICENSE'];

rmSync(folder, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', folder],
  { stdio: 'inherit' },
);
for (const file of [...PAGES, ...globSync(ASSETS, { cwd: root, exclude: ['functions/launch.cjs'] })]) copy(file);

const manifest = publishedManifest(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest);
writeJson('package.json', manifest);
writeJson('job.schema.json', jobJsonSchema());
for (const path of Object.values(manifest.bin as Manifest['bin'])) chmodSync(join(folder, path), 0o755);

function copy(file: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  cpSync(join(root, file), join(folder, file), { recursive: true });
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
}
