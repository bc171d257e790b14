import type { Fault } from '../error/error.ts';
import type { AsyncDescriptor, IntervalJoinDescriptor } from '../operator/descriptor.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';
import type { OperatorNode } from './node.ts';
import { pathOf } from './node-path.ts';
import { assignerOf } from './operator-facts.ts';

/** Bad settings of one operator: what a builder could not refuse by type. */
export function operatorFaults(node: OperatorNode): Fault[] {
  const { operator } = node;
  const path = pathOf(node);
  const under = (property: string, messages: readonly string[]): Fault[] =>
    messages.map((message) => ({ path: `${path}.${property}`, message }));
  const assigner = assignerOf(operator);
  const faults: Fault[] = assigner === undefined ? [] : under('window', assignerMessages(assigner));
  if (operator.kind === 'window' || operator.kind === 'coGroup') {
    const { allowedLatenessMs, trigger } = operator;
    if (!(allowedLatenessMs >= 0)) {
      faults.push(...under('window.allowedLateness', [`${allowedLatenessMs} ms is below 0`]));
    }
    if (assigner?.kind === 'session' && trigger !== undefined && trigger.merge === undefined) {
      const message = `${trigger.name} cannot follow sessions that merge; use a trigger with a merge method`;
      faults.push(...under('window.trigger', [message]));
    }
  }
  if (operator.kind === 'async') faults.push(...under('async', asyncMessages(operator)));
  if (operator.kind === 'intervalJoin') faults.push(...under('between', boundsMessages(operator)));
  return faults;
}

function assignerMessages(assigner: WindowAssigner): string[] {
  switch (assigner.kind) {
    case 'tumbling':
      return [...positive('size', assigner.sizeMs), ...offsetMessages(assigner.offsetMs, assigner.sizeMs, 'size')];
    case 'sliding':
      return [
        ...positive('size', assigner.sizeMs),
        ...positive('slide', assigner.slideMs),
        ...offsetMessages(assigner.offsetMs, assigner.slideMs, 'slide'),
      ];
    case 'session':
      return typeof assigner.gapMs === 'number' ? positive('gap', assigner.gapMs) : [];
    case 'count':
      return [...positiveInteger('size', assigner.size), ...positiveInteger('slide', assigner.slide)];
    case 'global':
      return [];
  }
}

function offsetMessages(offsetMs: number, limitMs: number, limit: string): string[] {
  return Math.abs(offsetMs) < limitMs || !(limitMs > 0)
    ? []
    : [`offset ${offsetMs} ms is not smaller than the ${limit}, ${limitMs} ms`];
}

function asyncMessages({ timeoutMs, capacity, retry }: AsyncDescriptor): string[] {
  return [
    ...positive('timeout', timeoutMs),
    ...positiveInteger('capacity', capacity),
    ...(retry === undefined ? [] : positiveInteger('retry.attempts', retry.attempts)),
    ...(retry === undefined || retry.delayMs >= 0 ? [] : [`retry.delay ${retry.delayMs} ms is below 0`]),
    ...(retry === undefined || retry.backoff >= 1 ? [] : [`retry.backoff ${retry.backoff} is below 1`]),
  ];
}

function boundsMessages({ lowerMs, upperMs, lowerInclusive, upperInclusive }: IntervalJoinDescriptor): string[] {
  if (!Number.isFinite(lowerMs) || !Number.isFinite(upperMs)) return ['a bound is not a duration'];
  if (lowerMs > upperMs) return [`the lower bound, ${lowerMs} ms, is above the upper one, ${upperMs} ms`];
  const width = upperMs - lowerMs - (lowerInclusive ? 0 : 1) - (upperInclusive ? 0 : 1);
  return width >= 0 ? [] : ['nothing lies between the bounds, since they are not inclusive'];
}

function positive(name: string, ms: number): string[] {
  return Number.isFinite(ms) && ms > 0 ? [] : [`${name} ${ms} ms is not above 0`];
}

function positiveInteger(name: string, count: number): string[] {
  return Number.isSafeInteger(count) && count > 0 ? [] : [`${name} ${count} is not a whole number above 0`];
}
