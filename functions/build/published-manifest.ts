/** What a package.json says, as far as it matters here. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly bin: { readonly [name: string]: string };
  readonly exports: { readonly [door: string]: string };
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
  readonly [field: string]: unknown;
};

/** What the command line and the runtime need; the repository gets by with an older one, since it brings Node along. */
const ENGINES = { node: '>=24' };

/** Fields that are the repository's own. `optionalDependencies` are the binaries of Node. */
const OWN = new Set(['private', 'scripts', 'devDependencies', 'optionalDependencies', 'engines', 'bin', 'exports']);

/** What only some jobs need, so that each user brings it: the CDK to deploy, the clients of AWS to run there. */
const isOptionalPeer = (name: string) =>
  /^(aws-cdk-lib|constructs|@aws-sdk\/.*|@smithy\/node-http-handler)$/.test(name);

/** The manifest of the built package, from the repository's: JavaScript in place of TypeScript, and nothing to build with. */
export function publishedManifest(manifest: Manifest): Record<string, unknown> {
  const kept = Object.entries(manifest).filter(([field]) => !OWN.has(field));
  const peers = Object.entries(manifest.devDependencies).filter(([name]) => isOptionalPeer(name));
  return {
    ...Object.fromEntries(kept),
    engines: ENGINES,
    bin: mapValues(manifest.bin, (path) => built(path, '.js')),
    exports: mapValues(manifest.exports, (path) =>
      path.endsWith('.ts') ? { types: built(path, '.d.ts'), default: built(path, '.js') } : path,
    ),
    peerDependencies: Object.fromEntries(peers.map(([name, version]) => [name, `^${version}`])),
    peerDependenciesMeta: Object.fromEntries(peers.map(([name]) => [name, { optional: true }])),
  };
}

function built(path: string, ending: string): string {
  return path.replace(/\.ts$/, ending);
}

function mapValues<T>(record: { readonly [name: string]: string }, map: (value: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
