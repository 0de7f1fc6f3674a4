/** A gateway killed at one step of issuing after another, and held to what it had acknowledged. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { House } from '@plimsoll/localnet'
import { createMarginClient, http, type SignedLimit } from '@plimsoll/sdk'
import * as Kit from './Kit.ts'

/** What the preloaded module kills at: see `packages/store/src/testing/Killer.ts`. */
type Order = {
  readonly work: { readonly path: string } | 'background' | 'requests'
  readonly step: number
  readonly moment: 'before' | 'during' | 'after'
  readonly delay: number
}
/** One kill: where it came, whether the answer had, and what was there afterwards. */
export type Kill = { readonly step: string; readonly outcome: 'acknowledged, there' | 'done, not told' | 'undone, done once afterwards' }

const killer = new URL('../../../packages/store/src/testing/Killer.ts', import.meta.url).href
const moments = ['before', 'during', 'after'] as const
/** Statements of one issue, begin and commit with them, and one more: killed right after the answer. */
const steps = 14

/** The n-th order: mostly the statements of the issue itself, then what goes on beside it, then what is asked of chains. */
export function orderOf(n: number): Order {
  const [round, turn] = [Math.floor(n / 7), n % 7]
  const delay = (n * 173) % 4_000
  const moment = (at: number) => moments[at % 3] ?? 'before'
  if (turn === 5) return { work: 'background', step: 1 + ((round * 5) % 40), moment: moment(round), delay }
  if (turn === 6) return { work: 'requests', step: 1 + ((round * 3) % 25), moment: moment(round), delay }
  // Every statement comes in turn, and comes again at another moment.
  const at = 5 * round + turn
  return { work: { path: 'limits.issue' }, step: 1 + ((at * 5) % steps), moment: moment(at + 2 * Math.floor(at / steps)), delay }
}

export const text = (signed: SignedLimit) => JSON.stringify(signed, (_, it: unknown) => (typeof it === 'bigint' ? `${it}` : it))

/**
 * Kills `kills` gateways of a house, one after another, each in the middle of one issue.
 *
 * @throws a certificate that was acknowledged is not the one the key gives, a key gives two, or more is bound than there is.
 */
export async function run(args: {
  readonly house: House.House
  readonly trader: Kit.Trader
  readonly env: Readonly<Record<string, string>>
  readonly kills: number
}): Promise<{ readonly kills: readonly Kill[]; readonly signed: ReadonlyMap<string, string> }> {
  const { house, trader, env, kills } = args
  const seat = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  const asked = { ...seat, notional: Kit.usd(20_000) }
  const port = await free()
  const signed = new Map<string, string>()
  const found: Kill[] = []
  let last: { readonly key: string; readonly step: string; readonly acknowledged: string | null } | null = null
  for (let n = 0; n <= kills; n++) {
    const [armed, told] = [join(house.home, `armed ${n}`), join(house.home, `told ${n}`)]
    const order = { ...orderOf(n), armed, told }
    const killing = n < kills ? { NODE_OPTIONS: `--import=${killer}`, PLIMSOLL_KILL: JSON.stringify(order) } : {}
    const gateway = await house.openGateway({ name: 'drill', port, env: { ...env, ...killing } })
    const client = createMarginClient({ transport: http(gateway.url) })
    await client.signIn({ account: trader.account })
    const ask = (idempotencyKey: string) =>
      Kit.until(
        () => client.issueLimit({ ...asked, idempotencyKey }),
        ({ status }) => status === 'issued',
      )

    if (last !== null) {
      const { signed: newest } = await client.getCertificate(seat)
      const one = text(Kit.granted(await ask(last.key)))
      if (text(Kit.granted(await ask(last.key))) !== one) throw new Error(`${last.key} gives two certificates`)
      if (last.acknowledged !== null && last.acknowledged !== one) throw new Error(`${last.key} was acknowledged with another certificate`)
      signed.set(last.key, one)
      // One seat is used and no other, and each key has one certificate: the newest sequence says how many there were.
      const done = (newest?.certificate.sequence ?? 0n) >= BigInt(signed.size)
      const outcome = last.acknowledged !== null ? 'acknowledged, there' : done ? 'done, not told' : 'undone, done once afterwards'
      found.push({ step: last.step, outcome })
      // Not only the last one: any that was ever acknowledged.
      const old = [...signed][(n * 7) % signed.size]
      if (old && text(Kit.granted(await ask(old[0]))) !== old[1]) throw new Error(`${old[0]} is another certificate now`)
      const { limit } = await client.getLimit(seat)
      if (limit.credit.free < 0n) throw new Error(`more is bound than the credit of ${limit.credit.total}`)
    }
    if (n === kills) {
      await gateway.stop()
      break
    }
    const key = `killed-${n}`
    await writeFile(told, '')
    await writeFile(armed, '')
    const acknowledged = await client.issueLimit({ ...asked, idempotencyKey: key }).then(
      (answer) => text(Kit.granted(answer)),
      () => null,
    )
    // Where there were fewer steps than that, right after the answer.
    gateway.kill('SIGKILL')
    await gateway.exited
    last = { key, step: readFileSync(told, 'utf8').trim() || 'after the answer', acknowledged }
  }
  return { kills: found, signed }
}

function free(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
