/**
 * Rows of a short text of CSV (RFC 4180), one after another: for entries of a stream, each of which is a record or a few.
 * A quote opens a field at its beginning only; a stray one spoils its own row and no other.
 */
export type CsvRow = { readonly raw: string; readonly cells: readonly string[]; readonly reason?: string };

type Cell = { readonly text: string; readonly end: number; readonly reason?: string };

const STRAY = 'a quote stands where none may; double it and quote the field';

export function csvRows(text: string, delimiter: string, quote: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; ) {
    const start = at;
    const cells: string[] = [];
    let reason: string | undefined;
    for (;;) {
      const cell: Cell =
        text[at] === quote ? quotedCell(text, at, delimiter, quote) : plainCell(text, at, delimiter, quote);
      cells.push(cell.text);
      reason ??= cell.reason;
      at = cell.end;
      if (text[at] !== delimiter) break;
      at++;
    }
    rows.push({ raw: text.slice(start, at), cells, ...(reason !== undefined && { reason }) });
    // Behind the line's end.
    at += text[at] === '\r' ? 2 : 1;
  }
  return rows;
}

function plainCell(text: string, at: number, delimiter: string, quote: string): Cell {
  const end = cellEnd(text, at, delimiter);
  const found = text.slice(at, end);
  return { text: found, end, ...(found.includes(quote) && { reason: STRAY }) };
}

/** `at` is that of the quote before it. */
function quotedCell(text: string, at: number, delimiter: string, quote: string): Cell {
  let found = '';
  for (let from = at + 1; ; ) {
    const next = text.indexOf(quote, from);
    if (next === -1) return { text: found, end: text.length, reason: 'a quoted field has no end' };
    found += text.slice(from, next);
    if (text[next + 1] !== quote) {
      const end = cellEnd(text, next + 1, delimiter);
      return { text: found, end, ...(end > next + 1 && { reason: STRAY }) };
    }
    found += quote;
    from = next + 2;
  }
}

/** The next delimiter, end of the line or end of the text. */
function cellEnd(text: string, at: number, delimiter: string): number {
  for (let end = at; end < text.length; end++) {
    const sign = text[end];
    if (sign === delimiter || sign === '\n' || (sign === '\r' && text[end + 1] === '\n')) return end;
  }
  return text.length;
}
