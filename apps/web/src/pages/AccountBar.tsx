/** Who is signed in, how fresh the gateway is, and what to do when the wallet has moved to another account. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isAddressEqual } from 'viem/utils'
import * as Fault from '../Fault.ts'
import * as Gateway from '../Gateway.ts'
import { Button } from '../parts/Button.tsx'
import { Icon } from '../parts/Icon.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Wallets from '../Wallets.ts'
import { useSignIn } from './SignIn.tsx'

type Session = NonNullable<Queries.Session>

export function AccountBar({ session }: { readonly session: Queries.Session }) {
  const [fault, setFault] = useState<Fault.Fault | null>(null)
  const leave = async () => {
    try {
      await Gateway.signOut()
      Wallets.disconnect()
      Queries.queries.setQueryData(Queries.me.queryKey, null)
      Queries.queries.removeQueries({ queryKey: ['mine'] })
      setFault(null)
    } catch (error) {
      setFault(Fault.asked(error))
    }
  }
  return (
    <>
      <div className="ml-auto flex items-center gap-2.5 sm:gap-3">
        <GatewayState />
        {session !== null && (
          <>
            <span className="font-mono text-fog-300 text-sm" title={session.account}>
              <span className="sr-only">Signed in as </span>
              {Format.short(session.account)}
            </span>
            <Button kind="quiet" onClick={() => void leave()}>
              Sign out
            </Button>
          </>
        )}
      </div>
      {fault !== null && (
        <div className="w-full">
          <FaultNotice fault={fault} />
        </div>
      )}
      {session !== null && <OtherAccount session={session} />}
    </>
  )
}

/** Is the gateway able to answer, in a word and a shape. */
function GatewayState() {
  const health = useQuery(Queries.health)
  const [state, name] =
    health.error !== null
      ? (['bad', 'Gateway unreachable'] as const)
      : health.data?.status === 'degraded'
        ? (['warn', 'Degraded'] as const)
        : (['good', 'Live'] as const)
  if (health.data === undefined && health.error === null) return null
  const said = health.data?.faults.join('; ') ?? ''
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-xs ${state === 'good' ? 'text-sea-300' : state === 'warn' ? 'text-sun-300' : 'text-coral-300'}`}
      title={said}
    >
      {state === 'good' ? (
        <span aria-hidden="true" className="size-2 rounded-full bg-sea-400" />
      ) : (
        <Icon name={state === 'warn' ? 'warn' : 'cross'} />
      )}
      {name}
    </span>
  )
}

/** The wallet and the session may part: say so, and offer both ways out. */
function OtherAccount({ session }: { readonly session: Session }) {
  const connection = Wallets.useConnection()
  const { waiting, fault, signIn } = useSignIn()
  const [kept, setKept] = useState<string | null>(null)
  if (connection === null) return null
  const { wallet, account } = connection
  if (account === null)
    return (
      <div className="w-full">
        <Notice tone="info" title={`${wallet.info.name} offers no account any more.`}>
          You stay signed in as {Format.short(session.account)}. Unlock the wallet to sign again.
        </Notice>
      </div>
    )
  if (isAddressEqual(account, session.account) || kept === account) return null
  return (
    <div className="flex w-full flex-col gap-2">
      <Notice
        tone="warn"
        title={`Your wallet is on ${Format.short(account)}; this page shows ${Format.short(session.account)}.`}
        action={
          <span className="flex flex-wrap gap-2">
            <Button disabled={waiting !== null} onClick={() => void signIn(wallet)}>
              {waiting?.step ?? `Sign in as ${Format.short(account)}`}
            </Button>
            <Button kind="quiet" onClick={() => setKept(account)}>
              Stay
            </Button>
          </span>
        }
      >
        Limits are per participant: sign in with the other account, switch back in the wallet, or stay.
      </Notice>
      {fault !== null && <FaultNotice fault={fault} />}
    </div>
  )
}
