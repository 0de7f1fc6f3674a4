/** A gateway whose database is locked by somebody else, or in a storm of deadlocks, as its customers meet it. */
import { Database } from '@plimsoll/store'
import * as Gate from './Gate.ts'
import { codeOf, outcome } from './Row.ts'

const { gate, told, until, usd } = Gate

/** Asks for a certificate while another transaction holds the participants: the answer over HTTP, and what comes once it let go. */
export function locked(url: string) {
  return gate({ DATABASE_URL: url }, async (at) => {
    await until(
      () => at.issue(1_000),
      ({ status }) => status === 'issued',
    )
    await using other = await Database.open({ url, connections: 1, timeoutSeconds: 60 })
    const [held, ready] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holding = other.transaction(async (queries) => {
      await queries.query('lock table participants in access exclusive mode')
      ready.resolve()
      await held.promise
    })
    await ready.promise
    const { transport } = at.client()
    const from = performance.now()
    const response = await fetch(`${transport.url}/trpc/limits.issue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${transport.session.token}` },
      body: JSON.stringify({ ...at.key, notional: `${usd(1_000)}`, idempotencyKey: 'while-it-is-locked' }),
    })
    const ms = performance.now() - from
    const body = (await response.json()) as { readonly error?: { readonly data?: { readonly plimsoll?: { readonly code?: string } } } }
    held.resolve()
    await holding
    const after = told(
      await until(
        () => at.issue(1_000),
        ({ status }) => status === 'issued',
      ),
    )
    const retryAfter = response.headers.get('retry-after')
    return { status: response.status, code: body.error?.data?.plimsoll?.code ?? 'none', retryAfter, ms, after }
  })
}

/** The same request eight times at once, while others lock participants and their keys in the opposite order. */
export function repeated(url: string) {
  return gate({ DATABASE_URL: url }, async (at) => {
    await until(
      () => at.issue(1_000),
      ({ status }) => status === 'issued',
    )
    await using other = await Database.open({ url, connections: 4, timeoutSeconds: 20 })
    let isOver = false
    const storm = Array.from({ length: 4 }, async (_, index) => {
      const order = index % 2 === 0 ? ['keys', 'participants'] : ['participants', 'keys']
      for (; !isOver; ) {
        const locking = other.transaction(async (queries) => {
          for (const table of order) await queries.query(`select * from ${table} for update`)
        })
        await outcome(locking)
      }
    })
    const ask = () => at.client().issueLimit({ ...at.key, notional: usd(1_500), idempotencyKey: 'the-same-in-a-storm' })
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask().then(textOf, codeOf)))
    isOver = true
    await Promise.all(storm)
    answers.push(await ask().then(textOf, codeOf))
    const certificates = new Set(answers.filter((answer) => answer.startsWith('issued')))
    const codes = [...new Set(answers.filter((answer) => !answer.startsWith('issued')))]
    return { certificates: certificates.size, last: answers.at(-1)?.startsWith('issued') ?? false, codes }
  })
}

function textOf(answer: Awaited<ReturnType<ReturnType<Gate.Gate['client']>['issueLimit']>>): string {
  if (answer.status === 'refused') return answer.code
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)
  return `issued ${JSON.stringify(answer.signed, text)}`
}
