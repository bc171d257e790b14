import { type BenchEvent, type CaseName, WINDOW } from './stream-case.ts';

/**
 * The least that the work of each case costs in plain JavaScript: a loop, Maps, nothing that makes it a stream processor
 * (no lateness, no timers by key, no state that could be saved). Results count what the job would emit.
 */
export function bareLoop(name: CaseName, events: readonly BenchEvent[]): number {
  switch (name) {
    case 'map-filter':
      return mapFilter(events);
    case 'tumbling':
      return tumbling(events);
    case 'sliding':
      return sliding(events);
    case 'session':
      return session(events);
    case 'process':
      return sumThenEmit(events);
  }
}

function mapFilter(events: readonly BenchEvent[]): number {
  let results = 0;
  for (const event of events) if ((event.value * 2) % 3 === 0) results++;
  return results;
}

function tumbling(events: readonly BenchEvent[]): number {
  return countPanes(events, WINDOW.tumblingMs, (counts) => counts.size);
}

/** Counts per key and pane; a pane is complete once the watermark has passed it. */
function countPanes(
  events: readonly BenchEvent[],
  paneMs: number,
  fire: (counts: Map<number, number>, pane: number) => number,
): number {
  const panes = new Map<number, Map<number, number>>();
  let results = 0;
  let largest = 0;
  const close = (watermark: number) => {
    for (const [pane, counts] of panes) {
      if (pane + paneMs - 1 > watermark) continue;
      results += fire(counts, pane);
      panes.delete(pane);
    }
  };
  for (const { at, key } of events) {
    const pane = Math.floor(at / paneMs) * paneMs;
    let counts = panes.get(pane);
    if (counts === undefined) {
      counts = new Map();
      panes.set(pane, counts);
    }
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (at > largest) {
      if (Math.floor((at - WINDOW.disorderMs) / paneMs) > Math.floor((largest - WINDOW.disorderMs) / paneMs))
        close(at - WINDOW.disorderMs - 1);
      largest = at;
    }
  }
  close(Number.POSITIVE_INFINITY);
  return results;
}

/** A running sum per key: each slide adds the pane that came and takes away the one that went. */
function sliding(events: readonly BenchEvent[]): number {
  const held: Map<number, number>[] = [];
  const sums = new Map<number, number>();
  let last = 0;
  const slide = (counts: Map<number, number>) => {
    for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
    held.push(counts);
    if (held.length > WINDOW.sizeMs / WINDOW.slideMs) {
      for (const [key, count] of held.shift() ?? []) {
        const rest = (sums.get(key) ?? 0) - count;
        if (rest > 0) sums.set(key, rest);
        else sums.delete(key);
      }
    }
    return sums.size;
  };
  let results = countPanes(events, WINDOW.slideMs, (counts, pane) => {
    last = pane;
    return slide(counts);
  });
  for (let pane = last + WINDOW.slideMs; pane < last + WINDOW.sizeMs; pane += WINDOW.slideMs)
    results += slide(new Map());
  return results;
}

/** A list of sessions per key, since disorder may begin one before the last; those that the watermark has passed go. */
function session(events: readonly BenchEvent[]): number {
  const open = new Map<number, { start: number; end: number; count: number }[]>();
  let results = 0;
  let largest = 0;
  for (const { at, key } of events) {
    if (at > largest) largest = at;
    let sessions = open.get(key);
    if (sessions === undefined) {
      sessions = [];
      open.set(key, sessions);
    }
    const merged = { start: at, end: at + WINDOW.gapMs, count: 1 };
    let kept = 0;
    for (const one of sessions) {
      if (one.end < merged.start || one.start > merged.end) {
        if (one.end <= largest - WINDOW.disorderMs) results++;
        else sessions[kept++] = one;
      } else {
        merged.start = Math.min(one.start, merged.start);
        merged.end = Math.max(one.end, merged.end);
        merged.count += one.count;
      }
    }
    sessions.length = kept;
    sessions.push(merged);
  }
  for (const sessions of open.values()) results += sessions.length;
  return results;
}

function sumThenEmit(events: readonly BenchEvent[]): number {
  const sums = new Map<number, number>();
  const due = new Map<number, number[]>();
  let results = 0;
  let largest = 0;
  const fire = (from: number, to: number) => {
    for (let at = from; at <= to; at++) {
      for (const key of due.get(at) ?? []) {
        sums.delete(key);
        results++;
      }
      due.delete(at);
    }
  };
  for (const { at, key, value } of events) {
    const sum = sums.get(key);
    if (sum === undefined) {
      const keys = due.get(at + WINDOW.timerMs);
      if (keys === undefined) due.set(at + WINDOW.timerMs, [key]);
      else keys.push(key);
    }
    sums.set(key, (sum ?? 0) + value);
    if (at > largest) {
      fire(largest - WINDOW.disorderMs, at - WINDOW.disorderMs - 1);
      largest = at;
    }
  }
  for (const keys of due.values()) results += keys.length;
  return results;
}
