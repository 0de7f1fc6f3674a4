/** Attacks on collateral, credit and losses, on local chains: what was tried, and what stopped it. One line each on stdout. */
import {
  Certificate,
  collateralVaultAbi,
  Hash,
  hostileTokenAbi,
  limitBookAbi,
  MarkDown,
  Market,
  perpVenueAbi,
  priceFeedAbi,
  Release,
  Settlement,
  Signature,
} from '@plimsoll/contracts'
import { hostileTokenBytecode, limitBookBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from './Database.ts'
import * as Attack from './testing/Attack.ts'
import * as Desk from './testing/Desk.ts'
import { embedded, type Running } from './testing/Engines.ts'

const { stop } = Attack

type Hex = `0x${string}`
type Chain = Anvil.Anvil
const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const market = Market.id('ETH-PERP')
const anyPrice = 2n ** 256n - 1n
/** With what a token may refuse. */
const vaultAbi = [...collateralVaultAbi, ...hostileTokenAbi.filter(({ type }) => type === 'error')]
const keys = ['signer one', 'signer two', 'signer three']
const guardian = Wallet.of('guardian')
const escrow = Wallet.of('escrow of north').address
const openInterest = usd(2_000_000)

describe('attacks', () => {
  let harbour: Chain
  let lagoon: Chain
  let strait: Chain
  let manifest: Manifest.Manifest
  let vaults: readonly [Manifest.Vault, Manifest.Vault]
  let north: Manifest.Venue
  let south: Manifest.Venue
  let running: Running
  let database: Database
  const lines: string[] = []

  beforeAll(async () => {
    harbour = await Anvil.start({ chainId: 31337821 })
    lagoon = await Anvil.start({ chainId: 31337822 })
    strait = await Anvil.start({ chainId: 31337823 })
    manifest = await Deployment.deploy({ harbour, lagoon, strait, threshold: 2, terms: { maxOpenInterest: openInterest } })
    const [first, second] = manifest.vaults
    const [venue, other] = manifest.venues
    if (!first || !second || !venue || !other) throw new Error('two vaults and two venues were asked for')
    ;[vaults, north, south] = [[first, second], venue, other]
    await Promise.all([harbour, lagoon, strait].map((chain) => chain.fund([guardian.address, Wallet.of('mallory').address])))
    running = await embedded.start()
    database = await running.open({ clock: () => Desk.noon })
  })
  afterAll(async () => {
    process.stdout.write(`${lines.join('\n')}\n`)
    await database.close()
    await running.stop()
    await Promise.all([harbour, lagoon, strait].map((chain) => chain.stop()))
  })

  const mallory = Wallet.of('mallory')
  const at =
    (place: Hex, abi: Parameters<typeof Deployment.write>[2]['abi']) =>
    (chain: Chain, account: typeof mallory, functionName: string, args: readonly unknown[]) =>
      Deployment.write(chain, account, { address: place, abi, functionName, args })
  const vault = (chain: Chain, account: typeof mallory, functionName: string, args: readonly unknown[]) =>
    at(vaults[chain === harbour ? 0 : 1].address, vaultAbi)(chain, account, functionName, args)
  const book = (functionName: string, args: readonly unknown[]) => at(north.limitBook, limitBookAbi)(strait, mallory, functionName, args)
  const token = (chain: Chain) => vaults[chain === harbour ? 0 : 1].tokens[0]?.token ?? '0x'
  const now = async (chain: Chain) => (await chain.publicClient.getBlock()).timestamp

  const told = (name: string, tried: string, stopped: readonly string[], wanted: readonly string[]) =>
    lines.push(Attack.told({ name, tried, stopped, wanted }))

  /** Somebody with 1,000 USDC in the vault, of which north may claim 600. */
  async function depositor(chain: Chain, name: string): Promise<typeof mallory> {
    const account = Wallet.of(`attacked: ${name}`)
    await Deployment.lock({ chain, manifest, account, asset: 'USDC', amount: usdc(1_000), claims: 'none' })
    await vault(chain, account, 'enableEscrow', [token(chain), strait.chainId, north.address, escrow, usdc(600)])
    return account
  }

  /** Another chain with everything that is on this one: the same contracts at the same addresses, of the same keys. */
  async function twin<T>(chain: Chain, chainId: number, work: (other: Chain) => Promise<T>): Promise<T> {
    await using other = await Anvil.start({ chainId })
    const state = await chain.testClient.dumpState()
    await other.testClient.loadState({ state })
    return await work(other)
  }

  /** Another book beside ours, of the same keys. */
  async function secondBook(): Promise<Hex> {
    const args = [Deployment.bounds, Deployment.owner.address, guardian.address, Wallet.all(keys).map(({ address }) => address), 2n]
    const hash = await strait
      .wallet(Deployment.owner)
      .deployContract({ abi: limitBookAbi, bytecode: limitBookBytecode, args: args as never })
    return (await strait.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x'
  }

  const place = (chain: Chain) => ({ chainId: chain.chainId, verifyingContract: vaults[chain === harbour ? 0 : 1].address })
  async function claim(chain: Chain, account: Hex, change: Partial<Settlement.Settlement> = {}) {
    const order: Settlement.Settlement = {
      ...{
        id: Hash.ofText(`${account} ${lines.length} ${JSON.stringify(change, (_, it: unknown) => String(it))}`),
        account,
        token: token(chain),
      },
      ...{ amount: usdc(500), venueChainId: BigInt(strait.chainId), venue: north.address, escrow, encumbrance: usdc(550) },
      ...{ deadline: (await now(chain)) + 600n, epoch: 1, ...change },
    }
    return { order, signatures: [await Wallet.of('settlement signer').signTypedData(Settlement.typedData(order, place(chain)))] }
  }
  async function release(chain: Chain, account: Hex, amount: bigint) {
    const order = {
      id: Hash.ofText(`release ${account}`),
      account,
      token: token(chain),
      amount,
      to: account,
      deadline: (await now(chain)) + 600n,
      epoch: 1,
    }
    return [order, [await Wallet.of('release signer').signTypedData(Release.typedData(order, place(chain)))]] as const
  }
  async function certificate(account: Hex, change: Partial<Certificate.Certificate> = {}, signers = keys.slice(0, 2)) {
    const timestamp = await now(strait)
    const limit: Certificate.Certificate = {
      ...{ participantId: Hash.ofText(account), account, venue: north.address, market, maxNotional: usd(10_000), credit: usd(1_000) },
      ...{ imPpm: 50_000, sequence: 1n, issuedAt: timestamp, expiresAt: timestamp + 300n, epoch: 1, inputsHash: Hash.ofText('i') },
      ...{ modelHash: Hash.ofText('m'), paramsHash: Hash.ofText('p'), ...change },
    }
    const digest = Certificate.digest(limit, { chainId: strait.chainId, verifyingContract: north.limitBook })
    const signatures = await Promise.all(Wallet.all(signers).map((signer) => signer.sign({ hash: digest })))
    return [limit, await Signature.sort(digest, signatures)] as const
  }

  it('double use across venues', async () => {
    const participantId = await Desk.join(database, 'double')
    for (const venue of ['a', 'b']) await Desk.observe(database, { name: 'double', venue, market: 'm' })
    const ask = { participantId, name: 'double', market: 'm', total: usd(1_000), credit: usd(600) }
    await Desk.issue(database, { ...ask, venue: 'a', key: '1' })
    const twice = await stop(Desk.issue(database, { ...ask, venue: 'b', key: '2' }))
    const account = await depositor(harbour, 'double')
    const [limit, signatures] = await certificate(account.address)
    await book('accept', [limit, signatures])
    await strait.fund([account.address])
    const elsewhere = await stop(at(south.address, perpVenueAbi)(strait, account, 'open', [market, 10n ** 18n, anyPrice]))
    told(
      'double use across venues',
      'the same credit at a second venue: by a second certificate, by a trade there',
      [twice, elsewhere],
      ['CREDIT_ENCUMBERED', 'MarginExceeded'],
    )
  })

  it('release race', async () => {
    const account = await depositor(harbour, 'race')
    const { order, signatures } = await claim(harbour, account.address)
    await vault(harbour, account, 'queueSettlement', [order, signatures])
    const over = await stop(vault(harbour, account, 'release', await release(harbour, account.address, usdc(501))))
    await vault(harbour, account, 'release', await release(harbour, account.address, usdc(500)))
    const again = await stop(vault(harbour, account, 'release', await release(harbour, account.address, usdc(500))))
    await harbour.advance(3_600)
    await vault(harbour, mallory, 'paySettlement', [order.id])
    const tried = 'a release of what a claim has reserved, and the same release twice'
    told('release race', tried, [over, again], ['NotLocked', 'AlreadyReleased'])
  })

  it('escape with an open position', async () => {
    const account = await depositor(harbour, 'escape')
    await vault(harbour, account, 'requestEscape', [token(harbour), usdc(1_000)])
    const [, leaving] = await harbour.publicClient.readContract({
      ...{ address: vaults[0].address, abi: collateralVaultAbi, functionName: 'positions', args: [[account.address], [token(harbour)]] },
    })
    const early = await stop(vault(harbour, account, 'executeEscape', [token(harbour), account.address]))
    await harbour.advance(72 * 3_600 - 60)
    const { order, signatures } = await claim(harbour, account.address)
    await vault(harbour, mallory, 'queueSettlement', [order, signatures])
    await harbour.advance(60)
    await vault(harbour, account, 'executeEscape', [token(harbour), account.address])
    const rest = await stop(vault(harbour, account, 'executeEscape', [token(harbour), account.address]))
    await harbour.advance(3_600)
    await vault(harbour, mallory, 'paySettlement', [order.id])
    expect(leaving).toEqual([usdc(1_000)])
    told(
      'escape with an open position',
      'everything asked out: counts 0 at once; before its time; ahead of a claim in time',
      [early, rest],
      ['EscapeLocked', 'EscapeReserved'],
    )
  })

  it('settlements: a stranger, too much, too early, twice, and a word taken back', async () => {
    const account = await depositor(harbour, 'settlement')
    const queue = async (change: Partial<Settlement.Settlement>) => {
      const { order, signatures } = await claim(harbour, account.address, change)
      return stop(vault(harbour, mallory, 'queueSettlement', [order, signatures]))
    }
    told(
      'settlement to a stranger',
      'another escrow, and another venue’s name',
      [await queue({ escrow: mallory.address }), await queue({ venue: south.address })],
      ['EscrowNotEnabled', 'EscrowNotEnabled'],
    )
    told(
      'over-claim',
      'above what is bound, above the cap',
      [await queue({ amount: usdc(551) }), await queue({ amount: usdc(601), encumbrance: usdc(9_999) })],
      ['AboveEncumbrance', 'AboveCap'],
    )
    await vault(harbour, account, 'enableEscrow', [token(harbour), strait.chainId, north.address, escrow, 0n])
    const { order, signatures } = await claim(harbour, account.address)
    await vault(harbour, mallory, 'queueSettlement', [order, signatures])
    const early = await stop(vault(harbour, mallory, 'paySettlement', [order.id]))
    const veto = await stop(vault(harbour, mallory, 'vetoSettlement', [order.id]))
    const twice = await stop(vault(harbour, mallory, 'queueSettlement', [order, signatures]))
    told(
      'word taken back under a loss',
      'the cap lowered to nothing as the loss shows; paid early, vetoed by a stranger, twice',
      [early, veto, twice],
      ['Challengeable', 'NotGuardian', 'AlreadyOrdered'],
    )
  })

  it('replays across chains and contracts', async () => {
    const [here, there] = [await depositor(harbour, 'replay'), await depositor(lagoon, 'replay')]
    const { order, signatures } = await claim(harbour, here.address)
    expect(there.address).toBe(here.address)
    const local = { ...order, token: token(lagoon) }
    const settled = await stop(vault(lagoon, mallory, 'queueSettlement', [local, signatures]))
    const released = await stop(vault(lagoon, mallory, 'release', await release(harbour, here.address, usdc(1))))
    const asRelease = {
      id: order.id,
      account: order.account,
      token: order.token,
      amount: order.amount,
      to: mallory.address,
      deadline: order.deadline,
      epoch: 1,
    }
    const crossed = await stop(vault(harbour, mallory, 'release', [asRelease, signatures]))
    const [limit, signed] = await certificate(here.address)
    const renamed = await stop(book('accept', [{ ...limit, venue: south.address }, signed]))
    const neighbour = await stop(at(await secondBook(), limitBookAbi)(strait, mallory, 'accept', [limit, signed]))
    const abroad = await twin(strait, 31337824, (other) =>
      stop(at(north.limitBook, limitBookAbi)(other, mallory, 'accept', [limit, signed])),
    )
    await book('accept', [limit, signed])
    expect(place(harbour).verifyingContract).toBe(place(lagoon).verifyingContract)
    told(
      'replays',
      'a claim and a release on the other chain’s vault (same address), a claim as a release',
      [settled, released, crossed],
      ['BadSigner', 'BadSigner', 'BadSigner'],
    )
    told(
      'replays of a certificate',
      'another venue’s name, another book of the chain, the same book at the same address of another chain; its own takes it',
      [renamed, neighbour, abroad],
      ['BadSigner', 'BadSigner', 'BadSigner'],
    )
  })

  it('stolen signer key', async () => {
    const [one, two] = [Wallet.of('puppet one'), Wallet.of('puppet two')]
    await strait.fund([one.address, two.address])
    const alone = await stop(book('accept', await certificate(one.address, {}, ['signer one'])))
    const { bootstrapNotional, raisePerHour } = Deployment.bounds
    const atOnce = bootstrapNotional + raisePerHour
    const rich = { credit: usd(1_000_000) }
    const above = await stop(book('accept', await certificate(one.address, { ...rich, maxNotional: atOnce + 1n })))
    await book('accept', await certificate(one.address, { ...rich, maxNotional: atOnce }))
    const soon = await stop(book('accept', await certificate(one.address, { ...rich, maxNotional: atOnce + usd(1_000), sequence: 2n })))
    await strait.advance(3_600)
    await Deployment.setPrice({ chain: strait, manifest, symbol: 'ETH-PERP', price: 3_000 })
    await book('accept', await certificate(one.address, { ...rich, maxNotional: atOnce + raisePerHour, sequence: 2n }))
    await book('accept', await certificate(two.address, { ...rich, maxNotional: atOnce }))
    const open = (account: typeof mallory, whole: bigint) =>
      at(north.address, perpVenueAbi)(strait, account, 'open', [market, whole * 10n ** 18n, anyPrice])
    await open(one, 500n)
    const crowd = await stop(open(two, 300n))
    const account = await depositor(harbour, 'stolen')
    const [order] = await release(harbour, account.address, usdc(1))
    const vaultSafe = await stop(
      vault(harbour, mallory, 'release', [order, [await Wallet.of('signer one').signTypedData(Release.typedData(order, place(harbour)))]]),
    )
    told(
      'stolen signer key',
      'one key; m keys: more than the bucket, twice in an hour, through two accounts; the vault',
      [alone, above, soon, crowd, vaultSafe],
      ['NotEnoughSigners', 'RaiseTooLarge', 'RaiseTooLarge', 'OpenInterestExceeded', 'BadSigner'],
    )
    lines.push(
      `${''.padEnd(30)} bound with m stolen keys: ${(bootstrapNotional + raisePerHour) / 10n ** 18n} USD of notional an account and market at once, ` +
        `${raisePerHour / 10n ** 18n} more an hour, over all accounts ${openInterest / 10n ** 18n} a side and market; nothing from a vault`,
    )
  })

  it('griefing with cuts', async () => {
    const account = Wallet.of('attacked: cut').address
    const old = await certificate(account, { maxNotional: 0n })
    await book('accept', await certificate(account, { sequence: 2n }))
    const stale = await stop(book('accept', old))
    const evidence = { lots: [{ asset: Hash.ofText('USDC'), amount: usdc(1_000), haircutPpm: 100_000 }], sharePpm: 1_000_000 }
    await at(manifest.assets[0]?.feed ?? '0x', priceFeedAbi)(strait, Deployment.owner, 'set', [10n ** 8n])
    const lower = async (credit: bigint, signers: readonly string[], given: MarkDown.Evidence) => {
      const order: MarkDown.MarkDown = {
        ...{
          account,
          venue: north.address,
          credit,
          sequence: 1n,
          epoch: 1,
          inputsHash: MarkDown.hashOf(given),
          issuedAt: await now(strait),
        },
      }
      const digest = MarkDown.digest(order, { chainId: strait.chainId, verifyingContract: north.limitBook })
      const signatures = await Signature.sort(digest, await Promise.all(Wallet.all(signers).map((signer) => signer.sign({ hash: digest }))))
      return book('markDown', [order, given, signatures])
    }
    const floor = await stop(lower(usd(899), keys.slice(0, 2), evidence))
    const forged = await stop(lower(usd(900), ['mallory', 'mallory two'], evidence))
    const greedy = { ...evidence, lots: evidence.lots.map((lot) => ({ ...lot, haircutPpm: 500_001 })) }
    const haircut = await stop(lower(usd(499), keys.slice(0, 2), greedy))
    const before = await certificate(account, {
      sequence: 3n,
      credit: usd(1_000),
      issuedAt: (await now(strait)) - 1n,
      expiresAt: (await now(strait)) + 200n,
    })
    await lower(usd(900), keys.slice(0, 2), evidence)
    const undone = await stop(book('accept', before))
    told(
      'griefing with cuts',
      'an old cut, a cut below the collateral’s worth, a forged one, a greedy haircut; a raise that undoes one',
      [stale, floor, forged, haircut, undone],
      ['Stale', 'BelowFloor', 'BadSigner', 'OutOfBounds', 'IssuedBeforeMarkDown'],
    )
  })

  it('dust lots', async () => {
    const account = await depositor(harbour, 'dust')
    await vault(harbour, account, 'requestEscape', [token(harbour), usdc(1_000)])
    const gas: bigint[] = []
    for (let i = 0; i < 20; i++) {
      await at(token(harbour), hostileTokenAbi)(harbour, mallory, 'mint', [mallory.address, 1n])
      await at(token(harbour), hostileTokenAbi)(harbour, mallory, 'approve', [vaults[0].address, 1n])
      gas.push((await vault(harbour, mallory, 'depositFor', [account.address, token(harbour), 1n])).gasUsed)
    }
    const asked = { functionName: 'escapeOf', args: [account.address, token(harbour)] } as const
    const { amount } = await harbour.publicClient.readContract({ address: vaults[0].address, abi: collateralVaultAbi, ...asked })
    expect(gas.at(-1)).toBe(gas.at(-2))
    expect(amount).toBe(usdc(1_000))
    const nothing = await stop(vault(harbour, mallory, 'depositFor', [account.address, token(harbour), 0n]))
    const tried = '20 deposits of a unit in a stranger’s name: one figure, the same gas, his escape untouched; and of nothing'
    told('dust lots', tried, [nothing], ['ZeroAmount'])
  })

  it('tokens that misbehave', async () => {
    const account = Wallet.of('attacked: token')
    const heir = Wallet.of('heir').address
    await harbour.fund([account.address])
    const hash = await harbour.wallet(account).deployContract({ abi: hostileTokenAbi, bytecode: hostileTokenBytecode, args: [] })
    const bad = (await harbour.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x'
    const hostile = (functionName: string, args: readonly unknown[]) => at(bad, hostileTokenAbi)(harbour, account, functionName, args)
    const unlisted = await stop(vault(harbour, account, 'deposit', [bad, 1_000n]))
    await vault(harbour, Deployment.owner, 'allowToken', [bad, true])
    await hostile('mint', [account.address, 100_000n])
    await hostile('approve', [vaults[0].address, 100_000n])
    const locked = () =>
      harbour.publicClient.readContract({
        ...{ address: vaults[0].address, abi: collateralVaultAbi, functionName: 'positions', args: [[account.address], [bad]] },
      })

    await hostile('setToll', [10_000])
    await vault(harbour, account, 'deposit', [bad, 1_000n])
    expect((await locked())[0]).toEqual([990n])
    // A share of what is there would read the same: what is owed in all must be what arrived, or the next deposit falls into a hole.
    const owed = { address: vaults[0].address, abi: collateralVaultAbi, functionName: 'totalLocked', args: [bad] } as const
    expect(await harbour.publicClient.readContract(owed)).toBe(990n)
    await hostile('setToll', [0])
    told('fee-on-transfer token', 'unlisted; 1,000 sent of which 990 arrive: 990 count', [unlisted], ['TokenNotAllowed'])

    await hostile('setDecimals', [18])
    told(
      'decimals change',
      '6 digits become 18 under a listed token',
      [await stop(vault(harbour, account, 'deposit', [bad, 1n]))],
      ['DecimalsChanged'],
    )
    await hostile('setDecimals', [6])

    await hostile('rebase', [500_000n])
    expect((await locked())[0]).toEqual([495n])
    told(
      'rebasing token',
      'half of every balance gone: 990 count as 495, and nobody may fill the hole',
      [await stop(vault(harbour, account, 'deposit', [bad, 2n]))],
      ['TokenShort'],
    )
    await hostile('rebase', [1_000_000n])

    await vault(harbour, account, 'requestEscape', [bad, 990n])
    await harbour.advance(72 * 3_600)
    await hostile('setBlocked', [account.address, true])
    const blocked = await stop(vault(harbour, account, 'executeEscape', [bad, account.address]))
    await vault(harbour, account, 'executeEscape', [bad, heir])
    const empty = await stop(vault(harbour, account, 'executeEscape', [bad, heir]))
    told(
      'reverting token',
      'the owner blocked by the token: his escape goes to another address, once',
      [blocked, empty],
      ['Blocked', 'NoEscape'],
    )
  })
})
