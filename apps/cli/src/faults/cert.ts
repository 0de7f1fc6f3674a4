/** CERT: certificates that must not be accepted, posted to a real book. */
import { QuorumSigner } from '@plimsoll/chain'
import { Certificate, limitBookAbi, Market } from '@plimsoll/contracts'
import { Deployment, Wallet } from '@plimsoll/localnet'
import { Verification } from '@plimsoll/sdk'
import { BaseError, ContractFunctionRevertedError, keccak256, toHex } from 'viem'
import * as Members from './Members.ts'
import { outcome, type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

type Hex = `0x${string}`
type Signed = { readonly certificate: Certificate.Certificate; readonly signatures: readonly Hex[] }
type Desk = {
  readonly house: Stand.House
  readonly now: bigint
  readonly book: Certificate.Book
  readonly certificate: (change?: Partial<Certificate.Certificate>) => Certificate.Certificate
  readonly sign: (
    certificate: Certificate.Certificate,
    signing?: { readonly by?: readonly string[]; readonly book?: Certificate.Book },
  ) => Promise<Signed>
  /** Posts it: `accepted`, or the name of the book's own error. */
  readonly post: (signed: Signed) => Promise<string>
  readonly owner: (functionName: string, args: readonly unknown[], by?: string) => Promise<unknown>
}

const pair = ['signer one', 'signer two'] as const
const signerNames = [...pair, 'signer three'] as const
const usd = 10n ** 18n

/** A book of three signers, two of whom must sign, and a good certificate to spoil. */
function desk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  return Stand.house(async (house) => {
    const { strait, manifest, alice } = house
    const [venue] = manifest.venues
    if (!venue) throw new Error('A venue was deployed.')
    const book = { chainId: strait.chainId, verifyingContract: venue.limitBook }
    const now = (await strait.publicClient.getBlock()).timestamp
    const epoch = await strait.publicClient.readContract({ address: venue.limitBook, abi: limitBookAbi, functionName: 'epoch' })
    const certificate = (change: Partial<Certificate.Certificate> = {}): Certificate.Certificate => ({
      participantId: keccak256(toHex('participant')),
      account: alice.address,
      venue: venue.address,
      market: Market.id('ETH-PERP'),
      maxNotional: 1_000n * usd,
      credit: 100n * usd,
      imPpm: 50_000,
      sequence: 1n,
      issuedAt: now,
      expiresAt: now + 300n,
      epoch,
      inputsHash: keccak256(toHex('inputs')),
      modelHash: keccak256(toHex('model')),
      paramsHash: keccak256(toHex('params')),
      ...change,
    })
    const sign: Desk['sign'] = async (limit, { by = pair, book: at = book } = {}) => {
      // The book wants signatures in the order of their signers' addresses.
      const signers = by.map(Wallet.of).sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1))
      return {
        certificate: limit,
        signatures: await Promise.all(signers.map((signer) => signer.signTypedData(Certificate.typedData(limit, at)))),
      }
    }
    const poster = Wallet.of('poster')
    await strait.fund([poster.address])
    const post: Desk['post'] = async ({ certificate: limit, signatures }) => {
      const call = { address: venue.limitBook, abi: limitBookAbi, functionName: 'accept', args: [limit, signatures] } as const
      return Deployment.write(strait, poster, call).then(() => 'accepted', errorName)
    }
    const owner: Desk['owner'] = (functionName, args, by = 'owner') =>
      Deployment.write(strait, Wallet.of(by), { address: venue.limitBook, abi: limitBookAbi, functionName, args })
    return work({ house, now, book, certificate, sign, post, owner })
  })
}

function errorName(error: unknown): string {
  const cause = error instanceof BaseError ? error.walk((one) => one instanceof ContractFunctionRevertedError) : null
  if (cause instanceof ContractFunctionRevertedError) return cause.data?.errorName ?? 'reverted'
  return error instanceof Error ? error.message.slice(0, 80) : String(error)
}

/** A row that spoils one thing, with the error that the book must answer; the unspoilt one is accepted beside it. */
function hostile(id: string, fault: string, error: string, spoil: (desk: Desk) => Promise<Signed> | Signed): Row {
  return {
    id,
    fault,
    expected: `${error}; the good one is accepted`,
    inject: () =>
      desk(async (it) => {
        const bad = await it.post(await spoil(it))
        // Spoilt by time or epoch, the good one would be spoilt too: it is signed as of now.
        const now = (await it.house.strait.publicClient.getBlock()).timestamp
        const epoch = await it.house.strait.publicClient.readContract({
          address: it.book.verifyingContract,
          abi: limitBookAbi,
          functionName: 'epoch',
        })
        const good = await it.post(await it.sign(it.certificate({ sequence: 9n, issuedAt: now, expiresAt: now + 300n, epoch })))
        return verdict({ seen: bad, evidence: `the good one: ${good}`, holds: { refused: bad === error, good: good === 'accepted' } })
      }),
  }
}

/** Signed by one key in place of the other: sorted as they come, or doubled. */
async function doubled({ certificate, sign }: Desk): Promise<Signed> {
  const one = await sign(certificate(), { by: ['signer one'] })
  return { certificate: one.certificate, signatures: [...one.signatures, ...one.signatures] }
}

/** The other signature that ECDSA would also take: s above half the curve's order. */
async function highS({ certificate, sign }: Desk): Promise<Signed> {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const good = await sign(certificate())
  const twin = (signature: Hex): Hex => {
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0')
    return `${signature.slice(0, 66) as Hex}${s}${signature.slice(130) === '1b' ? '1c' : '1b'}`
  }
  return { certificate: good.certificate, signatures: good.signatures.map(twin) }
}

export const rows: readonly Row[] = [
  hostile('CERT-1', 'a certificate posted twice', 'Stale', async ({ certificate, sign, post }) => {
    const signed = await sign(certificate())
    await post(signed)
    return signed
  }),
  hostile('CERT-2', 'an older one after a newer, the more generous of the two', 'Stale', async ({ certificate, sign, post }) => {
    await post(await sign(certificate({ sequence: 2n, maxNotional: 1n })))
    return sign(certificate())
  }),
  hostile('CERT-3', 'one signer where two must sign', 'NotEnoughSigners', ({ certificate, sign }) =>
    sign(certificate(), { by: ['signer one'] }),
  ),
  hostile('CERT-4', 'one signer twice', 'SignersNotSorted', doubled),
  hostile('CERT-5', 'a forged signer', 'BadSigner', ({ certificate, sign }) => sign(certificate(), { by: ['mallory one', 'mallory two'] })),
  hostile('CERT-6', 'signed for another chain', 'BadSigner', ({ certificate, sign, book }) =>
    sign(certificate(), { book: { ...book, chainId: 1 } }),
  ),
  hostile('CERT-7', 'signed for another contract', 'BadSigner', ({ certificate, sign, book }) =>
    sign(certificate(), { book: { ...book, verifyingContract: Stand.holder } }),
  ),
  hostile('CERT-8', 'the high-s twin of a good signature', 'BadSigner', highS),
  hostile('CERT-9', 'expired', 'Expired', async ({ certificate, sign, house }) => {
    const signed = await sign(certificate())
    await house.strait.advance(400)
    return signed
  }),
  hostile('CERT-10', 'from the future', 'FromFuture', ({ certificate, sign, now }) =>
    sign(certificate({ issuedAt: now + 600n, expiresAt: now + 900n })),
  ),
  hostile('CERT-11', 'lives longer than is allowed', 'TtlTooLong', ({ certificate, sign, now }) =>
    sign(certificate({ expiresAt: now + 301n })),
  ),
  hostile('CERT-12', 'a hash of zero: nobody could replay it', 'OutOfBounds', ({ certificate, sign }) =>
    sign(certificate({ inputsHash: `0x${'00'.repeat(32)}` })),
  ),
  hostile('CERT-13', 'a margin below the floor', 'OutOfBounds', ({ certificate, sign }) =>
    sign(certificate({ imPpm: Deployment.bounds.minImPpm - 1 })),
  ),
  hostile('CERT-14', 'a margin above the greatest', 'OutOfBounds', ({ certificate, sign }) =>
    sign(certificate({ imPpm: Deployment.bounds.maxImPpm + 1 })),
  ),
  hostile('CERT-15', 'a thousand times too large', 'RaiseTooLarge', ({ certificate, sign }) =>
    sign(certificate({ maxNotional: 100_000n * 1_000n * usd - 1n })),
  ),
  hostile('CERT-16', 'of an old epoch', 'WrongEpoch', async ({ certificate, sign, owner }) => {
    const signed = await sign(certificate())
    await owner('bumpEpoch', [], 'guardian')
    return signed
  }),
  {
    id: 'CERT-19',
    fault: 'the chain’s time jumps',
    expected: 'what has expired dies, and posting it anew revives nothing',
    inject: () =>
      desk(async ({ certificate, sign, post, house }) => {
        const first = await sign(certificate())
        const second = await sign(certificate({ sequence: 2n }))
        const before = await post(first)
        await house.strait.advance(3_600)
        const [again, never] = [await post(first), await post(second)]
        return verdict({
          seen: `${before}; an hour later: ${again} and ${never}`,
          evidence: 'the same two certificates, signed before the jump',
          holds: { before: before === 'accepted', dead: again === 'Expired' && never === 'Expired' },
        })
      }),
  },
  {
    id: 'CERT-20',
    fault: 'a signer’s key is rotated while certificates are under way',
    expected: 'old and new hold while both are listed; the old alone holds no longer once it is removed',
    inject: () =>
      desk(async ({ certificate, sign, post, owner }) => {
        const fresh = ['new one', 'new two']
        await owner('changeSigners', [Wallet.all(fresh).map(({ address }) => address), [], 2n])
        const old = await post(await sign(certificate()))
        const next = await post(await sign(certificate({ sequence: 2n }), { by: fresh }))
        await owner('changeSigners', [[], Wallet.all(pair).map(({ address }) => address), 2n])
        const gone = await post(await sign(certificate({ sequence: 3n })))
        const last = await post(await sign(certificate({ sequence: 3n }), { by: fresh }))
        return verdict({
          seen: `old ${old}, new ${next}; after removal old ${gone}, new ${last}`,
          evidence: 'no certificate was refused in between',
          holds: { overlap: old === 'accepted' && next === 'accepted', removed: gone === 'BadSigner' && last === 'accepted' },
        })
      }),
  },
  {
    id: 'CERT-21',
    fault: 'one of three signers computes another limit; then two do',
    expected:
      'the one refuses and two suffice; of two nothing is signed, SIGNERS_DISAGREE; the book takes no pair of different certificates',
    inject: () =>
      desk(async ({ house, certificate, sign, post, book }) => {
        const mine = certificate()
        const collect = async (limits: readonly bigint[]) => {
          const members = await Promise.all(limits.map((own, i) => Members.start({ name: signerNames[i] ?? '', own })))
          try {
            const signer = QuorumSigner.of({ members, threshold: 2, timeoutMs: 3_000 })
            const request = {
              chainId: house.strait.chainId,
              limitBook: book.verifyingContract,
              certificate: mine,
              document: '{}',
              ties: [],
            }
            return await signer.sign({ ...request, digest: Certificate.digest(mine, book) })
          } finally {
            await Promise.all(members.map((member) => member.stop()))
          }
        }
        const half = mine.maxNotional / 2n
        const disagreed = await outcome(collect([mine.maxNotional, half, half]))
        const other = await sign(certificate({ maxNotional: 2n * mine.maxNotional }), { by: ['signer two'] })
        const [first] = (await sign(mine, { by: ['signer one'] })).signatures
        const mixed = [first ?? '0x', ...other.signatures]
        const pairs = [mixed, [...mixed].reverse()]
        const refused = await Promise.all(pairs.map((signatures) => post({ certificate: mine, signatures })))
        const agreed = await post({ certificate: mine, signatures: await collect([mine.maxNotional, half, mine.maxNotional]) })
        return verdict({
          seen: `two differ: ${disagreed}; mixed: ${refused.join(' and ')}; one differs: ${agreed}`,
          evidence: 'the signers that differ came to half the notional; the mixed signature is of twice',
          holds: {
            disagreed: disagreed === 'SIGNERS_DISAGREE',
            refused: refused.every((one) => one === 'BadSigner' || one === 'SignersNotSorted'),
            agreed: agreed === 'accepted',
          },
        })
      }),
  },
  {
    id: 'CERT-22',
    fault: 'the guardian bumps the epoch',
    expected: 'everything outstanding is refused from the next block on, and the SDK’s verify says so',
    inject: () =>
      desk(async ({ certificate, sign, post, owner, house, book }) => {
        const outstanding = await Promise.all([1n, 2n, 3n].map((sequence) => sign(certificate({ sequence }))))
        /** What does not hold of the first, by the SDK. Its inputs are none: those checks fail before as after. */
        const broken = async () => {
          const [signed] = outstanding
          if (!signed) throw new Error('Three were signed.')
          const { checks } = await Verification.verify({
            ...{ signed: { ...signed, chainId: book.chainId, limitBook: book.verifyingContract }, document: '{}', threshold: 2 },
            ...{ signers: Wallet.all(signerNames).map(({ address }) => address), client: house.strait.publicClient },
          })
          return checks.filter(({ holds }) => !holds).map(({ name }) => name)
        }
        const before = await broken()
        const from = await house.strait.publicClient.getBlockNumber()
        await owner('bumpEpoch', [], 'guardian')
        const answers: string[] = []
        for (const signed of outstanding) answers.push(await post(signed))
        const blocks = (await house.strait.publicClient.getBlockNumber()) - from
        const news = (await broken()).filter((name) => !before.includes(name))
        return verdict({
          seen: `${answers.join(' ')}; what the SDK finds wrong since: ${news.join() || 'nothing'}`,
          evidence: `${blocks} block between`,
          holds: {
            dead: answers.every((one) => one === 'WrongEpoch'),
            'one block': blocks === 1n,
            verify: news.join() === 'epoch on chain',
          },
        })
      }),
  },
]
