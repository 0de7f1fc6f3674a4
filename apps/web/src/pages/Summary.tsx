/** The participant at a glance: what counts, what is bound, what is free. */
import { useQuery } from '@tanstack/react-query'
import { useNow } from '../Clock.ts'
import * as Fault from '../Fault.ts'
import { Age } from '../parts/Age.tsx'
import { Figure } from '../parts/Figure.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Freshness from '../view/Freshness.ts'
import * as Words from '../view/Words.ts'

/** What must be known on every page: a margin call, a chain that could not be read, a gateway that does not answer. */
export function Alerts() {
  const [me, markets] = [useQuery(Queries.me), useQuery(Queries.markets)]
  const query = useQuery(Queries.collateral)
  const view = query.data
  const missing = view?.chains.filter((chain) => chain.status === 'missing') ?? []
  return (
    <>
      {Fault.distinct([me.error, markets.error, query.error]).map((fault) => (
        <FaultNotice key={fault.code} tone="warn" fault={fault} />
      ))}
      {view?.marginCall && (
        <Notice tone="bad" title="Margin call: your credit has fallen below what is bound.">
          Nothing may be raised. Lock more collateral, or reduce positions, until credit is above {Format.usd(view.encumbered, 'up')}.
        </Notice>
      )}
      {view && view.lots.length === 0 && missing.length === 0 && (
        <Notice tone="info" title="Nothing of yours is locked in a vault yet.">
          Lock collateral from this account, or link the account that did. It counts as soon as its block is final.
        </Notice>
      )}
      {missing.map(({ chainId, name, code }) => (
        <Notice key={chainId} tone="warn" title={`${name} could not be read.`}>
          {Words.chain(code ?? '')} What you hold there is not known, and counts nothing until it is read.{' '}
          <code className="whitespace-nowrap font-mono text-fog-400 text-xs">{code}</code>
        </Notice>
      ))}
    </>
  )
}

export function Summary() {
  const query = useQuery(Queries.collateral)
  const explanation = useQuery(Queries.explanation).data
  const reading = Queries.readingOf(query)
  const now = useNow()
  const stale = reading !== null && Freshness.of(reading, now).status === 'stale'
  const view = query.data
  const bound = view === undefined || view.credit === 0n ? 0 : Number((view.encumbered * 1000n) / view.credit) / 10

  return (
    <section aria-label="Credit" className="rounded-xl border border-ink-700/70 bg-ink-900 p-4 sm:p-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
        <Figure label="Credit after haircuts" large stale={stale}>
          {view ? Format.usd(view.credit, 'down') : <Unknown>no answer yet</Unknown>}
        </Figure>
        <Figure label="Bound by certificates and positions" large stale={stale}>
          {view ? Format.usd(view.encumbered, 'up') : <Unknown>no answer yet</Unknown>}
        </Figure>
        <Figure label="Free" large stale={stale}>
          {view ? Format.usd(view.free, 'down') : <Unknown>no answer yet</Unknown>}
        </Figure>
        <Figure label="Reputation" large beside={explanation && `${Words.tier(explanation.tier)}, score ${explanation.score}`}>
          {explanation ? <span>Tier {explanation.tier}</span> : <Unknown>no answer yet</Unknown>}
        </Figure>
      </dl>
      {view && (
        <div className="mt-4">
          <div
            role="img"
            aria-label={view.credit === 0n ? 'No credit counts now.' : `${Math.min(bound, 100)} % of your credit is bound.`}
            className={`h-2 overflow-hidden rounded-full ${view.credit === 0n ? 'bg-ink-800' : 'bg-sea-700'} ${stale ? 'figure-stale' : ''}`}
          >
            <div className="hatched h-full bg-sun-400" style={{ width: `${Math.min(bound, 100)}%` }} />
          </div>
        </div>
      )}
      <p className="mt-2 text-fog-400 text-xs">
        <Age source="Collateral view" reading={reading} />
      </p>
    </section>
  )
}
