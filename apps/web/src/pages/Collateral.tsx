/** What I hold, chain by chain: what it counts for, and why not more. */
import { useQuery } from '@tanstack/react-query'
import { useNow } from '../Clock.ts'
import type * as Gateway from '../Gateway.ts'
import { Age } from '../parts/Age.tsx'
import { Copy } from '../parts/Copy.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Freshness from '../view/Freshness.ts'
import * as Words from '../view/Words.ts'

export function Collateral() {
  const query = useQuery(Queries.collateral)
  const now = useNow()
  const reading = Queries.readingOf(query)
  const view = query.data
  if (!view || !reading) return <p className="py-10 text-center text-fog-400">Waiting for the collateral view…</p>
  const clock = Freshness.gatewayTime({ ...reading, asOf: view.asOf }, now)
  const stale = Freshness.of(reading, now).status === 'stale'
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {view.chains.map((chain) => (
        <ChainPanel
          key={chain.chainId}
          chain={chain}
          lots={view.lots.filter((lot) => lot.chainId === chain.chainId)}
          seen={{
            places: view.places.filter((place) => place.chainId === chain.chainId),
            arriving: view.arriving.filter((one) => one.chainId === chain.chainId),
            unread: view.unread.filter((one) => one.chainId === chain.chainId),
          }}
          clock={clock}
          stale={stale}
          reading={reading}
        />
      ))}
    </div>
  )
}

function ChainPanel(props: {
  readonly chain: Gateway.Chain
  readonly lots: readonly Gateway.Lot[]
  readonly seen: Pick<Gateway.Collateral, 'places' | 'arriving' | 'unread'>
  readonly clock: number
  readonly stale: boolean
  readonly reading: Freshness.Reading
}) {
  const { chain, lots, seen, clock, stale, reading } = props
  const ok = chain.status === 'ok'
  const agreeing = chain.sources.filter((source) => source.agrees).length
  return (
    <Panel
      title={
        <span className="inline-flex items-center gap-2">
          {chain.name}
          <span className="font-normal text-fog-400 text-xs">chain {chain.chainId}</span>
        </span>
      }
      source={<Age source="Collateral view" reading={reading} />}
    >
      <p className={`mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm ${ok ? 'text-fog-300' : 'text-sun-300'}`}>
        <span className="inline-flex items-center gap-1.5">
          <Icon name={ok ? 'check' : 'warn'} className={ok ? 'text-sea-300' : ''} />
          {ok ? 'Read' : `Not read: ${Words.chain(chain.code ?? '')}`}
        </span>
        {!ok && <code className="font-mono text-xs">{chain.code}</code>}
        {chain.blockAgeSeconds !== null && (
          <span className="text-fog-400 text-xs">
            final block {chain.blockNumber} is {Format.age(chain.blockAgeSeconds + Math.max(0, Date.now() - reading.receivedAtMs) / 1000)}{' '}
            old
          </span>
        )}
        {chain.sources.length > 0 && (
          <span className="text-fog-400 text-xs">
            {agreeing} of {chain.sources.length} sources agree
          </span>
        )}
      </p>
      {chain.sources
        .filter((source) => !source.agrees)
        .map((source) => (
          <p key={source.id} className="mb-3 text-sun-300 text-xs">
            {source.id} ({source.operator}) does not agree{source.why === null ? '.' : `: ${source.why}`}
          </p>
        ))}
      {lots.length === 0 ? (
        <p className="text-sm">
          <Unknown>
            {ok ? 'nothing of yours is locked here.' : 'what you hold here is not known, and counts nothing until it is read.'}
          </Unknown>
        </p>
      ) : (
        <ul className={`flex flex-col divide-y divide-ink-800 ${stale ? 'figure-stale' : ''}`}>
          {lots.map((lot) => (
            <LotRow key={lot.lotId} lot={lot} clock={clock} />
          ))}
        </ul>
      )}
      <Seen {...seen} stale={stale} />
    </Panel>
  )
}

/** What is there and counts for nothing, and why; where an asset lies at several places, how much of it at each, and what is owed there. */
function Seen(props: Pick<Gateway.Collateral, 'places' | 'arriving' | 'unread'> & { readonly stale: boolean }) {
  const { places, arriving, unread, stale } = props
  const rows = [
    ...arriving.map((one) => ({ ...one, owed: 0n, where: 'arriving in the vault', parts: [] })),
    ...places.map((one) => ({ ...one, ...whereOf(one.places) })),
  ]
  if (rows.length + unread.length === 0) return null
  return (
    <>
      <h3 className="mt-5 mb-1.5 text-fog-400 text-xs">Seen, and counted for nothing</h3>
      <ul className={`flex flex-col divide-y divide-ink-800 border-ink-800 border-t ${stale ? 'figure-stale' : ''}`}>
        {rows.map((row) => (
          <li key={`${row.holder} ${row.token} ${row.where}`} className="py-2 text-sm" data-seen={row.where}>
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="text-fog-300">
                {held(row)} <span className="text-fog-400 text-xs">{row.where}</span>
              </span>
              <span className="text-fog-400">{worth(row)}</span>
            </div>
            {row.parts.length > 0 && (
              <ul className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5 text-fog-400 text-xs">
                {row.parts.map((part) => (
                  <li key={part.name}>
                    {part.name} <span className="text-fog-300">{held({ ...row, ...part })}</span>
                  </li>
                ))}
              </ul>
            )}
            <p className="mt-0.5 text-fog-400 text-xs">{sentence(row.why)}</p>
          </li>
        ))}
        {unread.map((one) => (
          <li key={`${one.what} ${one.sentence}`} className="py-2 text-sun-300 text-xs">
            {one.what} is not counted: {one.sentence} <code className="font-mono">{one.code}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

type Part = Gateway.Collateral['places'][number]['places'][number]

/** One place is named; several are counted, and each named below. */
function whereOf(parts: readonly Part[]): { readonly where: string; readonly parts: readonly Part[] } {
  const [only] = parts
  return parts.length === 1 && only ? { where: only.name, parts: [] } : { where: `at ${parts.length} places`, parts }
}

function held(one: { readonly amount: bigint; readonly owed: bigint; readonly decimals: number; readonly asset: string }): string {
  const lies = `${Format.amount(one.amount, one.decimals)} ${one.asset}`
  if (one.owed === 0n) return lies
  const owes = `owes ${Format.debt(one.owed, one.decimals)} ${one.asset}`
  return one.amount === 0n ? owes : `${lies}, ${owes}`
}

function worth({ amount, owed, value }: { readonly amount: bigint; readonly owed: bigint; readonly value: bigint | null }): string {
  if (value === null) return 'no price'
  return amount === 0n && owed > 0n ? 'a debt' : `worth ${Format.usd(value, 'down')}`
}

function LotRow({ lot, clock }: { readonly lot: Gateway.Lot; readonly clock: number }) {
  const counts = lot.credit > 0n
  return (
    <li className="py-3 first:pt-0 last:pb-0" data-lot={lot.asset}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium text-fog-100">
          {Format.amount(lot.amount, lot.decimals)} {lot.asset}
        </span>
        <span className={counts ? 'font-semibold text-fog-100' : 'text-fog-400'}>
          {counts ? `${Format.usd(lot.credit, 'down')} credit` : 'counts nothing'}
        </span>
      </div>
      <p className="mt-0.5 flex items-start gap-1.5 text-fog-300 text-sm">
        {!counts && <Icon name="warn" className="mt-0.5 text-sun-300" />}
        {sentence(lot.why)}
      </p>
      {lot.pendingOut > 0n && (
        <p className="mt-0.5 text-sm text-sun-300">
          {Format.amount(lot.pendingOut, lot.decimals)} {lot.asset} on its way out; it no longer counts.
        </p>
      )}
      <dl className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-fog-400 text-xs">
        <Pair name="Price">
          {Format.price(lot.price.value, 'down')}, {Format.age(clock - lot.price.publishedAt)} old
        </Pair>
        <Pair name="Haircuts">{haircuts(lot.haircuts)}</Pair>
        <Pair name="Block">{Format.age(clock - lot.block.timestamp)} old</Pair>
        <Pair name="Custody">{Words.custody(lot.custody)}</Pair>
        <Pair name="Holder">
          <Copy value={lot.holder} name="holder" />
        </Pair>
      </dl>
    </li>
  )
}

function Pair({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex items-center gap-1">
      <dt>{name}</dt>
      <dd className="text-fog-300">{children}</dd>
    </div>
  )
}

const kinds = [
  ['assetPpm', 'asset'],
  ['bridgePpm', 'bridge'],
  ['venuePpm', 'vault'],
  ['agePpm', 'age'],
] as const

function haircuts(of: Gateway.Lot['haircuts']): string {
  const named = kinds.filter(([kind]) => of[kind] > 0).map(([kind, name]) => `${name} ${Format.percent(of[kind], 2, 'up')}`)
  return named.length === 0 ? 'none' : named.join(', ')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
