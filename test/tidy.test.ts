import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The written style, as far as a test can read it. A rule that a file must break is broken here, by name and with a reason. */
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\n')
  .filter((path) => path !== '' && path !== 'node_modules');
const typescript = tracked.filter((path) => path.endsWith('.ts'));
const source = typescript.filter((path) => /^(core|functions|cdk)\//.test(path) && !path.includes('/template/'));
const core = source.filter((path) => path.startsWith('core/'));

/** The folders of core in the order in which they may import: ARCHITECTURE.md is the one place that says it. */
const order = (/those before it: `([^`]+)`/.exec(read('ARCHITECTURE.md'))?.[1] ?? '').split(' ');

/** Packages that core may use, none of them for a cloud. */
const PACKAGES = /^(zod|yaml|cli-table3|csv-(parse|stringify)\/sync|hyparquet(-compressors|-writer)?)$/;
/** Node's own modules that core may use anywhere, and those for the folders that touch the machine. */
const PURE = /^node:(zlib|crypto)$/;
const MACHINE = /^node:(fs\/promises|path|stream|url|worker_threads)$/;
const ON_THE_MACHINE = /^core\/(local|connector\/file)\//;

/** What is not the same twice. Clock and randomness come through ports; these files are the ports' other side. */
const IMPURE =
  /\b(Date\.now|Math\.random|performance\.now|setTimeout|setInterval|setImmediate)\b|new Date\(\)|(?<![.\w])(process\.|fetch\()/;
const ADAPTERS = new Set([
  'core/local/system-clock.ts',
  'core/local/run-local.ts', // the working directory, where none is given
  'core/local/subtask.ts', // turns of the event loop
  'core/local/worker-entry.ts', // a worker's own standard streams
]);

/** The command line makes the stack that it deploys; it loads the CDK when it is asked to, and here alone. */
const DEPLOYS = 'functions/cli/synthesize.ts';

/** A name that says nothing of what is inside. */
const EMPTY_NAME = /(^|[/-])(utils?|common|helpers?|managers?|misc|shared)([./-]|$)/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|config))?\.[a-z0-9]+$/;

/** What people look for at a root, beside the folders. */
const ROOT_FILE =
  /^(\.gitignore|(ARCHITECTURE|CHANGELOG|CONTRIBUTING|README|SECURITY)\.md|LICENSE|package(-lock)?\.json|[\w.-]+\.(json|config\.ts))$/;
const ROOT_FOLDERS = ['.ci', 'bench', 'cdk', 'core', 'docs', 'examples', 'functions', 'test'];

/** Files of one algorithm that would not be easier to follow in pieces. */
const LONG = new Set(['core/state/block/task-table.ts']);

type Import = { readonly from: string; readonly to: string };

/** Static and dynamic imports; a relative one as the path that it means. */
function importsOf(path: string): readonly Import[] {
  const found = codeOf(path).matchAll(
    /^(?:import (?:[\w\s{},*$]+ from )?|export [\w\s{},*$]+ from )'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map(([, one, other]) => {
    const to = (one ?? other) as string;
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to };
  });
}

/** Without comments. */
function codeOf(path: string): string {
  return read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(?<![:'"`\\])\/\/.*$/gm, '');
}

/** Without comments and texts. */
function bareCodeOf(path: string): string {
  return codeOf(path).replaceAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`/g, "''");
}

const shown = ({ from, to }: Import): string => `${from} imports ${to}`;

describe('core', () => {
  const imports = core.flatMap(importsOf);

  it('has the folders that ARCHITECTURE.md lists', () => {
    const folders = new Set(core.map((path) => path.split('/')).flatMap(([, folder, file]) => (file ? [folder] : [])));
    expect([...folders].sort()).toEqual(order.toSorted());
  });

  it('imports from the folders before only', () => {
    const rank = (path: string) => order.indexOf(path.split('/')[1] ?? '');
    const inner = imports.filter(({ from, to }) => to.startsWith('core/') && from.split('/').length > 2);
    expect(inner.length).toBeGreaterThan(500);
    expect(inner.filter(({ from, to }) => rank(to) > rank(from)).map(shown)).toEqual([]);
  });

  it('imports nothing that knows a cloud or a machine', () => {
    const outer = imports.filter(({ to }) => !to.startsWith('core/'));
    const allowed = ({ from, to }: Import) =>
      PURE.test(to) || PACKAGES.test(to) || (MACHINE.test(to) && ON_THE_MACHINE.test(from));
    expect(outer.filter((each) => !allowed(each)).map(shown)).toEqual([]);
  });

  it('takes time and randomness through ports', () => {
    const impure = core.filter((path) => !ADAPTERS.has(path) && IMPURE.test(bareCodeOf(path)));
    expect(impure).toEqual([]);
  });
});

describe('functions and cdk', () => {
  it('import inward, and nothing imports tests, examples or benchmarks', () => {
    const outward = source
      .flatMap(importsOf)
      .filter(({ from, to }) => /^(test|examples|bench)\//.test(to) || (/^functions\//.test(from) && /^cdk\//.test(to)))
      .filter(({ from }) => from !== DEPLOYS);
    expect(outward.map(shown)).toEqual([]);
  });

  it('import packages that are installed with this one, or that its users bring', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const peers = Object.keys(devDependencies ?? {}).filter((name) =>
      /^(@aws-sdk|@smithy)\/|^(aws-cdk-lib|constructs)$/.test(name),
    );
    const typesOnly = Object.keys(devDependencies ?? {}).flatMap((name) => name.match(/^@types\/(.*)$/)?.[1] ?? []);
    const known = [...Object.keys(dependencies ?? {}), ...peers, ...typesOnly];
    const packages = source
      .filter((path) => !path.startsWith('functions/build/'))
      .flatMap(importsOf)
      .filter(({ to }) => !/^(core|functions|cdk)\/|^node:/.test(to));
    const strange = packages.filter(({ to }) => !known.some((name) => to === name || to.startsWith(`${name}/`)));
    expect(strange.map(shown)).toEqual([]);
  });
});

describe('files', () => {
  it('stand where people look for them', () => {
    const top = new Set(tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
    expect([...top].sort()).toEqual(ROOT_FOLDERS);
    expect(tracked.filter((path) => !path.includes('/') && !ROOT_FILE.test(path))).toEqual([]);
  });

  it('have a README in each folder of the first level', () => {
    const missing = ROOT_FOLDERS.filter((folder) => folder !== '.ci' && !tracked.includes(`${folder}/README.md`));
    expect(missing).toEqual([]);
  });

  it('are named in kebab case, for what they hold', () => {
    const named = typescript.filter((path) => !KEBAB.test(posix.basename(path)) || EMPTY_NAME.test(path));
    expect(named).toEqual([]);
  });

  it('stay short enough to read', () => {
    const long = source.filter((path) => read(path).split('\n').length > 400 && !LONG.has(path));
    expect(long).toEqual([]);
  });
});

describe('code', () => {
  const ours = typescript.filter((path) => path !== 'test/tidy.test.ts');

  it('exports by name', () => {
    expect(source.filter((path) => /^export default\b/m.test(codeOf(path).replaceAll(/`[^`]*`/g, '')))).toEqual([]);
  });

  it('turns no check off without saying why', () => {
    const silent = ours.filter((path) => /biome-ignore(?! [\w/]+: .{15})|@ts-(ignore|nocheck)/.test(read(path)));
    expect(silent).toEqual([]);
    const unsafe = source.filter((path) => /@ts-expect-error/.test(read(path)) || /\bas any\b/.test(codeOf(path)));
    expect(unsafe).toEqual([]);
  });

  it('has no banners and nothing left for later', () => {
    const marked = ours.filter((path) => /\/\/ ?[-=*#]{4}|\b(TODO|FIXME|XXX|HACK)\b/.test(read(path)));
    expect(marked).toEqual([]);
  });

  it('skips no test', () => {
    const tests = ours.filter((path) => path.endsWith('.test.ts'));
    const reasoned = (line: string) => /\/\/ .{15}/.test(line);
    const skipped = tests.flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => /\b(it|test|describe)\.(skip|only|todo)\b/.test(line) && !reasoned(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(skipped).toEqual([]);
  });
});

describe('what the doors export', () => {
  const doors = Object.values((JSON.parse(read('package.json')) as { exports: Record<string, string> }).exports);

  it.each(doors.filter((door) => door.endsWith('.ts')).map((door) => door.slice(2)))('is described: %s', (door) => {
    const bare = exportsOf(door).filter(({ name, path }) => !isDescribed(name, path));
    expect(bare.map(({ name, path }) => `${name} in ${path}`)).toEqual([]);
  });

  function exportsOf(door: string): readonly { readonly name: string; readonly path: string }[] {
    const found = codeOf(door).matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g);
    return [...found].flatMap(([, names = '', from = '']) =>
      names
        .split(',')
        .map((name) => name.replace(/\btype\b/, '').trim())
        .filter((name) => name !== '')
        .map((name) => ({ name: name.split(' as ')[0] as string, path: posix.join(posix.dirname(door), from) })),
    );
  }

  /** A comment stands right before the declaration; of an overloaded function, before the first. */
  function isDescribed(name: string, path: string): boolean {
    const text = read(path);
    const words = 'export (?:abstract )?(?:async )?(?:function|const|class|type|interface)';
    const at = new RegExp(`^${words} ${name}\\b`, 'm').exec(text)?.index;
    return at !== undefined && /\*\/\n(?:\/\/ .*\n)*$/.test(text.slice(0, at));
  }
});

describe('documents', () => {
  const pages = tracked.filter((path) => path === 'README.md' || /^docs\/[^/]+\.md$/.test(path));
  /** Every line of code that some test runs or compiles, without its indent. */
  const run = [...typescript, ...tracked.filter((path) => /\.ya?ml$/.test(path))].map((path) => lines(read(path)));
  /** Pages whose own test reads the blocks and runs them. */
  const RUN_BY_TEST = new Set(['docs/connectors.md', 'docs/spec.md']);

  function lines(text: string): string {
    return `\n${text
      .split('\n')
      .map((line) => line.trim())
      .join('\n')}\n`;
  }

  it.each(pages)('shows code that a test runs: %s', (page) => {
    const blocks = [...read(page).matchAll(/^```(ts|typescript|yaml)\b[^\n]*\n([\s\S]*?)\n```$/gm)];
    const own = RUN_BY_TEST.has(page);
    const loose = blocks.filter(
      ([, language, text = '']) =>
        !(own && language === 'yaml') && !run.some((code) => code.includes(`${lines(text).trimEnd()}\n`)),
    );
    expect(loose.map(([block]) => block)).toEqual([]);
  });

  it('link to files that are there', () => {
    const all = tracked.filter((path) => path.endsWith('.md'));
    const broken = all.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, to = '']) => posix.join(posix.dirname(page), to).replace(/\/$/, ''))
        .filter((to) => !tracked.some((path) => path === to || path.startsWith(`${to}/`)))
        .map((to) => `${page}: ${to}`),
    );
    expect(broken).toEqual([]);
  });

  it('are all on the index', () => {
    const index = read('docs/README.md');
    const unlisted = tracked.filter((path) => /^docs\/[^/]+\.md$/.test(path) && path !== 'docs/README.md');
    expect(unlisted.filter((path) => !index.includes(`(${path.slice('docs/'.length)})`))).toEqual([]);
  });

  it('keep decisions to a page', () => {
    const decisions = tracked.filter((path) => path.startsWith('docs/adr/'));
    expect(decisions.filter((path) => read(path).split('\n').length > 41)).toEqual([]);
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThan(90);
  });
});
