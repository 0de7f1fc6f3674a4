/** Whom of those that signers do not count a document has to be without: as many as it takes, and on no few signers' word. */
import type { Hex } from './Hex.ts'
import type { Failure, Uncounted } from './Signer.ts'

/** Of one signer so many are heard: a document has at most a thousand lots, and what is signed counts 200. */
const most = 256

/**
 * Holders without whom signers are asked once more.
 *
 * A holder is among them when more than n − m signers name him, so that fewer than m would sign with him, whatever those do that did not
 * answer. So n − m signers that lie shrink nobody's certificate, and more of them could as well sign none.
 *
 * @param args.said - what signers did instead of signing, one entry each.
 * @param args.members - n.
 * @param args.threshold - m.
 * @returns each once, in the order of address and chain; `HOLDER_UNREAD` where fewer say that nothing is signed.
 */
export function agreed(args: agreed.Args): readonly Uncounted[] {
  const { said, members, threshold } = args
  const isAgreed = (votes: readonly unknown[]) => votes.length > members - threshold
  const named = said.flatMap(({ uncounted = [] }) => [...new Map(uncounted.map((one) => [keyOf(one), one])).values()])
  return [...Map.groupBy(named, keyOf)]
    .filter(([, votes]) => isAgreed(votes))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return []
      const isUntied = isAgreed([first, ...others].filter(({ code }) => code === 'HOLDER_UNTIED'))
      return [{ holder: first.holder, chainId: first.chainId, code: isUntied ? ('HOLDER_UNTIED' as const) : ('HOLDER_UNREAD' as const) }]
    })
}

export declare namespace agreed {
  type Args = { readonly said: readonly Pick<Failure, 'uncounted'>[]; readonly members: number; readonly threshold: number }
}

/** What a signer said of it, as far as it can be read; what cannot names nobody. */
export function parse(value: unknown): readonly Uncounted[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { holder, chainId, code } = one as Record<string, unknown>
    if (typeof holder !== 'string' || !/^0x[0-9a-f]{40}$/.test(holder)) return []
    if (typeof chainId !== 'number' || !Number.isSafeInteger(chainId) || chainId < 1) return []
    return code === 'HOLDER_UNTIED' || code === 'HOLDER_UNREAD' ? [{ holder: holder as Hex, chainId, code }] : []
  })
}

function keyOf({ holder, chainId }: Uncounted): string {
  return `${holder}|${chainId}`
}
