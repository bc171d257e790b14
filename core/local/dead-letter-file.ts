import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeJson } from '../connector/json.ts';
import type { DeadLetter, DeadLetterWriter } from './dead-letter.ts';

/** Held in memory up to so many before they are appended to the file. */
const MAX_HELD = 1_000;

/** Appends dead letters to a file, one JSON object a line. The file is made with the first one. */
export function deadLetterFile(path: string): DeadLetterWriter {
  let held: DeadLetter[] = [];
  let writing: Promise<void> = Promise.resolve();
  const send = () => {
    if (held.length === 0) return;
    const text = held.map((letter) => `${encodeJson(letter)}\n`).join('');
    held = [];
    writing = writing.then(async () => {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, text);
    });
    writing.catch(() => undefined);
  };
  return {
    write(letter) {
      held.push(letter);
      if (held.length >= MAX_HELD) send();
    },
    async flush() {
      send();
      await writing;
    },
  };
}
