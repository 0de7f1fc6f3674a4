/** `plimsoll limit` as somebody types it. The gateway's edge is held in memory; its router, limits and signatures are the real ones. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAppRouter } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { Wallet } from '@plimsoll/localnet'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

const account = Wallet.of('ada').address.toLowerCase() as `0x${string}`
const env = { PLIMSOLL_KEY: Wallet.privateKeyOf('ada') }
const session = { ...World.session, account }
/** What is open at the venue, and what lies there. */
const held = World.state({ position: { side: 'long', notional: World.usd(20_000) }, venueCollateral: World.usd(500) })

let server: Server
let signed = 0
const run = (...args: readonly string[]) => {
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Cli.run(['limit', '--gateway', at, '--venue', World.venue.id, '--market', 'ETH-PERP', ...args], env)
}

beforeAll(async () => {
  const taken = World.snapshot({ ceilings: new Map([[`${account}|${World.venue.id}|ETH-PERP`, World.usd(1_000_000)]]) })
  const kit = World.services({}, { ...taken, ledger: { ...taken.ledger, state: () => held } })
  const issue: typeof kit.ledger.issue = async (request, decide) => {
    const outcome = await kit.ledger.issue(request, (state) => decide({ ...state, ...held }))
    if (outcome.status === 'issued') signed += 1
    return outcome
  }
  const router = createAppRouter({ ...kit, ledger: { ...kit.ledger, issue } }, {})
  const createContext = () => ({ session, token: null, client: 'test', setSession: () => {} })
  server = createServer(createHTTPHandler({ router, basePath: '/trpc/', createContext }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

describe('plimsoll limit', () => {
  test('worked example: free credit and what lies at the venue are what may stand behind it', async () => {
    const { code, stdout } = await run()
    expect(code).toBe(0)
    for (const line of [
      /free credit +\$10,000\.00/,
      /^ +harbour +\$10,000\.00/m,
      /at the venue, net +\$500\.00/,
      /= may stand behind it +\$10,500\.00/,
    ])
      expect(stdout).toMatch(line)
  })

  test('bug: a certificate below what is open was signed without a word; now it asks for --cut', async () => {
    const told = await run('--issue', '15000')
    expect([told.code, signed]).toEqual([2, 0])
    expect(told.stdout).toContain('BELOW_OPEN: What is open there is 20,000.00 USD, and this would cut it to 15,000.00 USD')
    expect(told.stdout).toContain('Give --cut as well if that is meant, or --keep for what is open.')
    const meant = await run('--issue', '15000', '--cut')
    expect([meant.code, signed]).toEqual([0, 1])
    expect(meant.stdout).toMatch(/^certificate 1 for \$15,000\.00 on \$[\d,]+\.\d\d of credit, until /)
    const kept = await run('--issue', '15000', '--keep')
    expect([kept.code, signed]).toEqual([0, 2])
    expect(kept.stdout).toMatch(/^certificate \d+ for \$20,000\.00 on /)
    expect(kept.stdout).toContain('That is what is open there: $15,000.00 would have cut it.')
    expect(meant.stdout).not.toContain('That is what is open')
    const both = await run('--issue', '15000', '--keep', '--cut')
    expect([both.code, both.stdout, signed]).toEqual([1, '', 2])
    const renewed = await run('--issue', '20000', '--keep')
    expect([renewed.code, renewed.stdout.includes('That is what is open')]).toEqual([0, false])
  })

  test('bug: how to issue was said, nothing was issued, and a limit shown as if all were well', async () => {
    const before = signed
    for (const args of [['--keep'], ['--cut'], ['--idempotency-key', 'the-first-one']]) {
      const { code, stdout, stderr } = await run(...args)
      expect([code, stdout, stderr.split(' ')[0]]).toEqual([1, '', 'ISSUE_MISSING:'])
      expect(stderr).toContain(`${args[0]} says how a certificate is issued, and none is asked for.`)
    }
    expect(signed).toBe(before)
  })
})
