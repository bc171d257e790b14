/**
 * The three ways to give a function object to a stream: its class, a function that makes one, or the object itself.
 * A class and a maker give one instance to each subtask; an object is shared by the subtasks of a thread, and so must
 * hold nothing of its own.
 *
 * @example
 * clicks.keyBy('page').process(Spikes);
 * clicks.keyBy('page').process(() => new Spikes(3));
 * clicks.keyBy('page').process<Spike>(() => {
 *   const usual = state.value<number>('usual', { default: 0 });
 *   return { process(click, { key, emit }) { … } };
 * });
 */
export type Made<F extends object> = (new () => F) | (() => F) | F;

/** Keeps a function of a keyed stream, which asks for a key and timers, from being taken where there are none. */
export type NotKeyed<F extends object> = F & { readonly '~keyed'?: never; readonly onTimer?: never };

/** What makes an instance for a subtask. */
export function makerOf<F extends object>(made: Made<F>): () => F {
  if (typeof made !== 'function') return () => made;
  if (isClass(made)) return () => new made();
  return made as () => F;
}

function isClass<F extends object>(made: object): made is new () => F {
  return /^class\b/.test(Function.prototype.toString.call(made));
}

/** The name of a function object, for plans: `Spikes`; undefined where it has none. */
export function nameOfMade(made: Made<object>): string | undefined {
  const name = typeof made === 'function' ? made.name : made.constructor.name;
  return name === '' || name === 'Object' ? undefined : name;
}
