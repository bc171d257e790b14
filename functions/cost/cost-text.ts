import type { CostLine } from './cost-table.ts';
import { costLines, totalOf } from './cost-table.ts';
import { type Item, PRICES } from './price.ts';
import type { Usage } from './usage.ts';

/**
 * What a month costs as lines for a terminal: a column of quantities and one of dollars for each usage, such as what was
 * estimated and what was counted.
 *
 * @example
 * costText({ counted: usageFrom({ lambdaRequest: 1_200, dynamodbWriteUnit: 1_310 }, 600) });
 */
export function costText(usages: { readonly [name: string]: Usage }): string {
  const columns = Object.values(usages).map(costLines);
  const items = (Object.keys(PRICES) as Item[]).filter((item) =>
    columns.some((lines) => lineOf(lines, item) !== undefined),
  );
  const rows = items.map((item) => [
    PRICES[item].text,
    ...columns.flatMap((lines) => {
      const line = lineOf(lines, item);
      return line === undefined ? ['', ''] : [quantityText(line.quantity), dollarText(line.dollars)];
    }),
  ]);
  const head = ['a month', ...Object.keys(usages).flatMap((name) => [name, 'dollars'])];
  const total = ['total', ...columns.flatMap((lines) => ['', dollarText(totalOf(lines))])];
  return tableText([head, ...rows, total]);
}

/** Rows of cells in columns, the first to the left and the others to the right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      return `  ${cells.join('   ').trimEnd()}\n`;
    })
    .join('');
}

export function dollarText(dollars: number): string {
  return dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Whole numbers from ten up, two digits below. */
export function quantityText(quantity: number): string {
  return quantity.toLocaleString('en', quantity >= 10 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 2 });
}

function lineOf(lines: readonly CostLine[], item: Item): CostLine | undefined {
  return lines.find((line) => line.item === item);
}
