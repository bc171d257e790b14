import type { FrameHeader } from '../../core/frame/frame.ts';
import { decodeFrame, type EncodedBody, encodeBody, encodeFrame } from '../../core/frame/frame-codec.ts';
import type { CommitRow } from '../../core/task/commit-row.ts';
import type { OutgoingFrame } from '../../core/task/outbox.ts';
import { type FrameNumber, Progress, type Seen } from '../../core/task/progress.ts';
import { Publisher } from '../../core/task/publisher.ts';
import type { StageLimits, StageParts } from '../../core/task/stage-runtime.ts';
import { Task } from '../../core/task/task.ts';
import { producerOf } from '../../core/task/task-name.ts';
import type { Scheduler } from './scheduler.ts';

/** Which rules a run keeps: all, or all but one. A net that does not catch a broken rule is no net. */
export type Switches = {
  readonly conditionalPut: boolean;
  readonly limits: Partial<StageLimits>;
  readonly parts: (scheduler: Scheduler) => Partial<StageParts>;
};

export const ALL_RULES: Switches = { conditionalPut: true, limits: {}, parts: () => ({}) };

/** P5: what a step sends leaves before its row is written. */
class PublishesFirst extends Task {
  protected override async append(row: CommitRow): Promise<void> {
    const { incarnation } = this.context.name;
    await this.context.publisher.publish(
      { incarnation, task: producerOf(this.context.name), n: row.n },
      row.payload.outbox,
    );
    await super.append(row);
  }
}

/** P5: a new owner sends the last outbox again, and not all that is above `publishedUpTo`. */
class ResendsLast extends Task {
  protected override async publishLeft(): Promise<void> {
    this.memory.unpublished = this.memory.unpublished.slice(-1);
    await super.publishLeft();
  }
}

/** P6: frames are cut when they are sent, in chunks of whatever size is right then. */
function cutsAtSending(scheduler: Scheduler): typeof Publisher {
  return class extends Publisher {
    protected override send(stage: string, frames: readonly OutgoingFrame[]): Promise<void> {
      return super.send(stage, cutAnew(frames, scheduler.integer(1, 4)));
    }
  };
}

function cutAnew(frames: readonly OutgoingFrame[], size: number): readonly OutgoingFrame[] {
  const byRange = Map.groupBy(frames, ({ range }) => `${range.first}`);
  return [...byRange.values()].flatMap((of) => {
    const views = of.map(({ bytes }) => decodeFrame(bytes));
    const last = views.at(-1)?.header as FrameHeader;
    const records = views.flatMap((view) => {
      const { values, timestamps, groups } = view.records();
      return values.map((value, i) => ({
        value,
        timestamp: timestamps[i] ?? 0,
        group: groups[i] ?? 0,
        port: view.header.port,
      }));
    });
    const chunks = Math.max(1, Math.ceil(records.length / size));
    return Array.from({ length: chunks }, (_, chunk): OutgoingFrame => {
      const part = records.slice(chunk * size, (chunk + 1) * size);
      const body = encodeBody({
        values: part.map(({ value }) => value),
        timestamps: part.map(({ timestamp }) => timestamp),
        groups: part.map(({ group }) => group),
      }) as EncodedBody;
      const header = { ...last, chunk, last: chunk === chunks - 1, port: part[0]?.port ?? 0, prev: [] };
      return { ...(of[0] as OutgoingFrame), bytes: encodeFrame(header, body) };
    });
  });
}

class AppliesAgain extends Progress {
  protected override isDuplicate(): boolean {
    return false;
  }
}

class WaitsForNothing extends Progress {
  protected override isEarly(): boolean {
    return false;
  }
}

class SeesCommitsOnly extends Progress {
  protected override isDuplicate({ n }: FrameHeader, seen: Seen): boolean {
    return n <= seen.n;
  }

  protected override isEarly(previous: FrameNumber, seen: Seen): boolean {
    return previous.n > seen.n;
  }
}

class HearsTimeAtOnce extends Progress {
  protected override tellsTime(): boolean {
    return true;
  }
}

const without = (change: Partial<Switches>): Switches => ({ ...ALL_RULES, ...change });
const withParts = (parts: Partial<StageParts>): Switches => without({ parts: () => parts });

/** By the name of what is off. */
export const SWITCHES: { readonly [name: string]: Switches } = {
  p2: without({ conditionalPut: false }),
  'p5-commit-first': withParts({ task: PublishesFirst }),
  'p5-resend-all': withParts({ task: ResendsLast }),
  'p6-cut-once': without({ parts: (scheduler) => ({ publisher: cutsAtSending(scheduler) }) }),
  'p7-dedupe': withParts({ progress: AppliesAgain }),
  'p7-prev': withParts({ progress: WaitsForNothing }),
  'p7-chunk': withParts({ progress: SeesCommitsOnly }),
  'p7-last': withParts({ progress: HearsTimeAtOnce }),
  p10: without({ limits: { trustMs: Number.POSITIVE_INFINITY } }),
};
