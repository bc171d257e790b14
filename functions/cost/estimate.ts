import type { Graph } from '../../core/graph/node.ts';
import { type Plan, planOf } from '../../core/graph/plan.ts';
import { type CostLine, costLines, managedFlinkDollars, totalOf, writePerEventDollars } from './cost-table.ts';
import { costText, dollarText, quantityText, tableText } from './cost-text.ts';
import { type StageLoad, stageLoads, type Workload } from './stage-load.ts';
import { concurrencyOf, monthlyUsage, sinkUsage, sourceUsage, type Usage } from './usage.ts';

/** What a job is thought to cost a month, in dollars, beside other ways to do the same. */
export type Estimate = {
  readonly job: string;
  readonly workload: Workload;
  readonly stages: readonly StageEstimate[];
  readonly usage: Usage;
  readonly lines: readonly CostLine[];
  readonly dollars: number;
  /** Not in the total, since they cost the same without the job, or wherever it runs. */
  readonly sourceStreamDollars: number;
  readonly sinkDollars: number;
  readonly managedFlink: { readonly units: number; readonly dollars: number };
  readonly writePerEventDollars: number;
};

export type StageEstimate = Pick<StageLoad, 'stage' | 'isSource' | 'shards' | 'batches'> & {
  /** Invocations at once, on average; at most as many as shards. */
  readonly concurrency: number;
};

/**
 * Estimates what a job costs on AWS; docs/cost.md has the formulas.
 *
 * @example
 * estimate(job.graph, { rate: 1_000, eventBytes: 1_000, keys: 10_000, batchSeconds: 1, memory: 1_024, packed: false }).dollars;
 */
export function estimate(graph: Graph, workload: Workload, plan: Plan = planOf(graph)): Estimate {
  const loads = stageLoads(graph, plan, workload);
  const usage = monthlyUsage(loads, workload);
  const lines = costLines(usage);
  return {
    job: plan.job,
    workload,
    stages: loads.map((load) => {
      const { stage, isSource, shards, batches } = load;
      return { stage, isSource, shards, batches, concurrency: concurrencyOf(load, workload) };
    }),
    usage,
    lines,
    dollars: totalOf(lines),
    sourceStreamDollars: totalOf(costLines(sourceUsage(loads, workload))),
    sinkDollars: totalOf(costLines(sinkUsage(graph, loads))),
    managedFlink: managedFlinkDollars(workload),
    writePerEventDollars: writePerEventDollars(workload),
  };
}

/** An estimate in lines for a terminal, with what was counted beside it where that is given. */
export function estimateText(estimated: Estimate, counted?: Usage): string {
  const { job, workload, stages, usage, dollars, managedFlink } = estimated;
  const { rate, eventBytes, keys, batchSeconds, packed } = workload;
  const events = `${rate.toLocaleString('en')} events/s of ${eventBytes.toLocaleString('en')} bytes${packed ? ', packed' : ''}`;
  const times = (other: number) => `${quantityText(other / dollars)} times`;
  return [
    `${job}: ${events}, over ${keys.toLocaleString('en')} keys, in batches of ${batchSeconds} s\n`,
    tableText([
      ['stage', 'reads', 'shards', 'batches/s', 'at once'],
      ...stages.map(({ stage, isSource, shards, batches, concurrency }) => [
        stage,
        isSource ? 'source' : 'inbox',
        String(shards),
        batches.toFixed(2),
        concurrency.toFixed(2),
      ]),
    ]),
    costText({ estimated: usage, ...(counted !== undefined && { counted }) }),
    tableText([
      ['beside it', 'dollars', ''],
      ['the streams that its sources read', dollarText(estimated.sourceStreamDollars), ''],
      ['what its sinks write', dollarText(estimated.sinkDollars), ''],
      [`Managed Flink, ${managedFlink.units} units`, dollarText(managedFlink.dollars), times(managedFlink.dollars)],
      ['a write per event', dollarText(estimated.writePerEventDollars), times(estimated.writePerEventDollars)],
    ]),
  ].join('\n');
}
