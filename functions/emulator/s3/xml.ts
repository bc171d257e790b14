/** Elements of an answer: text, elements by name, or a list of the same element. Undefined is left out. */
export type Xml = string | number | boolean | undefined | { readonly [name: string]: Xml | readonly Xml[] };

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const UNESCAPES = Object.fromEntries(Object.entries(ESCAPES).map(([char, name]) => [name, char]));

/** A document with one root element. */
export function xmlOf(root: string, content: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content)}`;
}

function element(name: string, content: Xml | readonly Xml[]): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((one: Xml) => element(name, one)).join('');
  return `<${name}>${inner(content as Xml)}</${name}>`;
}

function inner(content: Xml): string {
  if (typeof content !== 'object') return String(content).replace(/[&<>"]|[^\P{Cc}\n\t]/gu, escaped);
  return Object.entries(content)
    .map(([name, child]) => element(name, child))
    .join('');
}

function escaped(char: string): string {
  return ESCAPES[char] ?? `&#${char.codePointAt(0)};`;
}

/** The texts of all elements of a name, in order: enough for the flat lists that S3 is sent. */
export function textsOf(document: string, name: string): readonly string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescaped(text));
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|\w+);/gi, (entity, hex?: string, decimal?: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return UNESCAPES[entity] ?? (entity === '&apos;' ? "'" : entity);
  });
}
