/**
 * The screen beside the fastest that one thread reads memory here: a million accounts of seed 42, with five markets and a currency that all
 * trade, and with forty markets of which each account holds five. Interleaved rounds, the least time of each.
 *
 * What it is not: the time from a price to a liquidation. Building the screen, and the exact engine for who is within the bound, come on top;
 * how many those are is printed.
 */
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import type * as Account from './Account.ts'
import * as Fixed from './Fixed.ts'
import { profile as plimsoll } from './profiles/plimsoll/Plimsoll.ts'
import * as Screen from './Screen.ts'
import { type Contender, interleave, memory } from './testing/interleave.ts'
import * as Valuation from './Valuation.ts'

const accounts = 1_000_000
const rounds = 15

/** Threads that scan blocks of their own, of memory they share. */
const threads = 2

/** Accounts made as they are asked for; five markets each, of `markets`. */
function book(markets: number): Screen.Book {
  const flat = (rate: bigint) => ({ kind: 'flat' as const, rate })
  const margins = Array.from({ length: markets }, (_, m) => ({ initial: flat(50_000n + 1_000n * BigInt(m)), maintenance: flat(30_000n) }))
  const whole = { initial: flat(Fixed.ppm), maintenance: flat(Fixed.ppm) }
  const price = Valuation.mark(100n * Fixed.one)
  function* each(): Generator<Account.Account> {
    let state = 42
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    }
    for (let a = 0; a < accounts; a++) {
      const from = markets === 5 ? 0 : Math.floor(random() * markets)
      const positions = [0, 1, 2, 3, 4].map((i): Account.Position => {
        const m = (from + i * 7) % markets
        const size = BigInt(Math.round((random() - 0.5) * 2e6)) * 10n ** 13n
        const cost = size * price.high
        return {
          market: `M${m}`,
          ...{ size, unit: Fixed.one, price, cost, quote: 0n, margin: margins[m] as Account.Terms, openInterest: 0n, charge: 0n },
        }
      })
      const amount = BigInt(Math.round(100e6 + random() * 1e9))
      const cash = { asset: 'USD', amount, unit: 10n ** 6n, price: Valuation.mark(Fixed.one), owned: whole, owed: whole, total: 0n }
      yield { balances: [cash], positions, fees: 0n, asOf: 0 }
    }
  }
  return { length: accounts, [Symbol.iterator]: each }
}

function contender(markets: number): Contender & { readonly found: Screen.Scan } {
  const screen = Screen.of(book(markets), plimsoll)
  const prices = new Map([...Array(markets).keys()].map((m) => [`M${m}`, Valuation.mark(99n * Fixed.one)] as const))
  const all = new Map([...prices, ['USD', Valuation.mark(Fixed.one)] as const])
  const dense = screen.sizes.dense.length * 8 * accounts
  const bytes = screen.cash.byteLength + dense + screen.sizes.sparse.size.byteLength + screen.sizes.sparse.account.byteLength
  const found = Screen.scan(screen, { prices: all })
  const run = () => Screen.scan(screen, { prices: all }).breached.length
  return { name: `screen, ${markets} markets (${screen.sizes.dense.length} dense columns)`, work: bytes, run, found }
}

test('the screen beside memory', () => {
  const contenders = [memory(), contender(5), contender(40)] as const
  const lines = interleave(contenders, { rounds, now: () => performance.now() })
  for (const line of lines)
    console.log(
      `${line.name.padEnd(44)} ${line.milliseconds.toFixed(2).padStart(8)} ms ${(line.rate / 1e9).toFixed(2).padStart(7)} GB/s ${line.ratio.toFixed(2).padStart(6)} of memory` +
        (line === lines[0] ? '' : ` ${(accounts / line.milliseconds / 1e3).toFixed(0).padStart(5)} M accounts/s`),
    )
  for (const { name, found } of contenders.slice(1) as ReturnType<typeof contender>[]) {
    console.log(`${name}: ${found.breached.length} breached, ${found.unsure.length} unsure`)
    expect(found.breached.length).toBeGreaterThan(0)
  }
})

test('the screen on threads', async () => {
  const screen = Screen.share(Screen.of(book(5), plimsoll))
  const prices = new Map([...Array(5).keys()].map((m) => [`M${m}`, Valuation.mark(99n * Fixed.one)] as const))
  const all = new Map([...prices, ['USD', Valuation.mark(Fixed.one)] as const])
  const whole = Screen.scan(screen, { prices: all })
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./testing/scanner.ts', import.meta.url), { workerData: screen }),
  )
  const ask = (worker: Worker, from: number, to: number) =>
    new Promise<Screen.Scan>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.postMessage({ prices: all, from, to })
    })
  const best = new Map<number, number>()
  const blocks = screen.blocks.length
  for (let round = 0; round < rounds; round++)
    for (let count = 1; count <= threads; count++) {
      const started = performance.now()
      const parts = await Promise.all(
        workers.slice(0, count).map((worker, i) => ask(worker, Math.floor((i * blocks) / count), Math.floor(((i + 1) * blocks) / count))),
      )
      best.set(count, Math.min(best.get(count) ?? Number.POSITIVE_INFINITY, performance.now() - started))
      expect(parts.flatMap(({ breached }) => breached)).toEqual(whole.breached)
    }
  await Promise.all(workers.map((worker) => worker.terminate()))
  const alone = best.get(1) ?? 0
  for (const [count, time] of best)
    console.log(`${count} threads ${time.toFixed(2).padStart(8)} ms, ${(alone / time).toFixed(2)} of one, messages included`)
})
