/** Whose collateral a certificate counts: its account's own, and that of others who signed to be the same person's. */
import { Code, Ending, type QuorumSigner, type Signer, Tie } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import { type Inputs, Review } from '@plimsoll/margin'
import { Caip10, Consent } from '@plimsoll/reputation'
import type * as Memory from './Memory.ts'
import type { Readers } from './reads.ts'

type Hex = `0x${string}`

export type Consents = {
  /**
   * Whether every holder is tied to the certificate's account; each tie is believed only where both signatures are good, and it was signed for
   * the certificate's participant: who has left for another brings nobody along from there.
   *
   * A contract account is somebody on its own chain alone. Nothing that is signed says whether the account itself is one: for what it has
   * locked on other chains than its venue's, that is for what stands at its address to say (`settle`).
   */
  readonly verify: (asked: Asked) => Promise<Verdict>
}

export type Asked = {
  readonly subject: Pick<Inputs.Subject, 'participantId' | 'account' | 'venue'>
  readonly lots: readonly Pick<Inputs.Lot, 'holder' | 'chainId'>[]
  readonly ties: QuorumSigner.TiedQuestion['ties']
}

export type Verdict = {
  /** Everybody whom nobody's signature ties to the account, and whose contract could not be asked. */
  readonly uncounted: readonly Signer.Uncounted[]
  /** The account's own on other chains: counted where it is a key, and else for the reason given. */
  readonly ifKey: readonly Signer.Uncounted[]
}

/** So many ties are known to be signed for good; beyond it they are verified anew. */
const most = 10_000
/** So many ties of contract accounts are asked of chains for one certificate, the newest: each is a call that its contract makes as dear as it likes. */
const mostAsked = 32

/**
 * Nobody is known to have signed anything yet.
 *
 * @param args.memory - whose word that it is over is known.
 * @param args.now - unix seconds.
 */
export function open({ readers, memory, now }: open.Args): Consents {
  const lasting = new Set<string>()

  async function verdictOf(tie: Tie.Tie): Promise<Tie.Verdict> {
    const id = Hash.ofText(JSON.stringify(tie))
    if (lasting.has(id)) return 'signed'
    const verdict = await Tie.verify({ tie, readers })
    if (verdict === 'signed' && Tie.isLasting(tie) && lasting.size < most) lasting.add(id)
    return verdict
  }

  return {
    verify: async ({ subject, lots, ties: sent }) => {
      const latest = now() + Review.clockToleranceSeconds
      // What is to be signed tomorrow nobody can take back until then: it ties nobody today.
      const ties = sent.filter((tie) => tie.message.issuedAt <= latest && !isOver(memory, tie))
      const { participantId, account, venue } = subject
      const from = [Caip10.eoa(account), Caip10.format({ chainId: venue.chainId, address: account })]
      const held = [...new Map(lots.map(({ holder, chainId }) => [`${holder}@${chainId}`, { holder, chainId }])).values()]
      /** Whose these ties lead to nobody's consent. */
      const missing = (believed: readonly Tie.Tie[]): readonly Held[] => {
        const reached = Consent.reach(from, signedFor(participantId, believed).map(Tie.consent))
        const isKey = believed.some((tie) => Tie.isLasting(tie) && Object.values(Tie.consent(tie)).includes(Caip10.eoa(account)))
        return held.filter(({ holder, chainId }) => {
          const byKey = holder === account ? isKey : reached.has(Caip10.eoa(holder))
          return !byKey && !reached.has(Caip10.format({ chainId, address: holder }))
        })
      }
      const verdicts = new Map<Tie.Tie, Tie.Verdict>()
      const known = (wanted: readonly Tie.Verdict[]) => ties.filter((tie) => wanted.includes(verdicts.get(tie) ?? 'unsigned'))
      const look = (some: readonly Tie.Tie[]) => Promise.all(some.map(async (tie) => verdicts.set(tie, await verdictOf(tie))))
      // Whom nothing that was sent leads to, no signature does: nothing is verified, and nobody asked, for his sake.
      const hopeless = missing(ties).length
      if (missing([]).length > hopeless) await look(ties.filter(Tie.isLasting))
      // Contract accounts are asked only where somebody's collateral hangs on them.
      const ofContracts = ties.filter((tie) => !Tie.isLasting(tie))
      for (const tie of ofContracts) verdicts.set(tie, 'unread')
      if (missing(known(['signed'])).length > hopeless) await look(ofContracts.slice(0, mostAsked))
      const untied = missing(known(['signed', 'unread']))
      const uncounted = missing(known(['signed'])).map((one): Signer.Uncounted => {
        const isUntied = untied.some(({ holder, chainId }) => holder === one.holder && chainId === one.chainId)
        return { ...one, code: isUntied ? 'HOLDER_UNTIED' : 'HOLDER_UNREAD' }
      })
      const isOwn = ({ holder }: Held) => holder === account
      return { uncounted: uncounted.filter((one) => !isOwn(one)), ifKey: uncounted.filter(isOwn) }
    },
  }
}

export declare namespace open {
  type Args = { readonly readers: Readers; readonly memory: Pick<Memory.Memory, 'endedAt'>; readonly now: () => number }
}

/** Whether either side has said that it is over, to the other or to everybody, and did not sign it anew since. */
function isOver(memory: Pick<Memory.Memory, 'endedAt'>, tie: Tie.Tie): boolean {
  const { one, other } = Tie.consent(tie)
  return [
    { account: one, other: null },
    { account: one, other },
    { account: other, other: null },
    { account: other, other: one },
  ].some((parting) => Ending.ends({ ...parting, issuedAt: memory.endedAt(parting) ?? -1 }, tie))
}

type Held = { readonly holder: Hex; readonly chainId: number }

/**
 * Whom a certificate may not count, with what stands at the account's address on each chain.
 *
 * A key is one person's everywhere, whatever it delegates to. A contract on either chain is somebody on its own alone: the same address may be
 * another's elsewhere, and its collateral counts by a consent of its own.
 *
 * @param read.lots - as they were read here: what the account has not there is counted by nobody.
 * @param read.codes - what stands at the account's address, by chain.
 * @returns `HOLDER_UNREAD` where a chain does not say what stands there.
 */
export function settle(
  { uncounted, ifKey }: Verdict,
  read: { readonly venue: { readonly chainId: number }; readonly lots: Asked['lots']; readonly codes: ReadonlyMap<number, Code.Code> },
): readonly Signer.Uncounted[] {
  const codeOn = (chainId: number) => read.codes.get(chainId) ?? 'unread'
  const own = ifKey.flatMap((one) => {
    if (!read.lots.some(({ holder, chainId }) => holder === one.holder && chainId === one.chainId)) return []
    const isOne = Code.isOne([codeOn(read.venue.chainId), codeOn(one.chainId)])
    if (isOne === 'yes') return []
    return isOne === 'no' ? [one] : [{ ...one, code: 'HOLDER_UNREAD' as const }]
  })
  return [...uncounted, ...own]
}

/** Links to the participant, and merges into it; and the same of whom those merges brought. */
function signedFor(participantId: string, ties: readonly Tie.Tie[]): readonly Tie.Tie[] {
  const ids = new Set([participantId])
  // a set hands out what is added to it on the way
  for (const id of ids) for (const tie of ties) if (tie.kind === 'merge' && tie.message.into === id) ids.add(tie.message.from)
  return ties.filter(({ message }) => ids.has('into' in message ? message.into : message.participantId))
}
