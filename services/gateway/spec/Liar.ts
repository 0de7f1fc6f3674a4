/** A gateway that lies: the question that an honest one asked, changed, put to signers. */
import { Certificate, Hash, MarkDown } from '@plimsoll/contracts'
import { Inputs, Limit } from '@plimsoll/margin'

export type Liar = {
  /** What was asked for. */
  readonly honest: MarkDown.MarkDown
  readonly evidence: MarkDown.Evidence
  readonly line: MarkDown.Evidence['lots'][number]
  readonly holders: readonly string[]
  /** The evidence with each line changed. */
  readonly lines: (change: Partial<MarkDown.Evidence['lots'][number]>) => MarkDown.Evidence
  /** What the signers say of it, ordered now, with this order, evidence or question instead: each answer once. */
  readonly ask: (lie?: Lie) => Promise<readonly string[]>
}

type Lie = {
  readonly order?: Partial<MarkDown.MarkDown>
  readonly evidence?: MarkDown.Evidence
  readonly question?: Readonly<Record<string, unknown>>
  /** Seconds from now at which it says that it was ordered. */
  readonly at?: number
}

/** @param args.questions - what a signer was asked, oldest first: the last about that venue is the one. */
export function of(args: {
  readonly questions: readonly string[]
  readonly signers: readonly { readonly url: string }[]
  readonly venue: string
}): Liar {
  const asked = args.questions.map((it) => JSON.parse(it)).findLast(({ markDown }) => markDown?.venue === args.venue)
  if (!asked) throw new Error('no signer was asked for that venue')
  const honest = MarkDown.fromMessage(asked.markDown)
  const lots = asked.evidence.lots.map((lot: { readonly amount: string }) => ({ ...lot, amount: BigInt(lot.amount) }))
  const evidence: MarkDown.Evidence = { ...asked.evidence, lots }
  const [line] = evidence.lots
  if (!line) throw new Error('its evidence has a line')
  return {
    ...{ honest, evidence, line, holders: asked.holders },
    lines: (change) => ({ ...evidence, lots: evidence.lots.map((lot) => ({ ...lot, ...change })) }),
    ask: async ({ order = {}, evidence: told = evidence, question = {}, at = 0 } = {}) => {
      const issuedAt = BigInt(Math.floor(Date.now() / 1000) + at)
      const markDown = MarkDown.toMessage({ ...honest, issuedAt, inputsHash: MarkDown.hashOf(told), ...order })
      return said(args.signers, { path: 'mark-down', question: { ...asked, evidence: told, markDown, ...question } })
    },
  }
}

/** What signers say of one question, each answer once. */
export async function said(
  signers: readonly { readonly url: string }[],
  asked: { readonly path: string; readonly question: unknown },
): Promise<readonly string[]> {
  const body = JSON.stringify(asked.question, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
  const answers = await Promise.all(
    signers.map(async ({ url }) => {
      const response = await fetch(`${url}/${asked.path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return (await response.json()) as { readonly status: string; readonly code?: string }
    }),
  )
  return [...new Set(answers.map(({ status, code }) => code ?? status))]
}

/** Whatever lots a document tells of, it says that the venue may claim them whole. */
export function claimed(inputs: Inputs.Inputs): Inputs.Inputs {
  return { ...inputs, claims: inputs.view.lots.map(({ lotId, amount }) => ({ lotId, amount })) }
}

/** What signers say of the certificate that another document would give, issued now. */
export async function certified(args: certified.Args): Promise<{ readonly maxNotional: bigint; readonly said: readonly string[] }> {
  const { signers, question, change, terms = {}, at = 0, ties = question.ties } = args
  const asOf = Math.floor(Date.now() / 1000) + at
  const given = claimed(change({ ...Inputs.parse(question.document), asOf }))
  const { granted } = Limit.of(given)
  if (granted?.status !== 'granted') throw new Error(`it gives none: ${granted?.code}`)
  const document = Inputs.canonical(given)
  const before = Certificate.fromMessage(question.certificate)
  const { maxNotional, credit, imPpm } = granted
  const certificate: Certificate.Certificate = {
    ...{ ...before, maxNotional, credit, imPpm, sequence: before.sequence + 1n },
    ...{ issuedAt: BigInt(asOf), expiresAt: BigInt(asOf + 300), inputsHash: Hash.ofText(document) },
    ...{ modelHash: given.forecast.modelHash, paramsHash: Hash.ofText(Inputs.canonicalParams(given.params)) },
    ...terms,
  }
  const asked = { ...question, certificate: Certificate.toMessage(certificate), document, ties }
  return { maxNotional, said: await said(signers, { path: 'sign', question: asked }) }
}

export declare namespace certified {
  type Args = {
    readonly signers: readonly { readonly url: string }[]
    /** As a signer was sent it. */
    readonly question: { readonly document: string; readonly certificate: Certificate.Message; readonly ties: readonly unknown[] }
    readonly change: (inputs: Inputs.Inputs) => Inputs.Inputs
    readonly terms?: Partial<Certificate.Certificate>
    /** Seconds from now at which it says that it was issued. */
    readonly at?: number
    readonly ties?: readonly unknown[]
  }
}
