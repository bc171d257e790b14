/** One side of a comparison. The first row of a case is what the others are compared with. */
export type Row = {
  readonly name: string;
  readonly records: number;
  /** Does the work once; gives how many results came of it, or undefined where this side cannot do the case. */
  readonly run: () => Promise<number | undefined>;
};

type Measured = { readonly perCpuSecond: number; readonly perSecond: number; readonly results: number | undefined };

const ROUNDS = 3;

/**
 * Measures the rows in turns, round by round, so that a machine that is slow for a while is so for all of them, and writes
 * of each its best round.
 */
export async function tell(title: string, rows: readonly Row[]): Promise<void> {
  const best = new Map<Row, Measured>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) {
      const now = await measured(row);
      const before = best.get(row);
      best.set(row, before === undefined ? now : better(before, now));
    }
  }
  const [first] = best.values();
  for (const [row, now] of best) process.stdout.write(`${lineOf(title, row, now, first ?? now)}\n`);
}

async function measured({ records, run }: Row): Promise<Measured> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const results = await run();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: records / seconds, perCpuSecond: (records * 1e6) / (user + system), results };
}

function better(one: Measured, other: Measured): Measured {
  return {
    perCpuSecond: Math.max(one.perCpuSecond, other.perCpuSecond),
    perSecond: Math.max(one.perSecond, other.perSecond),
    results: other.results,
  };
}

function lineOf(title: string, { name }: Row, { perCpuSecond, perSecond, results }: Measured, first: Measured): string {
  const start = `${title.padEnd(12)}${name.padEnd(20)}`;
  if (results === undefined) return `${start}      cannot`;
  const million = (perCount: number) => (perCount / 1e6).toFixed(3).padStart(8);
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`.padStart(6);
  const cpu = `${million(perCpuSecond)} M/CPU s ${percent(perCpuSecond, first.perCpuSecond)}`;
  const wall = `${million(perSecond)} M/s ${percent(perSecond, first.perSecond)}`;
  return `${start}${cpu}   ${wall}   ${results} results`;
}
