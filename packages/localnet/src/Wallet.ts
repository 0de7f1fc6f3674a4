import { LinkAccount } from '@plimsoll/contracts'
import { type Hex, keccak256, stringToBytes } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { createSiweMessage } from 'viem/siwe'

/**
 * The test account of a name: the same key for the same name, everywhere and always. None of them is one of anvil's own.
 *
 * Never fund one on a public chain: whoever knows the name knows the key.
 *
 * @example
 * Wallet.of('alice').address === Wallet.of('alice').address && Wallet.of('alice').address !== Wallet.of('bob').address
 * // => true
 */
export function of(name: string): PrivateKeyAccount {
  return privateKeyToAccount(privateKeyOf(name))
}

/** The private key of the test account of that name. */
export function privateKeyOf(name: string): Hex {
  return keccak256(stringToBytes(`plimsoll local test account: ${name}`))
}

/** The test accounts of several names. */
export function all(names: readonly string[]): PrivateKeyAccount[] {
  return names.map(of)
}

/** A sign-in message as a wallet would write and sign it. */
export async function signIn(request: signIn.Request): Promise<{ readonly message: string; readonly signature: Hex }> {
  const { account, domain, uri, nonce, chainId, issuedAt, lifeSeconds = 300, statement = 'Sign in to Plimsoll.' } = request
  const message = createSiweMessage({
    address: account.address,
    chainId,
    domain,
    nonce,
    uri,
    version: '1',
    statement,
    issuedAt: new Date(issuedAt * 1000),
    expirationTime: new Date((issuedAt + lifeSeconds) * 1000),
  })
  return { message, signature: await account.signMessage({ message }) }
}

export declare namespace signIn {
  type Request = {
    readonly account: PrivateKeyAccount
    readonly domain: string
    readonly uri: string
    readonly nonce: string
    readonly chainId: number
    /** Unix seconds. */
    readonly issuedAt: number
    readonly lifeSeconds?: number
    readonly statement?: string
  }
}

/** Both signatures that a link needs: the new account's and a current one's. */
export async function signLink(request: {
  readonly link: LinkAccount.LinkAccount
  readonly account: PrivateKeyAccount
  readonly primary: PrivateKeyAccount
}): Promise<{ readonly accountSignature: Hex; readonly primarySignature: Hex }> {
  const typed = LinkAccount.typedData(request.link)
  const [accountSignature, primarySignature] = await Promise.all([
    request.account.signTypedData(typed),
    request.primary.signTypedData(typed),
  ])
  return { accountSignature, primarySignature }
}
