/** A wallet in a test's browser: announced as EIP-6963 asks, signing outside of the page with a viem account. */
import type { BrowserContext } from 'playwright-core'
import { type Address, type Hex, hexToString } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

export type InjectedWallet = {
  /** What was signed, in order. */
  readonly signed: readonly string[]
  /** Declines the next request that would sign. */
  declineNext: () => void
  /** Moves the wallet to another account, as a person would in the wallet's own window. */
  switchTo: (account: PrivateKeyAccount) => Promise<void>
}

/** Announces a wallet on every page of the context that is opened from now on. */
export async function inject(context: BrowserContext, first: PrivateKeyAccount): Promise<InjectedWallet> {
  let account = first
  let declining = false
  const signed: string[] = []
  await context.exposeFunction('plimsollTestWallet', async (method: string, params: readonly unknown[]) => {
    switch (method) {
      case 'eth_requestAccounts':
      case 'eth_accounts':
        return { result: [account.address.toLowerCase()] satisfies string[] }
      case 'eth_chainId':
        return { result: '0x1' }
      case 'personal_sign': {
        const [data, address] = params as readonly [Hex, Address]
        if (declining) {
          declining = false
          return { error: { code: 4001, message: 'User rejected the request.' } }
        }
        if (address.toLowerCase() !== account.address.toLowerCase()) return { error: { code: 4100, message: 'Unauthorized.' } }
        signed.push(hexToString(data))
        return { result: await account.signMessage({ message: { raw: data } }) }
      }
      default:
        return { error: { code: 4200, message: `${method} is not supported.` } }
    }
  })
  await context.addInitScript({ content: script })
  return {
    signed,
    declineNext: () => {
      declining = true
    },
    switchTo: async (next) => {
      account = next
      await Promise.all(
        context
          .pages()
          .map((page) =>
            page.evaluate(
              (accounts) => window.dispatchEvent(new CustomEvent('plimsoll-test-accounts', { detail: accounts })),
              [next.address],
            ),
          ),
      )
    },
  }
}

const script = `(() => {
  const listeners = new Map()
  const provider = {
    request: async ({ method, params = [] }) => {
      const answer = await window.plimsollTestWallet(method, params)
      if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error)
      return answer.result
    },
    on: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    removeListener: (name, listener) => listeners.set(name, (listeners.get(name) ?? []).filter((it) => it !== listener)),
  }
  window.addEventListener('plimsoll-test-accounts', ({ detail }) => {
    for (const listener of listeners.get('accountsChanged') ?? []) listener(detail)
  })
  const icon = 'data:image/svg+xml;utf8,' + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" fill="#78b0fb"/></svg>')
  const detail = Object.freeze({ info: Object.freeze({ uuid: '5f0c2b0e-8f5e-4a06-9a55-3f1e4a6c2d11', name: 'Test Wallet', icon, rdns: 'test.plimsoll.wallet' }), provider })
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
})()`
