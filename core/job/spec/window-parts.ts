import type { Untyped } from '../../operator/untyped.ts';
import { countWindow, endOfStream, globalWindow, session, sliding, tumbling } from '../../window/assigner.ts';
import type { Evictor } from '../../window/evictor.ts';
import { evictor } from '../../window/evictors.ts';
import type { AnyTrigger } from '../../window/trigger.ts';
import { trigger } from '../../window/triggers.ts';
import type { WindowAssigner } from '../../window/window-assigner.ts';
import type { WindowOptions } from '../windowed-stream.ts';
import { chosen, EVICTOR, TRIGGER, WINDOW } from './choice.ts';
import type { Known } from './expressions.ts';
import type { FunctionResolver } from './function-resolver.ts';
import { looksLikeReference } from './reference.ts';
import type { WindowSpec } from './schema.ts';
import type { Step } from './spec-fault.ts';

/** What the functions of a window are resolved with. */
type Context = { readonly resolver: FunctionResolver; readonly known: Known; readonly path: readonly Step[] };

type WindowOptionsSpec = Exclude<WindowSpec, string>;
/** For what has faults, so that everything else is still checked. */
const STAND_IN = { trigger: trigger.eventTime(), evictor: evictor.count(1) };

type TriggerSpec = NonNullable<WindowOptionsSpec['trigger']>;
type EvictorSpec = NonNullable<WindowOptionsSpec['evictor']>;

/**
 * The assigner and options of a window of the spec, as the API takes them.
 *
 * @throws JobSpecError where sizes contradict each other
 */
export function windowOf(
  spec: WindowSpec,
  context: Context,
): { readonly assigner: WindowAssigner<Untyped>; readonly options: WindowOptions<Untyped> } {
  if (typeof spec === 'string') return { assigner: spec === 'global' ? globalWindow() : endOfStream(), options: {} };
  const { allowedLateness, trigger: fires, evictor: evicts, path } = { ...spec, path: context.path };
  return {
    assigner: assignerOf(spec, context),
    options: {
      ...(allowedLateness !== undefined && { allowedLateness: allowedLateness as never }),
      ...(fires !== undefined && { trigger: triggerOf(fires, { ...context, path: [...path, 'trigger'] }) }),
      ...(evicts !== undefined && { evictor: evictorOf(evicts, { ...context, path: [...path, 'evictor'] }) }),
    },
  };
}

function assignerOf(spec: WindowOptionsSpec, { resolver, path }: Context): WindowAssigner<Untyped> {
  const { offset = 0, time = 'event', slide } = spec as { offset?: never; time?: 'event'; slide?: never };
  switch (chosen(spec, WINDOW)) {
    case 'sliding':
      return sliding(spec.sliding as never, slide as never, { offset, time });
    case 'session': {
      const gap = spec.session;
      const isFunction = typeof gap === 'string' && looksLikeReference(gap);
      return session(isFunction ? resolver.export(gap, [...path, 'session'], 2) : (gap as never), { time });
    }
    case 'count':
      return countWindow(spec.count as number, slide);
    case 'global':
      return globalWindow();
    case 'endOfStream':
      return endOfStream();
    default:
      return tumbling(spec.tumbling as never, { offset, time });
  }
}

function triggerOf(spec: TriggerSpec, context: Context): AnyTrigger {
  if (typeof spec === 'string') {
    if (looksLikeReference(spec)) return ownTrigger(spec, context);
    return Object.hasOwn(trigger, spec) ? trigger[spec as 'eventTime']() : STAND_IN.trigger;
  }
  const fires = chosenTrigger(spec, context);
  return spec.purging === true ? trigger.purging(fires) : fires;
}

function chosenTrigger(spec: Exclude<TriggerSpec, string>, context: Context): AnyTrigger {
  const word = chosen(spec, TRIGGER);
  switch (word) {
    case 'count':
      return trigger.count(spec.count as number);
    case 'continuousEventTime':
      return trigger.continuousEventTime(spec.continuousEventTime as never);
    case 'continuousProcessingTime':
      return trigger.continuousProcessingTime(spec.continuousProcessingTime as never);
    case 'delta':
      return trigger.delta(spec.delta as number, distanceOf(spec.of, context));
    case 'custom':
      return ownTrigger(String(spec.custom), { ...context, path: [...context.path, 'custom'] });
    default:
      return trigger[(word ?? 'eventTime') as 'eventTime']();
  }
}

function ownTrigger(text: string, { resolver, path }: Context): AnyTrigger {
  return resolver.object(text, path, 'a trigger') ?? STAND_IN.trigger;
}

function evictorOf(spec: EvictorSpec, context: Context): Evictor<Untyped> {
  if (typeof spec === 'string') return ownEvictor(spec, context);
  const options = { after: spec.after ?? false };
  switch (chosen(spec, EVICTOR)) {
    case 'time':
      return evictor.time(spec.time as never, options);
    case 'delta':
      return evictor.delta(spec.delta as number, distanceOf(spec.of, context), options);
    case 'custom':
      return ownEvictor(String(spec.custom), { ...context, path: [...context.path, 'custom'] });
    default:
      return evictor.count(spec.count as number, options);
  }
}

function ownEvictor(text: string, { resolver, path }: Context): Evictor<Untyped> {
  return resolver.object(text, path, 'an evictor') ?? STAND_IN.evictor;
}

/** An expression is the value whose difference counts; a function gives the difference itself. */
function distanceOf(
  of: string | undefined,
  { resolver, known, path }: Context,
): (from: Untyped, to: Untyped) => number {
  const text = of ?? 'value';
  if (looksLikeReference(text)) return resolver.export(text, [...path, 'of'], 2);
  const value = resolver.value(text, [...path, 'of'], known);
  return (from, to) => Math.abs(value(to) - value(from));
}
