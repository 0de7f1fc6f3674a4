/** COL: collateral that is counted twice, made of itself, borrowed, or of no worth any more. */
import { Holdings, VaultProof } from '@plimsoll/chain'
import { collateralVaultAbi, lendingReserveAbi, loopReceiptAbi, oddTokenAbi, receiptAbi, testTokenAbi } from '@plimsoll/contracts'
import { lendingReserveBytecode, loopReceiptBytecode, oddTokenBytecode, receiptBytecode } from '@plimsoll/contracts/bytecode'
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
    fault: 'balanceOf reverts, says nothing, says two words; a token rebases',
    expected: 'ASSET_UNSUPPORTED for that lot alone; a rebase is read as it is',
    inject: () =>
      kit(async ({ create, write, fetch, token, house: { alice } }) => {
        const odd = await create(oddTokenAbi, oddTokenBytecode, [])
        const wrapped = await create(receiptAbi, receiptBytecode, ['of odd', odd])
        await write(odd, oddTokenAbi, 'mint', [alice.address, 100n])
        const results: string[] = []
        let others = true
        for (const oddity of [1, 2, 3]) {
          await write(odd, oddTokenAbi, 'become', [oddity, 1_000_000n])
          const found = await fetch({ places: [wallet(odd), wallet(token), wallet(wrapped)] })
          results.push(found.refusals.map(({ code }) => code).join())
          others &&= found.parts.length === 1 && found.parts[0]?.amount === 1_000n * usdc
        }
        await write(odd, oddTokenAbi, 'become', [0, 2_000_000n])
        const held = (await fetch({ places: [wallet(odd)] })).refusals.map(({ code }) => code).join()
        return verdict({
          seen: results.join(' '),
          evidence: `the other token counted each time; rebased and unknown as an asset: ${held}`,
          holds: { refused: results.every((code) => code === 'ASSET_UNSUPPORTED'), others },
        })
      }),
  },
]
