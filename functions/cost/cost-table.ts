import { HOURS_A_MONTH, type Item, MANAGED_FLINK, PRICES, SECONDS_A_MONTH } from './price.ts';
import type { Workload } from './stage-load.ts';
import type { Usage } from './usage.ts';

/** One line of what something costs a month. */
export type CostLine = {
  readonly item: Item;
  readonly text: string;
  readonly quantity: number;
  readonly dollars: number;
};

/** What a month's usage costs, by item in the order of the price list; what is not used is left out. */
export function costLines(usage: Usage): readonly CostLine[] {
  return (Object.keys(PRICES) as Item[]).flatMap((item) => {
    const { text, dollars, per } = PRICES[item];
    const quantity = usage[item] ?? 0;
    return quantity === 0 ? [] : [{ item, text, quantity, dollars: (quantity / per) * dollars }];
  });
}

export function totalOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** What Managed Flink asks for the same load, its storage and logs not counted. */
export function managedFlinkDollars({ rate, eventBytes }: Workload): {
  readonly units: number;
  readonly dollars: number;
} {
  const { dollarsPerUnitHour, orchestrationUnits, megabytesPerSecondPerUnit } = MANAGED_FLINK;
  const working = Math.max(1, Math.ceil((rate * eventBytes) / 1e6 / megabytesPerSecondPerUnit));
  const units = working + orchestrationUnits;
  return { units, dollars: units * dollarsPerUnitHour * HOURS_A_MONTH };
}

/** What it would cost to write the state of every event as it comes: one write unit each, and nothing else. */
export function writePerEventDollars({ rate }: Workload): number {
  const { dollars, per } = PRICES.dynamodbWriteUnit;
  return ((rate * SECONDS_A_MONTH) / per) * dollars;
}
