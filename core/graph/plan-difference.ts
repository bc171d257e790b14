import type { HeldState } from './held-state.ts';
import type { Exchange, Plan, PlanNode, Stage } from './plan.ts';

/**
 * What becomes of state when a job is changed in place: its tasks go on from their logs under another plan.
 *
 * Model: state belongs to a uid, lies in the log of the stage that the uid is in, by name and by key group. So it is kept
 * where uid, stage, kind, key columns and name are as before. A source's position is state of its stage. Records on the way
 * between stages are kept where their edge is as before.
 * 1. Everything that the old plan held is told once, as kept or as lost with a reason.
 * 2. A plan compared with itself loses nothing.
 */
export type PlanDifference = {
  readonly state: readonly StateChange[];
  /** Edges whose records on the way would be lost or taken for others. */
  readonly onTheWay: readonly EdgeChange[];
};

export type StateChange =
  | { readonly kind: 'kept' | 'new'; readonly uid: string; readonly state: HeldState }
  | { readonly kind: 'lost'; readonly uid: string; readonly state: HeldState; readonly reason: string };

export type EdgeChange = { readonly from: string; readonly to: string; readonly reason: string };

type Placed = { readonly node: PlanNode; readonly stage: Stage };

/**
 * Compares the plan of a job with the one that is deployed.
 *
 * @example
 * const { state } = differenceOf(deployed, planOf(graph));
 * const lost = state.filter(({ kind }) => kind === 'lost');
 */
export function differenceOf(before: Plan, after: Plan): PlanDifference {
  const [old, now] = [placedNodes(before), placedNodes(after)];
  const everywhere = changedForAll(before, after);
  const state = [...old].flatMap(([uid, placed]) => {
    const reason = everywhere ?? changeOf(placed, now.get(uid));
    return heldBy(placed.node).map((held) => stateChange(uid, held, reason ?? droppedBy(held, now.get(uid))));
  });
  const added = [...now].flatMap(([uid, placed]) => {
    const known = new Set(heldBy(old.get(uid)?.node).map(({ name }) => name));
    return heldBy(placed.node)
      .filter(({ name }) => !known.has(name))
      .map((held): StateChange => ({ kind: 'new', uid, state: held }));
  });
  return { state: [...state, ...added], onTheWay: edgeChanges(before, after) };
}

/** True where nothing is lost. */
export function keepsAll({ state, onTheWay }: PlanDifference): boolean {
  return onTheWay.length === 0 && state.every(({ kind }) => kind !== 'lost');
}

/** The difference in lines for a terminal; empty where nothing is held or everything is new. */
export function explainDifference({ state, onTheWay }: PlanDifference): string {
  const width = Math.max(0, ...state.map(({ uid }) => uid.length));
  const lines = state.map((change) => {
    const what = `${change.uid.padEnd(width)}   ${WORDS[change.kind]}   ${change.state.name}: ${change.state.holds}`;
    return change.kind === 'lost' ? `${what}; ${change.reason}` : what;
  });
  const edges = onTheWay.map(({ from, to, reason }) => `records on the way from ${from} to ${to} are lost; ${reason}`);
  return [...lines, ...edges].map((line) => `  ${line}\n`).join('');
}

const WORDS = { kept: 'keeps', new: 'new  ', lost: 'LOSES' } as const;

function stateChange(uid: string, state: HeldState, reason: string | undefined): StateChange {
  return reason === undefined ? { kind: 'kept', uid, state } : { kind: 'lost', uid, state, reason };
}

function changedForAll(before: Plan, after: Plan): string | undefined {
  const [old, now] = [before.settings.maxParallelism, after.settings.maxParallelism];
  return old === now ? undefined : `maxParallelism was ${old} and is ${now}, so that keys are in other groups`;
}

function changeOf({ node, stage }: Placed, now: Placed | undefined): string | undefined {
  if (now === undefined) return 'it is gone';
  if (now.node.kind !== node.kind || now.node.does !== node.does) return `it was ${node.does} and is ${now.node.does}`;
  if (now.stage.name !== stage.name) return `it moved from stage ${stage.name} to ${now.stage.name}`;
  const [key, keyNow] = [stage, now.stage].map(({ keyedBy }) =>
    keyedBy.map((columns) => columns.join(', ')).join(' | '),
  );
  return key === keyNow ? undefined : `its key was ${key || 'none'} and is ${keyNow || 'none'}`;
}

function droppedBy({ name }: HeldState, now: Placed | undefined): string | undefined {
  return heldBy(now?.node).some((held) => held.name === name) ? undefined : 'it has this state no more';
}

function heldBy(node: PlanNode | undefined): readonly HeldState[] {
  if (node?.kind === 'source') return [{ name: 'position', holds: 'how far each shard was read' }];
  return node?.state ?? [];
}

function placedNodes({ stages }: Plan): ReadonlyMap<string, Placed> {
  return new Map(stages.flatMap((stage) => stage.nodes.map((node) => [node.uid, { node, stage }] as const)));
}

function edgeChanges(before: Plan, after: Plan): readonly EdgeChange[] {
  const now = new Map(after.exchanges.map((exchange) => [edgeOf(exchange), exchange]));
  return before.exchanges.flatMap((old) => {
    const reason = edgeChange(old, now.get(edgeOf(old)));
    return reason === undefined ? [] : [{ from: old.from, to: old.to, reason }];
  });
}

function edgeOf({ from, output, to, port }: Exchange): string {
  return JSON.stringify([from, output, to, port]);
}

function edgeChange(old: Exchange, now: Exchange | undefined): string | undefined {
  if (now === undefined) return 'the edge is gone';
  if (now.fromStage !== old.fromStage) return `${old.from} moved from stage ${old.fromStage} to ${now.fromStage}`;
  const shape = ({ partitioning, columns = [], combined }: Exchange) =>
    `${combined ? 'combined, ' : ''}${partitioning}${columns.length === 0 ? '' : ` by ${columns.join(', ')}`}`;
  return shape(old) === shape(now) ? undefined : `they were sent ${shape(old)} and are sent ${shape(now)}`;
}
