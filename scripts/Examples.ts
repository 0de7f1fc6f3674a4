/**
 * Doc examples as tests: in a block `@example`, the expression before a line `// => value` must equal that value.
 *
 * The code runs as TypeScript with every export of the package's index in scope by its name; the value may use them too.
 * A value goes on over the next comment lines if these are indented by more than one space.
 */
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from './Source.ts'
import { files, isTool } from './Workspace.ts'

/** `line` is that of `@example` in its file. `claims` counts its `// =>`. */
export type Example = { readonly file: string; readonly line: number; readonly code: string; readonly claims: number }

export type Claim = { readonly code: string; readonly found: unknown; readonly expected: unknown; readonly holds: boolean }

export class UnclaimedError extends Error {
  override readonly name = 'Examples.UnclaimedError'
}

const claimMark = /\/\/ ?=>/

/** The examples of a package's sources that claim something. */
export function collect(root: string, folder: string): Example[] {
  return files(root, join(folder, 'src'), ['.ts', '.tsx'])
    .filter((file) => !isTool(file))
    .flatMap((file) => ofText(file, readFileSync(join(root, file), 'utf8')))
    .filter((example) => example.claims > 0)
}

export function ofText(file: string, text: string): Example[] {
  const { comments, line } = parse(file, text)
  return comments.flatMap((comment) => {
    if (comment.type !== 'Block' || !comment.value.startsWith('*')) return []
    const rows = comment.value.split('\n').map((row) => row.replace(/^\s*\*( |$)/, ''))
    const found: Example[] = []
    for (const [index, row] of rows.entries()) {
      if (!row.startsWith('@example')) continue
      const end = rows.findIndex((other, at) => at > index && /^@\w/.test(other))
      const body = rows.slice(index + 1, end === -1 ? undefined : end).filter((other) => !other.startsWith('```'))
      const code = body.join('\n').trimEnd()
      const claims = body.filter((other) => claimMark.test(other)).length
      found.push({ file, line: line(comment.start) + index, code, claims })
    }
    return found
  })
}

type Statement = { readonly type: string; readonly start: number; readonly end: number }

const AsyncFunction = (async () => {}).constructor as new (...parameters: string[]) => (...values: unknown[]) => Promise<void>

/**
 * Runs one example.
 *
 * @param options.scope - the exports of the package's index.
 * @throws {UnclaimedError} a `// =>` that follows no expression.
 */
export async function run({
  example,
  scope,
}: {
  readonly example: Example
  readonly scope: Readonly<Record<string, unknown>>
}): Promise<Claim[]> {
  // A claim ends its statement, so that a line that begins with a bracket does not go on with the one before.
  const code = stripTypeScriptTypes(example.code.replace(/^(.*?)(?=\/\/ ?=>)/gm, '$1;'))
  const { program, comments } = parse('example.ts', code)
  const statements = (program.body as readonly Statement[]).filter((statement) => statement.type !== 'EmptyStatement')
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  for (const [index, comment] of comments.entries()) {
    if (comment.type !== 'Line' || !/^ ?=>/.test(comment.value)) continue
    const statement = statements.findLast((each) => each.start < comment.start)
    if (statement?.type !== 'ExpressionStatement' || edits.some((edit) => edit.start === statement.start))
      throw new UnclaimedError(`${example.file}:${example.line}: no expression stands before //${comment.value}`)
    const more: string[] = []
    for (const next of comments.slice(index + 1)) {
      if (next.type !== 'Line' || !/^\s{2}/.test(next.value)) break
      more.push(next.value)
    }
    const expected = [comment.value.replace(/^ ?=>/, ''), ...more].join('\n')
    const expression = code
      .slice(statement.start, Math.min(statement.end, comment.start))
      .trim()
      .replace(/[;\s]+$/, '')
    edits.push({
      start: statement.start,
      end: statement.end,
      text: `__claim(${JSON.stringify(expression)}, (${expression}\n), (${expected}\n));`,
    })
  }
  if (edits.length !== example.claims) throw new UnclaimedError(`${example.file}:${example.line}: a // => stands where nothing runs it`)

  const claims: Claim[] = []
  const claim = (text: string, found: unknown, expected: unknown) =>
    claims.push({ code: text, found, expected, holds: isDeepStrictEqual(found, expected) })
  const body = edits.reduceRight((text, edit) => `${text.slice(0, edit.start)}${edit.text}${text.slice(edit.end)}`, code)
  const names = Object.keys(scope).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default')
  await new AsyncFunction('__claim', ...names, `'use strict';\n${body}`)(claim, ...names.map((name) => scope[name]))
  return claims
}
