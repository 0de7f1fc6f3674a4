/** What people see of views and chains, from a gateway that runs, while its sources are well and while one lies. */

import { fileURLToPath } from 'node:url'
import { cometMarketAbi, cTokenMarketAbi, testTokenAbi } from '@plimsoll/contracts'
import { Deployment, House, Service, Wallet } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Market from '../src/demo/Market.ts'
import * as Cli from './Cli.ts'

let house: House.House

beforeAll(async () => {
  const market = Market.generate({ seed: 11, now: Math.floor(Date.now() / 1000) })
  house = await House.start({ home: null, market, intervalSeconds: Market.intervalSeconds, world: { lending: true } })
  const { harbour } = house.world.chains
  await Deployment.lock({
    chain: harbour,
    manifest: house.world.manifest,
    account: Wallet.of('ada'),
    asset: 'USDC',
    amount: 1_000_000_000n,
  })
  await borrow()
  await house.world.finalise()
}, 180_000)
afterAll(() => house?.stop())

const { run } = Cli
const dollars = (amount: number) => BigInt(amount) * 10n ** 6n
const ether = 10n ** 18n

/** Ada borrows 700 against an ether, lends 250 of it for shares, and keeps the rest. */
async function borrow(): Promise<void> {
  const { chains, lending } = house.world
  if (!lending) throw new Error('there are markets')
  const { comet, cToken, base, collateral } = lending
  const ada = Wallet.of('ada')
  const token = { abi: testTokenAbi }
  const calls = [
    { ...token, address: collateral, functionName: 'mint', args: [ada.address, ether] },
    { ...token, address: collateral, functionName: 'approve', args: [comet, ether] },
    { ...token, address: base, functionName: 'approve', args: [cToken, dollars(250)] },
    { address: comet, abi: cometMarketAbi, functionName: 'supply', args: [collateral, ether] },
    { address: comet, abi: cometMarketAbi, functionName: 'withdraw', args: [base, dollars(700)] },
    { address: cToken, abi: cTokenMarketAbi, functionName: 'mint', args: [dollars(250)] },
  ]
  for (const call of calls) await Deployment.write(chains.harbour, ada, call)
}

/** Asks until it holds. */
async function until(
  args: readonly string[],
  holds: (answer: Awaited<ReturnType<typeof run>>) => boolean,
  env?: Readonly<Record<string, string>>,
) {
  for (const end = Date.now() + 120_000; ; ) {
    const answer = await run(args, env)
    if (holds(answer)) return answer
    if (Date.now() > end) throw new Error(`It did not come to pass: ${JSON.stringify(answer)}`)
  }
}

describe('plimsoll chain status', () => {
  test('worked example: every chain with the block it was read at and who agrees; then one source lies', async () => {
    const command = ['chain', 'status', '--gateway', house.gateway.url]
    const well = await until(command, ({ code }) => code === 0)
    for (const name of ['harbour', 'lagoon', 'strait']) expect(well.stdout).toMatch(new RegExp(`${name} \\(\\d+\\): ok, block \\d+`))
    expect(well.stdout).toContain('harbour-alpha')

    const [source] = house.world.sources.harbour
    source.become({ kind: 'html' })
    const ill = await until(command, ({ code }) => code === 2)
    expect(ill.stdout).toContain('harbour (31337001): missing RPC_QUORUM_LOST')
    source.become({ kind: 'none' })
    await until(command, ({ code }) => code === 0)
  }, 400_000)

  test('worked example: a signer says it too, and what it lacks', async () => {
    const signer = await Service.start({
      ...{ name: 'signer', entry: fileURLToPath(new URL('../../../services/signer/src/main.ts', import.meta.url)) },
      log: `${house.home}/logs/signer.log`,
      env: { PORT: '0', PLIMSOLL_CONFIG: `${house.home}/deployment.json`, SIGNER_KEY: Wallet.privateKeyOf('signer one') },
    })
    try {
      const { stdout } = await until(['chain', 'status', '--signer', signer.url], ({ code }) => code === 0)
      expect(stdout).toMatch(/harbour \(\d+\): ok, block \d+/)
      expect(stdout).toContain('memory: MEMORY_NONE: ')
      const { faults } = JSON.parse((await run(['chain', 'status', '--signer', signer.url, '--json'])).stdout)
      expect(faults).toHaveLength(1)
      expect((await run(['chain', 'status', '--signer', house.gateway.url])).stderr).toContain('SIGNER_UNREACHABLE')
      const both = await run(['chain', 'status', '--signer', signer.url, '--gateway', house.gateway.url])
      expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('cannot be used with')])
    } finally {
      await signer.stop()
    }
  }, 400_000)

  test('error: nobody is named', async () => {
    expect((await run(['chain', 'status'])).stderr).toContain('OPTION_MISSING')
  })

  test('error: no gateway there', async () => {
    const { code, stderr } = await run(['chain', 'status', '--gateway', 'http://127.0.0.1:1'])
    expect(code).toBe(1)
    expect(stderr).toContain('GATEWAY_UNREACHABLE')
    expect((await run(['chain', 'status', '--gateway', 'gateway.example'])).stderr).toContain('Write it with its scheme')
  })
})

describe('plimsoll view', () => {
  test('error: no gateway there: the code, and what to do once', async () => {
    const { code, stderr } = await run(['view', '--gateway', 'http://127.0.0.1:1'], { PLIMSOLL_KEY: Wallet.privateKeyOf('ada') })
    expect(code).toBe(1)
    expect(stderr).toContain('GATEWAY_UNREACHABLE')
    expect(stderr.match(/Check that it runs/g)).toHaveLength(1)
  })

  test('worked example: what is locked, and what it counts for; what lies elsewhere, and what is owed there', async () => {
    const env = { PLIMSOLL_KEY: Wallet.privateKeyOf('ada') }
    const command = ['view', '--gateway', house.gateway.url]
    const { stdout } = await until(command, (answer) => answer.code === 0 && answer.stdout.includes('USDC'), env)
    expect(stdout).toMatch(/vault on harbour +LOCKED +1,000 USDC +\$1,000\.00/)
    expect(stdout).toMatch(/3 places on harbour +OBSERVED +0 USDC +\$0\.00 +\$0\.00 +counts nothing: no more is held than is owed/)
    expect(stdout).toMatch(/ {4}wallet USDC +450 USDC\n/)
    expect(stdout).toMatch(/ {4}Compound III USDC +owes 700 USDC\n/)
    expect(stdout).toMatch(/ {4}Compound v2 USDC +250 USDC\n/)
    expect(stdout).toMatch(/ {2}Compound III USDC on harbour +OBSERVED +1 WETH +\$[0-9,.]+ +\$0\.00 +counts nothing: only observed/)
    const json = await run([...command, '--json'], env)
    const document = JSON.parse(json.stdout) as {
      readonly participantId: string
      readonly credit: string
      readonly lots: readonly { readonly credit: string }[]
    }
    expect(document.lots.map(({ credit }) => credit)).toEqual([document.credit])
    expect(await run(['view', document.participantId, '--gateway', house.gateway.url], env)).toMatchObject({ code: 0 })
    expect((await run(['view', `0x${'00'.repeat(32)}`, '--gateway', house.gateway.url], env)).stderr).toContain('NOT_YOUR_PARTICIPANT')
  }, 240_000)
})
