/** What went wrong, as a person at the terminal reads it: one sentence, with its code and what to do where they are known. */

/**
 * An error as the lines that are written to stderr. Node's own errors say their code twice and name no way out: these say it once.
 */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  // Of a file a person is told which, and why.
  if ('syscall' in error && 'path' in error && error.syscall === 'open')
    return `FILE_UNREADABLE: ${String(error.path)} cannot be opened (${code}).\n${hints[code] ?? 'Check the path: it is read from where you typed it.'}`
  const said = code === 'ERR_INVALID_URL' && 'input' in error ? `${error.message}: ${String(error.input)}` : error.message
  const message = code === '' || said.startsWith(`${code}: `) ? said : `${code}: ${said}`
  const hint = 'hint' in error ? String(error.hint) : (hints[code] ?? '')
  // The SDK's messages end with their hint.
  return hint === '' || message.endsWith(hint) ? message : `${message}\n${hint}`
}

const hints: Readonly<Record<string, string>> = {
  EACCES: 'Check who may read or write it.',
  EISDIR: 'Name a file in it.',
  ENOENT: 'Check the path: it is read from where you typed it.',
  ERR_INVALID_URL: 'Write it with its scheme, such as http://127.0.0.1:4600.',
}
