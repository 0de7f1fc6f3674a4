/**
 * The small faults that a test should notice: each mutant of a source changes one expression.
 *
 * `switched` puts all of them into one text, each behind its number, so that a process loads a module once and tries them one by one.
 * Left alone: types, imports, the classes of errors, and the words a person reads.
 */
import { parse } from './Source.ts'

export type Kind =
  | 'comparison'
  | 'arithmetic'
  | 'constant'
  | 'logic'
  | 'condition'
  | 'guard'
  | 'word'
  | 'extreme'
  | 'sign'
  | 'quantifier'
  | 'call'

/** The expression at `start` to `end` becomes `text`. `line` and `column` are those of what changed in it, from 1. */
export type Mutant = {
  readonly file: string
  readonly kind: Kind
  readonly line: number
  readonly column: number
  readonly original: string
  readonly replacement: string
  readonly start: number
  readonly end: number
  readonly text: string
}

type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown }

/** An expression that can become another, `at` the place that changes; `shown` when the whole would say too little. */
type Change = { readonly kind: Kind; readonly host: Node; readonly at: number; readonly texts: readonly string[]; readonly shown?: Shown }
type Shown = { readonly original: string; readonly replacements: readonly string[] }

const operators = new Map<string, readonly string[]>(
  Object.entries({
    '<': ['<=', '>'],
    '<=': ['<', '>='],
    '>': ['>=', '<'],
    '>=': ['>', '<='],
    '===': ['!=='],
    '!==': ['==='],
    '+': ['-'],
    '-': ['+'],
    '*': ['/'],
    '/': ['*'],
    '%': ['*'],
    '**': ['*'],
    '<<': ['>>'],
    '>>': ['<<'],
    '>>>': ['>>'],
    '&': ['|'],
    '|': ['&'],
    '^': ['&'],
    '&&': ['||'],
    '||': ['&&'],
    '+=': ['-='],
    '-=': ['+='],
    '*=': ['/='],
    '/=': ['*='],
    '%=': ['*='],
    '<<=': ['>>='],
    '>>=': ['<<='],
    '&=': ['|='],
    '|=': ['&='],
    '++': ['--'],
    '--': ['++'],
  }),
)

const comparisons = new Set(['<', '<=', '>', '>=', '===', '!=='])

/** Words that steer a calculation. */
const words = new Map<string, readonly string[]>(
  Object.entries({
    up: ['down'],
    down: ['up'],
    zero: ['down', 'up'],
    nearest: ['down'],
    long: ['short'],
    short: ['long'],
    call: ['put'],
    put: ['call'],
  }),
)

const names = new Map<string, { readonly kind: Kind; readonly other: string }>(
  Object.entries({
    min: { kind: 'extreme', other: 'max' },
    max: { kind: 'extreme', other: 'min' },
    floor: { kind: 'extreme', other: 'ceil' },
    ceil: { kind: 'extreme', other: 'floor' },
    some: { kind: 'quantifier', other: 'every' },
    every: { kind: 'quantifier', other: 'some' },
  }),
)

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** TypeScript that leaves an expression behind. */
const transparent = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'])
const jumps = new Set(['ThrowStatement', 'ReturnStatement', 'BreakStatement', 'ContinueStatement'])
const loops = new Set(['ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement', 'DoWhileStatement'])

/** Every mutant of a source, in the order of the text. */
export function of(file: string, text: string): Mutant[] {
  const { program, line } = parse(file, text)
  const found: Mutant[] = []
  visit(program as Node, [], (node, parents) => {
    for (const { kind, host, at, texts, shown } of changes(text, node, parents))
      for (const [i, changed] of texts.entries()) {
        const column = at - text.lastIndexOf('\n', at - 1)
        const original = brief(shown?.original ?? text.slice(host.start, host.end))
        const replacement = brief(shown?.replacements[i] ?? changed)
        found.push({ file, kind, line: line(at), column, original, replacement, start: host.start, end: host.end, text: changed })
      }
  })
  return found.sort((a, b) => a.line - b.line || a.column - b.column)
}

/** The source with one mutant in it. */
export function applied(text: string, { start, end, text: changed }: Mutant): string {
  return text.slice(0, start) + changed + text.slice(end)
}

/** Whether the source with the mutant in it can be read at all. */
export function parses(text: string, mutant: Mutant): boolean {
  try {
    parse(mutant.file, applied(text, mutant))
    return true
  } catch {
    return false
  }
}

/**
 * The source with all of its mutants, each behind `on(number)` of the module `switchboard`, and a `step()` in every loop.
 *
 * @param mutants - of this very text. Their numbers are their places in the list.
 */
export function switched(text: string, mutants: readonly Mutant[], switchboard: string): string {
  const { program } = parse('switched.ts', text)
  const opened: Insertion[] = []
  const closed: Insertion[] = []
  const wrap = (start: number, end: number, [before, after]: readonly [string, string]) => {
    opened.push({ at: start, reach: end, text: before })
    closed.push({ at: end, reach: start, text: after })
  }
  const hosts = new Map<string, { readonly start: number; readonly end: number; choices: string }>()
  for (const [number, { start, end, text: changed }] of mutants.entries()) {
    const host = hosts.get(`${start} ${end}`) ?? { start, end, choices: '' }
    host.choices += `__m.on(${number}) ? (${changed}) : `
    hosts.set(`${start} ${end}`, host)
  }
  visit(program as Node, [], (node, parents) => {
    const body = loops.has(node.type) && isNode(node.body) ? node.body : null
    if (body?.type === 'BlockStatement') opened.push({ at: body.start + 1, reach: body.end, text: '__m.step();' })
    else if (body) wrap(body.start, body.end, ['{ __m.step(); ', ' }'])
    // Without semicolons, a statement that now begins with a bracket would go on with the line before.
    const inList = ['BlockStatement', 'Program', 'SwitchCase'].includes(parents.at(-1)?.type ?? '')
    if (node.type === 'ExpressionStatement' && inList) opened.push({ at: node.start, reach: Infinity, text: ';' })
  })
  for (const { start, end, choices } of hosts.values()) wrap(start, end, [`(${choices}(`, '))'])

  // At one place what closes comes first, the inner before the outer, then what opens, the outer before the inner.
  const insertions = [...closed.toReversed().sort((a, b) => a.at - b.at || b.reach - a.reach), ...opened.sort((a, b) => b.reach - a.reach)]
  let out = `import * as __m from ${JSON.stringify(switchboard)};`
  let from = 0
  for (const insertion of insertions.sort((a, b) => a.at - b.at)) {
    out += text.slice(from, insertion.at) + insertion.text
    from = insertion.at
  }
  return out + text.slice(from)
}

/** `reach` is the other end of what is wrapped. */
type Insertion = { readonly at: number; readonly reach: number; readonly text: string }

/** Depth first over what is left of a source at run time, with the nodes above. */
function visit(node: Node, parents: readonly Node[], seen: (node: Node, parents: readonly Node[]) => void): void {
  if (node.type.startsWith('TS') && !transparent.has(node.type)) return
  if (node.type === 'ImportDeclaration' || node.type.startsWith('Export')) {
    if (isNode(node.declaration)) visit(node.declaration, [...parents, node], seen)
    return
  }
  seen(node, parents)
  const below = [...parents, node]
  for (const [key, value] of Object.entries(node)) {
    if (isText(node, key)) continue
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) visit(each, below, seen)
  }
}

/** Names and what a person reads: the key of a field, a message, a hint, everything an error class says. */
function isText(node: Node, key: string): boolean {
  if (key === 'key') return node.computed !== true
  if (node.type === 'Property' && key === 'value') return isNode(node.key) && ['message', 'hint'].includes(String(node.key.name))
  return isErrorClass(node) && key === 'body'
}

function isErrorClass({ type, superClass }: Node): boolean {
  return type.startsWith('Class') && isNode(superClass) && /Error$/.test(String(superClass.name))
}

function changes(text: string, node: Node, parents: readonly Node[]): readonly Change[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return operated(text, node)
    case 'UpdateExpression':
      return [swapped(text, node, node.prefix === true ? node.start : node.end - 2)]
    case 'UnaryExpression':
      return signed(text, node)
    case 'Literal':
      return isSpare(node, parents) ? [] : literal(text, node)
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
      return conditional(text, node)
    case 'MemberExpression':
    case 'Identifier':
      return named(text, node, parents)
    case 'ExpressionStatement':
      return called(node)
    default:
      return []
  }
}

function operated(text: string, node: Node): readonly Change[] {
  const { left, right } = node
  const operator = String(node.operator)
  const others = operators.get(operator)
  if (!isNode(left) || !isNode(right) || !others) return []
  if (operator.startsWith('+') && (isString(left) || isString(right))) return []
  const at = text.indexOf(operator, left.end)
  const bare = (each: Node) => text.slice(each.start, each.end)
  const part = (each: Node) => (node.type === 'AssignmentExpression' ? bare(each) : `(${bare(each)})`)
  const kind = comparisons.has(operator) ? 'comparison' : /[&|]{2}/.test(operator) ? 'logic' : 'arithmetic'
  const whole = bare(node).length <= 60
  const shown = whole
    ? { original: bare(node), replacements: others.map((other) => `${bare(left)} ${other} ${bare(right)}`) }
    : { original: operator, replacements: others }
  return [{ kind, host: node, at, texts: others.map((other) => `${part(left)} ${other} ${part(right)}`), shown }]
}

function swapped(text: string, node: Node, at: number): Change {
  const source = text.slice(node.start, node.end)
  const operator = String(node.operator)
  return { kind: 'arithmetic', host: node, at, texts: (operators.get(operator) ?? []).map((other) => source.replace(operator, other)) }
}

function signed(text: string, node: Node): readonly Change[] {
  if (!isNode(node.argument) || !['-', '!'].includes(String(node.operator))) return []
  return [
    {
      kind: node.operator === '-' ? 'sign' : 'condition',
      host: node,
      at: node.start,
      texts: [text.slice(node.argument.start, node.argument.end)],
    },
  ]
}

function literal(text: string, node: Node): readonly Change[] {
  const raw = text.slice(node.start, node.end)
  const to = (kind: Kind, texts: readonly string[]): readonly Change[] => [{ kind, host: node, at: node.start, texts }]
  if (typeof node.value === 'boolean') return to('constant', [String(!node.value)])
  if (typeof node.value === 'string')
    return to(
      'word',
      (words.get(node.value) ?? []).map((word) => `'${word}'`),
    )
  if (typeof node.value === 'number' && !Number.isSafeInteger(node.value)) return to('constant', [String(node.value * 1.01)])
  const digits = raw.replaceAll('_', '')
  if (typeof node.bigint === 'string')
    return to(
      'constant',
      beside(BigInt(digits.slice(0, -1))).map((value) => `${value}n`),
    )
  return Number.isSafeInteger(node.value) ? to('constant', beside(BigInt(Number(digits))).map(String)) : []
}

/** The neighbours of an integer; below 0 the sign would be a mutant of its own. */
const beside = (value: bigint): readonly bigint[] => (value === 0n ? [1n] : [value + 1n, value - 1n])

function conditional(text: string, node: Node): readonly Change[] {
  const { test, consequent } = node
  if (!isNode(test)) return []
  const source = text.slice(test.start, test.end)
  const found: Change[] = []
  const flipped = test.type === 'BinaryExpression' && ['===', '!=='].includes(String(test.operator))
  const negated = test.type === 'UnaryExpression' && test.operator === '!'
  if (!flipped && !negated) found.push({ kind: 'condition', host: test, at: test.start, texts: [`!(${source})`] })
  if (node.type === 'IfStatement' && isNode(consequent) && !isNode(node.alternate) && isJump(consequent))
    found.push({
      kind: 'guard',
      host: test,
      at: node.start,
      texts: ['false'],
      shown: { original: text.slice(node.start, node.end), replacements: ['nothing'] },
    })
  return found
}

const isJump = (node: Node): boolean =>
  jumps.has(node.type) || (node.type === 'BlockStatement' && Array.isArray(node.body) && node.body.length === 1 && isJump(node.body[0]))

/** `min` for `max` and the like: a function of its own, of a namespace, or a method; called, or handed on. */
function named(text: string, node: Node, parents: readonly Node[]): readonly Change[] {
  const parent = parents.at(-1)
  if (!parent || node.computed === true) return []
  const name = node.type === 'MemberExpression' ? node.property : node
  if (!isNode(name) || (node.type === 'Identifier' && !(parent.type === 'CallExpression' && parent.callee === node))) return []
  const swap = names.get(String(name.name))
  if (!swap || (parent.type === 'AssignmentExpression' && parent.left === node)) return []
  const called = parent.type === 'CallExpression' && parent.callee === node
  // A method needs its object, and a chain its end: then the whole call is what changes.
  const host = chainOf(parents, node) ?? (called ? parent : node)
  const texts = [text.slice(host.start, name.start) + swap.other + text.slice(name.end, host.end)]
  const shown = { original: text.slice(node.start, node.end), replacements: [text.slice(node.start, name.start) + swap.other] }
  return [{ kind: swap.kind, host, at: name.start, texts, shown }]
}

/** The optional chain of which a node is a link. */
function chainOf(parents: readonly Node[], node: Node): Node | null {
  let below = node
  for (const parent of parents.toReversed()) {
    if (parent.type === 'ChainExpression') return parent
    if (parent.object !== below && parent.callee !== below) return null
    below = parent
  }
  return null
}

/** A call that stands alone is made for its effect. */
function called({ expression }: Node): readonly Change[] {
  const call = isNode(expression) && expression.type === 'ChainExpression' ? expression.expression : expression
  if (!isNode(call) || call.type !== 'CallExpression' || (isNode(call.callee) && call.callee.type === 'Super')) return []
  return [{ kind: 'call', host: expression as Node, at: call.start, texts: ['undefined'] }]
}

const isString = (node: unknown): boolean =>
  isNode(node) &&
  (node.type === 'TemplateLiteral' ||
    typeof node.value === 'string' ||
    (node.operator === '+' && (isString(node.left) || isString(node.right))))

/** What stands in for an item that a list always has, because its type says that it might not: `list[i] ?? 0n`. */
function isSpare(node: Node, parents: readonly Node[]): boolean {
  const parent = parents.at(-1)
  if (parent?.operator !== '??' || parent.right !== node) return false
  for (let left = parent.left; isNode(left); left = left.expression ?? left.object ?? left.callee) {
    if (left.type === 'MemberExpression' && (left.computed === true || (isNode(left.property) && left.property.name === 'at'))) return true
  }
  return false
}

const brief = (text: string): string => {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
