import { edgeLabel } from './edge-label.ts';
import type { Plan, PlanNode } from './plan.ts';

/**
 * A plan as a Mermaid flowchart: a box for each stage, thin arrows within, thick ones between. Nodes are numbered, since
 * a uid may hold what Mermaid has a meaning for.
 */
export function explainMermaid({ stages, exchanges }: Plan): string {
  const ids = new Map(stages.flatMap(({ nodes }) => nodes).map(({ uid }, index) => [uid, `n${index}`]));
  const idOf = (uid: string): string => ids.get(uid) ?? 'unknown';
  const lines = ['flowchart LR'];
  stages.forEach(({ name, nodes, parallelism, keyedBy }, index) => {
    const [columns] = keyedBy;
    const title = `${name}${columns === undefined ? '' : `, by ${columns.join(' and ')}`}${parallelism > 1 ? ` × ${parallelism}` : ''}`;
    lines.push(`  subgraph s${index}["${escaped(title)}"]`);
    for (const node of nodes) lines.push(`    ${idOf(node.uid)}${shapeOf(node)}`);
    for (const { uid, input } of nodes) {
      if (input === undefined) continue;
      const label = input.output === undefined ? '' : `|"${escaped(input.output)}"|`;
      lines.push(`    ${idOf(input.from)} -->${label} ${idOf(uid)}`);
    }
    lines.push('  end');
  });
  for (const exchange of exchanges) {
    const label = edgeLabel(exchange);
    const text = label === '' ? '' : `|"${escaped(label)}"|`;
    lines.push(`  ${idOf(exchange.from)} ==>${text} ${idOf(exchange.to)}`);
  }
  return lines.join('\n');
}

function shapeOf({ kind, uid, does, description }: PlanNode): string {
  const text = `${escaped(uid)}<br/>${escaped(description ?? does)}`;
  switch (kind) {
    case 'source':
      return `(["${text}"])`;
    case 'operator':
      return `["${text}"]`;
    case 'sink':
      return `[/"${text}"/]`;
  }
}

/** Mermaid's entities for what would end a label, begin a tag or be taken for an entity. */
function escaped(text: string): string {
  return text.replaceAll(/[&#"<>]/g, (character) => `#${character.charCodeAt(0)};`);
}
