/** The example of the README: ask for a limit, have it signed, check it, post it. */
import { createMarginClient, http } from '@plimsoll/sdk'
import type { Account, Chain, Hex, LocalAccount, PublicClient, Transport, WalletClient } from 'viem'

export async function firstLimit(args: {
  readonly gateway: string
  readonly account: LocalAccount
  readonly venue: string
  readonly market: string
  readonly publicClient: PublicClient
  readonly wallet: WalletClient<Transport, Chain, Account>
}): Promise<{ readonly maxNotional: bigint; readonly transaction: Hex }> {
  const { gateway, account, venue, market, publicClient, wallet } = args
  const margin = createMarginClient({ transport: http(gateway) })
  await margin.signIn({ account })

  // What may this account carry, and why?
  const key = { account: account.address, venue, market }
  const { limit } = await margin.getLimit(key)
  for (const { factor, imPpm, notional } of limit.reasons) console.error(factor, imPpm, notional)

  // Bind credit for half of it. Asking again with the same idempotency key gives the same certificate.
  const issued = await margin.issueLimit({ ...key, notional: limit.notional / 2n, idempotencyKey: 'my-first-limit' })
  if (issued.status === 'refused') throw new Error(`${issued.code}: ${issued.message} ${issued.hint}`)

  // Do not trust the gateway: recompute the limit from its inputs, bit for bit, and recover the signers.
  const verdict = await margin.verifyLimit(issued.signed, { client: publicClient })
  if (verdict.status !== 'valid') throw new Error('The certificate is not what its inputs give.')

  // Anybody may post it; from then on the venue admits positions up to it.
  const { request } = margin.prepareAcceptLimit(issued.signed)
  const transaction = await wallet.writeContract(request)
  await publicClient.waitForTransactionReceipt({ hash: transaction })
  return { maxNotional: issued.signed.certificate.maxNotional, transaction }
}
