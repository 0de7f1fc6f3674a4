/** My limits: one card a venue and market, and for the chosen one its figures, the why, and its certificate. */

import { Fixed } from '@plimsoll/margin'
import type { Key, Quote } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { useNow } from '../Clock.ts'
import * as Fault from '../Fault.ts'
import { Age } from '../parts/Age.tsx'
import { Figure } from '../parts/Figure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import { WaterfallTable } from '../parts/WaterfallTable.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Freshness from '../view/Freshness.ts'
import * as Words from '../view/Words.ts'
import { CertificatePanel } from './CertificatePanel.tsx'

type Select = (key: Omit<Key, 'account'>) => void

export function Limits({
  selected,
  onSelect,
  account,
}: {
  readonly selected: Key | null
  readonly onSelect: Select
  readonly account: Key['account']
}) {
  const markets = useQuery(Queries.markets).data
  if (!markets) return <p className="py-10 text-center text-fog-400">Waiting for the markets…</p>
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <section aria-label="Markets and venues" className="flex flex-col gap-2">
        <ul className="grid grid-cols-2 gap-2 lg:grid-cols-1">
          {markets.markets.flatMap(({ symbol, closing }) =>
            markets.venues.map((venue) => (
              <li key={`${symbol} ${venue.id}`}>
                <LimitCard
                  limitKey={{ account, venue: venue.id, market: symbol }}
                  venueName={venue.name}
                  woundDown={closing.includes(venue.id)}
                  current={selected?.venue === venue.id && selected.market === symbol}
                  onSelect={onSelect}
                />
              </li>
            )),
          )}
        </ul>
        <p className="px-1 text-fog-400 text-xs">
          Each figure is what you could carry there if nothing else were issued: they do not add up.
        </p>
      </section>
      {selected && (
        <Detail
          key={`${account} ${selected.venue} ${selected.market}`}
          limitKey={selected}
          venueName={markets.venues.find(({ id }) => id === selected.venue)?.name ?? Words.addressOf(selected.venue)}
          woundDown={markets.markets.some(({ symbol, closing }) => symbol === selected.market && closing.includes(selected.venue))}
        />
      )}
    </div>
  )
}

type Shown = {
  readonly limitKey: Key
  readonly venueName: string
  /** The venue winds the market down. */
  readonly woundDown: boolean
}

function LimitCard(props: Shown & { readonly current: boolean; readonly onSelect: Select }) {
  const { limitKey, venueName, woundDown, current, onSelect } = props
  const quote = useQuery(Queries.quote(limitKey))
  const certificate = useQuery(Queries.certificate(limitKey)).data?.signed
  const now = useNow()
  const reading = Queries.readingOf(quote)
  const stale = quote.error !== null || (reading !== null && Freshness.of(reading, now).status === 'stale')
  const left =
    certificate && quote.data && reading
      ? Number(certificate.certificate.expiresAt) - Freshness.gatewayTime({ ...reading, asOf: quote.data.asOf }, now)
      : null
  return (
    <button
      type="button"
      aria-pressed={current}
      onClick={() => onSelect({ venue: limitKey.venue, market: limitKey.market })}
      className="w-full rounded-xl border border-ink-700/70 bg-ink-900 p-3.5 text-left transition-colors hover:border-ink-600 aria-pressed:border-sea-400 aria-pressed:bg-ink-850"
    >
      <span className="flex flex-wrap items-baseline justify-between gap-x-2">
        <span className="font-semibold text-fog-100">{limitKey.market}</span>
        <span className="truncate text-fog-400 text-xs">{venueName}</span>
      </span>
      <span className={`mt-1 block ${stale ? 'figure-stale' : ''}`}>
        {quote.data ? (
          <>
            <span className="font-semibold text-fog-100 text-xl tracking-tight">{Format.usd(quote.data.limit.notional, 'down')}</span>
            <span className="text-fog-400 text-xs">
              {quote.data.limit.notional === 0n
                ? ` ${woundDown ? 'wound down' : Words.bound(quote.data.limit.bounds[0]?.code ?? 'NO_CREDIT').toLowerCase()}`
                : ` at\u00a0${Format.leverage(quote.data.limit.leveragePpm)}`}
            </span>
          </>
        ) : (
          <span className="text-sm">
            <Unknown>{quote.error === null ? 'no answer yet' : Fault.of(quote.error).message}</Unknown>
          </span>
        )}
      </span>
      {left !== null && (
        <span className={`mt-1 inline-flex items-center gap-1 text-xs ${left > 0 ? 'text-sea-300' : 'text-fog-400'}`}>
          <Icon name="clock" />
          {left > 0 ? `certificate ${Format.countdown(left)}` : 'certificate expired'}
        </span>
      )}
    </button>
  )
}

function Detail({ limitKey, venueName, woundDown }: Shown) {
  const query = useQuery(Queries.quote(limitKey))
  const now = useNow()
  const reading = Queries.readingOf(query)
  // A refused answer makes the last one old at once: nothing is asked for on it.
  const stale = query.error !== null || (reading !== null && Freshness.of(reading, now).status === 'stale')
  const quote = query.data
  return (
    <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_21rem]">
      <div className="flex min-w-0 flex-col gap-4">
        {query.error !== null && <FaultNotice tone="warn" fault={Fault.of(query.error)} />}
        {woundDown && (
          <Notice tone="info" title={`Wound down at ${venueName}: ${Words.woundDown}`}>
            No certificate changes that. Reduce, and withdraw what is left.
          </Notice>
        )}
        <Panel title={`${limitKey.market} on ${venueName}`} source={<Age source="Gateway snapshot" reading={reading} />}>
          {quote ? (
            <>
              <Figures quote={quote} stale={stale} />
              <p className="mt-2 text-fog-400 text-xs">
                Default is what the market asks of everybody: the base schedule, on the same credit.
              </p>
              <Behind quote={quote} stale={stale} />
            </>
          ) : (
            <Unknown what="limit">{query.error === null ? 'the gateway has not answered yet.' : Fault.of(query.error).message}</Unknown>
          )}
        </Panel>
        {quote && (
          <Panel title="Why" source={`${quote.limit.side === 'long' ? 'Long' : 'Short'} side, the worse of the two`}>
            <WaterfallTable lines={quote.limit.reasons} stale={stale} caption={`Why the limit in ${limitKey.market} is what it is`} />
            <Bounds quote={quote} />
          </Panel>
        )}
      </div>
      <CertificatePanel
        limitKey={limitKey}
        quote={quote ?? null}
        stale={stale}
        clock={quote && reading ? Freshness.gatewayTime({ ...reading, asOf: quote.asOf }, now) : null}
      />
    </div>
  )
}

function Figures({ quote: { limit }, stale }: { readonly quote: Quote; readonly stale: boolean }) {
  const { protocolDefault } = limit
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-4 sm:grid-cols-[auto_auto_auto_auto]" data-testid="figures">
      <Figure label="Max notional" large stale={stale} beside={<Beside value={limit.notional} byDefault={protocolDefault.notional} />}>
        <span data-notional={limit.notional.toString()}>{Format.usd(limit.notional, 'down')}</span>
      </Figure>
      <Figure label="Leverage" large stale={stale} beside={`Default ${Format.leverage(protocolDefault.leveragePpm)}`}>
        {Format.leverage(limit.leveragePpm)}
      </Figure>
      <Figure label="Initial margin" large stale={stale} beside={`Default ${Format.percent(protocolDefault.imPpm, 2, 'up')}`}>
        {Format.percent(limit.imPpm, 2, 'up')}
      </Figure>
      <Figure label="Maintenance margin" large stale={stale} beside={`Default ${Format.percent(protocolDefault.mmPpm, 2, 'up')}`}>
        {Format.percent(limit.mmPpm, 2, 'up')}
      </Figure>
    </dl>
  )
}

const cent = Fixed.one / 100n

/** What may stand behind the limit, as a sum that a refusal's figure can be found in: to the cent, whatever its size. */
function Behind({ quote: { limit }, stale }: { readonly quote: Quote; readonly stale: boolean }) {
  const [free = 0n, venue = 0n] = Fixed.apportion([limit.credit.free, limit.equity.venue], cent)
  const rows = [
    [
      'Credit that nothing else binds',
      free,
      'Of your collateral after haircuts, less other certificates and positions; at most what this venue may claim.',
    ],
    ['At the venue', venue, 'Your collateral there, less losses, fees and what your other markets there need.'],
  ] as const
  return (
    <table className={`mt-4 w-full border-ink-800 border-t text-sm ${stale ? 'figure-stale' : ''}`} data-testid="behind">
      <caption className="sr-only">What may stand behind this limit</caption>
      <tbody>
        {rows.map(([name, value, says], index) => (
          <tr key={name} data-usd={value.toString()}>
            <th scope="row" className="pt-2.5 pr-3 text-left align-top font-medium text-fog-100">
              {index === 0 ? name : `+ ${name.toLowerCase()}`}
              <span className="block font-normal text-fog-400 text-xs">{says}</span>
            </th>
            <td className="whitespace-nowrap pt-2.5 text-right align-top text-fog-300">{Format.price(value, 'down')}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-usd={(free + venue).toString()}>
          <th scope="row" className="pt-2.5 pr-3 text-left font-semibold text-fog-100">
            = may stand behind it
          </th>
          <td className="whitespace-nowrap pt-2.5 text-right font-semibold text-fog-100">{Format.price(free + venue, 'down')}</td>
        </tr>
      </tfoot>
    </table>
  )
}

/** The protocol's own limit, and how far mine is from it. */
function Beside({ value, byDefault }: { readonly value: bigint; readonly byDefault: bigint }) {
  const part = byDefault === 0n ? null : Number(((value - byDefault) * 1_000_000n) / byDefault)
  return (
    <>
      Default {Format.usd(byDefault, 'down')}
      {part !== null && part !== 0 && (
        <span className={`whitespace-nowrap ${part > 0 ? 'text-sea-300' : 'text-coral-300'}`}>
          {' '}
          <span aria-hidden="true">{part > 0 ? '↑' : '↓'}</span> {Format.signedPercent(part, 0, 'down')}
        </span>
      )}
    </>
  )
}

/** The caps that bind, in words. When none does, it is the credit that ends the limit. */
function Bounds({ quote: { limit } }: { readonly quote: Quote }) {
  return (
    <div className="mt-4 border-ink-800 border-t pt-3 text-sm">
      <h3 className="mb-1.5 font-medium text-fog-100">What holds it there</h3>
      <ul className="flex flex-col gap-1.5 text-fog-300">
        {limit.bounds.map(({ code, notional, message }) => (
          <li key={`${code} ${message}`} className="flex gap-2">
            <Icon name="info" className="mt-0.5 text-sun-300" />
            <span>
              <strong className="font-medium text-fog-100">{Words.bound(code)}</strong>
              {notional !== null && notional > 0n && <> at {Format.usd(notional, 'down')}</>}: {message}
            </span>
          </li>
        ))}
        {limit.bounds.every(({ notional }) => notional === null) && (
          <li className="flex gap-2">
            <Icon name="info" className="mt-0.5 text-sky-300" />
            <span>
              <strong className="font-medium text-fog-100">Your credit.</strong> <Credit limit={limit} />
            </span>
          </li>
        )}
      </ul>
    </div>
  )
}

/** Margin rises in steps: the next one may need more than there is, where this one leaves some of it over. */
function Credit({ limit: { equity, requirement } }: { readonly limit: Quote['limit'] }) {
  const total = Format.price(equity.total, 'down')
  if (equity.total - requirement < Fixed.one)
    return `All that may stand behind it, ${total}, does. Any more would need more than that: more collateral raises it.`
  return `It needs ${Format.price(requirement, 'up')} of the ${total} that may stand behind it. Here margin steps up, and any more would need more than all of that: with enough collateral for the step the limit rises.`
}
