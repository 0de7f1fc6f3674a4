/** COL: collateral that is counted twice, made of itself, borrowed, or of no worth any more. */
import { Holdings, VaultProof } from '@plimsoll/chain'
import {
  collateralVaultAbi,
  hostileTokenAbi,
  lendingReserveAbi,
  loopReceiptAbi,
  oddTokenAbi,
  receiptAbi,
  testTokenAbi,
} from '@plimsoll/contracts'
import {
  hostileTokenBytecode,
  lendingReserveBytecode,
  loopReceiptBytecode,
  oddTokenBytecode,
  receiptBytecode,
} from '@plimsoll/contracts/bytecode'
import { Deployment } from '@plimsoll/localnet'
import { Credit, type Inputs } from '@plimsoll/margin'
import type { Abi } from 'viem'
import { type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

type Hex = `0x${string}`
const { house, usdc } = Stand
const one = 10n ** 18n
const params = {
  maxViewAgeSeconds: 86_400,
  maxPriceAgeSeconds: 86_400,
  concentration: [{ upTo: null, weightPpm: 1_000_000 }],
} as unknown as Inputs.Params
const creditOf = (lots: readonly Inputs.Lot[], now: number) => Credit.of(lots, params, now).total

type Kit = {
  readonly house: Stand.House
  readonly token: Hex
  readonly create: (abi: Abi, bytecode: Hex, args: readonly unknown[]) => Promise<Hex>
  readonly write: (address: Hex, abi: Abi, functionName: string, args: readonly unknown[]) => Promise<unknown>
  readonly fetch: (args: {
    readonly places: readonly Holdings.Holding[]
    readonly receipts?: readonly (readonly [Hex, Holdings.Receipt.Kind])[]
  }) => Promise<Holdings.Holdings>
}

/** A chain with a token of Alice's, and places made as a row needs them. */
function kit<T>(work: (kit: Kit) => Promise<T>): Promise<T> {
  return house(async (it) => {
    const { strait, alice, manifest, reader } = it
    const token = (manifest.venues[0]?.collateral.token ?? '0x').toLowerCase() as Hex
    await strait.fund([alice.address])
    const create: Kit['create'] = async (abi, bytecode, args) => {
      const hash = await strait.wallet(Deployment.owner).deployContract({ abi, bytecode, args })
      return ((await strait.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
    }
    const write: Kit['write'] = (address, abi, functionName, args) => Deployment.write(strait, alice, { address, abi, functionName, args })
    await write(token, testTokenAbi, 'mint', [alice.address, 1_000n * usdc])
    const open = reader('strait')
    return work({
      house: it,
      token,
      create,
      write,
      fetch: ({ places, receipts = [] }) =>
        Holdings.fetch({
          reader: open,
          places,
          holders: [alice.address],
          receipts: new Map(receipts),
          assets: new Set([token]),
          at: 'head',
        }),
    })
  })
}

const wallet = (token: Hex, name = 'wallet') => Holdings.Erc20.of({ name, token })

export const rows: readonly Row[] = [
  {
    id: 'COL-1',
    fault: 'the same receipt as a token in a wallet and as a position in a reserve',
    expected: 'one lot, counted once, less the debt',
    inject: () =>
      kit(async ({ create, write, fetch, token, house: { strait } }) => {
        const reserve = await create(lendingReserveAbi, lendingReserveBytecode, [token])
        const part = async (functionName: 'aToken' | 'variableDebt') =>
          (await strait.publicClient.readContract({ address: reserve, abi: lendingReserveAbi, functionName })).toLowerCase() as Hex
        const [aToken, variableDebt] = [await part('aToken'), await part('variableDebt')]
        await write(token, testTokenAbi, 'approve', [reserve, 1_000n * usdc])
        await write(reserve, lendingReserveAbi, 'supply', [500n * usdc])
        await write(reserve, lendingReserveAbi, 'borrow', [200n * usdc])
        const position = Holdings.AaveReserve.of({ name: 'reserve', aToken, variableDebt, underlying: token })
        const found = await fetch({ places: [wallet(aToken), position], receipts: [[aToken, 'balance']] })
        return verdict({
          seen: `${found.parts.length} part of ${found.parts[0]?.amount}`,
          evidence: `500 lent, 200 owed; found in ${found.parts[0]?.places.map(({ name }) => name).join(' and ')}`,
          holds: { once: found.parts.length === 1 && found.parts[0]?.amount === 300n * usdc },
        })
      }),
  },
  {
    id: 'COL-2',
    fault: 'receipts that stand on each other (the xUSD loop)',
    expected: 'COLLATERAL_CYCLE, and nothing counted for them; others do count',
    inject: () =>
      kit(async ({ create, write, fetch, house: { alice } }) => {
        const a = await create(loopReceiptAbi, loopReceiptBytecode, ['a'])
        const b = await create(loopReceiptAbi, loopReceiptBytecode, ['b'])
        const over = await create(receiptAbi, receiptBytecode, ['over', a])
        await write(a, loopReceiptAbi, 'standOn', [b])
        await write(b, loopReceiptAbi, 'standOn', [a])
        await write(a, loopReceiptAbi, 'mint', [alice.address, 530n * usdc])
        await write(a, loopReceiptAbi, 'approve', [over, 100n * usdc])
        await write(over, receiptAbi, 'deposit', [100n * usdc, alice.address])
        const found = await fetch({
          places: [wallet(a), wallet(over)],
          receipts: [
            [a, 'shares'],
            [b, 'shares'],
            [over, 'shares'],
          ],
        })
        const codes = found.refusals.map(({ code }) => code)
        return verdict({
          seen: `${codes.join(' ')}; counted: ${found.parts.length}`,
          evidence: found.refusals[0]?.sentence ?? 'no refusal',
          holds: { both: codes.length === 2 && codes.every((code) => code === 'COLLATERAL_CYCLE'), nothing: found.parts.length === 0 },
        })
      }),
  },
  {
    id: 'COL-3',
    fault: 'collateral borrowed for a moment: locked, and asked back in the next block',
    expected: 'credit 0 all the while: nothing counts before it is final',
    inject: (seed) =>
      house(async ({ harbour, manifest, alice, view, vault, token, now }) => {
        const amount = BigInt(1 + seed.draw(1_000_000)) * usdc
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount })
        const credits = [creditOf((await view()).lots, now())]
        await Deployment.write(harbour, alice, {
          address: vault('harbour'),
          abi: collateralVaultAbi,
          functionName: 'requestEscape',
          args: [token('harbour'), amount],
        })
        for (let block = 0; block < 10; block += 1) {
          credits.push(creditOf((await view()).lots, now()))
          await harbour.mine(1)
        }
        return verdict({
          seen: `credit ${credits.join(' ')}`,
          evidence: `${amount / usdc} USDC locked one block before the request`,
          holds: { never: credits.every((credit) => credit === 0n) },
        })
      }),
  },
  {
    id: 'COL-6',
    fault: '2,000 lots of dust beside one that matters',
    expected: 'one eth_call per source and thousand reads, every amount proven, and a credit of what they are worth',
    inject: () =>
      house(async ({ harbour, manifest, alice, view, finalise, sources, token, vault, now, reader }) => {
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 100n * usdc })
        const dust = Array.from({ length: 1_000 }, (_, index): Hex => `0x${(index + 1).toString(16).padStart(40, '0')}`)
        const assets = ['USDC', 'WETH'] as const
        await Promise.all(
          dust.flatMap((holder) =>
            assets.map((asset) =>
              harbour.testClient.setStorageAt({
                address: vault('harbour'),
                index: VaultProof.lockedSlot({ holder, token: token('harbour', asset) }),
                value: `0x${'0'.repeat(63)}1`,
              }),
            ),
          ),
        )
        await finalise()
        for (const source of sources.harbour) source.forget()
        // Proofs of so much take longer than a read: the sources are given their time.
        const slow = { evidence: 'proof', timeoutMs: 20_000 } as const
        const readers = [reader('harbour', slow), reader('lagoon', slow), reader('strait')]
        const from = performance.now()
        const { lots, missing } = await view({ accounts: [...dust, alice.address], readers })
        const readMs = performance.now() - from
        const credit = creditOf(lots, now())
        const alone = creditOf(
          lots.filter(({ holder }) => holder === alice.address.toLowerCase()),
          now(),
        )
        const calls = sources.harbour.map((source) => source.calls()['eth_call'] ?? 0)
        const proofs = sources.harbour.map((source) => source.calls()['eth_getProof'] ?? 0)
        return verdict({
          seen: `${lots.length} lots in ${readMs.toFixed(0)} ms, ${credit - alone} parts of 1e18 USD more than the one`,
          evidence: `eth_call by source: ${calls.join(' ')}; eth_getProof: ${proofs.join(' ')}; ${missing.length} chains missing`,
          holds: {
            all: lots.length === 2_001,
            whole: missing.length === 0,
            // Two balances of each of 1,001 accounts, and two prices.
            'three calls': calls.every((count) => count === 3),
            'dust is dust': credit - alone < one,
          },
        })
      }),
  },
  {
    id: 'RPC-15',
    fault:
      'balanceOf reverts, says nothing, says two words; in a vault a token keeps a toll, loses half of every balance, then says nothing at all',
    expected:
      'ASSET_UNSUPPORTED for that lot alone; in a vault what arrived counts, then its share (TOKEN_SHORT), then nothing (ASSET_UNSUPPORTED), each for its holder alone; other lots stay, and so does their proof',
    inject: async () => {
      const places = await kit(async ({ create, write, fetch, token, house: { alice } }) => {
        const odd = await create(oddTokenAbi, oddTokenBytecode, [])
        const wrapped = await create(receiptAbi, receiptBytecode, ['of odd', odd])
        await write(odd, oddTokenAbi, 'mint', [alice.address, 100n])
        const codes: string[] = []
        let others = true
        for (const oddity of [1, 2, 3]) {
          await write(odd, oddTokenAbi, 'become', [oddity, 1_000_000n])
          const found = await fetch({ places: [wallet(odd), wallet(token), wallet(wrapped)] })
          codes.push(found.refusals.map(({ code }) => code).join())
          others &&= found.parts.length === 1 && found.parts[0]?.amount === 1_000n * usdc
        }
        return { codes, others }
      })
      const seen = await locked()
      return verdict({
        seen: `${places.codes.join(' ')}; in a vault: ${seen.map(({ own, doubts }) => `${own} ${doubts}`).join(', then ')}`,
        evidence: `the other token counted each time; 1,000 were sent with a toll of a hundredth; USDC beside it: ${seen.map(({ others }) => others).join(' ')}`,
        holds: {
          refused: places.codes.every((code) => code === 'ASSET_UNSUPPORTED'),
          others: places.others && seen.every(({ others, missing }) => others === 7n * usdc && missing === 0),
          'what arrived': seen[0]?.own === 990n && seen[0].doubts === '',
          'its share': seen[1]?.own === 495n && seen[1].doubts === 'TOKEN_SHORT',
          nothing: seen[2]?.own === 0n && seen[2].doubts === 'ASSET_UNSUPPORTED',
        },
      })
    },
  },
]

/** What is seen, with proofs, of a hostile token and of USDC in one vault: after a toll, after a loss, and once it answers nothing. */
function locked() {
  return house(async ({ harbour, manifest, alice, vault, token, feed, finalise, view }) => {
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 7n * usdc })
    const deploy = { abi: hostileTokenAbi, bytecode: hostileTokenBytecode, args: [] } as const
    const hash = await harbour.wallet(alice).deployContract(deploy)
    const bad = ((await harbour.publicClient.waitForTransactionReceipt({ hash })).contractAddress ?? '0x').toLowerCase() as Hex
    const at = vault('harbour')
    const hostile = (functionName: string, args: readonly unknown[]) =>
      Deployment.write(harbour, alice, { address: bad, abi: hostileTokenAbi, functionName, args })
    await Deployment.write(harbour, Deployment.owner, {
      address: at,
      abi: collateralVaultAbi,
      functionName: 'allowToken',
      args: [bad, true],
    })
    await hostile('mint', [alice.address, 1_000n])
    await hostile('approve', [at, 1_000n])
    await hostile('setToll', [10_000])
    await Deployment.write(harbour, alice, { address: at, abi: collateralVaultAbi, functionName: 'deposit', args: [bad, 1_000n] })
    const listed = (address: Hex, asset: string) => ({
      ...{ address, asset, decimals: 6, feed: feed('USDC') },
      haircuts: { assetPpm: 10_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
    })
    const vaults = [{ chainId: harbour.chainId, address: at, tokens: [listed(token('harbour'), 'USDC'), listed(bad, 'HOST')] }]
    const look = async () => {
      await finalise()
      const { lots, doubtful, missing } = await view({ vaults })
      const sum = (asset: string) => lots.reduce((all, lot) => (lot.asset === asset ? all + lot.amount : all), 0n)
      return { own: sum('HOST'), others: sum('USDC'), doubts: doubtful.map(({ code }) => code).join(), missing: missing.length }
    }
    const seen = [await look()]
    await hostile('rebase', [500_000n])
    seen.push(await look())
    // Reverts whatever it is asked.
    await harbour.testClient.setCode({ address: bad, bytecode: '0x60006000fd' })
    seen.push(await look())
    return seen
  })
}
