import { explainMermaid } from './explain-mermaid.ts';
import { explainText } from './explain-text.ts';
import type { Plan } from './plan.ts';

/** How {@link explain} writes a plan. */
export type ExplainFormat = 'text' | 'json' | 'mermaid';

/**
 * A plan to look at: `text` for a terminal, `json` to compare and to work with, `mermaid` for a document.
 *
 * @example
 * console.log(explain(planOf(graph), 'text'));
 */
export function explain(plan: Plan, format: ExplainFormat = 'text'): string {
  switch (format) {
    case 'text':
      return explainText(plan);
    case 'json':
      return JSON.stringify(plan, null, 2);
    case 'mermaid':
      return explainMermaid(plan);
  }
}
