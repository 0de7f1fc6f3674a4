/** Whose collateral a certificate counts: its account's own, and that of others who signed to be the same person's. */
import { type QuorumSigner, Tie } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { Caip10, Consent } from '@plimsoll/reputation'
import type { Readers } from './reads.ts'

export type Consents = {
  /**
   * Whether every holder is tied to the certificate's account; each tie is believed only where both signatures are good, and it was signed for
   * the certificate's participant: who has left for another brings nobody along from there.
   *
   * A contract account is somebody on its own chain alone. The account itself counts on every chain: nothing that is signed says
   * whether it is one.
   */
  readonly verify: (asked: Asked) => Promise<Verdict>
}

export type Asked = {
  readonly subject: Pick<Inputs.Subject, 'participantId' | 'account' | 'venue'>
  readonly lots: readonly Pick<Inputs.Lot, 'holder' | 'chainId'>[]
  readonly ties: QuorumSigner.TiedQuestion['ties']
}

export type Verdict =
  | { readonly status: 'tied' }
  /** Nobody's signature ties this holder to the account; `unread` where a contract account could not be asked. */
  | { readonly status: 'untied' | 'unread'; readonly holder: string }

/** So many ties are known to be signed for good; beyond it they are verified anew. */
const most = 10_000
/** So many ties of contract accounts are asked of chains for one certificate, the newest: each is a call that its contract makes as dear as it likes. */
const mostAsked = 32

export function open(readers: Readers): Consents {
  const lasting = new Set<string>()

  async function verdictOf(tie: Tie.Tie): Promise<Tie.Verdict> {
    const id = Hash.ofText(JSON.stringify(tie))
    if (lasting.has(id)) return 'signed'
    const verdict = await Tie.verify({ tie, readers })
    if (verdict === 'signed' && Tie.isLasting(tie) && lasting.size < most) lasting.add(id)
    return verdict
  }

  return {
    verify: async ({ subject, lots, ties }) => {
      const { participantId, account, venue } = subject
      const from = [Caip10.eoa(account), Caip10.format({ chainId: venue.chainId, address: account })]
      const others = lots.filter(({ holder }) => holder !== account)
      const missing = (believed: readonly Tie.Tie[]) => {
        const reached = Consent.reach(from, signedFor(participantId, believed).map(Tie.consent))
        return others.find(
          ({ holder, chainId }) => !reached.has(Caip10.eoa(holder)) && !reached.has(Caip10.format({ chainId, address: holder })),
        )
      }
      // Whom nothing that was sent leads to, no signature does: nobody is asked for it.
      const hopeless = missing(ties)
      if (hopeless) return { status: 'untied', holder: hopeless.holder }
      if (others.length === 0) return { status: 'tied' }

      const known = (wanted: readonly Tie.Verdict[]) => ties.filter((tie) => wanted.includes(verdicts.get(tie) ?? 'unsigned'))
      const verdicts = new Map<Tie.Tie, Tie.Verdict>()
      const look = (some: readonly Tie.Tie[]) => Promise.all(some.map(async (tie) => verdicts.set(tie, await verdictOf(tie))))
      await look(ties.filter(Tie.isLasting))
      // Contract accounts are asked only where somebody's collateral hangs on them.
      const ofContracts = ties.filter((tie) => !Tie.isLasting(tie))
      for (const tie of ofContracts) verdicts.set(tie, 'unread')
      if (missing(known(['signed']))) await look(ofContracts.slice(0, mostAsked))
      const untied = missing(known(['signed', 'unread']))
      if (untied) return { status: 'untied', holder: untied.holder }
      const unread = missing(known(['signed']))
      return unread ? { status: 'unread', holder: unread.holder } : { status: 'tied' }
    },
  }
}

/** Links to the participant, and merges into it; and the same of whom those merges brought. */
function signedFor(participantId: string, ties: readonly Tie.Tie[]): readonly Tie.Tie[] {
  const ids = new Set([participantId])
  // a set hands out what is added to it on the way
  for (const id of ids) for (const tie of ties) if (tie.kind === 'merge' && tie.message.into === id) ids.add(tie.message.from)
  return ties.filter(({ message }) => ids.has('into' in message ? message.into : message.participantId))
}
