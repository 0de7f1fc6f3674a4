/** Test kit: a certificate at a real book, posted by somebody who is neither its trader nor a signer. */
import { limitBookAbi } from '@plimsoll/contracts'
import { type Anvil, Deployment, Wallet } from '@plimsoll/localnet'
import type { Hex } from '../Hex.ts'
import type { Request } from '../Signer.ts'

type At = { readonly chain: Anvil.Anvil; readonly request: Request }

/** @throws what the book refuses it with. */
export async function accept({ chain, request }: At, signatures: readonly Hex[]): Promise<void> {
  const poster = Wallet.of('poster')
  await chain.fund([poster.address])
  await Deployment.write(chain, poster, {
    address: request.limitBook,
    abi: limitBookAbi,
    functionName: 'accept',
    args: [request.certificate, signatures],
  })
}

/** What the book holds under its name. */
export function standing({ chain, request }: At) {
  const { account, venue, market } = request.certificate
  return chain.publicClient.readContract({
    address: request.limitBook,
    abi: limitBookAbi,
    functionName: 'limitOf',
    args: [account, venue, market],
  })
}
