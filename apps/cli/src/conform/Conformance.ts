/** Conformance: outside cases, run through the engine's profile for their anchor and compared field by field. */

/** A JSON value as it was parsed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Fields = { readonly [key: string]: Json }

/** One case. What stands beside `in` and `out` (a parameter set's number, say) is in `beside`. */
export type Case = { readonly name: string; readonly in: Fields; readonly out: Fields; readonly beside: Fields }

/** When an answer counts as equal to what a file wants. */
export type Exactness =
  /** Integers, decimals, booleans and texts: the same value, `12` and `"12"` being one. */
  | { readonly kind: 'exact' }
  /** Numbers: `|want − got| ≤ tolerance · max(1, |want|)`. */
  | { readonly kind: 'relative'; readonly tolerance: number }
  /** As 'relative', with the `tol` that stands beside the case. */
  | { readonly kind: 'stated' }

/** How the cases of one group are answered. */
export type Group = {
  readonly exactness: Exactness
  /** Every field that an `out` of this group may name. `file` is the whole document, for what its cases share. */
  readonly answer: (given: Case, file: Fields) => Answer | readonly Answer[]
}

/** Several where a case does not say which of the group's figures it wants: it passes when one of them is right in every field. */
export type Answer = Readonly<Record<string, unknown>>

/** The groups of one anchor by id; those of a file without groups stand under the empty id, those of fixtures under their kind. */
export type Anchor = { readonly anchor: string; readonly groups: Readonly<Record<string, Group>> }

export type Difference = { readonly case: string; readonly field: string; readonly want: Json; readonly got: Json }
export type GroupReport = {
  readonly id: string
  readonly passed: number
  readonly failed: number
  readonly differences: readonly Difference[]
}
export type Report = {
  readonly files: readonly { readonly anchor: string; readonly groups: readonly GroupReport[] }[]
  readonly passed: number
  readonly failed: number
}

/** Cases of one group, and how to answer them: what cannot be answered says why. */
type Run = { readonly id: string; readonly cases: readonly Case[]; readonly group: Group | string }

/**
 * Runs documents through the anchors that know them.
 *
 * What nobody knows (an anchor, a group, a field) is a failure with a sentence, never a skip.
 *
 * @param documents - each the parsed JSON of one file.
 */
export function run(documents: readonly Fields[], anchors: readonly Anchor[]): Report {
  const files = documents.map((file) => {
    const anchor = typeof file['anchor'] === 'string' ? file['anchor'] : ''
    const known = anchors.find((each) => each.anchor === anchor)
    return { anchor, groups: runsOf(file, anchor, known).map((each) => judge(each, file)) }
  })
  const groups = files.flatMap((file) => file.groups)
  const sum = (of: (group: GroupReport) => number) => groups.reduce((total, group) => total + of(group), 0)
  return { files, passed: sum((group) => group.passed), failed: sum((group) => group.failed) }
}

function runsOf(file: Fields, anchor: string, known: Anchor | undefined): readonly Run[] {
  const find = (id: string): Group | string => {
    if (!known) return `No profile answers for the anchor '${anchor}'.`
    return (Object.hasOwn(known.groups, id) && known.groups[id]) || `The profile of '${anchor}' has no group '${id}'.`
  }
  if (Array.isArray(file['groups']) && file['groups'].length > 0)
    return file['groups'].map((each: Json) => {
      const group = fields(each)
      const id = String(group['id'] ?? '')
      return { id, cases: casesOf(group['cases']), group: find(id) }
    })
  if (Array.isArray(file['fixtures']) && file['fixtures'].length > 0)
    return kindsOf(file['fixtures']).map((each) => ({ ...each, group: find(each.id) }))
  if (Array.isArray(file['cases'])) return [{ id: anchor, cases: casesOf(file['cases']), group: find('') }]
  return [{ id: anchor, cases: [], group: 'The file has no groups, cases or fixtures.' }]
}

/** Fixtures as cases, by kind in order of appearance. */
function kindsOf(fixtures: readonly Json[]): readonly Omit<Run, 'group'>[] {
  const kinds = new Map<string, Case[]>()
  for (const each of fixtures) {
    const { id, kind, input, expected, ...beside } = fields(each)
    const cases = kinds.get(String(kind)) ?? []
    cases.push({ name: String(id), in: fields(input), out: fields(expected), beside })
    kinds.set(String(kind), cases)
  }
  return [...kinds].map(([id, cases]) => ({ id, cases }))
}

function casesOf(json: Json | undefined): readonly Case[] {
  return (Array.isArray(json) ? json : []).map((each: Json, index) => {
    const { name, in: given, out, ...beside } = fields(each)
    return { name: typeof name === 'string' ? name : `#${index}`, in: fields(given), out: fields(out), beside }
  })
}

function fields(json: Json | undefined): Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Fields) : {}
}

function judge({ id, cases, group }: Run, file: Fields): GroupReport {
  if (cases.length === 0 && typeof group !== 'string')
    return { id, passed: 0, failed: 1, differences: [failure('', 'The group has no cases.')] }
  if (typeof group === 'string')
    return {
      id,
      passed: 0,
      failed: Math.max(1, cases.length),
      differences: (cases.length > 0 ? cases.map((each) => each.name) : ['']).map((name) => failure(name, group)),
    }
  const all = cases.map((each) => differencesOf(each, group, file))
  const failed = all.filter((differences) => differences.length > 0).length
  return { id, passed: all.length - failed, failed, differences: all.flat() }
}

function failure(name: string, sentence: string): Difference {
  return { case: name, field: '', want: null, got: sentence }
}

function differencesOf(given: Case, group: Group, file: Fields): readonly Difference[] {
  const wanted = Object.entries(given.out)
  if (wanted.length === 0) return [failure(given.name, 'The case wants nothing.')]
  const exactness = exactnessOf(given, group)
  if (typeof exactness === 'string') return [failure(given.name, exactness)]
  try {
    const answers = [group.answer(given, file)].flat() as readonly Answer[]
    const differences = answers.map((answer) =>
      wanted.flatMap(([field, want]) =>
        Object.hasOwn(answer, field)
          ? compare(want, shown(answer[field]), exactness, field).map((each) => ({ case: given.name, ...each }))
          : [{ case: given.name, field, want, got: `The profile does not answer '${field}'.` }],
      ),
    )
    return differences.find((each) => each.length === 0) ?? differences[0] ?? [failure(given.name, 'The profile has no answer.')]
  } catch (error) {
    return [failure(given.name, error instanceof Error ? error.message : String(error))]
  }
}

/** How exact this case must be; a sentence where it does not say. */
function exactnessOf({ beside }: Case, { exactness }: Group): Bound | string {
  if (exactness.kind !== 'stated') return exactness
  const tolerance = beside['tol']
  return typeof tolerance === 'number' && tolerance >= 0 ? { kind: 'relative', tolerance } : 'The case states no tolerance.'
}

type Bound = Exclude<Exactness, { readonly kind: 'stated' }>

/** The places where two values differ. Of an object only the fields that are wanted count. */
export function compare(want: Json, got: Json, exactness: Bound, field: string): readonly Omit<Difference, 'case'>[] {
  const differs = [{ field, want, got }]
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return differs
    return want.flatMap((each: Json, index) => compare(each, (got as readonly Json[])[index] ?? null, exactness, `${field}.${index}`))
  }
  if (typeof want === 'object' && want !== null) {
    if (typeof got !== 'object' || got === null || Array.isArray(got)) return differs
    const has = got as Fields
    if (Object.keys(want).length === 0) return Object.keys(has).length === 0 ? [] : differs
    return Object.entries(want).flatMap(([key, value]) => compare(value, has[key] ?? null, exactness, `${field}.${key}`))
  }
  if (typeof want === 'boolean' || want === null) return want === got ? [] : differs
  if (typeof got !== 'number' && typeof got !== 'string') return differs
  const [w, g] = [Number(want), Number(got)]
  // A name, a blank and what has no end are themselves, however near another.
  const isFigure = Number.isFinite(w) && String(want).trim() !== ''
  if (exactness.kind === 'exact' || !isFigure) return decimal(want) === decimal(got) ? [] : differs
  return Math.abs(w - g) <= exactness.tolerance * Math.max(1, Math.abs(w)) ? [] : differs
}

/** What an engine answers, as JSON: integers beyond 2^53 and exact figures are texts. */
function shown(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)]))
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return null
  return value as Json
}

/** A number without exponent, sign of zero or trailing zeros, so that `1.50`, `"1.5"` and `15e-1` are one; other texts as they are. */
export function decimal(value: number | string): string {
  const parts = /^([-+]?)(\d+)(?:\.(\d+))?(?:e([-+]?\d{1,4}))?$/i.exec(String(value))
  if (!parts) return String(value)
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = point <= 0 ? 1 : point
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const right = padded.slice(at).replace(/0+$/, '')
  const text = right === '' ? left : `${left}.${right}`
  return sign === '-' && text !== '0' ? `-${text}` : text
}
