import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, test } from 'vitest'
import * as Mutants from './Mutants.ts'

const shown = (text: string) => Mutants.of('x.ts', text).map(({ original, replacement }) => `${original} → ${replacement}`)
const replaced = (text: string) => Mutants.of('x.ts', text).map((mutant) => Mutants.applied(text, mutant))

describe('of', () => {
  test('worked example: file, kind, place, and both expressions', () => {
    expect(Mutants.of('packages/one/src/One.ts', '// a line\nexport const less = (a: bigint, b: bigint) => a < b\n')).toEqual([
      {
        file: 'packages/one/src/One.ts',
        kind: 'comparison',
        line: 2,
        column: 49,
        original: 'a < b',
        replacement: 'a <= b',
        start: 56,
        end: 61,
        text: '(a) <= (b)',
      },
      expect.objectContaining({ replacement: 'a > b', text: '(a) > (b)' }),
    ])
  })

  test.each([
    ['comparisons', 'x = a <= b', ['a <= b → a < b', 'a <= b → a >= b']],
    ['equality', 'x = a !== b', ['a !== b → a === b']],
    ['sums', 'x = a + b', ['a + b → a - b']],
    ['remainders', 'x = a % b', ['a % b → a * b']],
    ['shifts', 'x = a >> b', ['a >> b → a << b']],
    ['assignments', 'x *= b', ['x *= b → x /= b']],
    ['counters', 'x++', ['x++ → x--']],
    ['counters before', '--x', ['--x → ++x']],
    ['logic', 'x = a && b', ['a && b → a || b']],
    ['a fallback is no logic', 'x = a ?? b', []],
    ['signs', 'x = -a', ['-a → a']],
    ['a negation', 'x = !a', ['!a → a']],
    ['0', 'x = 0n', ['0n → 1n']],
    ['integers', 'x = 1_000', ['1_000 → 1001', '1_000 → 999']],
    ['bigints', 'x = 1_000n', ['1_000n → 1001n', '1_000n → 999n']],
    ['fractions', 'x = 0.5', ['0.5 → 0.505']],
    ['what no float holds beside it', 'x = 1e18', ['1e18 → 1010000000000000000']],
    ['booleans', 'x = true', ['true → false']],
    ['roundings', "f('up', 'zero', 'nearest')", ["'up' → 'down'", "'zero' → 'down'", "'zero' → 'up'", "'nearest' → 'down'"]],
    ['sides', "x = 'long'", ["'long' → 'short'"]],
    ['extremes of a namespace', 'x = Fixed.min(a, b)', ['Fixed.min → Fixed.max']],
    ['extremes handed on', 'x = list.reduce(Fixed.max)', ['Fixed.max → Fixed.min']],
    ['extremes by themselves', 'x = min(a)', ['min → max']],
    ['integers of floats', 'x = Math.floor(a)', ['Math.floor → Math.ceil']],
    ['quantifiers', 'x = list.some(f)', ['list.some → list.every']],
    ['choices', 'x = a ? b : c', ['a → !(a)']],
    ['a choice that a flip negates already', 'x = a === b ? c : d', ['a === b → a !== b']],
    ['a choice that loses its negation', 'x = !a ? c : d', ['!a → a']],
    ['loops', 'while (f(a)) b = c', ['f(a) → !(f(a))']],
    ['guards', 'for (;;) if (a) break', ['if (a) break → nothing', 'a → !(a)']],
    ['guards in a block', 'for (;;) { if (a) { continue } }', ['if (a) { continue } → nothing', 'a → !(a)']],
    ['not what goes on elsewhere', 'for (;;) if (a) break; else b = c', ['a → !(a)']],
  ])('worked example: %s', (_, text, expected) => {
    const all = shown(text)
    expect(all.filter((each) => !each.endsWith('→ undefined'))).toEqual(expected)
  })

  test('worked example: a call for its effect', () => {
    expect(shown('assert(a); b?.f()')).toEqual(['assert(a) → undefined', 'b?.f() → undefined'])
    expect(shown('x = f(a)')).toEqual([])
  })

  test.each([
    ['imports and exports', "import { max } from 'long'; export { min } from 'up'; export * from 'down'"],
    ['types', "type A = { readonly side: 'long' | 'up'; n: 1 }; interface B { side: 'long' }; declare const c: 0"],
    ['types of values', "const a: Record<'up', 1> = b as unknown as 'up'; f<'up'>(a).c"],
    ['documentation', '/** 1 + 1 */ // 1 < 2\nconst a = b'],
    ['other words', "const a = ['toString', 'constructor', 'BRAKE', `up`]"],
    ['names of fields', 'const a = { 1: b, up: c, max: d }'],
    ['what is assigned to', 'a.max = b'],
    ['messages and hints', 'const a = { code: b, message: c > d, hint: say(e - 1) }'],
    ['classes of errors', 'class AError extends BaseError { constructor(n: number) { super({ shown: n > 40 ? 1 : 2 }) } }'],
    ['joined texts', "const a = 'x' + b + `y`"],
    ['what stands in for a missing item', 'const a = list[i] ?? 0n; const b = list.at(i)?.n ?? 1; const c = list[i]?.n ?? true'],
  ])('edge: left alone: %s', (_, text) => {
    expect(shown(text).filter((each) => !each.startsWith('f<'))).toEqual([])
  })

  test('edge: a fallback that can be meant counts', () => {
    expect(shown('const a = options.margin ?? 0n')).toEqual(['0n → 1n'])
    expect(shown('const a = sums.get(key) ?? 0n')).toEqual(['0n → 1n'])
  })

  test('edge: what TypeScript adds to a value does not hide it', () => {
    expect(shown("const a = ('up' as const) satisfies Rounding; const b = c! < d")).toEqual([
      "'up' → 'down'",
      'c! < d → c! <= d',
      'c! < d → c! > d',
    ])
  })

  test('edge: precedence stays as it was', () => {
    expect(replaced('x = a || b && c')).toEqual(['x = (a) && (b && c)', 'x = a || (b) || (c)'])
    expect(replaced('x = a - b * c')).toEqual(['x = (a) + (b * c)', 'x = a - (b) / (c)'])
  })

  test('edge: a chain changes as a whole', () => {
    const text = 'x = a?.b.some(f).c'
    expect(Mutants.of('x.ts', text)).toMatchObject([{ original: 'a?.b.some', replacement: 'a?.b.every', text: 'a?.b.every(f).c' }])
  })

  test('edge: what is long is shown by its operator, or cut', () => {
    const long = 'a'.repeat(70)
    expect(shown(`x = ${long} + b`)).toEqual(['+ → -'])
    expect(shown(`x = -${long}${long}`)).toEqual([`-${'a'.repeat(78)}… → ${'a'.repeat(79)}…`])
  })
})

describe('parses', () => {
  test('worked example', () => {
    const text = 'const a = b < c'
    const [mutant] = Mutants.of('x.ts', text)
    expect(mutant && Mutants.parses(text, mutant)).toBe(true)
    expect(mutant && Mutants.parses(text, { ...mutant, text: '<' })).toBe(false)
  })
})

/** Every construct that a switch could break: no semicolons, chains, nested hosts, loops with and without a block. */
const probe = `
export function probe(list: readonly number[], a: number, b: number | null): unknown {
  const seen: number[] = []
  let sum = 0
  for (const each of list) sum += each * 2
  for (let i = 0; i < list.length; i++) {
    if (i === 3) continue
    seen.push(-i)
  }
  let down = 5
  while (down > a) down--
  do down += 3
  while (down < 7)
  list.some((each) => each > a && each !== b) || seen.push(99)
  if (a >= 4 || (b ?? a + 1) < 2) {
    sum -= 1
  } else sum <<= 1
  const worst = Math.max(...list.map((each) => Math.min(each, a)), 0)
  switch (a > 2 ? 'up' : 'down') {
    case 'up':
      sum++
      break
    default:
      seen.reverse()
  }
  const text = \`\${sum + a}:\${!b}\`
  return { sum, seen, down, worst, text, some: seen?.some((each) => each < -1) satisfies boolean, last: seen.at(-1) }
}
`

/** Runs what a source exports, with the switches that it imports. */
function outcome(source: string, switches: { readonly on: (mutant: number) => boolean; readonly step: () => void }): unknown {
  const code = stripTypeScriptTypes(source)
    .replace(/^import \* as __m from "x";/, '')
    .replace('export function', 'function')
  const run = new Function('__m', `${code}\nreturn probe`)(switches) as (...values: unknown[]) => unknown
  return [run([1, 5, 2, 8, 3], 3, null), run([], 0, 1), run([4], 4, 4)]
}

/** The same, or what it threw; loops of a mutant end after a while. */
function ended(source: string, on: (mutant: number) => boolean): unknown {
  let steps = 0
  const step = () => {
    if (++steps > 10_000) throw new Error('endless')
  }
  try {
    return outcome(source, { on, step })
  } catch (error) {
    return String(error)
  }
}

describe('switched', () => {
  const mutants = Mutants.of('x.ts', probe)
  const source = Mutants.switched(probe, mutants, 'x')

  test('worked example: each mutant behind its number, the inner ones within the last choice', () => {
    const text = 'const a = b + 0n\n'
    const switches = '(__m.on(0) ? ((b) - (0n)) : (b + (__m.on(1) ? (1n) : (0n))))'
    expect(Mutants.switched(text, Mutants.of('x.ts', text), 'x')).toBe(`import * as __m from "x";const a = ${switches}\n`)
  })

  test('worked example: a step in each loop', () => {
    expect(Mutants.switched('for (;;) {}\nwhile (a) b()\n', [], 'x')).toBe(
      'import * as __m from "x";for (;;) {__m.step();}\nwhile (a) { __m.step(); b() }\n',
    )
  })

  test('property: with none on it does what the source does', () => {
    expect(mutants.length).toBeGreaterThan(60)
    expect(ended(source, () => false)).toEqual(ended(Mutants.switched(probe, [], 'x'), () => false))
    expect(ended(source, () => false)).toEqual(outcome(probe, { on: () => false, step: () => {} }))
  })

  test('property: with one on it does what the source with that mutant does', () => {
    for (const [number, mutant] of mutants.entries()) {
      const alone = ended(Mutants.switched(Mutants.applied(probe, mutant), [], 'x'), () => false)
      expect(
        ended(source, (each) => each === number),
        `${mutant.original} → ${mutant.replacement}`,
      ).toEqual(alone)
    }
  })
})
