/** `plimsoll market` against the real router over the api's test kit, on a real port. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAppRouter } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

let server: Server
let gateway = ''
let unread = false

beforeAll(async () => {
  const state = World.snapshot().markets.get('ETH-PERP')
  if (!state) throw new Error('the kit has this market')
  const without = { ...state, reading: { status: 'unread', code: 'BOOK_UNREAD', message: 'The book of north could not be read.' } } as const
  const snapshot = () => (unread ? World.snapshot({ markets: new Map([['ETH-PERP', without]]) }) : World.snapshot())
  server = createServer(
    createHTTPHandler({
      router: createAppRouter({ ...World.services(), snapshot }, {}),
      basePath: '/trpc/',
      createContext: () => ({ session: null, token: null, client: 'test', setSession: () => {} }),
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const run = (args: readonly string[]) => Cli.run(['market', ...args, '--gateway', gateway])

describe('plimsoll market', () => {
  test('worked example: the market of the method page, with its age, brake and clusters', async () => {
    const { code, stdout } = await run(['ETH-PERP'])
    expect(code).toBe(0)
    expect(stdout).toContain('ETH-PERP, 0.0 s old')
    expect(stdout).toContain('price $2,000.00, published 5 s ago')
    expect(stdout).toContain('leverage, two-sided: 4.58× of what is posted')
    expect(stdout).toContain('off: the next dollar costs nothing more')
    expect(stdout).toMatch(/10%\s+-18\.56 %\s+10\.00 %\s+1\.95\s+\$10,000,000\.00\s+\$0\.00/)
    expect(stdout).toMatch(/-9\.52 % to -\d+\.\d\d % \(from 3\.2 σ̂\)\s+\$10,000,000\.00/)
  })

  test('worked example: a what-if as one document, money as decimal strings', async () => {
    const { code, stdout } = await run(['ETH-PERP', '--shock', '-10%', '--depth', '50%', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'ok',
      shockPpm: -100_000,
      depthPpm: 500_000,
      liquidated: 2,
      forced: World.usd(15_000_000).toString(),
      source: { bookHash: World.reading.bookHash },
    })
  })

  test('edge: a what-if in words', async () => {
    const { stdout } = await run(['ETH-PERP', '--shock', '-10%'])
    expect(stdout).toContain('-10.00 % at 100 % of today’s depth, other markets still')
    expect(stdout).toContain('1 account, 0 of them insolvent, in 1 round')
  })

  test('error: an unread book is exit 2 with the reason; a shock that is none and an unknown market are exit 1', async () => {
    unread = true
    for (const more of [[], ['--shock', '-10%']]) {
      const { code, stdout } = await run(['ETH-PERP', ...more])
      expect({ code, stdout }).toEqual({ code: 2, stdout: 'BOOK_UNREAD: The book of north could not be read.\n' })
    }
    unread = false
    const nothing = await run(['ETH-PERP', '--shock', '0%'])
    expect(nothing).toMatchObject({ code: 1, stdout: '' })
    expect(nothing.stderr).toContain('SCENARIO_OUT_OF_RANGE')
    expect((await run(['XYZ-PERP'])).stderr).toContain('UNKNOWN_MARKET')
    expect((await run(['ETH-PERP', '--shock', '-10%', '--others', 'both'])).stderr).toContain('OPTION_UNREADABLE')
  }, 120_000)
})
