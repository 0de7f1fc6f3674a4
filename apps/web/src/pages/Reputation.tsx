/** My record: the score, the points it is made of, what it gives, and what would raise it. */

import type { Explanation } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import * as Fault from '../Fault.ts'
import { Figure } from '../parts/Figure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { FaultNotice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Words from '../view/Words.ts'
import { ScoreChange } from './ScoreChange.tsx'

export function Reputation() {
  const query = useQuery(Queries.explanation)
  if (query.data === undefined)
    return query.error === null ? (
      <p className="py-10 text-center text-fog-400">Waiting for the record…</p>
    ) : (
      <FaultNotice tone="warn" fault={Fault.of(query.error)} />
    )
  const standing = query.data
  const lines = standing.points.filter(({ code, points }) => code === 'BASE' || points !== 0)
  const widest = Math.max(1, ...lines.map(({ points }) => Math.abs(points)))
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex flex-col gap-4">
        {query.error !== null && <FaultNotice tone="warn" fault={{ ...Fault.of(query.error), hint: 'What stands here was so before.' }} />}
        <Panel title="Score" source={`Tier ${standing.tier}: ${Words.tier(standing.tier)}`}>
          <dl className="mb-5 grid grid-cols-2 gap-x-6 gap-y-4">
            <Figure label="Score" large beside="between 300 and 850">
              {standing.score}
            </Figure>
            <Figure label="Chance that the next 30 days go bad" large beside="at most, by your record">
              {Format.percent(standing.pdPpm, 1, 'up')}
            </Figure>
          </dl>
          <table className="w-full text-sm">
            <caption className="sr-only">Points that make the score of {standing.score}</caption>
            <thead className="text-left text-fog-400 text-xs">
              <tr>
                <th scope="col" className="pb-2 font-normal">
                  What it is made of
                </th>
                <th scope="col" className="w-2/5 pb-2 pl-3 font-normal">
                  Points
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ code, points }) => (
                <tr key={code} data-points={points} className="border-ink-800 border-t">
                  <th scope="row" className="py-2 pr-2 text-left font-medium text-fog-100">
                    {Words.feature(code).name}
                    <span className="block font-normal text-fog-400 text-xs">{Words.feature(code).says}</span>
                  </th>
                  <td className="py-2 pl-3">
                    <div className="flex items-center gap-3">
                      <div aria-hidden="true" className="relative h-2.5 flex-1 rounded-sm bg-ink-800">
                        <span className="absolute inset-y-0 left-1/2 w-px bg-ink-600" />
                        <span
                          className={`absolute inset-y-0 rounded-sm ${points < 0 ? 'hatched right-1/2 bg-coral-400' : code === 'BASE' ? 'left-1/2 bg-sky-400' : 'left-1/2 bg-sea-400'}`}
                          style={{ width: `${(Math.abs(points) / widest) * 50}%` }}
                        />
                      </div>
                      <span className="w-12 text-right text-fog-100">{Format.points(points)}</span>
                    </div>
                  </td>
                </tr>
              ))}
              <tr className="border-ink-600 border-t">
                <th scope="row" className="py-2 text-left font-semibold text-fog-100">
                  Score
                </th>
                <td className="py-2 text-right font-semibold text-fog-100">{standing.score}</td>
              </tr>
            </tbody>
          </table>
        </Panel>
        <ScoreChange />
      </div>
      <div className="flex flex-col gap-4">
        <Grants grants={standing.grants} />
        <Panel title="What would raise it">
          {standing.raises.length === 0 ? (
            <p className="text-sm">
              <Unknown>nothing named by the scorecard.</Unknown>
            </p>
          ) : (
            <ul className="flex flex-col gap-2 text-fog-300 text-sm">
              {standing.raises.map(({ code, gain, how }) => (
                <li key={`${code} ${how}`} className="flex gap-2">
                  <Icon name="check" className="mt-0.5 text-sea-300" />
                  <span>
                    <strong className="font-medium text-fog-100">{Words.feature(code).name}:</strong> {how}{' '}
                    <span className="whitespace-nowrap text-sea-300">+{gain} points</span>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Linked accounts">
          <ul className="flex flex-col gap-1.5 text-sm">
            {standing.accounts.map(({ account, linkedAt }) => (
              <li key={account} className="flex flex-wrap justify-between gap-x-3">
                <code className="font-mono text-fog-100" title={account}>
                  {Format.short(Words.addressOf(account))}
                </code>
                <span className="text-fog-400 text-xs">since {time(linkedAt)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
    </div>
  )
}

/** The discount by market: how much, and up to which notional. */
function Grants({ grants }: { readonly grants: Explanation['grants'] }) {
  const until = Math.min(...grants.map(({ validUntil }) => validUntil))
  const why = new Set(grants.flatMap(({ reasons }) => reasons.flatMap(({ code }) => Words.grant(code) ?? [])))
  return (
    <Panel title="What it gives" source={grants.length > 0 && `until ${time(until)}`}>
      <table className="w-full text-sm">
        <caption className="sr-only">Discount on initial margin by market</caption>
        <thead className="text-fog-400 text-xs">
          <tr>
            <th scope="col" className="pb-1.5 text-left font-normal">
              Market
            </th>
            <th scope="col" className="pb-1.5 text-right font-normal">
              Discount
            </th>
            <th scope="col" className="pb-1.5 text-right font-normal">
              on the first
            </th>
            <th scope="col" className="pb-1.5 text-right font-normal">
              of at most
            </th>
          </tr>
        </thead>
        <tbody>
          {grants.map(({ symbol, imDiscountPpm, provenCap, tierCap }) => (
            <tr key={symbol} className="border-ink-800 border-t">
              <th scope="row" className="py-1.5 text-left font-medium text-fog-100">
                {symbol}
              </th>
              <td className="py-1.5 text-right text-fog-100">{Format.percent(imDiscountPpm, 1, 'down')}</td>
              <td className="py-1.5 text-right text-fog-300">{Format.usd(provenCap, 'down')}</td>
              <td className="py-1.5 text-right text-fog-300">{Format.usd(tierCap, 'down')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 text-fog-300 text-sm">{[...why].join(' ')} Maintenance margin is nobody's discount.</p>
    </Panel>
  )
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}
