/** Injected wallets (EIP-6963): which there are, which one is connected, and what it signs. */
import { createStore, type EIP6963ProviderDetail } from 'mipd'
import { useSyncExternalStore } from 'react'
import { type Address, getAddress, type Hex, stringToHex } from 'viem'

export type Wallet = EIP6963ProviderDetail

/** The wallet this page talks to, and the account it offers now; null when it offers none. */
export type Connection = { readonly wallet: Wallet; readonly account: Address | null }

const store = createStore()
const remembered = 'plimsoll.wallet'
const listeners = new Set<() => void>()
let connection: Connection | null = null
let stopListening = () => {}

/** Every wallet that announced itself. */
export function useWallets(): readonly Wallet[] {
  return useSyncExternalStore(store.subscribe, store.getProviders)
}

export function useConnection(): Connection | null {
  return useSyncExternalStore(subscribe, () => connection)
}

/** Asks the wallet for an account; the wallet asks the person. */
export async function connect(wallet: Wallet): Promise<Address> {
  const [account] = await wallet.provider.request({ method: 'eth_requestAccounts' })
  if (account === undefined) throw new NoAccountError()
  attach(wallet, getAddress(account))
  localStorage.setItem(remembered, wallet.info.rdns)
  return getAddress(account)
}

/** Reconnects the wallet of the last visit without asking, if it is still there and still allows it. */
export function reconnect(): () => void {
  const rdns = localStorage.getItem(remembered)
  if (rdns === null) return () => {}
  const attempt = async () => {
    const wallet = store.findProvider({ rdns })
    if (!wallet || connection) return
    const [account] = await wallet.provider.request({ method: 'eth_accounts' })
    attach(wallet, account === undefined ? null : getAddress(account))
  }
  const unsubscribe = store.subscribe(() => void attempt().catch(() => undefined))
  void attempt().catch(() => undefined)
  return unsubscribe
}

export function disconnect(): void {
  localStorage.removeItem(remembered)
  stopListening()
  set(null)
}

/** Signs a text with an account of the wallet (personal_sign). */
export function signer(wallet: Wallet, address: Address) {
  return {
    address,
    signMessage: ({ message }: { readonly message: string }): Promise<Hex> =>
      wallet.provider.request({ method: 'personal_sign', params: [stringToHex(message), address] }),
  }
}

function attach(wallet: Wallet, account: Address | null): void {
  stopListening()
  const changed = (accounts: readonly Address[]) => set({ wallet, account: accounts[0] === undefined ? null : getAddress(accounts[0]) })
  wallet.provider.on('accountsChanged', changed)
  stopListening = () => wallet.provider.removeListener('accountsChanged', changed)
  set({ wallet, account })
}

function set(next: Connection | null): void {
  connection = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Thrown when a wallet connects and offers no account. */
class NoAccountError extends Error {
  override readonly name = 'Wallets.NoAccountError'
  readonly code = 'WALLET_WITHOUT_ACCOUNT'
  readonly hint = 'Create or unlock an account in the wallet, and connect again.'
  constructor() {
    super('The wallet offered no account.')
  }
}
