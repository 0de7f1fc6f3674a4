/** What time it is where something is taken: what is dated by a clock that is off is refused there, or says less than is meant. */

import { MarginError } from './MarginError.ts'

/** How long one is waited for. */
const timeoutMs = 3_000

/** Seconds that most of several may differ from here: no clock that runs is off by more. */
const mostOfSeveral = 86_400

/** Seconds that one may who alone says it: who wants less ended than is meant could date it before what was signed since. */
const mostOfOne = 300

/**
 * The time by the clocks of those who are asked: what most of them have passed, or this machine's own where none says.
 *
 * Each says it in the `Date` of any answer, which HTTP asks of whoever has a clock. Of an even number the later one of the middle two: who is told
 * a time to come says so, and who is told one gone by says nothing.
 *
 * @param urls - each is posted `{}`, which nobody keeps an answer to.
 * @returns unix seconds.
 * @throws {MarginError} it is further from this machine's own than it may be: one of the two is wrong, and nothing should be dated by either.
 */
export async function at(urls: readonly string[]): Promise<number> {
  const told = (await Promise.all(urls.map(timeAt))).filter((time) => time !== null).sort((a, b) => a - b)
  const own = Math.floor(Date.now() / 1000)
  const time = told[Math.floor(told.length / 2)] ?? own
  if (Math.abs(time - own) <= (told.length > 1 ? mostOfSeveral : mostOfOne)) return time
  const [here, there] = [own, time].map((at) => new Date(at * 1000).toISOString())
  throw new MarginError({
    code: 'CLOCKS_APART',
    shortMessage: `It is ${here} here, and ${there} where it was to be taken: nothing was signed.`,
    hint: 'Set the clock of this machine, and ask again; if it is right, do not sign for whoever says otherwise.',
  })
}

async function timeAt(url: string): Promise<number | null> {
  try {
    const { headers, body } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await body?.cancel()
    const time = Date.parse(headers.get('date') ?? '') / 1000
    return Number.isSafeInteger(time) && time >= 0 ? time : null
  } catch {
    return null
  }
}
