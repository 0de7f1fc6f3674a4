/** A book that asks for a key of Lit's network beside one of ours: both sign, or nothing is issued. The network is three local nodes before Lit's own client. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Certificate, Hash } from '@plimsoll/contracts'
import { type House, LitNetwork, Wallet } from '@plimsoll/localnet'
import { Inputs } from '@plimsoll/margin'
import { MarginError } from '@plimsoll/sdk'
import { recoverAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const build = fileURLToPath(new URL('../../../packages/chain/src/scripts/action.ts', import.meta.url))

let house: House.House
let lit: LitNetwork.LitNetwork
let trader: Kit.Trader
let key: { readonly account: `0x${string}`; readonly venue: string; readonly market: string }

beforeAll(async () => {
  house = await Kit.house()
  await house.gateway.stop()
  const { strait } = house.world.chains
  const { venues } = house.world.manifest
  // The third signer of the books is the network's key here.
  lit = await LitNetwork.start({ chain: strait, privateKey: Wallet.privateKeyOf('signer three') })
  const params = house.world.document['params'] as Parameters<typeof Inputs.canonicalParams>[0]
  const file = (name: string) => join(house.home, name)
  const paramsHash = Hash.ofText(Inputs.canonicalParams(paramsOf(params)))
  const books = venues.map(({ chainId, address, limitBook }) => ({ chainId, limitBook, venue: address }))
  writeFileSync(file('policy.json'), JSON.stringify({ books, paramsHash, models: null, most: `${Kit.usd(1_000_000)}` }))
  const built = spawnSync(process.execPath, [build, file('policy.json'), file('action.js')], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  writeFileSync(
    file('lit.json'),
    JSON.stringify({
      ...{ litNetwork: 'custom', rpcUrl: strait.url, staking: lit.staking, nodeProtocol: 'http://', checkNodeAttestation: false },
      ...{ publicKey: lit.pkp.publicKey, action: 'action.js' },
    }),
  )
  const gateway = await house.openGateway({
    name: 'lit',
    env: {
      ...{ SIGNER: 'lit', SIGNER_KEYS: Wallet.privateKeyOf('signer one'), SIGNER_THRESHOLD: '1', SIGNER_TIMEOUT_MS: '4400' },
      ...{ LIT_CONFIG: file('lit.json'), LIT_SESSION_KEY: Wallet.privateKeyOf('a session') },
    },
  })
  const [first] = await Kit.traders({ house, names: ['litigant'], dollars: 10_000, gateway: gateway.url })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
}, 180_000)

afterAll(async () => {
  await lit?.stop()
  await house?.stop()
}, 60_000)

/** The parameters of the deployment document, as the inputs have them. */
function paramsOf(params: Parameters<typeof Inputs.canonicalParams>[0]): Parameters<typeof Inputs.canonicalParams>[0] {
  const concentration = params.concentration.map(({ upTo, weightPpm }) => ({ upTo: upTo === null ? null : BigInt(upTo), weightPpm }))
  return { ...params, concentration }
}

const issue = (dollars: number) => trader.client.issueLimit({ ...key, notional: Kit.usd(dollars) })

async function codeOf(answer: Promise<{ readonly status: string }>): Promise<string> {
  try {
    return (await answer).status
  } catch (error) {
    if (error instanceof MarginError) return error.code
    throw error
  }
}

test("our key and the network's sign, and the book takes it; a node that lies changes nothing; two that are gone stop new risk", async () => {
  await Kit.until(
    () => codeOf(issue(20_000)),
    (code) => code === 'issued',
  )
  lit.nodes[1]?.become({ kind: 'lie' })
  const signed = Kit.granted(await issue(20_000))
  const hash = Certificate.digest(signed.certificate, { chainId: signed.chainId, verifyingContract: signed.limitBook })
  const addresses = await Promise.all(signed.signatures.map((signature) => recoverAddress({ hash, signature })))
  expect(addresses.sort()).toEqual([Wallet.of('signer one').address, Wallet.of('signer three').address].sort())
  await Kit.post(house, signed)

  lit.nodes[0]?.become({ kind: 'down' })
  expect(await codeOf(issue(21_000))).toBe('SIGNERS_UNAVAILABLE')
  for (const node of lit.nodes) node.become({ kind: 'none' })
  expect(await codeOf(issue(21_000))).toBe('issued')
}, 90_000)
