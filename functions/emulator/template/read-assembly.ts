import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Template } from './template.ts';

/** A stack as `cdk synth` wrote it. */
export type Assembly = {
  readonly stack: string;
  readonly template: Template;
  /** The folder or file of an asset by its key in the bucket of assets, as the template names it. */
  readonly assets: ReadonlyMap<string, string>;
};

type Manifest = {
  readonly artifacts?: Readonly<
    Record<
      string,
      { readonly type: string; readonly properties?: { readonly templateFile?: string; readonly stackName?: string } }
    >
  >;
};

type AssetManifest = {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
};

/**
 * Reads the one stack of a `cdk.out` folder.
 *
 * @throws Error where the folder has no stack, or several
 */
export async function readAssembly(folder: string): Promise<Assembly> {
  const manifest = await json<Manifest>(join(folder, 'manifest.json'));
  const stacks = Object.entries(manifest.artifacts ?? {}).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [only] = stacks;
  if (only === undefined || stacks.length > 1) {
    throw new Error(`${folder} has ${stacks.length} stacks; an emulation runs one`);
  }
  const [id, { properties }] = only;
  const templateFile = properties?.templateFile ?? `${id}.template.json`;
  const template = await json<Template>(join(folder, templateFile));
  return { stack: properties?.stackName ?? id, template, assets: await assetsOf(folder, id) };
}

async function assetsOf(folder: string, stack: string): Promise<ReadonlyMap<string, string>> {
  const { files = {} } = await json<AssetManifest>(join(folder, `${stack}.assets.json`));
  const assets = new Map<string, string>();
  for (const { source, destinations } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) assets.set(objectKey, join(folder, source.path));
    }
  }
  return assets;
}

async function json<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}
