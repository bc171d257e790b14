import type { Timestamp } from '../../time/timestamp.ts';
import type { Timestamped } from '../../window/evictor.ts';
import type { CoGroupDescriptor, WindowDescriptor } from '../descriptor.ts';
import type { Operator, OperatorContext, RecordOutput } from '../operator.ts';
import type { Untyped } from '../untyped.ts';
import { WindowOperator } from './window-operator.ts';

/** A record with the side it came from. */
type Sided = { readonly side: 0 | 1; readonly value: unknown };

/**
 * Two inputs in one window (Flink: CoGroupedStreams, which is a window over the union of both, each record tagged with its
 * side). Window joins are built on it.
 */
export class CoGroupOperator implements Operator {
  readonly inputs: readonly RecordOutput[];
  readonly #windows: WindowOperator;

  constructor(descriptor: CoGroupDescriptor, context: OperatorContext) {
    this.#windows = new WindowOperator(windowOf(descriptor), context);
    const input = (side: 0 | 1): RecordOutput => ({
      record: (value, timestamp) => this.#windows.record({ side, value } satisfies Sided, timestamp),
    });
    this.inputs = [input(0), input(1)];
  }

  watermark(at: Timestamp): void {
    this.#windows.watermark(at);
  }

  idle(isIdle: boolean): void {
    this.#windows.idle(isIdle);
  }

  processingTime(now: Timestamp): void {
    this.#windows.processingTime(now);
  }

  get nextProcessingTime(): Timestamp {
    return this.#windows.nextProcessingTime;
  }
}

function windowOf({
  keys,
  assigner,
  trigger,
  evictor,
  allowedLatenessMs,
  coGroup,
}: CoGroupDescriptor): WindowDescriptor {
  const gap = assigner.kind === 'session' ? assigner.gapMs : 0;
  const sided =
    assigner.kind === 'session' && typeof gap === 'function'
      ? { ...assigner, gapMs: ({ value }: Sided, timestamp: Timestamp) => gap(value as Untyped, timestamp) }
      : assigner;
  return {
    kind: 'window',
    key: { of: ({ side, value }: Sided) => keys[side].of(value), columns: keys[0].columns },
    assigner: sided,
    ...(trigger !== undefined && {
      trigger: { ...trigger, onElement: (element: Sided, ...rest) => trigger.onElement(element.value, ...rest) },
    }),
    ...(evictor !== undefined && { evictor: unsided(evictor) }),
    allowedLatenessMs,
    computation: {
      kind: 'process',
      create: () => ({
        process(elements: readonly Sided[], { key, window, emit }) {
          const of = (side: 0 | 1) => elements.flatMap((element) => (element.side === side ? [element.value] : []));
          return coGroup(of(0), of(1), { key, window, emit });
        },
      }),
    },
  };
}

/** An evictor that the user wrote for records sees them without their sides. */
function unsided(evictor: NonNullable<CoGroupDescriptor['evictor']>): NonNullable<WindowDescriptor['evictor']> {
  const wrap = (evict: NonNullable<typeof evictor.before>): NonNullable<typeof evictor.before> => {
    return (elements: readonly Timestamped<Sided>[], window) => {
      const plain = elements.map(({ value, timestamp }) => ({ value: value.value, timestamp }));
      const kept = new Set(evict(plain, window));
      return elements.filter((_, place) => kept.has(plain[place] as Timestamped<unknown>));
    };
  };
  return {
    name: evictor.name,
    ...(evictor.before !== undefined && { before: wrap(evictor.before.bind(evictor)) }),
    ...(evictor.after !== undefined && { after: wrap(evictor.after.bind(evictor)) }),
  };
}
