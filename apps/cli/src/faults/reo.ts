/** REO: chains that take back what they had. */
import { collateralVaultAbi, Release, testTokenAbi } from '@plimsoll/contracts'
import { Deployment, Wallet } from '@plimsoll/localnet'
import { outcome, type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

type Abi = Parameters<typeof Deployment.write>[2]['abi']
const { balance, chain, house, usdc, wei } = Stand

const reorg = (anvil: Stand.House['harbour'], blocks: number) =>
  anvil.testClient.request({ method: 'anvil_reorg' as never, params: [blocks, []] as never })

/**
 * A deposit in the block that a reorganisation of each depth takes with it, seen by the same readers all the while.
 *
 * @returns depths at which anything but the deposits of before counted, and what comes of one block more, which was final.
 */
export function depths(): Promise<{ readonly other: readonly string[]; readonly beyond: string }> {
  return house(async ({ view, reader, harbour, manifest, alice, finalise, token, vault }) => {
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 1_000n * usdc })
    const write = (address: `0x${string}`, abi: Abi, functionName: string, args: readonly unknown[]) =>
      Deployment.write(harbour, alice, { address, abi, functionName, args })
    await write(token('harbour'), testTokenAbi, 'mint', [alice.address, 1_000n * usdc])
    await write(token('harbour'), testTokenAbi, 'approve', [vault('harbour'), 1_000n * usdc])
    await finalise()
    // What is asked here is what counts, not how soon: a slow machine is no fault of a source.
    const slow = { timeoutMs: 10_000 } as const
    const readers = [reader('harbour', { evidence: 'proof', ...slow }), reader('lagoon', slow), reader('strait', slow)]
    const look = async () => {
      const { lots, missing } = await view({ readers })
      return { total: lots.reduce((sum, { amount }) => sum + amount, 0n), missing }
    }
    const deposit = async (blocks: number) => {
      await write(vault('harbour'), collateralVaultAbi, 'deposit', [token('harbour'), 100n * usdc])
      await harbour.mine(blocks - 1)
    }
    const told = ({ total, missing }: Awaited<ReturnType<typeof look>>) =>
      missing.length === 0 ? `${total / usdc}` : missing.map(({ code }) => code).join()
    const other: string[] = []
    for (let blocks = 1; blocks <= Stand.depth; blocks += 1) {
      await deposit(blocks)
      const seen = [told(await look())]
      await reorg(harbour, blocks)
      seen.push(told(await look()))
      await harbour.mine(Stand.depth + 1)
      seen.push(told(await look()))
      if (seen.some((one) => one !== '1000')) other.push(`${blocks}: ${seen.join(' ')}`)
    }
    await deposit(Stand.depth + 1)
    const { total } = await look()
    await reorg(harbour, Stand.depth + 1)
    await harbour.mine(1)
    const { missing } = await look()
    return { other, beyond: total === 1_100n * usdc ? missing.map(({ code }) => code).join() : `${total} counted when final` }
  })
}

/** A view whose final block is replaced after the balances, before what has happened since is read. */
function torn(): Promise<{ readonly codes: string; readonly lots: number; readonly again: string; readonly sentence: string }> {
  return house(async ({ view, reader, harbour, manifest, alice, finalise }) => {
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 1_000n * usdc })
    await finalise()
    const open = reader('harbour')
    const between: typeof open = {
      ...open,
      logs: async (asked) => {
        await reorg(harbour, Stand.depth + 4)
        return open.logs(asked)
      },
    }
    const { missing, lots, refusals } = await view({ readers: [between, reader('lagoon'), reader('strait')] })
    const again = await view({ readers: [open, reader('lagoon'), reader('strait')] })
    const codesOf = (all: typeof missing) => all.map(({ code }) => code).join()
    return { codes: codesOf(missing), lots: lots.length, again: codesOf(again.missing), sentence: refusals[0]?.sentence ?? '' }
  })
}

export const rows: readonly Row[] = [
  {
    id: 'REO-3',
    fault: 'the head goes back by 3 blocks',
    expected: 'a lag, no reorg: the last final block stays',
    inject: () =>
      chain(async ({ anvil, reader }) => {
        const open = reader()
        const before = await balance(open)
        await anvil.testClient.request({ method: 'anvil_rollback' as never, params: [3] as never })
        const after = await balance(open)
        const same = before.read.pinned.block.hash === after.read.pinned.block.hash
        return verdict({
          seen: same ? 'the same final block, the same value' : 'another block',
          evidence: `head ${before.read.pinned.head.number} → ${after.read.pinned.head.number}, final ${after.read.pinned.block.number}`,
          holds: { same, value: after.value === wei },
        })
      }),
  },
  {
    id: 'REO-4',
    fault: 'a reorg between the pin and the read; of a final block between two reads of one view',
    expected: 'the block is pinned anew up to 3 times; if it goes on, RPC_HASH_DISAGREE; of the view VIEW_REORGED, and nothing counts',
    inject: async () => {
      const view = await torn()
      return chain(async ({ anvil, sources, reader }) => {
        const open = reader()
        const pinned = await open.pin({ at: 'head' })
        await anvil.testClient.request({ method: 'anvil_reorg' as never, params: [2, []] as never })
        const direct = await outcome(open.read({ pinned, calls: [{ target: Stand.holder, data: '0x' }] }))
        const again = await balance(open, 'head')
        for (const source of sources) {
          source.become({ kind: 'refuse', method: 'eth_call', message: 'header not found' })
          source.forget()
        }
        const code = await outcome(balance(open, 'head'))
        const pins = sources.map((source) => source.calls()['eth_chainId'] ?? 0)
        return verdict({
          seen: `the old pin: ${direct}; pinned anew: ${again.value === wei ? 'the truth' : again.value}; for ever: ${code}; a view: ${view.codes}, ${view.lots} lots; the next: ${view.again}`,
          evidence: `pins of a read that never succeeds, by source: ${pins.join(' ')}; ${view.sentence}`,
          holds: {
            three: pins.every((count) => count === 3),
            disagree: code === 'RPC_HASH_DISAGREE',
            refused: direct === 'RPC_HASH_DISAGREE',
            again: again.value === wei,
            'the view': view.codes === 'VIEW_REORGED' && view.lots === 0,
            'and frozen after': view.again === 'FINALITY_VIOLATED',
          },
        })
      })
    },
  },
  {
    id: 'REO-5',
    fault: 'collateral released on chain A and locked on chain B between their reads',
    expected: 'counted once: out at once, in when final',
    inject: (seed) =>
      house(async ({ view, harbour, lagoon, manifest, alice, finalise, token, vault, now }) => {
        const amount = BigInt(10 + seed.draw(90)) * usdc
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount })
        await finalise()
        const total = async () => (await view()).lots.reduce((sum, lot) => sum + lot.amount - lot.pendingOut, 0n)
        const order = {
          id: `0x${'05'.repeat(32)}` as const,
          account: alice.address,
          token: token('harbour'),
          amount,
          to: alice.address,
          deadline: BigInt(now() + 3_600),
          epoch: 1,
        }
        const signature = await Wallet.of('release signer').signTypedData(
          Release.typedData(order, { chainId: harbour.chainId, verifyingContract: vault('harbour') }),
        )
        const before = await total()
        await Deployment.write(harbour, alice, {
          address: vault('harbour'),
          abi: collateralVaultAbi,
          functionName: 'release',
          args: [order, [signature]],
        })
        await Deployment.lock({ chain: lagoon, manifest, account: alice, asset: 'USDC', amount })
        const between = await total()
        await lagoon.mine(9)
        const after = await total()
        return verdict({
          seen: `${before} → ${between} → ${after}`,
          evidence: `amount ${amount}; never more than once`,
          holds: { once: before === amount && between === 0n && after === amount },
        })
      }),
  },
]
