/** Signing in with an injected wallet: choose one, connect, sign one message. */
import { useState } from 'react'
import * as Fault from '../Fault.ts'
import * as Gateway from '../Gateway.ts'
import { Button } from '../parts/Button.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import * as Queries from '../Queries.ts'
import * as Wallets from '../Wallets.ts'

export function SignIn() {
  return (
    <section
      aria-labelledby="sign-in"
      className="grid gap-6 rounded-xl border border-ink-700/70 bg-ink-900 p-5 sm:p-8 md:grid-cols-[1.2fr_1fr]"
    >
      <div>
        <h1 id="sign-in" className="font-semibold text-2xl text-fog-100 tracking-tight sm:text-3xl">
          How much may I carry, and why?
        </h1>
        <p className="mt-3 max-w-prose text-fog-300">
          Plimsoll gives you a margin limit of your own: from collateral that is provably there, the volatility ahead and your record. Every
          factor is shown, and every certificate can be replayed.
        </p>
      </div>
      <WalletList />
    </section>
  )
}

/** The wallets that are there. Signing in costs nothing and moves nothing. */
export function WalletList() {
  const wallets = Wallets.useWallets()
  const { waiting, fault, signIn } = useSignIn()
  return (
    <div className="flex flex-col gap-3">
      <h2 className="font-medium text-fog-100 text-sm">Sign in with a wallet</h2>
      {wallets.length === 0 && (
        <Notice tone="info" title="No wallet was found in this browser.">
          Install one that announces itself (EIP-6963), such as MetaMask or Rabby, and reload this page.
        </Notice>
      )}
      <ul className="flex flex-col gap-2">
        {wallets.map((wallet) => (
          <li key={wallet.info.uuid}>
            <Button className="w-full justify-start" disabled={waiting !== null} onClick={() => void signIn(wallet)}>
              <img src={wallet.info.icon} alt="" className="size-5 rounded" />
              {waiting?.rdns === wallet.info.rdns ? waiting.step : wallet.info.name}
            </Button>
          </li>
        ))}
      </ul>
      {fault !== null && <FaultNotice fault={fault} />}
      <p className="text-fog-400 text-xs">You sign one message. It costs nothing, moves nothing and approves nothing.</p>
    </div>
  )
}

/** Connects, signs in, and starts the page afresh for whoever that is. */
export function useSignIn() {
  const [waiting, setWaiting] = useState<{ readonly rdns: string; readonly step: string } | null>(null)
  const [fault, setFault] = useState<Fault.Fault | null>(null)
  const signIn = async (wallet: Wallets.Wallet) => {
    const { rdns, name } = wallet.info
    setFault(null)
    setWaiting({ rdns, step: `Waiting for ${name} to connect…` })
    try {
      const account = await Wallets.connect(wallet)
      setWaiting({ rdns, step: `Waiting for your signature in ${name}…` })
      await Gateway.client.signIn({ account: Wallets.signer(wallet, account) })
      queriesOfSomeoneElse()
      await Queries.queries.fetchQuery({ ...Queries.me, staleTime: 0 })
    } catch (error) {
      setFault(Fault.asked(error))
    } finally {
      setWaiting(null)
    }
  }
  return { waiting, fault, signIn }
}

function queriesOfSomeoneElse(): void {
  Queries.queries.removeQueries({ queryKey: ['mine'] })
}
