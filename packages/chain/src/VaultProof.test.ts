import { collateralVaultAbi, hostileTokenAbi } from '@plimsoll/contracts'
import { hostileTokenBytecode } from '@plimsoll/contracts/bytecode'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { numberToHex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ChainConfig } from './ChainConfig.ts'
import * as CollateralView from './CollateralView.ts'
import type { Hex } from './Hex.ts'
import type * as Oracle from './Oracle.ts'
import * as Quorum from './Quorum.ts'
import { faults, lying, start, type Tap } from './testing/Tap.ts'
import * as VaultProof from './VaultProof.ts'

const [alice, bob] = [Wallet.of('alice'), Wallet.of('bob')]
const usdc = 10n ** 6n
const held = 1_234n * usdc
let chains: readonly Anvil.Anvil[]
let harbour: Anvil.Anvil
let taps: readonly [Tap, Tap, Tap]
let manifest: Manifest.Manifest
let vault: Hex
let token: Hex

beforeAll(async () => {
  chains = await Promise.all([1, 2, 3].map((index) => Anvil.start({ chainId: 31_337_000 + index })))
  const [first, second, third] = chains
  if (!first || !second || !third) throw new Error('three chains were started')
  harbour = first
  manifest = await Deployment.deploy({ harbour, lagoon: second, strait: third })
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: harbour.url })))
  if (!a || !b || !c) throw new Error('three sources were started')
  taps = [a, b, c]
  const deployed = manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
  vault = deployed?.address ?? '0x'
  token = deployed?.tokens.find(({ asset }) => asset === 'USDC')?.token ?? '0x'
  await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: held })
  await requestEscape(17n * usdc)
  await harbour.mine(9)
})

afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await Promise.all(chains.map((chain) => chain.stop()))
})

afterEach(() => {
  for (const tap of taps) tap.mend()
})

const requestEscape = (amount: bigint) =>
  Deployment.write(harbour, alice, { address: vault, abi: collateralVaultAbi, functionName: 'requestEscape', args: [token, amount] })
const readerOf = (change: Partial<ChainConfig> = {}) =>
  Quorum.open({
    config: {
      chainId: harbour.chainId,
      name: 'harbour',
      sources: taps.map((tap) => tap.source),
      k: 2,
      finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
      timeoutMs: 1_000,
      evidence: 'proof',
      ...change,
    },
  })
const feed = { chainId: 31_337_003, address: `0x${'fe'.repeat(20)}` as Hex, decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 0 }
const price: Oracle.Assessment = { status: 'ok', price: 10n ** 18n, confidence: 0n, publishedAt: 0 }
const haircuts = { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 }
const view = (reader: Quorum.Reader) =>
  CollateralView.fetch({
    readers: [reader],
    vaults: [{ chainId: harbour.chainId, address: vault, tokens: [{ address: token, asset: 'USDC', decimals: 6, feed, haircuts }] }],
    accounts: [alice.address, bob.address],
    asOf: Math.floor(Date.now() / 1000),
    prices: new Map([[CollateralView.feedKey(feed), price]]),
  })
const amounts = async (reader: Quorum.Reader) => (await view(reader)).lots.map(({ amount, pendingOut }) => ({ amount, pendingOut }))
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2)
/** Tells of `to` wherever the chain says `from`. */
const telling = (from: bigint, to: bigint) => lying('eth_call', (hex: string) => hex.replaceAll(word(from), word(to)))
const forged = lying('eth_getProof', (proof: { readonly storageProof: readonly { readonly proof: readonly string[] }[] }) => ({
  ...proof,
  storageProof: proof.storageProof.map((one) => ({ ...one, proof: one.proof.map((node) => `${node.slice(0, -2)}ff`) })),
}))

describe('verify', () => {
  test('worked example: what is read is what is proven', async () => {
    expect(await amounts(readerOf())).toEqual([{ amount: held, pendingOut: 17n * usdc }])
    const reader = readerOf()
    const pinned = await reader.pin()
    const slots = [VaultProof.lockedSlot({ holder: alice.address, token }), VaultProof.lockedSlot({ holder: bob.address, token })]
    expect(await reader.prove({ pinned, address: vault, slots })).toEqual({ values: [held, 0n], source: 'a', dissent: [] })
  })

  test('worked example: two of three lie alike and the third is down: a quorum believes them, a proof does not', async () => {
    for (const tap of taps.slice(0, 2)) tap.break(telling(held, 1_000_000n * usdc))
    taps[2].break(faults.down)
    expect(await amounts(readerOf({ evidence: 'quorum' }))).toEqual([{ amount: 1_000_000n * usdc, pendingOut: 17n * usdc }])
    const seen = await view(readerOf())
    expect(seen).toMatchObject({ lots: [], missing: [{ chainId: harbour.chainId, code: 'PROOF_INVALID' }] })
    expect(seen.refusals[0]?.sentence).toContain('it said 1000000000000, and its header proves 1234000000')
  })

  test.each([
    ['hide what is locked', held, 0n],
    ['hide an escape', 17n * usdc, 0n],
  ])('error: two sources %s', async (_, from, to) => {
    for (const tap of taps.slice(0, 2)) tap.break(telling(from, to))
    taps[2].break(faults.down)
    expect((await view(readerOf())).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
  })

  test('edge: one source forges its proof: the next one is asked, and the forger named', async () => {
    taps[0].break(forged)
    const reader = readerOf()
    const pinned = await reader.pin()
    const proven = await reader.prove({ pinned, address: vault, slots: [VaultProof.lockedSlot({ holder: alice.address, token })] })
    expect(proven).toMatchObject({ values: [held], source: 'b', dissent: [{ id: 'a', why: 'PROOF_INVALID' }] })
    expect(reader.scores().get('a')).toMatchObject({ scorePpm: 500_000, lie: { why: 'PROOF_INVALID' } })
  })

  test('worked example: whoever forged a proof is asked last from then on', async () => {
    const reader = readerOf()
    const pinned = await reader.pin()
    const slotOf = (account: Hex) => VaultProof.lockedSlot({ holder: account, token })
    taps[0].break(forged)
    await reader.prove({ pinned, address: vault, slots: [slotOf(alice.address)] })
    const again = await reader.prove({ pinned, address: vault, slots: [slotOf(bob.address)] })
    expect(again).toMatchObject({ source: 'b', dissent: [] })
    expect(taps[0].count('eth_getProof')).toBe(1)
  })

  test.each([
    ['forge the nodes', forged],
    ['leave nodes out', lying('eth_getProof', (proof: object) => ({ ...proof, accountProof: [] }))],
    ['prove another state', lying('eth_getBlockByHash', (block: object) => ({ ...block, stateRoot: `0x${'ab'.repeat(32)}` }))],
    ['answer without a proof', lying('eth_getProof', () => ({}))],
    ['answer nothing', lying('eth_getProof', () => null)],
  ])('error: all sources %s', async (_, fault) => {
    for (const tap of taps) tap.break(fault)
    expect((await view(readerOf())).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
  })

  test('error: two of three are down: one proof is no quorum on the header it stands on', async () => {
    for (const tap of taps.slice(1)) tap.break(faults.down)
    expect((await view(readerOf())).missing).toEqual([{ chainId: harbour.chainId, code: 'RPC_QUORUM_LOST' }])
  })

  test('error: the answers come, and the sources do not prove', async () => {
    for (const tap of taps) tap.break(lying('eth_getProof', (_: unknown) => '0x'))
    expect((await view(readerOf())).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
  })

  test('edge: while nothing moves in the vault, one account proof a view; when it moves, its slots anew', async () => {
    const reader = readerOf()
    await view(reader)
    const count = () => taps.map((tap) => tap.count('eth_getProof'))
    const before = count()
    await harbour.mine(1)
    expect(await amounts(reader)).toEqual([{ amount: held, pendingOut: 17n * usdc }])
    expect(count()).toEqual([(before[0] ?? 0) + 2, 0, 0])
    await Deployment.lock({ chain: harbour, manifest, account: bob, asset: 'USDC', amount: 5n * usdc })
    await harbour.mine(9)
    expect(await amounts(reader)).toEqual([
      { amount: held, pendingOut: 17n * usdc },
      { amount: 5n * usdc, pendingOut: 0n },
    ])
  })

  test('property: five hundred slots to a proof, whatever the number of accounts', async () => {
    const claims = Array.from({ length: 600 }, (_, index) => ({
      holder: Wallet.of(`nobody ${index}`).address,
      token,
      locked: 0n,
      leaving: 0n,
      written: null,
      stock: { owed: 0n, held: 0n },
    }))
    const reader = readerOf()
    const pinned = await reader.pin()
    await VaultProof.verify({ reader, pinned, vault, claims })
    expect(taps.map((tap) => tap.count('eth_getProof'))).toEqual([2, 0, 0])
  })
})

describe('a token that misbehaves, beside one that does not', () => {
  let bad: Hex
  const write = (account: typeof alice, address: Hex, abi: typeof hostileTokenAbi, functionName: string, args: readonly unknown[]) =>
    Deployment.write(harbour, account, { address, abi, functionName, args })
  const hostile = (functionName: string, args: readonly unknown[]) => write(bob, bad, hostileTokenAbi, functionName, args)
  const both = (reader: Quorum.Reader, bridgePpm = 0) =>
    CollateralView.fetch({
      readers: [reader],
      vaults: [
        {
          ...{ chainId: harbour.chainId, address: vault },
          tokens: [
            { address: token, asset: 'USDC', decimals: 6, feed, haircuts },
            { address: bad, asset: 'HOST', decimals: 6, feed, haircuts: { ...haircuts, bridgePpm } },
          ],
        },
      ],
      accounts: [alice.address, bob.address],
      asOf: Math.floor(Date.now() / 1000),
      prices: new Map([[CollateralView.feedKey(feed), price]]),
    })
  const told = async (reader = readerOf(), bridgePpm?: number) => {
    const { lots, missing, doubtful } = await both(reader, bridgePpm)
    const own = lots.flatMap(({ asset, amount }) => (asset === 'HOST' ? [amount] : []))
    const others = lots.flatMap(({ asset, amount, pendingOut }) => (asset === 'USDC' ? [amount - pendingOut] : []))
    return {
      own,
      others,
      missing,
      doubtful: doubtful.map(({ holder, code }) => `${holder === bob.address.toLowerCase() ? 'bob' : holder}: ${code}`),
    }
  }
  /** Of the token that misbehaves, as the final blocks have it: what is certain, and what is in doubt. */
  const firm = async (holder = bob) => {
    const { lots, doubts, missing } = CollateralView.firmOf({ view: await both(readerOf()), accounts: [holder.address] })
    return {
      ...{ lots: lots.filter(({ asset }) => asset === 'HOST').length, missing },
      doubts: doubts.map(({ amount, pendingOut, price }) => ({ amount, pendingOut, price: price.value })),
    }
  }
  let others: readonly bigint[]

  beforeAll(async () => {
    const hash = await harbour.wallet(bob).deployContract({ abi: hostileTokenAbi, bytecode: hostileTokenBytecode, args: [] })
    bad = ((await harbour.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
    const allow = { address: vault, abi: collateralVaultAbi, functionName: 'allowToken', args: [bad, true] }
    await Deployment.write(harbour, Deployment.owner, allow)
    await hostile('mint', [bob.address, 10_000n])
    await hostile('approve', [vault, 10_000n])
    await Deployment.write(harbour, bob, { address: vault, abi: collateralVaultAbi, functionName: 'deposit', args: [bad, 990n] })
    await harbour.mine(9)
    others = (await told()).others
  })

  test('worked example: well behaved, it counts as what was locked', async () => {
    expect(await told()).toEqual({ own: [990n], others, missing: [], doubtful: [] })
    expect(await firm()).toEqual({ lots: 1, doubts: [], missing: [] })
    expect(others.length).toBeGreaterThan(0)
  })

  test('bug: a token that lost balance made the proofs of a whole chain fail', async () => {
    await hostile('rebase', [500_000n])
    await harbour.mine(9)
    expect(await told()).toEqual({ own: [495n], others, missing: [], doubtful: ['bob: TOKEN_SHORT'] })
    // What he is told is his share; what is lent on is what is not in doubt.
    expect(CollateralView.of({ view: await both(readerOf()), accounts: [bob.address] })).toEqual({
      lots: [
        expect.objectContaining({ asset: 'USDC', amount: 5n * usdc, haircuts }),
        expect.objectContaining({ asset: 'HOST', amount: 495n, haircuts: { ...haircuts, venuePpm: 1_000_000 } }),
      ],
      missing: [{ chainId: harbour.chainId, code: 'TOKEN_SHORT' }],
    })
    expect((await both(readerOf())).refusals[0]?.sentence).toBe(
      'The vault holds 0.000495 of 0.00099 HOST that it owes: nothing is lent on it, and nobody is called as if that were all.',
    )
    // What is in doubt is what is written down.
    expect(await firm()).toEqual({ lots: 0, doubts: [{ amount: 990n, pendingOut: 0n, price: 10n ** 18n }], missing: [] })
    // Once an operator lets it count nothing, there is no doubt that it does.
    expect(await told(readerOf(), 1_000_000)).toEqual({ own: [495n], others, missing: [], doubtful: [] })
    expect(await told(readerOf(), 999_999)).toMatchObject({ doubtful: ['bob: TOKEN_SHORT'] })
    await hostile('rebase', [1_000_000n])
    await harbour.mine(9)
  })

  test('error: two sources of three lie that it is short: a lie about what is owed is found out, and on one about what is held nobody is called', async () => {
    // 990 is what the vault owes of it, what it holds, and what Bob has; and what is written down of his, when that is asked for.
    const half = lying('eth_call', (hex: string) => {
      if (hex.split(word(990n)).length < 4) return hex
      const at = hex.lastIndexOf(word(990n))
      return `${hex.slice(0, at)}${word(495n)}${hex.slice(at + 64)}`.replace(word(990n), word(495n))
    })
    for (const tap of taps.slice(0, 2)) tap.break(half)
    taps[2].break(faults.down)
    expect(await told()).toEqual({ own: [495n], others, missing: [], doubtful: ['bob: TOKEN_SHORT'] })
    // Twice as much owed, and half of it Bob's: each fits the other, and not what is proven to be owed.
    const more = lying('eth_call', (hex: string) => {
      const [locked = '', owed = '', held = '', rest = ''] = hex.split(word(990n))
      return `${locked}${word(495n)}${owed}${word(1_980n)}${held}${word(990n)}${rest}`
    })
    for (const tap of taps.slice(0, 2)) tap.break(more)
    expect((await both(readerOf())).refusals[0]?.sentence).toContain('amounts owed in all are not what is proven')
    for (const tap of taps.slice(0, 2)) tap.break(telling(990n, 989n))
    expect((await told()).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
    for (const tap of taps.slice(0, 2))
      tap.break(lying('eth_call', (hex: string) => hex.replace(word(990n), word(495n)).replace(word(990n), word(495n))))
    expect((await told()).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
  })

  test('bug: a token whose balance cannot be read took every other token of its vault with it', async () => {
    // Reverts whatever it is asked.
    const code = await harbour.publicClient.getCode({ address: bad })
    await harbour.testClient.setCode({ address: bad, bytecode: '0x60006000fd' })
    await harbour.mine(9)
    expect(await told()).toEqual({ own: [], others, missing: [], doubtful: ['bob: ASSET_UNSUPPORTED'] })
    expect(await firm()).toEqual({ lots: 0, doubts: [{ amount: 990n, pendingOut: 0n, price: 10n ** 18n }], missing: [] })
    expect(await told(readerOf(), 1_000_000)).toEqual({ own: [], others, missing: [], doubtful: [] })
    expect(await told(readerOf({ evidence: 'quorum' }))).toMatchObject({ others, doubtful: ['bob: ASSET_UNSUPPORTED'] })
    // Two of three leave out what is written down of it.
    for (const tap of taps.slice(0, 2)) tap.break(telling(990n, 0n))
    taps[2].break(faults.down)
    expect((await told()).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
    await harbour.testClient.setCode({ address: bad, bytecode: code ?? '0x' })
  })

  test('bug: a token of which the vault holds nothing was in no doubt, and one of which it holds half was', async () => {
    await hostile('mint', [alice.address, 13n])
    await write(alice, bad, hostileTokenAbi, 'approve', [vault, 13n])
    await Deployment.write(harbour, alice, { address: vault, abi: collateralVaultAbi, functionName: 'deposit', args: [bad, 13n] })
    await hostile('rebase', [0n])
    await harbour.mine(9)
    const hers = alice.address.toLowerCase()
    expect(await told()).toEqual({ own: [], others, missing: [], doubtful: [`${hers}: TOKEN_SHORT`, 'bob: TOKEN_SHORT'] })
    expect(await firm()).toEqual({ lots: 0, doubts: [{ amount: 990n, pendingOut: 0n, price: 10n ** 18n }], missing: [] })
    expect(await told(readerOf(), 1_000_000)).toEqual({ own: [], others, missing: [], doubtful: [] })
    expect(await told(readerOf({ evidence: 'quorum' }))).toMatchObject({ own: [], doubtful: [`${hers}: TOKEN_SHORT`, 'bob: TOKEN_SHORT'] })
    // A twentieth is left, and a twentieth of what is hers is no unit.
    await hostile('rebase', [50_000n])
    await harbour.mine(9)
    expect(await told()).toEqual({ own: [49n], others, missing: [], doubtful: [`${hers}: TOKEN_SHORT`, 'bob: TOKEN_SHORT'] })
    expect(await firm(alice)).toMatchObject({ doubts: [{ amount: 13n, pendingOut: 0n }] })
    // Two of three tell of more, or less, written down than is.
    taps[2].break(faults.down)
    for (const lie of [14n, 0n]) {
      for (const tap of taps.slice(0, 2)) tap.break(telling(13n, lie))
      expect((await told()).missing).toEqual([{ chainId: harbour.chainId, code: 'PROOF_INVALID' }])
    }
    taps[2].mend()
    await hostile('rebase', [1_000_000n])
    await harbour.mine(9)
  })
})

describe('left', () => {
  test('worked example: what is left of a cap, and of a lower one from the moment it is announced', () => {
    const of = (change: Partial<Parameters<typeof VaultProof.left>[0]> = {}) =>
      VaultProof.left({ cap: 10n, used: 4n, nextCap: 0n, isFalling: false, ...change })
    expect([of(), of({ used: 9n }), of({ used: 10n }), of({ used: 11n })]).toEqual([6n, 1n, 0n, 0n])
    const falling = (nextCap: bigint) => of({ nextCap, isFalling: true })
    expect([falling(7n), falling(4n), falling(0n), falling(12n)]).toEqual([3n, 0n, 0n, 6n])
  })
})
