/** The markets themselves: price, open interest, how forced selling would feed on itself, and the forecast. Needs no sign-in. */
import { useQuery } from '@tanstack/react-query'
import { useNow } from '../Clock.ts'
import * as Fault from '../Fault.ts'
import type * as Gateway from '../Gateway.ts'
import { Age } from '../parts/Age.tsx'
import { Copy } from '../parts/Copy.tsx'
import { Figure } from '../parts/Figure.tsx'
import { FaultNotice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import type { Reading } from '../view/Freshness.ts'
import * as Words from '../view/Words.ts'

export function Market() {
  const markets = useQuery(Queries.markets)
  const forecasts = useQuery(Queries.forecasts)
  const health = useQuery(Queries.health)
  const age = health.data?.snapshotAgeSeconds ?? null
  // What is shown is no younger than when it came, however fresh the gateway says it is.
  const reading = age === null ? null : { ageSeconds: age, receivedAtMs: Math.min(health.dataUpdatedAt, markets.dataUpdatedAt) }
  if (markets.data === undefined)
    return markets.error === null ? (
      <p className="py-10 text-center text-fog-400">Waiting for the markets…</p>
    ) : (
      <FaultNotice tone="warn" fault={Fault.of(markets.error)} />
    )
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {markets.data.markets.map((market) => (
        <MarketPanel
          key={market.symbol}
          market={market}
          closing={markets.data.venues.filter(({ id }) => market.closing.includes(id)).map(({ name }) => name)}
          reading={reading}
          forecast={forecasts.data?.forecasts.find(({ symbol }) => symbol === market.symbol) ?? null}
          missing={
            forecasts.data?.missing.find(({ symbol }) => symbol === market.symbol)?.message ??
            (forecasts.error === null ? 'no answer yet' : Fault.of(forecasts.error).message)
          }
          backend={forecasts.data?.backend ?? ''}
        />
      ))}
    </div>
  )
}

type Props = {
  readonly market: Gateway.Market
  /** Names of the venues that wind it down. */
  readonly closing: readonly string[]
  readonly reading: Reading | null
  readonly forecast: Gateway.Forecasts['forecasts'][number] | null
  /** Why there is no forecast. */
  readonly missing: string
  readonly backend: string
}

function MarketPanel({ market, closing, reading, forecast, missing, backend }: Props) {
  const now = useNow() / 1000
  const { price, openInterest, brake } = market
  return (
    <Panel title={market.symbol} source={<Age source="Gateway snapshot" reading={reading} />}>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-5">
        <Figure label="Index price" large beside={price.publishedAt !== null && `Published ${Format.age(now - price.publishedAt)} ago`}>
          {price.index === null ? (
            <span className="text-base">
              <Unknown what="price">{Words.price(price.code ?? '')}</Unknown>
            </span>
          ) : (
            Format.price(price.index, 'down')
          )}
        </Figure>
        <Figure label="Forecast volatility, a year" large beside={forecast && `${forecast.source}, ${Format.age(now - forecast.asOf)} old`}>
          {forecast === null ? (
            <span className="text-base">
              <Unknown what="forecast">{missing}</Unknown>
            </span>
          ) : (
            Format.percent(forecast.sigmaPpm, 1, 'up')
          )}
        </Figure>
      </dl>

      {closing.length > 0 && (
        <p className="mt-4 text-sm">
          Wound down at {closing.join(' and ')}: {Words.woundDown}
        </p>
      )}

      <h3 className="mt-5 mb-1.5 text-fog-400 text-xs">Open interest</h3>
      <Side name="Long" value={openInterest.long} of={openInterest} colour="bg-sky-400" />
      <Side name="Short" value={openInterest.short} of={openInterest} colour="bg-sky-400 hatched" />

      <h3 className="mt-5 mb-1.5 text-fog-400 text-xs">
        Reflexivity: the part of a move that forced closing adds, of what is open and what live certificates may still open. Braked from
        0.50, no raise from 0.80
      </h3>
      {brake.status === 'ok' ? (
        <>
          <Gauge name="Longs forced" ppm={brake.longPpm} />
          <Gauge name="Shorts forced" ppm={brake.shortPpm} />
          <p className="mt-2 text-fog-300 text-sm">
            Leverage of the book:{' '}
            {brake.leverageRatioPpm === null ? <Unknown>nothing is open</Unknown> : Format.leverage(brake.leverageRatioPpm)}
          </p>
        </>
      ) : (
        <p className="text-sm">
          <Unknown what="reflexivity">the venue's book could not be read. Until it is, nothing is raised.</Unknown>
        </p>
      )}

      {forecast && (
        <dl className="mt-5 grid grid-cols-[1fr_auto_auto] gap-x-6 gap-y-1 border-ink-800 border-t pt-4 text-sm">
          <dt className="text-fog-400 text-xs">99 % worst loss</dt>
          <dd className="text-right text-fog-400 text-xs">long</dd>
          <dd className="text-right text-fog-400 text-xs">short</dd>
          <dt className="text-fog-300">while closing out</dt>
          <dd className="text-right">{Format.percent(forecast.closeOut.longPpm, 2, 'up')}</dd>
          <dd className="text-right">{Format.percent(forecast.closeOut.shortPpm, 2, 'up')}</dd>
          <dt className="text-fog-300">until liquidated</dt>
          <dd className="text-right">{Format.percent(forecast.liquidation.longPpm, 2, 'up')}</dd>
          <dd className="text-right">{Format.percent(forecast.liquidation.shortPpm, 2, 'up')}</dd>
          <dt className="text-fog-300">the same, in the long run</dt>
          <dd className="text-right">{Format.percent(forecast.throughTheCycle.longPpm, 2, 'up')}</dd>
          <dd className="text-right">{Format.percent(forecast.throughTheCycle.shortPpm, 2, 'up')}</dd>
          <dt className="text-fog-300">Model, computed by {backend}</dt>
          <dd className="col-span-2 text-right">
            <Copy value={forecast.modelHash} name="model hash" />
          </dd>
        </dl>
      )}
    </Panel>
  )
}

function Side({
  name,
  value,
  of,
  colour,
}: {
  readonly name: string
  readonly value: bigint
  readonly of: Gateway.Market['openInterest']
  readonly colour: string
}) {
  const total = of.long + of.short
  const width = total === 0n ? 0 : Number((value * 1000n) / total) / 10
  return (
    <div className="mb-1 grid grid-cols-[3rem_1fr_7rem] items-center gap-3 text-sm">
      <span className="text-fog-300">{name}</span>
      <div aria-hidden="true" className="h-2.5 rounded-sm bg-ink-800">
        <div className={`h-full rounded-sm ${colour}`} style={{ width: `${width}%` }} />
      </div>
      <span className="text-right text-fog-100">{Format.usd(value, 'up')}</span>
    </div>
  )
}

/** Secant reflexivity on a scale from 0 to 1, with where the brake starts and where it stops. */
function Gauge({ name, ppm }: { readonly name: string; readonly ppm: number }) {
  const state = ppm >= 800_000 ? 'no raises' : ppm >= 500_000 ? 'braking' : 'brake off'
  const colour = ppm >= 800_000 ? 'bg-coral-400 hatched' : ppm >= 500_000 ? 'bg-sun-400 hatched' : 'bg-sea-400'
  return (
    <div className="mb-1 grid grid-cols-[6.5rem_1fr_6.5rem] items-center gap-3 text-sm">
      <span className="text-fog-300">{name}</span>
      <div aria-hidden="true" className="relative h-2.5 rounded-sm bg-ink-800">
        <div className={`h-full rounded-sm ${colour}`} style={{ width: `${Math.min(100, ppm / 10_000)}%` }} />
        <span className="-inset-y-0.5 absolute left-1/2 w-px bg-sun-400" />
        <span className="-inset-y-0.5 absolute left-[80%] w-px bg-coral-400" />
      </div>
      <span className="text-right text-fog-100">
        {Format.decimal(BigInt(ppm), 6, 2, 'up')} <span className="text-fog-400 text-xs">{state}</span>
      </span>
    </div>
  )
}
