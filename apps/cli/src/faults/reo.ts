/** REO: chains that take back what they had. */
import { collateralVaultAbi, Release } from '@plimsoll/contracts'
import { Deployment, Wallet } from '@plimsoll/localnet'
import { outcome, type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

const { balance, chain, house, usdc, wei } = Stand

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
    fault: 'a reorg between the pin and the read',
    expected: 'the block is pinned anew up to 3 times; if it goes on, RPC_HASH_DISAGREE',
    inject: () =>
      chain(async ({ anvil, sources, reader }) => {
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
          seen: `the old pin: ${direct}; pinned anew: ${again.value === wei ? 'the truth' : again.value}; for ever: ${code}`,
          evidence: `pins of a read that never succeeds, by source: ${pins.join(' ')}`,
          holds: {
            three: pins.every((count) => count === 3),
            disagree: code === 'RPC_HASH_DISAGREE',
            refused: direct === 'RPC_HASH_DISAGREE',
            again: again.value === wei,
          },
        })
      }),
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
