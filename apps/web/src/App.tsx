/** The page: who I am on top, then my limits and why. */

import type { Key } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import * as Fault from './Fault.ts'
import { AccountBar } from './pages/AccountBar.tsx'
import { Collateral } from './pages/Collateral.tsx'
import { Limits } from './pages/Limits.tsx'
import { Market } from './pages/Market.tsx'
import { Reputation } from './pages/Reputation.tsx'
import { RiskMap } from './pages/RiskMap.tsx'
import { SignIn } from './pages/SignIn.tsx'
import { Alerts, Summary } from './pages/Summary.tsx'
import { WhatIf } from './pages/WhatIf.tsx'
import { Boundary } from './parts/Boundary.tsx'
import { Mark } from './parts/Icon.tsx'
import { FaultNotice } from './parts/Notice.tsx'
import * as Queries from './Queries.ts'
import * as Wallets from './Wallets.ts'

const tabs = [
  ['limits', 'Limits'],
  ['collateral', 'Collateral'],
  ['what-if', 'What-if'],
  ['reputation', 'Reputation'],
  ['risk', 'Risk map'],
  ['market', 'Market'],
] as const
type Tab = (typeof tabs)[number][0]

export function App() {
  const me = useQuery(Queries.me)
  useEffect(Wallets.reconnect, [])
  Queries.useEvents(me.data?.participantId ?? null)
  const tab = useTab()

  return (
    <div className="mx-auto flex min-h-dvh max-w-7xl flex-col px-4 pb-10 sm:px-6">
      <header className="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-2 py-3 md:gap-x-8">
        <a href="#limits" className="flex items-center gap-2.5 font-semibold text-fog-100 text-lg tracking-tight">
          <Mark />
          Plimsoll
        </a>
        {me.data && <Tabs current={tab} />}
        <AccountBar session={me.data ?? null} />
      </header>
      <main className="flex flex-1 flex-col gap-4">
        {me.error !== null && !me.data && <FaultNotice tone="warn" fault={Fault.of(me.error)} />}
        {me.data === undefined && me.error === null && (
          <p className="py-16 text-center text-fog-400">Asking the gateway who is signed in…</p>
        )}
        {me.data === null && (
          <>
            <SignIn />
            <Market />
          </>
        )}
        {me.data && <Mine account={me.data.account} tab={tab} />}
      </main>
      <footer className="mt-8 border-ink-800 border-t pt-4 text-fog-400 text-xs">
        Limits are computed, signed and replayable; your own browser can check any of them. Figures are rounded towards danger.
      </footer>
    </div>
  )
}

/** What is the signed-in participant's. The chosen account, venue and market are shared by the tabs. */
function Mine({ account, tab }: { readonly account: Key['account']; readonly tab: Tab }) {
  const [chosen, choose] = useState<Omit<Key, 'account'> | null>(null)
  const markets = useQuery(Queries.markets)
  const venue = chosen?.venue ?? markets.data?.venues[0]?.id
  const market = chosen?.market ?? markets.data?.markets[0]?.symbol
  const key = venue === undefined || market === undefined ? null : { account, venue, market }

  const pages: Readonly<Record<Tab, ReactNode>> = {
    limits: <Limits selected={key} onSelect={choose} account={account} />,
    collateral: <Collateral />,
    'what-if': <WhatIf selected={key} onSelect={choose} />,
    reputation: <Reputation />,
    risk: <RiskMap market={market ?? null} onSelect={(symbol) => venue !== undefined && choose({ venue, market: symbol })} />,
    market: <Market />,
  }
  return (
    <>
      <h1 className="sr-only">{tabs.find(([id]) => id === tab)?.[1]}</h1>
      <Alerts />
      {tab !== 'market' && tab !== 'risk' && tab !== 'reputation' && <Summary />}
      <Boundary key={tab}>{pages[tab]}</Boundary>
    </>
  )
}

function Tabs({ current }: { readonly current: Tab }) {
  return (
    <nav aria-label="Pages" className="order-last -mx-1 w-full overflow-x-auto md:order-none md:w-auto">
      <ul className="flex justify-between sm:justify-start sm:gap-1">
        {tabs.map(([id, name]) => (
          <li key={id}>
            <a
              href={`#${id}`}
              aria-current={id === current ? 'page' : undefined}
              className="block whitespace-nowrap rounded-lg px-1 py-2 text-fog-300 text-xs hover:text-fog-100 sm:px-3 sm:text-sm aria-[current=page]:bg-ink-800 aria-[current=page]:font-medium aria-[current=page]:text-fog-100"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function useTab(): Tab {
  const hash = useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => window.location.hash.slice(1),
  )
  return tabs.find(([id]) => id === hash)?.[0] ?? 'limits'
}
