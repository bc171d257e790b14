import { formatDuration } from '../time/duration.ts';
import type { WindowAssigner } from '../window/window-assigner.ts';

/** What operators do, in a few words, for plans. */

/** Longer functions are not told. */
const MAX_FUNCTION_TEXT = 60;

/** A function as its author would call it: its name, else its text if it is short; undefined where it is long. */
export function functionText(of: (...parameters: never[]) => unknown): string | undefined {
  if (of.name !== '') return of.name;
  const text = Function.prototype.toString.call(of).replace(/\s+/g, ' ');
  if (text.length > MAX_FUNCTION_TEXT || !text.includes('=>')) return undefined;
  // Compilers choose the quotes; a plan should not change with them.
  return text.includes("'") ? text : text.replaceAll('"', "'");
}

/** A window in words: `tumbling 10s`, `sliding 1m every 10s`, `session 30s`, `count 100`. */
export function windowText(assigner: WindowAssigner): string {
  const time = 'time' in assigner && assigner.time === 'processing' ? ' of processing time' : '';
  switch (assigner.kind) {
    case 'tumbling':
      return `tumbling ${formatDuration(assigner.sizeMs)}${offsetText(assigner.offsetMs)}${time}`;
    case 'sliding': {
      const every = `every ${formatDuration(assigner.slideMs)}${offsetText(assigner.offsetMs)}`;
      return `sliding ${formatDuration(assigner.sizeMs)} ${every}${time}`;
    }
    case 'session':
      return `session ${typeof assigner.gapMs === 'number' ? formatDuration(assigner.gapMs) : 'gap of the record'}${time}`;
    case 'global':
      return assigner.fire === 'endOfStream' ? 'global, at the end' : 'global';
    case 'count':
      return assigner.slide === assigner.size
        ? `count ${assigner.size}`
        : `count ${assigner.size} every ${assigner.slide}`;
  }
}

function offsetText(offsetMs: number): string {
  return offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`;
}
