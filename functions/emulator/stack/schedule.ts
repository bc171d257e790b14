import type { Clock } from '../../../core/port/clock.ts';
import type { Properties } from '../template/template.ts';

/** A function that is called again and again: its ARN, with what event, how often. */
export type Schedule = { readonly target: string; readonly eventJson: string; readonly everyMs: number };

type Target = { readonly Arn: string; readonly Input?: string };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The schedules of an `AWS::Events::Rule` or an `AWS::Scheduler::Schedule`.
 *
 * @throws Error for a rule on events, and for cron expressions: a stack of a job has neither
 */
export function schedulesOf(logicalId: string, properties: Properties): readonly Schedule[] {
  if (properties.State === 'DISABLED') return [];
  const expression = String(properties.ScheduleExpression ?? 'events');
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) throw new Error(`${logicalId} is called on ${expression}; only rate(…) is run here`);
  const targets = (properties.Targets ?? [properties.Target]) as readonly Target[];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  return targets.map(({ Arn, Input = '{}' }) => ({ target: Arn, eventJson: Input, everyMs }));
}

/** Calls at once, as a new rule of EventBridge may, and then at its rate; gives the function that ends it. */
export function runSchedule(
  { eventJson, everyMs }: Schedule,
  call: (eventJson: string) => void,
  clock: Clock,
): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(everyMs, next);
    call(eventJson);
  };
  next();
  return () => cancel();
}
