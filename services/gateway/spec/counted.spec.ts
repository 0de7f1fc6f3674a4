/** Whose collateral two of three signers count: who is not tied any more is left out, and said; a contract is somebody on its own chain alone. */
import { readFileSync, writeFileSync } from 'node:fs'
import { CollateralView } from '@plimsoll/chain'
import { contractWalletAbi, Hash } from '@plimsoll/contracts'
import { contractWalletBytecode } from '@plimsoll/contracts/bytecode'
import { Deployment, type House, Wallet } from '@plimsoll/localnet'
import { Inputs } from '@plimsoll/margin'
import { endConsent, type Issued, type SignedLimit } from '@plimsoll/sdk'
import type { PrivateKeyAccount } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type * as Front from './Front.ts'
import * as Kit from './Kit.ts'
import * as Liar from './Liar.ts'
import * as Signers from './Signers.ts'

type Hex = `0x${string}`

let house: House.House
let quorum: Signers.Signers
let trader: Kit.Trader
/** Hers, a contract on harbour. */
let wallet: Hex
let key: { readonly account: Hex; readonly venue: string; readonly market: string }
const [heir, guest] = [Wallet.of('heir of the wallet'), Wallet.of('guest of the wallet')]

/** Sends from an address without its key. */
const as = (address: Hex) => ({ address, type: 'json-rpc' }) as unknown as PrivateKeyAccount

beforeAll(async () => {
  house = await Kit.house()
  await house.gateway.stop()
  quorum = await Signers.start(house)
  const [first] = await Kit.traders({ house, names: ['owner of a wallet'], dollars: 10_000, gateway: quorum.gateway.url })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }

  const { harbour } = house.world.chains
  await harbour.fund([trader.account.address])
  const hash = await harbour
    .wallet(trader.account)
    .deployContract({ abi: contractWalletAbi, bytecode: contractWalletBytecode, args: [trader.account.address] })
  wallet = ((await harbour.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
  await harbour.testClient.impersonateAccount({ address: wallet })
  await lock(as(wallet), 10_000)
  await lock(guest, 1_000)
  await house.world.finalise()
  await trader.client.linkAccount({ account: walletOf(trader.account), primary: trader.account })
  await trader.client.linkAccount({ account: guest, primary: trader.account })
}, 180_000)

afterAll(async () => {
  await quorum?.stop()
  await house?.stop()
})

beforeEach(() => {
  for (const front of quorum.fronts) front.become({ kind: 'none' })
})

const lock = (account: PrivateKeyAccount, dollars: number) =>
  Deployment.lock({
    ...{ chain: house.world.chains.harbour, manifest: house.world.manifest, account, asset: 'USDC' },
    amount: BigInt(dollars) * 10n ** 6n,
  })

/** The wallet, as whoever owns it signs for it. */
const walletOf = (owner: PrivateKeyAccount) => ({
  ...{ address: wallet, chainId: house.world.chains.harbour.chainId },
  ...{ signMessage: owner.signMessage, signTypedData: owner.signTypedData },
})

const issue = (dollars: number) => trader.client.issueLimit({ ...key, notional: Kit.usd(dollars) })
const bounds = ({ limit }: Issued) => (limit?.bounds ?? []).map(({ code, message }) => `${code} ${message}`)
const uncountedIn = (answer: Issued) => bounds(answer).filter((it) => it.startsWith('HOLDER_UNCOUNTED'))
const asked = () => quorum.fronts.map(({ questions }) => questions.length)
const last = () => JSON.parse(quorum.fronts[1]?.questions.at(-1) ?? '')
const holdersIn = (question: { readonly document: string }) => [
  ...new Set(Inputs.parse(question.document).view.lots.map(({ holder }) => holder)),
]
const blockOf = (question: { readonly document: string }) => Inputs.parse(question.document).view.lots[0]?.block.number ?? 0n
const own = () => trader.account.address.toLowerCase()
const lowGuest = guest.address.toLowerCase()

/** Granted, at once or once views and signers have seen what was just done. */
async function granted(dollars: number, holders: number): Promise<SignedLimit> {
  return Kit.granted(
    await Kit.until(
      () => issue(dollars),
      ({ status }) => status === 'issued' && holdersIn(last()).length === holders,
      60,
    ),
  )
}

test('worked example: all three accounts count while the wallet is hers', async () => {
  const signed = await granted(20_000, 3)
  expect(holdersIn(last()).sort()).toEqual([own(), wallet, lowGuest].sort())
  await Kit.post(house, signed)
})

test('one of three that says of her accounts that they are not hers shrinks nothing', async () => {
  const liar: Front.Fault = {
    kind: 'lie',
    tell: async (question) => {
      const uncounted = holdersIn(JSON.parse(question)).map((holder) => ({
        ...{ holder, chainId: house.world.chains.harbour.chainId, code: 'HOLDER_UNTIED' },
      }))
      return JSON.stringify({ status: 'refused', code: 'HOLDER_UNTIED', message: 'None of it is hers.', uncounted })
    },
  }
  for (const front of quorum.fronts) {
    front.become(liar)
    const before = asked()
    const answer = await issue(20_000)
    expect(Kit.granted(answer).signatures).toHaveLength(2)
    expect(uncountedIn(answer)).toEqual([])
    expect(Math.max(...asked().map((count, at) => count - (before[at] ?? 0)))).toBe(1)
    expect(holdersIn(JSON.parse(front.questions.at(-1) ?? ''))).toHaveLength(3)
    front.become({ kind: 'none' })
  }
})

test('bug: a wallet that was sold kept every certificate from being signed, whatever the other accounts would have given', async () => {
  const { harbour } = house.world.chains
  await Deployment.write(harbour, trader.account, {
    ...{ address: wallet, abi: contractWalletAbi, functionName: 'transferOwnership', args: [heir.address] },
  })
  await house.world.finalise()
  const before = asked()
  const answer = await issue(20_000)
  const signed = Kit.granted(answer)
  expect(uncountedIn(answer)).toEqual([
    `HOLDER_UNCOUNTED Signers do not count what ${wallet} has locked on chain ${harbour.chainId} (HOLDER_UNTIED) until the account is linked again.`,
  ])
  expect(asked().map((count, at) => count - (before[at] ?? 0))).toEqual([2, 2, 2])
  expect(holdersIn(last()).sort()).toEqual([own(), lowGuest].sort())
  await Kit.post(house, signed)

  // What is known is not asked for again, and the limit that she is shown says so, as her collateral does.
  Kit.granted(await issue(20_500))
  expect(asked().map((count, at) => count - (before[at] ?? 0))).toEqual([3, 3, 3])
  const quote = await trader.client.getLimit(key)
  expect(quote.limit.bounds.filter(({ code }) => code === 'HOLDER_UNCOUNTED')).toHaveLength(1)
  const { lots, credit } = await trader.client.getCollateral()
  expect(lots.find(({ holder }) => holder === wallet)).toMatchObject({ credit: 0n, why: expect.stringContaining('linked again') })
  // No more than the rest gives; and nobody is called for it.
  expect(credit).toBeLessThanOrEqual(Kit.usd(11_000))
  const more = await issue(Number(quote.limit.notional / Kit.usd(1)) + 1_000)
  expect(more.status).toBe('refused')
  expect(bounds(more).some((it) => it.startsWith('MARGIN_CALL'))).toBe(false)
})

test('linked again by who owns it, it counts again', async () => {
  await trader.client.linkAccount({ account: walletOf(heir), primary: trader.account })
  await granted(20_000, 3)
})

test('bug: what another’s contract has locked counted for the same address on the venue’s chain; a key’s own counts everywhere', async () => {
  // It remembers nobody: whose the lots are is all that there is to say.
  const signer = await Signers.one(house)
  /** What it says of all that this account's own lot gives it, as a participant whom nobody knows. */
  const ask = async (account: string) => {
    const question = last()
    const subject = { account: account as Hex, participantId: Hash.ofText(`whoever is at ${account}`) }
    const change = (inputs: Inputs.Inputs): Inputs.Inputs => {
      const lots = inputs.view.lots.filter(({ holder }) => holder === account)
      const ledger = { ...inputs.ledger, certificateCredit: 0n }
      const view = { lots, missing: [] }
      return { ...inputs, subject: { ...inputs.subject, ...subject }, ledger, view, request: { notional: Kit.usd(1_000) } }
    }
    return (await Liar.certified({ signers: [signer], question, change, terms: { ...subject, sequence: 1n }, ties: [] })).said
  }
  try {
    await granted(20_000, 3)
    // No code stands at the wallet's address on strait as yet: whoever brings some there need not be who owns it on harbour.
    expect(await ask(wallet)).toEqual(['HOLDER_UNTIED'])
    expect(await ask(lowGuest)).toEqual(['signed'])

    // A key that lends its address to code stays its own.
    const { harbour } = house.world.chains
    const nonce = await harbour.publicClient.getTransactionCount({ address: guest.address })
    const authorization = await guest.signAuthorization({ address: wallet, chainId: harbour.chainId, nonce })
    const hash = await harbour.wallet(trader.account).sendTransaction({ to: heir.address, authorizationList: [authorization] })
    await harbour.publicClient.waitForTransactionReceipt({ hash })
    expect(await harbour.publicClient.getCode({ address: guest.address })).toBe(`0xef0100${wallet.slice(2)}`)
    await house.world.finalise()
    const then = blockOf(last())
    await Kit.until(
      () => granted(20_000, 3),
      () => blockOf(last()) > then,
    )
    expect(await ask(lowGuest)).toEqual(['signed'])

    // And once there is a contract on strait, it is not the key that harbour knows.
    await house.world.chains.strait.testClient.setCode({ address: guest.address, bytecode: '0x00' })
    await house.world.finalise()
    expect(await ask(lowGuest)).toEqual(['HOLDER_UNTIED'])
  } finally {
    await signer.stop()
  }
}, 120_000)

test('bug: who had unlinked an account was counted by a gateway that lies through what he once signed', async () => {
  const [second] = await Kit.traders({ house, names: ['who was left'], dollars: 10_000, gateway: quorum.gateway.url })
  if (!second) throw new Error('one trader was asked for')
  const leaving = Wallet.of('account that leaves')
  await lock(leaving, 9_000)
  await house.world.finalise()
  await second.client.linkAccount({ account: leaving, primary: second.account })
  await second.client.unlinkAccount({ account: leaving.address, by: leaving })
  await Kit.until(
    () => second.client.issueLimit({ ...key, account: second.account.address, notional: Kit.usd(10_000) }),
    ({ status }) => status === 'issued',
  )
  const question = last()
  expect(holdersIn(question)).toEqual([second.account.address.toLowerCase()])
  expect([question.ties.length, question.endings.length]).toEqual([1, 1])

  // The gateway lies from here on: it counts what has left, and says nothing of its leaving.
  const holder = leaving.address.toLowerCase() as Hex
  const change = (inputs: Inputs.Inputs): Inputs.Inputs => {
    const [lot] = inputs.view.lots
    if (!lot) throw new Error('she has locked something')
    const lotId = CollateralView.lotId({ chainId: lot.chainId, holder, token: lot.token, vault: lot.venue as Hex })
    const all = { ...inputs, view: { ...inputs.view, lots: [lot, { ...lot, lotId, holder, amount: 9_000n * 10n ** 6n }] } }
    return { ...all, request: { notional: Kit.usd(10_000) } }
  }
  const ask = async (signers: readonly { readonly url: string }[]) =>
    (await Liar.certified({ signers, question: { ...question, endings: [] }, change })).said
  expect(await ask(quorum.signers)).toEqual(['HOLDER_UNTIED'])

  // One that has never been told signs, until he tells it himself; and then it is known to it for good.
  const memory = { env: { SIGNER_MEMORY: `${house.home}/told.jsonl` } }
  let signer = await Signers.one(house, memory)
  try {
    expect(await ask([signer])).toEqual(['signed'])
    const nowhere = 'http://127.0.0.1:9'
    const { answers } = await endConsent({ account: leaving, signers: [signer.url, nowhere] })
    expect(answers.map(({ status }) => status)).toEqual(['kept', 'unreachable'])
    expect(await ask([signer])).toEqual(['HOLDER_UNTIED'])
    await signer.stop()
    signer = await Signers.one(house, memory)
    expect(await ask([signer])).toEqual(['HOLDER_UNTIED'])
  } finally {
    await signer.stop()
  }
}, 120_000)

test('bug: strangers filled what a signer keeps of who has parted, and whoever has something could part no more', async () => {
  const [holder, poor, grain] = ['holder who parts', 'stranger with nothing', 'stranger with a grain'].map(Wallet.of) as [
    PrivateKeyAccount,
    PrivateKeyAccount,
    PrivateKeyAccount,
  ]
  await lock(holder, 12)
  await lock(grain, 9)
  await house.world.finalise()
  // As many words as there is room for, each of a network of its own: nobody has more than his share.
  const path = `${house.home}/full.jsonl`
  const words = Array.from({ length: 100_000 }, (_, i) => {
    const account = `eip155:0:0x${(i + 1).toString(16).padStart(40, '0')}`
    return `${JSON.stringify({ ended: { account, other: null, issuedAt: 1 }, from: `${i}`, isStaked: false })}\n`
  })
  writeFileSync(path, words.join(''))
  const memory = { env: { SIGNER_MEMORY: path } }
  const bring = async (url: string, account: PrivateKeyAccount) => (await endConsent({ account, signers: [url] })).answers[0]

  let signer = await Signers.one(house, memory)
  try {
    for (const stranger of [poor, grain])
      expect(await bring(signer.url, stranger)).toMatchObject({ status: 'unable', message: expect.stringContaining('MEMORY_FULL') })
    expect(await bring(signer.url, holder)).toMatchObject({ status: 'kept' })
    await signer.stop()
    signer = await Signers.one(house, memory)
    const lines = readFileSync(path, 'utf8')
    expect(lines.split('\n').filter((line) => line.includes(holder.address.toLowerCase()))).toEqual([
      expect.stringContaining('"isStaked":true'),
    ])
    expect(lines.split('\n').filter((line) => line.includes(poor.address.toLowerCase()))).toEqual([])
  } finally {
    await signer.stop()
  }
}, 120_000)
