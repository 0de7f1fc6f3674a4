/** A book that asks for a key at Lit's beside one of ours: both sign, or nothing is issued. Once the key is of three local nodes, before Lit's own client; once of a local server in the shape of Lit's REST service. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Certificate, limitBookAbi } from '@plimsoll/contracts'
import { type House, LitNetwork, LitService, Wallet } from '@plimsoll/localnet'
import { MarginError } from '@plimsoll/sdk'
import { type Address, getAddress, recoverAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const folder = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const plimsoll = folder('apps/cli/src/main.ts')
/** What an operator types, from the sources. */
const execute = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })
const ours = { SIGNER_KEYS: Wallet.privateKeyOf('signer one'), SIGNER_THRESHOLD: '1', SIGNER_TIMEOUT_MS: '4400' }

let house: House.House
const file = (name: string) => join(house.home, name)
async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
  const { stdout } = await execute([folder(`packages/chain/src/scripts/${script}.ts`), ...args], env)
  return JSON.parse(stdout) as Record<string, unknown>
}

beforeAll(async () => {
  house = await Kit.house()
  await house.gateway.stop()
  const { stdout } = await execute([plimsoll, 'policy', file('deployment.json'), '--most', '1000000'])
  writeFileSync(file('policy.json'), stdout)
}, 180_000)

afterAll(() => house?.stop())

/** Somebody who asks this gateway for so many dollars of notional. */
async function asking(name: string, gateway: string) {
  const [trader] = await Kit.traders({ house, names: [name], dollars: 10_000, gateway })
  if (!trader) throw new Error('one trader was asked for')
  const key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  const issue = (dollars: number) => trader.client.issueLimit({ ...key, notional: Kit.usd(dollars) })
  const codeOf = async (dollars: number): Promise<string> => {
    try {
      return (await issue(dollars)).status
    } catch (error) {
      if (error instanceof MarginError) return error.code
      throw error
    }
  }
  await Kit.until(
    () => codeOf(20_000),
    (code) => code === 'issued',
  )
  return { issue, codeOf }
}

/** The certificate that was issued, which the book takes; and who signed it. */
async function posted(signed: ReturnType<typeof Kit.granted>): Promise<readonly Address[]> {
  const hash = Certificate.digest(signed.certificate, { chainId: signed.chainId, verifyingContract: signed.limitBook })
  await Kit.post(house, signed)
  return (await Promise.all(signed.signatures.map((signature) => recoverAddress({ hash, signature })))).sort()
}

test("our key and the network's sign, and the book takes it; a node that lies changes nothing; two that are gone stop new risk", async () => {
  const { strait } = house.world.chains
  // The third signer of the books is the network's key here.
  await using lit = await LitNetwork.start({ chain: strait, privateKey: Wallet.privateKeyOf('signer three') })
  await run('action', [file('policy.json'), file('action.js')])
  writeFileSync(
    file('lit.json'),
    JSON.stringify({
      ...{ litNetwork: 'custom', rpcUrl: strait.url, staking: lit.staking, nodeProtocol: 'http://', checkNodeAttestation: false },
      ...{ publicKey: lit.pkp.publicKey, action: 'action.js' },
    }),
  )
  const env = { ...ours, SIGNER: 'lit', LIT_CONFIG: file('lit.json'), LIT_SESSION_KEY: Wallet.privateKeyOf('a session') }
  await using gateway = await house.openGateway({ name: 'lit', env })
  const { issue, codeOf } = await asking('litigant', gateway.url)

  lit.nodes[1]?.become({ kind: 'lie' })
  const signers = [Wallet.of('signer one').address, Wallet.of('signer three').address].sort()
  expect(await posted(Kit.granted(await issue(20_000)))).toEqual(signers)

  lit.nodes[0]?.become({ kind: 'down' })
  expect(await codeOf(21_000)).toBe('SIGNERS_UNAVAILABLE')
  for (const node of lit.nodes) node.become({ kind: 'none' })
  expect(await codeOf(21_000)).toBe('issued')
})

test("our key and the action's sign, and the book takes it; a service that fails or lies stops new risk; its key is in no log", async () => {
  const apiKey = 'an-api-key-that-nobody-shall-read'
  await using service = await LitService.start({ root: Wallet.privateKeyOf('a root'), apiKey })
  // The policy names the book, the key follows from the policy, and the book then takes the key: in this order.
  await run('action', [file('policy.json'), file('rest.js'), 'lit-rest'])
  const { address } = await run('address', [service.url, file('rest.js')], { LIT_API_KEY: apiKey })
  const limitBook = house.world.manifest.venues[0]?.limitBook ?? '0x'
  const args = [[address as Address], [], 2n] as const
  await house.world.owner({ address: limitBook, abi: limitBookAbi, functionName: 'changeSigners', args })
  writeFileSync(file('rest.json'), JSON.stringify({ url: service.url, address, action: 'rest.js' }))
  const env = { ...ours, SIGNER: 'lit-rest', LIT_CONFIG: file('rest.json'), LIT_API_KEY: apiKey, LOG_LEVEL: 'trace' }
  await using gateway = await house.openGateway({ name: 'rest', env })
  const { issue, codeOf } = await asking('restful', gateway.url)

  service.become({ kind: 'busy', times: 1 })
  expect(await posted(Kit.granted(await issue(20_000)))).toEqual([Wallet.of('signer one').address, getAddress(address as Address)].sort())

  const failing: readonly LitService.Fault[] = [
    { kind: 'down' },
    { kind: 'status', status: 401, text: apiKey },
    { kind: 'error', logs: apiKey },
    { kind: 'impostor' },
    { kind: 'malleable' },
    { kind: 'hang' },
  ]
  for (const fault of failing) {
    service.become(fault)
    expect(await codeOf(21_000), fault.kind).toBe('SIGNERS_UNAVAILABLE')
  }
  service.become({ kind: 'none' })
  expect(await codeOf(21_000)).toBe('issued')
  const log = readFileSync(join(house.home, 'logs', 'rest.log'), 'utf8')
  expect(log).toContain('SIGNERS_UNAVAILABLE')
  expect(log).not.toContain(apiKey)
}, 120_000)
