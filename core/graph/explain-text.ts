import { edgeLabel } from './edge-label.ts';
import type { Exchange, Plan, PlanNode, Stage } from './plan.ts';

/**
 * A plan for a terminal: of each stage a picture of its tree, then what its nodes do.
 *
 *     2  perPage   by page
 *        perPage ─┬─▶ table
 *                 └─▶ tooLate (late)
 *
 * A run of nodes is one line; where it branches, each branch gets a line under the branching. A line that would begin
 * beyond MAX_INDENT or end beyond MAX_WIDTH is broken off with an ellipsis and goes on at the margin, so that neither a
 * long row nor a deep tree grows more than linearly. Nothing recurs.
 */
const MAX_WIDTH = 100;
const MAX_INDENT = 60;
const MARGIN = '   ';

export function explainText(plan: Plan): string {
  const { job, settings, stages } = plan;
  const head = [
    `${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`,
    `parallelism ${settings.parallelism}`,
    `${settings.maxParallelism.toLocaleString('en-US')} key groups`,
  ].join(', ');
  const numbers = new Map(stages.map(({ name }, index) => [name, index + 1]));
  const outgoing = Map.groupBy(plan.exchanges, ({ from }) => from);
  const parts = stages.map((stage, index) => {
    const tree = new TreePicture(stage, outgoing, numbers);
    return [titleOf(stage, index + 1, settings.parallelism), ...tree.lines(), '', ...detailsOf(stage)].join('\n');
  });
  return [`${job}   ${head}`, ...parts].join('\n\n');
}

function titleOf({ name, keyedBy, parallelism }: Stage, number: number, usual: number): string {
  const keys = [...new Set(keyedBy.map((columns) => columns.join(' and ')))].join(' = ');
  const facts = [
    keys === '' ? undefined : `by ${keys}`,
    parallelism === usual ? undefined : `parallelism ${parallelism}`,
  ].filter((fact) => fact !== undefined);
  return `${String(number).padEnd(MARGIN.length)}${name}${facts.length === 0 ? '' : `   ${facts.join(', ')}`}`;
}

/** What a node leads to: a node of its stage, or an exchange to another one. */
type Branch = { readonly text: string; readonly arrow: string; readonly uid?: string };

/** Where a line is to be written: what stands before it, what lines under it begin with, and the node it begins at. */
type Start = { readonly before: string; readonly under: string; readonly branch: Branch };

class TreePicture {
  readonly #branches: ReadonlyMap<string, readonly Branch[]>;
  readonly #head: string;

  constructor(
    { name, nodes }: Stage,
    outgoing: ReadonlyMap<string, readonly Exchange[]>,
    numbers: ReadonlyMap<string, number>,
  ) {
    this.#head = name;
    const chained = Map.groupBy(nodes, ({ input }) => input?.from);
    this.#branches = new Map(
      nodes.map(({ uid }) => [
        uid,
        [...(chained.get(uid) ?? []).map(chainedBranch), ...(outgoing.get(uid) ?? []).map(toStage(numbers))],
      ]),
    );
  }

  lines(): string[] {
    const lines: string[] = [];
    const starts: Start[] = [
      { before: MARGIN, under: MARGIN, branch: { text: this.#head, arrow: '', uid: this.#head } },
    ];
    for (let start = starts.pop(); start !== undefined; start = starts.pop()) this.#run(start, lines, starts);
    return lines;
  }

  /** Writes one line, up to where it branches, ends or gets too long; what is to follow is put on `starts`. */
  #run({ before, under, branch }: Start, lines: string[], starts: Start[]): void {
    let line = before + branch.arrow + branch.text;
    let column = under.length + branch.arrow.length + branch.text.length;
    let next = this.#after(branch);
    for (let [only] = next; next.length === 1 && only !== undefined; [only] = next) {
      if (line.length > MAX_WIDTH) break;
      const step = ` ${only.arrow}${only.text}`;
      line += step;
      column += step.length;
      next = this.#after(only);
    }
    if (next.length === 0) {
      lines.push(line);
      return;
    }
    if (next.length === 1 || column > MAX_INDENT) {
      lines.push(`${line} ─▶ …`);
      const onward = next.map((one) => ({ before: `${MARGIN}… `, under: `${MARGIN}  `, branch: one }));
      starts.push(...onward.reverse());
      return;
    }
    const pad = under + ' '.repeat(column - under.length + 1);
    const branches = next.map((one, index): Start => {
      const isLast = index === next.length - 1;
      const beginning = index === 0 ? `${line} ─┬` : `${pad} ${isLast ? '└' : '├'}`;
      return { before: beginning, under: `${pad} ${isLast ? ' ' : '│'}`, branch: one };
    });
    starts.push(...branches.reverse());
  }

  #after({ uid }: Branch): readonly Branch[] {
    return uid === undefined ? [] : (this.#branches.get(uid) ?? []);
  }
}

function chainedBranch({ uid, input }: PlanNode): Branch {
  return { text: input?.output === undefined ? uid : `(${input.output}) ${uid}`, arrow: '─▶ ', uid };
}

function toStage(numbers: ReadonlyMap<string, number>): (exchange: Exchange) => Branch {
  return (exchange) => {
    const label = edgeLabel(exchange);
    const arrow = label === '' ? '═▶ ' : `═ ${label} ═▶ `;
    return { text: `${numbers.get(exchange.to)} ${exchange.to}`, arrow };
  };
}

/** One line for each node, in columns. */
function detailsOf({ nodes }: Stage): string[] {
  const rows = nodes.map((node) => [node.uid, node.does, whatOf(node)] as const);
  const [first, second] = [widthOf(rows, 0), widthOf(rows, 1)];
  return rows.map(([uid, does, what]) => `${MARGIN}${uid.padEnd(first)}  ${does.padEnd(second)}  ${what}`.trimEnd());
}

/** The widest cell of a column, up to a limit, so that one long name does not push all others away. */
function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((widest, row) => Math.max(widest, Math.min(30, row[column]?.length ?? 0)), 0);
}

function whatOf({ description, state, bounded, eventTime, guarantee, uidGiven }: PlanNode): string {
  const held = state.map(({ name, holds }) => `${name} (${holds})`).join(', ');
  return [
    description,
    bounded === undefined ? undefined : bounded ? 'bounded' : 'unbounded',
    eventTime === undefined ? undefined : EVENT_TIME[eventTime],
    guarantee === 'none' ? undefined : guarantee,
    held === '' ? undefined : `holds ${held}`,
    state.length > 0 && !uidGiven ? 'under a derived name' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

const EVENT_TIME = { none: 'no event time', ingestion: 'ingestion time', assigned: 'event time' } as const;
