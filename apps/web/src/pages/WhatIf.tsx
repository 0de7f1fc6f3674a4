/** What would my limit be if … : the inputs of my latest certificate, changed, through the same function, in this browser. */

import { type Inputs, Limit } from '@plimsoll/margin'
import type { Key } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { useId, useMemo, useState } from 'react'
import { useNow } from '../Clock.ts'
import * as Fault from '../Fault.ts'
import { Button } from '../parts/Button.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Slider } from '../parts/Slider.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import { WaterfallTable } from '../parts/WaterfallTable.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as What from '../view/WhatIf.ts'
import * as Words from '../view/Words.ts'

export function WhatIf({ selected, onSelect }: { readonly selected: Key | null; readonly onSelect: (key: Omit<Key, 'account'>) => void }) {
  const markets = useQuery(Queries.markets).data
  const id = useId()
  if (!markets || !selected) return <p className="py-10 text-center text-fog-400">Waiting for the markets…</p>
  const options = markets.markets.flatMap(({ symbol }) =>
    markets.venues.map((venue) => ({ venue, market: symbol, value: `${symbol} ${venue.id}` })),
  )
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <label htmlFor={id} className="text-fog-400">
          Limit in
        </label>
        <select
          id={id}
          value={`${selected.market} ${selected.venue}`}
          onChange={(event) => {
            const option = options.find(({ value }) => value === event.target.value)
            if (option) onSelect({ venue: option.venue.id, market: option.market })
          }}
          className="min-h-10 rounded-lg border border-ink-600 bg-ink-850 px-3 text-fog-100"
        >
          {options.map(({ value, venue, market }) => (
            <option key={value} value={value}>
              {market} on {venue.name}
            </option>
          ))}
        </select>
      </div>
      <Bound key={`${selected.market} ${selected.venue}`} limitKey={selected} />
    </>
  )
}

/** Finds the inputs the latest certificate binds. */
function Bound({ limitKey }: { readonly limitKey: Key }) {
  const certificate = useQuery(Queries.certificate(limitKey))
  const hash = certificate.data?.signed?.certificate.inputsHash
  const document = useQuery({ ...Queries.inputs(hash ?? ''), enabled: hash !== undefined })
  const error = certificate.error ?? document.error
  if (error !== null) return <FaultNotice tone="warn" fault={Fault.of(error)} />
  if (certificate.data?.signed === null)
    return (
      <Notice
        tone="info"
        title="There is nothing to replay yet."
        action={
          <a href="#limits" className="font-medium text-sea-300 underline underline-offset-4">
            Go to Limits
          </a>
        }
      >
        What-if starts from the inputs a certificate binds. Issue one for this market, however small, and come back.
      </Notice>
    )
  if (document.data === undefined) return <p className="py-10 text-center text-fog-400">Fetching the inputs of your latest certificate…</p>
  return <Simulator inputs={document.data} sequence={certificate.data?.signed?.certificate.sequence ?? 0n} />
}

function Simulator({ inputs, sequence }: { readonly inputs: Inputs.Inputs; readonly sequence: bigint }) {
  const nothing = What.none(inputs)
  const [change, setChange] = useState(nothing)
  const now = useNow() / 1000
  const before = useMemo(() => Limit.of(What.apply(inputs, What.none(inputs))), [inputs])
  const after = useMemo(() => Limit.of(What.apply(inputs, change)), [inputs, change])
  const set = (part: Partial<What.Change>) => setChange((old) => ({ ...old, ...part }))
  const damped = change.volatilityPpm < 0
  const greatest = What.greatestDiscount(inputs.params)

  return (
    <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Panel title="If…" source={`Inputs of certificate No. ${sequence}, ${Format.age(now - inputs.asOf)} old`}>
        <div className="flex flex-col gap-5">
          <Slider
            label="my collateral changed by"
            min={-90}
            max={200}
            value={change.collateralPpm / 10_000}
            shown={Format.signedPercent(change.collateralPpm, 0, 'down')}
            onChange={(value) => set({ collateralPpm: value * 10_000 })}
          />
          <Slider
            label="forecast volatility changed by"
            min={-50}
            max={200}
            value={change.volatilityPpm / 10_000}
            shown={Format.signedPercent(change.volatilityPpm, 0, 'down')}
            onChange={(value) => set({ volatilityPpm: value * 10_000 })}
          />
          <Slider
            label="my reputation discount were"
            min={0}
            max={greatest / 10_000}
            step={0.5}
            value={change.discountPpm / 10_000}
            shown={Format.percent(change.discountPpm, 1, 'down')}
            onChange={(value) => set({ discountPpm: value * 10_000 })}
          />
          <Button onClick={() => setChange(nothing)}>As it is</Button>
          <p className="text-fog-400 text-xs">
            Computed here by the function that computes the real limit. Nothing is asked of the gateway and nothing is bound.
            {damped && ' Margins fall slowly when volatility falls: at most a set part a day, so a calmer forecast changes little at once.'}
            {change.discountPpm !== nothing.discountPpm &&
              ` A discount applies to the first ${Format.usd(inputs.grant.provenCap, 'down')} you have proven.`}
          </p>
        </div>
      </Panel>
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="Then" source={`${inputs.market.symbol}, before and after`}>
          <table className="w-full text-sm">
            <caption className="sr-only">The limit before and after the change</caption>
            <thead className="text-left text-fog-400 text-xs">
              <tr>
                <th scope="col" className="pb-2 font-normal">
                  <span className="sr-only">Figure</span>
                </th>
                <th scope="col" className="pb-2 text-right font-normal">
                  Before
                </th>
                <th scope="col" className="pb-2 text-right font-normal">
                  After
                </th>
                <th scope="col" className="hidden pb-2 text-right font-normal sm:table-cell">
                  Change
                </th>
              </tr>
            </thead>
            <tbody data-testid="what-if">
              <Row
                name="Max notional"
                better="more"
                before={before.notional}
                after={after.notional}
                show={(value) => Format.usd(value, 'down')}
              />
              <Row
                name="Leverage"
                better="more"
                before={BigInt(before.leveragePpm)}
                after={BigInt(after.leveragePpm)}
                show={(value) => Format.leverage(Number(value))}
              />
              <Row
                name="Initial margin"
                better="less"
                before={BigInt(before.imPpm)}
                after={BigInt(after.imPpm)}
                show={(value) => Format.percent(Number(value), 2, 'up')}
              />
              <Row
                name="Maintenance margin"
                better="less"
                before={BigInt(before.mmPpm)}
                after={BigInt(after.mmPpm)}
                show={(value) => Format.percent(Number(value), 2, 'up')}
              />
              <Row
                name="Credit"
                better="more"
                before={before.credit.total}
                after={after.credit.total}
                show={(value) => Format.usd(value, 'down')}
              />
            </tbody>
          </table>
        </Panel>
        <Panel title="Why, then">
          <WaterfallTable lines={after.reasons} caption="Why the limit would be what it is" />
          {after.bounds.length > 0 && (
            <ul className="mt-3 flex flex-col gap-1 border-ink-800 border-t pt-3 text-fog-300 text-sm">
              {after.bounds.map(({ code, message }) => (
                <li key={`${code} ${message}`}>
                  <strong className="font-medium text-fog-100">{Words.bound(code)}:</strong> {message}
                </li>
              ))}
            </ul>
          )}
          {after.notional === 0n && (
            <p className="mt-3 text-sm">
              <Unknown what="limit">nothing could be carried on these inputs.</Unknown>
            </p>
          )}
        </Panel>
      </div>
    </div>
  )
}

type RowProps = {
  readonly name: string
  readonly better: 'more' | 'less'
  readonly before: bigint
  readonly after: bigint
  readonly show: (value: bigint) => string
}

function Row({ name, better, before, after, show }: RowProps) {
  const rises = after > before
  const state = after === before ? 'same' : rises === (better === 'more') ? 'better' : 'worse'
  const colour = state === 'same' ? 'text-fog-400' : state === 'better' ? 'text-sea-300' : 'text-coral-300'
  const part = before === 0n ? null : Number(((after - before) * 10_000n) / before) * 100
  return (
    <tr className="border-ink-800 border-t" data-row={name} data-before={before.toString()} data-after={after.toString()}>
      <th scope="row" className="py-2 text-left font-medium text-fog-300">
        {name}
      </th>
      <td className="py-2 text-right text-fog-300">{show(before)}</td>
      <td className={`py-2 text-right font-semibold ${colour}`}>
        {state !== 'same' && <span aria-hidden="true">{rises ? '↑ ' : '↓ '}</span>}
        {show(after)}
        <span className="sr-only">, {state}</span>
      </td>
      <td className={`hidden py-2 text-right sm:table-cell ${colour}`}>
        {part === null || state === 'same' ? '—' : Format.signedPercent(part, 1, 'down')}
      </td>
    </tr>
  )
}
