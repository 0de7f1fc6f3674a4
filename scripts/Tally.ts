/** Counts what ran, and judges every skip: it needs a sentence, and a reason that CONTRIBUTING.md allows. */

/** The part of vitest's JSON report that is read here. */
export type VitestReport = {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

const requirements = ['browser', 'postgres'] as const
export type Requirement = (typeof requirements)[number]

export type Skip = { readonly sentence: string; readonly count: number; readonly verdict: 'allowed' | 'required' | 'unexplained' }

export type Tally = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly skips: readonly Skip[]
  readonly failures: readonly string[]
}

/** What a skipped suite may need, by the words of its title. */
const reasons: Readonly<Record<Requirement | 'nats' | 'shared', RegExp>> = {
  browser: /chromium|browser/i,
  nats: /\bNATS\b/,
  postgres: /postgres|DATABASE_URL/i,
  shared: /PLIMSOLL_SHARED|\.\.\/shared/,
}

export class UnknownRequirementError extends Error {
  override readonly name = 'Tally.UnknownRequirementError'
}

/** @throws {UnknownRequirementError} PLIMSOLL_REQUIRE names something that is no requirement. */
export function parseRequired(text: string): Requirement[] {
  const words = text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))
  return words.map((word) => {
    const known = requirements.find((each) => each === word)
    if (!known) throw new UnknownRequirementError(`PLIMSOLL_REQUIRE names "${word}"; it knows ${requirements.join(' and ')}.`)
    return known
  })
}

export type OfOptions = { readonly report: VitestReport; readonly root: string; readonly required: readonly Requirement[] }

export function of({ report, root, required }: OfOptions): Tally {
  let passed = 0
  let failed = 0
  const failures: string[] = []
  const skips = new Map<string, { count: number; verdict: Skip['verdict'] }>()

  for (const file of report.testResults) {
    const path = file.name.replace(`${root}/`, '')
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed')
    for (const test of failedTests)
      failures.push(`${path} > ${[...test.ancestorTitles, test.title].join(' > ')}\n${indent(test.failureMessages?.[0] ?? '')}`)
    failed += failedTests.length
    // A file that does not load, or whose hook fails, fails without a failed test: what it left out did not skip, it failed.
    if (file.status === 'failed' && failedTests.length === 0) {
      failures.push(`${path}\n${indent(file.message || 'it did not load, or a hook failed: the output above has the error')}`)
      const ran = file.assertionResults.filter((test) => test.status === 'passed').length
      passed += ran
      failed += Math.max(1, file.assertionResults.length - ran)
      continue
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed++
      if (test.status === 'passed' || test.status === 'failed') continue
      const { sentence, verdict } = judge([...test.ancestorTitles, test.title], required)
      const key = `${path}: ${sentence}`
      skips.set(key, { count: (skips.get(key)?.count ?? 0) + 1, verdict })
    }
  }
  if (!report.success && failures.length === 0) {
    failed++
    failures.push('vitest failed outside any test: its output above names the error')
  }

  const listed = [...skips].map(([sentence, { count, verdict }]) => ({ sentence, count, verdict }))
  const sum = (wanted: (skip: Skip) => boolean) => listed.filter(wanted).reduce((total, skip) => total + skip.count, 0)
  const allowed = sum((skip) => skip.verdict === 'allowed')
  return { passed, failed: failed + sum((skip) => skip.verdict !== 'allowed'), skipped: allowed, skips: listed, failures }
}

function judge(titles: readonly string[], required: readonly Requirement[]): Pick<Skip, 'sentence' | 'verdict'> {
  for (const title of titles) {
    const need = /\((needs [^)]+)\)/.exec(title)?.[1]
    if (!need) continue
    const kinds = Object.entries(reasons).filter(([, words]) => words.test(need))
    const sentence = `${title.replace(/\s*\(needs [^)]+\)/, '')}: ${need}.`
    if (kinds.length === 0) return { sentence, verdict: 'unexplained' }
    return { sentence, verdict: kinds.some(([kind]) => required.some((each) => each === kind)) ? 'required' : 'allowed' }
  }
  return { sentence: `${titles.join(' > ')}: its title names no need.`, verdict: 'unexplained' }
}

const indent = (text: string) =>
  text
    .split('\n')
    .filter((line) => !/^\s+at .*node_modules/.test(line))
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join('\n')
