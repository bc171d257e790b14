import { costLines, totalOf } from '../../cost/cost-table.ts';
import type { Usage } from '../../cost/usage.ts';

/** What a run would have cost on AWS, a line for each item and before them their sum. */
export function billText(usage: Usage): string {
  const lines = costLines(usage);
  const rows = lines.map(({ text, quantity, dollars }) => {
    const amount = quantity.toLocaleString('en', { maximumSignificantDigits: quantity < 1 ? 2 : 6 });
    return `  ${text.padEnd(32)} ${amount.padStart(10)}   $${dollars.toFixed(6)}\n`;
  });
  return `on AWS this run would have cost $${totalOf(lines).toFixed(6)}\n${rows.join('')}`;
}
