/** Asking for a certificate: a notional up to my limit, and the answer in words. */
import type { Issued, Key, Quote } from '@plimsoll/sdk'
import { useId, useRef, useState } from 'react'
import * as Fault from '../Fault.ts'
import * as Gateway from '../Gateway.ts'
import { Button } from '../parts/Button.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import * as Queries from '../Queries.ts'
import * as Dollars from '../view/Dollars.ts'
import * as Format from '../view/Format.ts'

const shares = [25, 50, 75, 100] as const

export function IssueForm({ limitKey, quote, stale }: { readonly limitKey: Key; readonly quote: Quote | null; readonly stale: boolean }) {
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const [working, setWorking] = useState(false)
  const [outcome, setOutcome] = useState<Issued | Fault.Fault | null>(null)
  // Asked for and below what is open: signed, or what is open, when it is asked for once more, by this amount and not by what is written then.
  const [cut, setCut] = useState<bigint | null>(null)
  // Kept while no answer has come: asking again with the same key cannot bind credit twice.
  const attempt = useRef<{ readonly notional: bigint; readonly belowOpen: string; readonly key: string } | null>(null)

  const limit = quote?.limit.notional ?? null
  const greatest = limit === null ? 0 : Dollars.whole(limit)
  const shown = text ?? Format.decimal(BigInt(Math.floor(greatest / 2)), 0, 0, 'down')
  const notional = Dollars.parse(shown)
  const why = whyNot({ limit, stale, notional })

  const issue = async (notional: bigint | null, belowOpen: 'refuse' | 'cut' | 'keep') => {
    if (notional === null || why !== null) return
    // Who would keep what is open asks for something else than who would not.
    const last = attempt.current
    const isAgain = last?.notional === notional && last.belowOpen === belowOpen
    const idempotencyKey = isAgain ? last.key : crypto.randomUUID()
    attempt.current = { notional, belowOpen, key: idempotencyKey }
    setWorking(true)
    setOutcome(null)
    setCut(null)
    try {
      const issued = await Gateway.client.issueLimit({ ...limitKey, notional, belowOpen, idempotencyKey })
      setOutcome(issued)
      setCut(issued.status === 'refused' && issued.code === 'BELOW_OPEN' ? notional : null)
      attempt.current = null
      await Queries.refreshMine()
    } catch (error) {
      const fault = Fault.asked(error)
      if (fault.code !== 'GATEWAY_UNREACHABLE') attempt.current = null
      setOutcome(fault)
    } finally {
      setWorking(false)
    }
  }

  return (
    <form
      className="mt-5 flex flex-col gap-3 border-ink-800 border-t pt-4"
      onSubmit={(event) => {
        event.preventDefault()
        void issue(notional, 'refuse')
      }}
    >
      <h3 className="font-medium text-fog-100 text-sm">Issue a new one</h3>
      <div>
        <label htmlFor={`${id}-notional`} className="text-fog-400 text-xs">
          Notional (USD)
        </label>
        <div className="mt-1 flex items-center rounded-lg border border-ink-600 bg-ink-950 focus-within:border-sea-400">
          <span aria-hidden="true" className="pl-3 text-fog-400">
            $
          </span>
          <input
            id={`${id}-notional`}
            inputMode="decimal"
            autoComplete="off"
            value={shown}
            onChange={(event) => setText(event.target.value)}
            aria-invalid={notional === null}
            aria-describedby={`${id}-why`}
            className="w-full bg-transparent px-2 py-2.5 font-semibold text-fog-100 text-lg"
          />
        </div>
      </div>
      <input
        type="range"
        aria-label="Notional, up to my limit"
        min={0}
        max={greatest}
        step={Math.max(1, Math.floor(greatest / 400))}
        value={notional === null ? 0 : Math.min(greatest, Dollars.whole(notional))}
        aria-valuetext={notional === null ? 'not an amount' : Format.usd(notional, 'down')}
        disabled={greatest === 0}
        onChange={(event) => setText(Format.decimal(BigInt(event.target.value), 0, 0, 'down'))}
        className="w-full"
      />
      <div className="flex gap-2">
        {shares.map((share) => (
          <Button
            key={share}
            disabled={greatest === 0}
            className="min-h-8 flex-1 px-0 text-xs"
            onClick={() => setText(Format.decimal(BigInt(Math.floor((greatest * share) / 100)), 0, 0, 'down'))}
          >
            {share === 100 ? 'All' : `${share} %`}
          </Button>
        ))}
      </div>
      <p id={`${id}-why`} className="min-h-4 text-fog-400 text-xs">
        {why ??
          (limit !== null && notional !== null && notional > limit ? (
            <span className="text-sun-300">Above your limit of {Format.usd(limit, 'down')}: it will be refused.</span>
          ) : (
            `Your whole limit would need ${quote ? Format.usd(quote.limit.requirement, 'up') : '—'} of margin.`
          ))}
      </p>
      <Button type="submit" kind="primary" disabled={why !== null || working} aria-describedby={`${id}-why`}>
        {working ? 'Binding credit and signing…' : 'Issue certificate'}
      </Button>
      {outcome !== null && <Outcome outcome={outcome} />}
      {cut !== null && (
        <>
          <Button disabled={why !== null || working} onClick={() => void issue(cut, 'keep')}>
            Keep what is open
          </Button>
          <Button disabled={why !== null || working} onClick={() => void issue(cut, 'cut')}>
            Cut it to {Format.usd(cut, 'down')}
          </Button>
        </>
      )}
    </form>
  )
}

/** Why nothing may be asked for now, or null. */
function whyNot({
  limit,
  stale,
  notional,
}: {
  readonly limit: bigint | null
  readonly stale: boolean
  readonly notional: bigint | null
}): string | null {
  if (limit === null) return 'No limit is known yet.'
  if (limit === 0n) return 'Your limit here is $0 now: see what holds it there.'
  if (stale) return 'These figures are too old to act on. The next limit that the gateway gives brings the button back.'
  if (notional === null) return 'Write an amount such as 12,500 or 12500.50.'
  if (notional === 0n) return 'Choose an amount above zero.'
  return null
}

/** A refusal's hint is for whoever calls the gateway; here the cut is a button. */
function told(refusal: Fault.Fault): Fault.Fault {
  if (refusal.code !== 'BELOW_OPEN') return refusal
  return { ...refusal, hint: 'Nothing was signed. Keep what is open, or cut it, with the buttons below.' }
}

/** Refused for want of what stands behind it: which of it counts, and why not the rest, is on a page of its own. */
const ofCollateral = new Set(['CREDIT_INSUFFICIENT', 'CREDIT_ENCUMBERED', 'ESCROW_CAP', 'HOLDER_UNCOUNTED', 'MARGIN_CALL', 'PARTIAL_VIEW'])
const toCollateral = (
  <a href="#collateral" className="font-medium text-sea-300 underline underline-offset-2">
    See what counts
  </a>
)

function Outcome({ outcome }: { readonly outcome: Issued | Fault.Fault }) {
  if (!('status' in outcome)) return <FaultNotice fault={outcome} />
  if (outcome.status === 'refused')
    return <FaultNotice fault={told(outcome)} tone="warn" action={ofCollateral.has(outcome.code) ? toCollateral : undefined} />
  const { certificate } = outcome.signed
  return (
    <Notice tone="good" title={`Issued: ${Format.usd(certificate.maxNotional, 'down')}, No. ${certificate.sequence}.`}>
      {Format.usd(certificate.credit, 'up')} of credit is bound. Post it to the venue's LimitBook to use it.
    </Notice>
  )
}
