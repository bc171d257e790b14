import { JobSpecError } from '../../error/error.ts';
import { evictor } from '../../window/evictors.ts';
import type { AnyTrigger } from '../../window/trigger.ts';
import { trigger } from '../../window/triggers.ts';
import type { WindowAssigner } from '../../window/window-assigner.ts';
import type { WindowDescriptor } from '../descriptor.ts';
import type { Untyped } from '../untyped.ts';

/** The trigger that an assigner has of its own. */
export function ownTrigger(assigner: WindowAssigner<Untyped>): AnyTrigger {
  switch (assigner.kind) {
    case 'tumbling':
    case 'sliding':
    case 'session':
      return assigner.time === 'event' ? trigger.eventTime() : trigger.processingTime();
    case 'global':
      return assigner.fire === 'endOfStream' ? trigger.endOfStream() : trigger.never();
    case 'count':
      return assigner.slide === assigner.size
        ? trigger.purging(trigger.count(assigner.size))
        : trigger.count(assigner.slide);
  }
}

/**
 * A descriptor with its trigger and evictor said. Count windows are global ones with both (Flink: countWindow).
 *
 * @throws JobSpecError where a trigger that cannot merge is used with sessions
 */
export function withDefaults(
  descriptor: WindowDescriptor,
  uid: string,
): WindowDescriptor & { readonly trigger: AnyTrigger } {
  const { assigner } = descriptor;
  const chosen = descriptor.trigger ?? ownTrigger(assigner);
  if (assigner.kind === 'session' && chosen.merge === undefined) {
    throw new JobSpecError([
      {
        path: uid,
        message: `session windows merge, and the trigger ${chosen.name} cannot; use another, or give it merge`,
      },
    ]);
  }
  const slides = assigner.kind === 'count' && assigner.slide !== assigner.size;
  if (!slides || descriptor.evictor !== undefined) return { ...descriptor, trigger: chosen };
  return { ...descriptor, trigger: chosen, evictor: evictor.count(assigner.size) };
}
