/**
 * A loss that crosses chains, on real ones: a position at a venue on strait goes bad, and what its certificate stood for is paid
 * from the vault on harbour. Every cent is followed, on both chains and in the ledger.
 */
import {
  Certificate,
  collateralVaultAbi,
  Hash,
  limitBookAbi,
  MarkDown,
  Market,
  perpVenueAbi,
  Settlement,
  testTokenAbi,
} from '@plimsoll/contracts'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { Waterfall } from '@plimsoll/margin'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Book from './Book.ts'
import type { Database } from './Database.ts'
import * as Ledger from './Ledger.ts'
import * as Participants from './Participants.ts'
import * as Settlements from './Settlements.ts'
import { engines, type Running } from './testing/Engines.ts'

type Hex = `0x${string}`
const usd = (dollars: number) => BigInt(dollars) * 10n ** 18n
const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const eth = (whole: number) => BigInt(whole) * 10n ** 18n
const symbol = 'ETH-PERP'
const market = Market.id(symbol)
const anyPrice = 2n ** 256n - 1n
const lower = (address: Hex) => address.toLowerCase() as Hex

const alice = Wallet.of('alice')
const bob = Wallet.of('bob')
const keeper = Wallet.of('keeper')
/** What pays the rest of a loss, in this order, with what each has. */
const fund = Wallet.of('insurance fund')
const backstop = Wallet.of('backstop')
/** Whom the vault pays for the venue, and who brings the same to the venue. */
const escrow = Wallet.of('escrow of north')

for (const engine of engines)
  describe.skipIf(engine.absent)(`a loss across chains, ${engine.title}`, () => {
    let harbour: Anvil.Anvil
    let lagoon: Anvil.Anvil
    let strait: Anvil.Anvil
    let manifest: Manifest.Manifest
    let running: Running
    let database: Database
    let now = 0
    let participantId: Hex = '0x'
    let north: Manifest.Venue
    let vault: Manifest.Vault
    let locked: Hex = '0x'

    beforeAll(async () => {
      ;[harbour, lagoon, strait] = await Promise.all([
        Anvil.start({ chainId: 31337811 }),
        Anvil.start({ chainId: 31337812 }),
        Anvil.start({ chainId: 31337813 }),
      ])
      manifest = await Deployment.deploy({ harbour, lagoon, strait })
      const [venue, place] = [manifest.venues[0], manifest.vaults[0]]
      if (!venue || !place?.tokens[0]) throw new Error('a venue and a vault were asked for')
      north = venue
      vault = place
      locked = place.tokens[0].token
      await strait.fund([alice, bob, keeper, fund, backstop, escrow].map(({ address }) => address))
      now = Number((await strait.publicClient.getBlock()).timestamp)
      running = await engine.start()
      database = await running.open({ clock: () => now })
      participantId = (await Participants.ensure(database, { account: `eip155:0:${lower(alice.address)}` })).participantId
    })
    afterAll(async () => {
      expect(await Audit.audit(database)).toEqual([])
      await database.close()
      await running.stop()
      await Promise.all([harbour, lagoon, strait].map((chain) => chain.stop()))
    })

    const atVenue = (account: typeof alice, functionName: string, args: readonly unknown[]) =>
      Deployment.write(strait, account, { address: north.address, abi: perpVenueAbi, functionName, args })
    const atVault = (account: typeof alice, functionName: string, args: readonly unknown[]) =>
      Deployment.write(harbour, account, { address: vault.address, abi: collateralVaultAbi, functionName, args })
    const balance = (chain: Anvil.Anvil, token: Hex, of: Hex) =>
      chain.publicClient.readContract({ address: token, abi: testTokenAbi, functionName: 'balanceOf', args: [of] })
    const standing = (account: Hex, blockNumber?: bigint) =>
      strait.publicClient.readContract({
        ...{ address: north.address, abi: perpVenueAbi, functionName: 'accountOf', args: [account] },
        ...(blockNumber === undefined ? {} : { blockNumber }),
      })
    const pool = () => strait.publicClient.readContract({ address: north.address, abi: perpVenueAbi, functionName: 'pool' })

    /** Makes what was mined final, and tells the ledger what alice's account looks like there. */
    async function observe(): Promise<void> {
      await strait.mine(12, 1)
      const block = await strait.publicClient.getBlock({ blockTag: 'finalized' })
      now = Math.max(now, Number(block.timestamp))
      const account = await standing(alice.address, block.number)
      const key = { account: alice.address, venue: north.address, market }
      const [limit] = await strait.publicClient.readContract({
        ...{ address: north.limitBook, abi: limitBookAbi, functionName: 'limitsOf', args: [[key]], blockNumber: block.number },
      })
      const [open] = account.positions
      await Ledger.observe(database, {
        chainId: strait.chainId,
        venue: north.address,
        block: { number: block.number, hash: block.hash, timestamp: Number(block.timestamp) },
        accounts: [
          {
            account: lower(alice.address),
            venueCollateral: account.collateral,
            unrealisedLoss: open === undefined || open.unrealised > 0n ? 0n : -open.unrealised,
            fees: account.unsettledLoss,
            credit: account.credit,
            positions: [
              {
                market,
                side: open === undefined ? 'flat' : 'long',
                notional: open?.notional ?? 0n,
                requirement: account.im,
                acceptedSequence: limit?.sequence ?? 0n,
              },
            ],
          },
        ],
      })
    }

    /** A certificate from the ledger, signed, and posted at the book. */
    async function issue(credit: bigint, maxNotional: bigint): Promise<void> {
      const { timestamp } = await strait.publicClient.getBlock()
      now = Number(timestamp)
      const document = JSON.stringify({ credit: `${credit}`, at: now })
      const request: Ledger.Request = {
        ...{ participantId, account: alice.address, venue: { chainId: strait.chainId, address: north.address } },
        ...{ market: { id: market, sideCap: usd(1_000_000) }, idempotencyKey: document, bodyHash: Hash.ofText(document) },
      }
      const issued = await Ledger.issue(database, request, async ({ sequence }) => {
        const certificate: Certificate.Certificate = {
          ...{ participantId, account: lower(alice.address), venue: north.address, market, maxNotional, credit, imPpm: 80_000, sequence },
          ...{ issuedAt: timestamp, expiresAt: timestamp + 300n, epoch: 1, inputsHash: Hash.ofText(document) },
          ...{ modelHash: Hash.ofText('model'), paramsHash: Hash.ofText('params') },
        }
        const book = { chainId: strait.chainId, verifyingContract: north.limitBook }
        const signature = await Wallet.of('signer one').signTypedData(Certificate.typedData(certificate, book))
        const signed = { chainId: strait.chainId, limitBook: north.limitBook, certificate, signatures: [signature] }
        return { status: 'issue', signed, document, creditTotal: usd(10_000), holders: [], damper: null }
      })
      if (issued.status !== 'issued') throw new Error('the certificate was refused')
      const { certificate, signatures } = issued.signed
      const args = [Certificate.toStruct(certificate), signatures]
      await Deployment.write(strait, keeper, { address: north.limitBook, abi: limitBookAbi, functionName: 'accept', args })
    }

    /** Tokens of one's own on strait, and what they cover of alice's loss. */
    async function cover(payer: typeof alice, amount: bigint, source: Hex): Promise<void> {
      const token = north.collateral.token
      await Deployment.write(strait, payer, { address: token, abi: testTokenAbi, functionName: 'mint', args: [payer.address, amount] })
      await Deployment.write(strait, payer, { address: token, abi: testTokenAbi, functionName: 'approve', args: [north.address, amount] })
      await atVenue(payer, 'coverLoss', [alice.address, amount, source])
    }

    it('worked example: 6,015 lost, 5,000 settled from the vault, 900 from the waterfall, 115 named as nobody’s', async () => {
      // Before: 10,000 locked on harbour, of which alice lets north claim up to 8,000; 5,000 of credit on strait.
      await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: usdc(10_000), claims: 'none' })
      await atVault(alice, 'enableEscrow', [locked, strait.chainId, north.address, escrow.address, usdc(8_000)])
      await observe()
      await issue(usd(5_000), usd(30_000))
      await Deployment.deposit({ chain: strait, manifest, account: bob, venue: 'north', amount: usdc(40_000) })
      await atVenue(alice, 'open', [market, eth(10), anyPrice])
      await atVenue(bob, 'open', [market, eth(-10), 0n])

      // The price gaps from 3,000 to 2,400: 6,000 lost, and a fee of 15; 5,000 stood behind it.
      await Deployment.setPrice({ chain: strait, manifest, symbol, price: 2_400 })
      await atVenue(keeper, 'liquidate', [alice.address, market])
      expect(await standing(alice.address)).toMatchObject({ unsettledLoss: usd(6_015), positions: [], equity: usd(-1_015) })

      // The winner is paid by the venue at once, before anything was settled.
      await atVenue(bob, 'reduce', [market, anyPrice, anyPrice])
      await atVenue(bob, 'withdraw', [usdc(45_985), bob.address])
      expect(await balance(strait, north.collateral.token, bob.address)).toBe(usdc(45_985))
      expect(await pool()).toBe(usdc(5_000_000 + 15 - 6_000))

      // The ledger claims what the venue had bound, and no more.
      await observe()
      const key = { participantId, account: lower(alice.address), venue: { chainId: strait.chainId, address: north.address } }
      expect(await Settlements.claimable(database, key)).toEqual({ encumbrance: usd(5_000), claimed: 0n, claimable: usd(5_000) })
      const { timestamp } = await harbour.publicClient.getBlock()
      const order: Settlement.Settlement = {
        ...{ id: Hash.ofText('settlement 1'), account: alice.address, token: locked, amount: usdc(5_000) },
        ...{ venueChainId: BigInt(strait.chainId), venue: north.address, escrow: escrow.address, encumbrance: usdc(5_000) },
        ...{ deadline: timestamp + 600n, epoch: 1 },
      }
      const place = { chainId: harbour.chainId, verifyingContract: vault.address }
      const request: Settlements.SettlementRequest = {
        ...{ ...key, settlementId: order.id, chainId: harbour.chainId, vault: vault.address, credit: usd(5_000) },
        ...{ deadline: Number(order.deadline), bodyHash: Settlement.digest(order, place) },
      }
      now = Math.min(now, Number(order.deadline) - 60)
      const tooMuch = { ...request, settlementId: Hash.ofText('greedy'), credit: usd(6_015) }
      await expect(Ledger.order(database, tooMuch, () => expect.unreachable())).rejects.toMatchObject({ code: 'OVER_CLAIM' })
      const ordered = await Ledger.order(database, request, async () => {
        return { status: 'order', signatures: [await Wallet.of('settlement signer').signTypedData(Settlement.typedData(order, place))] }
      })
      if (ordered.status !== 'ordered') throw new Error('the settlement was refused')

      // The vault takes it, waits out the challenge, and pays the escrow.
      await harbour.fund([keeper.address])
      await atVault(keeper, 'queueSettlement', [order, ordered.signatures])
      await expect(atVault(keeper, 'paySettlement', [order.id])).rejects.toThrow('Challengeable')
      await harbour.advance(3_600)
      await atVault(keeper, 'paySettlement', [order.id])
      expect(await balance(harbour, locked, escrow.address)).toBe(usdc(5_000))
      expect(await balance(harbour, locked, vault.address)).toBe(usdc(5_000))
      await harbour.mine(12, 1)
      const paidIn = await harbour.publicClient.getBlock({ blockTag: 'finalized' })
      const claim = await harbour.publicClient.readContract({
        ...{ address: vault.address, abi: collateralVaultAbi, functionName: 'claimOf', args: [order.id], blockNumber: paidIn.number },
      })
      const fate = (['unknown', 'queued', 'paid', 'vetoed', 'lapsed'] as const)[claim.status]
      if (fate === undefined) throw new Error(`a status of ${claim.status} is not known`)
      const concluded = await Ledger.conclude(database, {
        ...{ chainId: harbour.chainId, vault: vault.address },
        block: { number: paidIn.number, timestamp: Number(paidIn.timestamp) },
        settlements: [{ settlementId: order.id, fate }],
      })
      expect(concluded).toEqual({ paid: 1, void: 0 })

      // The same is brought to the venue; what is left walks its waterfall.
      await cover(escrow, usdc(5_000), order.id)
      const left = (await standing(alice.address)).unsettledLoss
      expect(left).toBe(usd(1_015))
      const every = { market: null, tranche: null }
      const outcome = Waterfall.pay(
        { amount: left / 10n ** 12n, market: symbol, tranche: 'main' },
        [
          { ...every, name: 'insurance fund', kind: 'insurance', available: usdc(600) },
          { ...every, name: 'backstop', kind: 'backstop', available: usdc(300) },
        ],
        { kind: 'none', winners: [] },
      )
      expect(outcome.payments.map(({ payer, amount }) => [payer, amount])).toEqual([
        ['insurance fund', usdc(600)],
        ['backstop', usdc(300)],
      ])
      const payers = { 'insurance fund': fund, backstop }
      for (const { payer, amount } of outcome.payments)
        if (payer === 'insurance fund' || payer === 'backstop') await cover(payers[payer], amount, Hash.ofText(payer))
      expect(outcome.uncovered).toBe(usdc(115))

      // Every cent on chain: what the pool is short of is what is still owed, and every token is the pool's or somebody's.
      const [account, winner] = [await standing(alice.address), await standing(bob.address)]
      expect(account.unsettledLoss).toBe(usd(115))
      expect(await pool()).toBe(usdc(5_000_000 + 30 - 115))
      const held = await balance(strait, north.collateral.token, north.address)
      expect(held).toBe((await pool()) + (account.collateral + winner.collateral) / 10n ** 12n)
      expect(5_000n + 600n + 300n + 115n).toBe(6_015n)

      // And in the ledger: once covered, the claim is spent, and what stays bound is the 115.
      await observe()
      const strand = await strait.publicClient.getBlock({ blockTag: 'finalized' })
      const covers = await strait.publicClient.getContractEvents({
        ...{ address: north.address, abi: perpVenueAbi, eventName: 'LossCovered', args: { source: order.id } },
        ...{ fromBlock: 0n, toBlock: strand.number },
      })
      expect(covers.map(({ args }) => args.amount)).toEqual([usdc(5_000)])
      const read = { venue: key.venue, block: { number: strand.number }, settlementIds: [order.id] }
      expect(await Ledger.cover(database, read)).toBe(1)
      await strait.advance(400)
      await observe()
      now += 120
      expect(Book.encumbered(await Ledger.snapshot(database), participantId)).toBe(usd(115))
      // The credit that stood behind it is spent: the 115 are no claim on alice's collateral any more.
      expect(await Settlements.claimable(database, key)).toEqual({ encumbrance: usd(115), claimed: 0n, claimable: 0n })
    })

    it('worked example: a mark-down lowers the credit to what the rest of the collateral is worth, and not below', async () => {
      await Deployment.setPrice({ chain: strait, manifest, symbol, price: 2_400 })
      const evidence: MarkDown.Evidence = {
        lots: [{ asset: Hash.ofText('USDC'), amount: usdc(5_000), haircutPpm: 100_000 }],
        sharePpm: 1_000_000,
      }
      const book = { chainId: strait.chainId, verifyingContract: north.limitBook }
      const post = async (credit: bigint) => {
        const { timestamp } = await strait.publicClient.getBlock()
        const order: MarkDown.MarkDown = {
          ...{ account: alice.address, venue: north.address, credit, sequence: 1n, epoch: 1 },
          ...{ inputsHash: MarkDown.hashOf(evidence), issuedAt: timestamp },
        }
        const signature = await Wallet.of('signer one').signTypedData(MarkDown.typedData(order, book))
        const args = [order, evidence, [signature]]
        await Deployment.write(strait, keeper, { address: north.limitBook, abi: limitBookAbi, functionName: 'markDown', args })
      }
      await expect(post(usd(4_500) - 1n)).rejects.toThrow('BelowFloor')
      await post(usd(4_500))
      expect((await standing(alice.address)).credit).toBe(usd(4_500))
      await observe()
      const { participants } = await Ledger.snapshot(database)
      expect(participants.get(participantId)?.keys.values().next().value?.bookCredit).toBe(usd(4_500))
    })
  })
