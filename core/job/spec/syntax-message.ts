/** YAML's complaints in the words of someone who writes a job. */
export function syntaxMessage(code: string, message: string, text: string, offset: number): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab stands in the indentation; YAML indents with spaces only';
    case 'MISSING_CHAR':
      return `${message.toLowerCase().startsWith('missing closing') ? 'a quote is not closed' : message}; close it on this line`;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second ": " stands in one line; quote the text that has a colon in it';
    case 'BAD_SCALAR_START':
      return `a text cannot begin with ${text[offset] ?? 'this'}; quote it`;
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; a file has one job';
    case 'BAD_ALIAS':
      return 'an alias names no anchor; quote the text if it is to begin with *';
    case 'UNEXPECTED_TOKEN':
      return /^Unexpected flow-(seq|map)-start at node end/.test(message)
        ? `"${text[offset] ?? ''}" stands in a text that is not quoted; within { … } and [ … ] quote it`
        : `"${text[offset] ?? ''}" is not expected here`;
    case 'BAD_INDENT':
      return message.startsWith('Flow')
        ? 'a { or [ before this is not closed'
        : `the indentation does not fit: ${lower(message)}`;
    default:
      return `this is not YAML: ${lower(message)}`;
  }
}

function lower(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
