import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DeadLetter, type DeadLetterWriter, withTextRecord } from '../chain/dead-letter.ts';
import { encodeJson } from '../connector/json.ts';

/** Held in memory up to so many before they are appended to the file. */
const MAX_HELD = 1_000;

/** Appends dead letters to a file, one JSON object a line. The file is made with the first one. */
export function deadLetterFile(path: string): DeadLetterWriter {
  let held = '';
  let count = 0;
  let writing: Promise<void> = Promise.resolve();
  const append = async () => {
    const text = held;
    held = '';
    count = 0;
    if (text === '') return;
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, text);
    } catch (error) {
      // Tried again with the next ones. What a full disk took of it is a line of its own.
      held = `${text.startsWith('\n') ? '' : '\n'}${text}${held}`;
      throw error;
    }
  };
  const send = () => {
    writing = writing.then(append, append);
    writing.catch(() => undefined);
  };
  return {
    write(letter) {
      held += `${lineOf(letter)}\n`;
      if (++count >= MAX_HELD) send();
    },
    async flush() {
      send();
      await writing;
    },
  };
}

function lineOf(letter: DeadLetter): string {
  try {
    return encodeJson(letter);
  } catch {
    return encodeJson(withTextRecord(letter));
  }
}
