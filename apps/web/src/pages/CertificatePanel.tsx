/** The certificate of one key: what stands, how long it lasts, whether it replays; and asking for a new one. */

import type { Key, Quote, SignedLimit, Verification } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as Fault from '../Fault.ts'
import * as Gateway from '../Gateway.ts'
import { Button } from '../parts/Button.tsx'
import { Copy } from '../parts/Copy.tsx'
import { Icon } from '../parts/Icon.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import { IssueForm } from './IssueForm.tsx'

type Props = {
  readonly limitKey: Key
  readonly quote: Quote | null
  readonly stale: boolean
  /** The gateway's clock. Unix seconds; null until it has answered. */
  readonly clock: number | null
}

export function CertificatePanel({ limitKey, quote, stale, clock }: Props) {
  const query = useQuery(Queries.certificate(limitKey))
  const signed = query.data?.signed ?? null
  return (
    <Panel title="Certificate">
      {query.error !== null && <FaultNotice tone="warn" fault={Fault.of(query.error)} />}
      {signed && clock !== null ? (
        <Standing key={signed.certificate.inputsHash} signed={signed} clock={clock} />
      ) : (
        <p className="text-sm">
          <Unknown>
            {signed
              ? "there is one; whether it still holds is not known while the gateway's clock is not."
              : (query.data?.reason ?? 'no answer yet')}
          </Unknown>
        </p>
      )}
      <IssueForm limitKey={limitKey} quote={quote} stale={stale} />
    </Panel>
  )
}

function Standing({ signed, clock }: { readonly signed: SignedLimit; readonly clock: number }) {
  const { certificate } = signed
  const left = Number(certificate.expiresAt) - clock
  const whole = Number(certificate.expiresAt - certificate.issuedAt)
  return (
    <div className="flex flex-col gap-3" data-testid="certificate" data-sequence={certificate.sequence.toString()}>
      <div className="flex items-center gap-4">
        <Ring part={left / whole} label={left > 0 ? Format.countdown(left) : 'expired'} />
        <div>
          <div className="font-semibold text-2xl text-fog-100 tracking-tight">{Format.usd(certificate.maxNotional, 'down')}</div>
          <div className="text-fog-400 text-xs">
            No. {certificate.sequence.toString()}, at {Format.percent(certificate.imPpm, 2, 'up')} initial margin
          </div>
        </div>
      </div>
      {left <= 0 && (
        <Notice tone="info" title={`Expired ${Format.age(-left)} ago. Nobody is liquidated for that.`}>
          New risk now stands only on collateral at the venue, at the venue's static rates.
        </Notice>
      )}
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-0.5 text-xs">
        <dt className="text-fog-400">Binds credit</dt>
        <dd className="text-right text-fog-100">{Format.usd(certificate.credit, 'up')}</dd>
        {(
          [
            ['Inputs', certificate.inputsHash],
            ['Model', certificate.modelHash],
            ['Parameters', certificate.paramsHash],
          ] as const
        ).map(([name, hash]) => (
          <div key={name} className="contents">
            <dt className="text-fog-400">{name}</dt>
            <dd className="text-right">
              <Copy value={hash} name={`${name} hash`} />
            </dd>
          </div>
        ))}
      </dl>
      <Replay key={left > 0 ? 'live' : 'over'} signed={signed} clock={clock} />
    </div>
  )
}

/** Recomputes the certificate in this browser from the inputs it binds, by the gateway's clock: this page's own may be wrong by hours. */
function Replay({ signed, clock }: { readonly signed: SignedLimit; readonly clock: number }) {
  const [outcome, setOutcome] = useState<Verification.Verdict | Fault.Fault | null>(null)
  const [working, setWorking] = useState(false)
  const replay = async () => {
    setWorking(true)
    try {
      setOutcome(await Gateway.client.verifyLimit(signed, { asOf: Math.floor(clock) }))
    } catch (error) {
      setOutcome(Fault.asked(error))
    } finally {
      setWorking(false)
    }
  }
  return (
    <div className="flex flex-col gap-2">
      <Button onClick={() => void replay()} disabled={working}>
        {working ? 'Replaying…' : 'Replay it in this browser'}
      </Button>
      {outcome !== null && 'hint' in outcome && <FaultNotice fault={outcome} />}
      {outcome !== null && 'checks' in outcome && (
        <div role="status" className="rounded-lg bg-ink-850 p-3 text-xs">
          <p className={`mb-1.5 font-medium ${outcome.status === 'valid' ? 'text-sea-300' : 'text-coral-300'}`}>
            {outcome.status === 'valid' ? 'Valid: the inputs give this limit, bit for bit.' : 'Not valid now.'}
          </p>
          <ul className="flex flex-col gap-1">
            {outcome.checks.map(({ name, holds }) => (
              <li key={name} className="flex items-center gap-2 text-fog-300">
                <Icon name={holds ? 'check' : 'cross'} className={holds ? 'text-sea-300' : 'text-coral-300'} />
                {name}
                <span className="sr-only">{holds ? 'holds' : 'fails'}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

/** Time left, as a ring and in digits. */
function Ring({ part, label }: { readonly part: number; readonly label: string }) {
  const length = 2 * Math.PI * 26
  const kept = Math.min(1, Math.max(0, part))
  const colour = kept === 0 ? 'stroke-ink-600' : kept < 0.2 ? 'stroke-sun-400' : 'stroke-sea-400'
  return (
    <div className="relative grid size-16 shrink-0 place-items-center">
      <svg viewBox="0 0 64 64" aria-hidden="true" className="-rotate-90 absolute inset-0 fill-none">
        <circle cx="32" cy="32" r="26" strokeWidth="5" className="stroke-ink-800" />
        <circle
          cx="32"
          cy="32"
          r="26"
          strokeWidth="5"
          strokeLinecap="round"
          className={colour}
          strokeDasharray={`${length * kept} ${length}`}
        />
      </svg>
      <span className="font-medium text-fog-100 text-xs">
        <span className="sr-only">{label === 'expired' ? '' : 'Expires in '}</span>
        {label}
      </span>
    </div>
  )
}
