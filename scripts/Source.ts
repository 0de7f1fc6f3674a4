/** What one TypeScript file imports and uses, read from its syntax tree. */
import { parseSync } from 'oxc-parser'

/** `typeOnly`: nothing of it is left at run time. */
export type Import = { readonly specifier: string; readonly typeOnly: boolean; readonly line: number }

export type Finding = { readonly line: number; readonly text: string }

type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** Depth first, with the parent and the key under which the node hangs. */
function walk(node: Node, visit: (node: Node, parent: Node | null, key: string) => void, parent: Node | null = null, key = ''): void {
  visit(node, parent, key)
  for (const [name, value] of Object.entries(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit, node, name)
    } else if (isNode(value)) walk(value, visit, node, name)
  }
}

export class SyntaxFaultError extends Error {
  override readonly name = 'Source.SyntaxFaultError'
}

export function parse(file: string, text: string) {
  const result = parseSync(file, text)
  const [fault] = result.errors
  if (fault) throw new SyntaxFaultError(`${file}: ${fault.message}`)
  const line = (offset: number) => text.slice(0, offset).split('\n').length
  return { program: result.program as unknown as Node, module: result.module, comments: result.comments, line }
}

const literal = (node: unknown): string | null =>
  isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : null

export function imports(file: string, text: string): Import[] {
  const { program, line } = parse(file, text)
  const found: Import[] = []
  walk(program, (node) => {
    const specifier = literal(node.source)
    if (specifier === null) return
    if (node.type === 'TSImportType') return found.push({ specifier, typeOnly: true, line: line(node.start) })
    if (node.type === 'ImportExpression') return found.push({ specifier, typeOnly: false, line: line(node.start) })
    const kind = node.importKind ?? node.exportKind
    const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
    const allTypes = specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type')
    return found.push({ specifier, typeOnly: kind === 'type' || allTypes, line: line(node.start) })
  })
  return found
}

const hostNames = new Set([
  ...['Date', 'performance', 'process', 'crypto', 'fetch', 'Buffer', 'console', 'globalThis'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'XMLHttpRequest', 'WebSocket', 'eval', 'require'],
])

const isPropertyName = (parent: Node | null, key: string): boolean => {
  if (!parent || parent.computed === true) return false
  return (parent.type === 'MemberExpression' && key === 'property') || key === 'key'
}

const inType = (parent: Node | null): boolean =>
  parent?.type.startsWith('TS') === true && !['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'].includes(parent.type)

/** Uses of the host that a pure package may not make: clock, randomness, environment, IO. */
export function hostUses(file: string, text: string): Finding[] {
  const { program, line } = parse(file, text)
  const found: Finding[] = []
  walk(program, (node, parent, key) => {
    if (node.type === 'MetaProperty') found.push({ line: line(node.start), text: 'import.meta' })
    if (node.type !== 'Identifier' || typeof node.name !== 'string' || isPropertyName(parent, key) || inType(parent)) return
    if (hostNames.has(node.name)) found.push({ line: line(node.start), text: node.name })
    if (node.name !== 'Math' || !parent) return
    const property = isNode(parent.property) ? (parent.property.name ?? parent.property.value) : undefined
    if (parent.type !== 'MemberExpression' || property === 'random') found.push({ line: line(node.start), text: 'Math.random' })
    else if (parent.computed === true && typeof property !== 'string') found.push({ line: line(node.start), text: 'Math[…]' })
  })
  return found
}

/** Notes to self and switched-off checks. */
export function leftovers(file: string, text: string): Finding[] {
  const { comments, line } = parse(file, text)
  const marks = /\b(TODO|FIXME|XXX)\b|biome-ignore|@ts-ignore|@ts-nocheck|eslint-disable/
  return comments.flatMap((comment) => {
    const match = marks.exec(comment.value)
    return match ? [{ line: line(comment.start + match.index), text: match[0] }] : []
  })
}

const modifiers = new Set(['only', 'skip', 'todo', 'fails'])
const runners = new Set(['describe', 'test', 'it', 'suite', 'bench'])

/** Test modifiers that leave a test out: `.only`, `.skip`, `.todo`, also as options. `skipIf` with its sentence is another matter. */
export function testModifiers(file: string, text: string): Finding[] {
  const { program, line } = parse(file, text)
  const found: Finding[] = []
  walk(program, (node) => {
    if (node.type === 'MemberExpression' && isNode(node.property)) {
      const name = node.property.name ?? node.property.value
      if (typeof name === 'string' && modifiers.has(name)) found.push({ line: line(node.start), text: `.${name}` })
    }
    if (node.type !== 'CallExpression' || !Array.isArray(node.arguments)) return
    let callee = node.callee
    while (isNode(callee) && callee.type !== 'Identifier') callee = callee.object ?? callee.callee ?? callee.tag
    if (!isNode(callee) || !runners.has(String(callee.name))) return
    for (const argument of node.arguments.filter(isNode)) {
      if (argument.type !== 'ObjectExpression' || !Array.isArray(argument.properties)) continue
      for (const property of argument.properties.filter(isNode)) {
        const name = isNode(property.key) ? (property.key.name ?? property.key.value) : undefined
        if (typeof name === 'string' && modifiers.has(name)) found.push({ line: line(property.start), text: `{ ${name} }` })
      }
    }
  })
  return found
}

/** The type `any` where a declaration file shows it. */
export function anyTypes(file: string, text: string): Finding[] {
  const { program, line } = parse(file, text)
  const lines = text.split('\n')
  const found: Finding[] = []
  walk(program, (node) => {
    if (node.type === 'TSAnyKeyword') found.push({ line: line(node.start), text: (lines[line(node.start) - 1] ?? '').trim().slice(0, 160) })
  })
  return found
}
