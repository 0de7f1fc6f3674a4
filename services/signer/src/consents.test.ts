import { type Code, type Signer, Tie } from '@plimsoll/chain'
import { LinkAccount, MergeParticipants } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, test } from 'vitest'
import * as Consents from './consents.ts'
import type * as Endings from './Endings.ts'
import * as Memory from './Memory.ts'
import type { Readers } from './reads.ts'

type Hex = `0x${string}`
type Account = ReturnType<typeof privateKeyToAccount>

const [anna, ben, cleo, stranger] = Array.from({ length: 4 }, () => privateKeyToAccount(generatePrivateKey())) as [
  Account,
  Account,
  Account,
  Account,
]
const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const low = (account: Account) => account.address.toLowerCase() as Hex
const subject = { participantId: word('01'), account: low(anna), venue: { chainId: 3, address: `0x${'0e'.repeat(20)}` as Hex } }
const lot = (account: Account, chainId = 1) => ({ holder: low(account), chainId })

type Ids = { readonly participantId?: Hex; readonly account?: string; readonly primary?: string }

const times = { nonce: word('02'), issuedAt: 1_800_000_000, expiresAt: 1_800_000_300 }

async function link(
  joining: Account,
  member: Account,
  by: { readonly signers?: readonly Account[] } & Ids = {},
  when = times,
): Promise<Tie.Tie> {
  const message = {
    ...{
      participantId: by.participantId ?? word('01'),
      account: by.account ?? Caip10.eoa(joining.address),
      primary: by.primary ?? Caip10.eoa(member.address),
    },
    ...when,
  }
  const data = LinkAccount.typedData({ ...message, issuedAt: BigInt(message.issuedAt), expiresAt: BigInt(message.expiresAt) })
  const signers = by.signers ?? [joining, member]
  const [accountSignature = '', primarySignature = ''] = await Promise.all(signers.map((account) => account.signTypedData(data)))
  return { kind: 'link', message, accountSignature, primarySignature }
}

async function merge(
  from: Account,
  into: Account,
  ids: { readonly from: Hex; readonly into: Hex; readonly signers?: readonly Account[] },
): Promise<Tie.Tie> {
  const message = {
    ...{ from: ids.from, into: ids.into, fromAccount: Caip10.eoa(from.address), intoAccount: Caip10.eoa(into.address) },
    ...times,
  }
  const data = MergeParticipants.typedData({ ...message, issuedAt: BigInt(message.issuedAt), expiresAt: BigInt(message.expiresAt) })
  const signers = ids.signers ?? [from, into]
  const [fromSignature = '', intoSignature = ''] = await Promise.all(signers.map((account) => account.signTypedData(data)))
  return { kind: 'merge', message, fromSignature, intoSignature }
}

type One = Signer.Uncounted
const because = (account: Account, chainId: number, code: One['code']): One => ({ holder: low(account), chainId, code })
const untied = (account: Account, chainId = 1) => because(account, chainId, 'HOLDER_UNTIED')
const unread = (account: Account, chainId = 1) => because(account, chainId, 'HOLDER_UNREAD')
/** Whose are not counted, and which of her own only if she is a key. */
const but = (uncounted: readonly One[], ifKey: readonly One[] = []): Consents.Verdict => ({ uncounted, ifKey })
const tied = but([])

const open = (readers: Readers = new Map(), memory = Memory.open(), now = () => 1_800_000_000) => Consents.open({ readers, memory, now })
const { verify } = open()

describe('verify', () => {
  let ofBen: Tie.Tie
  let ofCleo: Tie.Tie
  beforeAll(async () => {
    ofBen = await link(ben, anna)
    ofCleo = await link(cleo, ben)
  })

  test('worked example: her own, one who joined, and one who joined through him', async () => {
    const lots = [lot(anna), lot(ben), lot(cleo, 2)]
    expect(await verify({ subject, lots, ties: [ofCleo, ofBen] })).toEqual(tied)
    expect(await verify({ subject, lots, ties: [ofBen] })).toEqual(but([untied(cleo, 2)]))
    expect(await verify({ subject, lots: [lot(anna, 3)], ties: [] })).toEqual(tied)
    expect(await verify({ subject, lots: [], ties: [] })).toEqual(tied)
  })

  test('bug: of several who are not tied one was named, and the next only once he was left out', async () => {
    const lots = [lot(anna), lot(ben), lot(ben), lot(ben, 2), lot(cleo, 2)]
    expect(await verify({ subject, lots, ties: [ofCleo] })).toEqual(but([untied(ben), untied(ben, 2), untied(cleo, 2)], [untied(anna)]))
    const wallet = await link(cleo, anna, { account: Caip10.format({ chainId: 1, address: cleo.address }) })
    expect(await verify({ subject, lots: [lot(cleo), lot(cleo, 2), lot(ben)], ties: [wallet] })).toEqual(
      but([unread(cleo), untied(cleo, 2), untied(ben)]),
    )
  })

  test('edge: a gateway that borrows a stranger’s collateral has no signature of his', async () => {
    const lots = [lot(anna), lot(stranger)]
    const hers = but([untied(stranger)])
    for (const signers of [
      [anna, anna],
      [stranger, stranger],
      [ben, anna],
      [stranger, ben],
    ])
      expect(await verify({ subject, lots, ties: [ofBen, await link(stranger, anna, { signers })] })).toEqual(hers)
    const { message, ...signatures } = await link(ben, anna)
    const forged = { ...signatures, message: { ...message, account: Caip10.eoa(stranger.address) } } as Tie.Tie
    expect(await verify({ subject, lots, ties: [forged] })).toEqual(but([untied(stranger)], [untied(anna)]))
    expect(await verify({ subject, lots: [lot(ben), lot(stranger)], ties: [ofBen] })).toEqual(hers)
    // Others are tied to one another, and nobody to her.
    expect(await verify({ subject, lots: [lot(ben), lot(cleo)], ties: [ofCleo] })).toEqual(but([untied(ben), untied(cleo)]))
  })

  test('edge: a contract account counts on its own chain alone; one that cannot be asked is unread, and not refused', async () => {
    const wallet = Caip10.format({ chainId: 1, address: ben.address })
    const tie = await link(ben, anna, { account: wallet })
    expect(await verify({ subject, lots: [lot(ben, 2)], ties: [tie] })).toEqual(but([untied(ben, 2)]))
    expect(await verify({ subject, lots: [lot(ben, 1)], ties: [tie] })).toEqual(but([unread(ben)]))
    // Nothing hangs on it where he signed with a key as well.
    expect(await verify({ subject, lots: [lot(ben, 1)], ties: [tie, ofBen] })).toEqual(tied)
  })

  test('edge: as the account of a venue she is herself there, also where she is a contract', async () => {
    const [here, elsewhere] = [3, 4].map((chainId) => Caip10.format({ chainId, address: anna.address }))
    const tie = (primary = '') => link(ben, anna, { primary })
    expect(await verify({ subject, lots: [lot(ben)], ties: [await tie(here)] })).toEqual(but([unread(ben)]))
    expect(await verify({ subject, lots: [lot(ben)], ties: [await tie(elsewhere)] })).toEqual(but([untied(ben)]))
  })

  test('edge: nobody is asked where nothing hangs on the answer', async () => {
    let asked = 0
    const counting = new Map([[1, new Proxy({}, { get: () => (asked += 1) })]]) as unknown as Readers
    const { verify } = open(counting)
    const tie = await link(cleo, anna, { account: Caip10.format({ chainId: 1, address: cleo.address }) })
    expect(await verify({ subject, lots: [lot(ben)], ties: [tie, ofBen] })).toEqual(tied)
    expect(asked).toBe(0)
    await verify({ subject, lots: [lot(cleo)], ties: [tie, ofBen] })
    expect(asked).toBeGreaterThan(0)
  })

  test('bug: who left for another participant brought along, at a gateway that lies, whom he joined there', async () => {
    // Ben was Anna's, and has linked Cleo to a participant of his own since.
    const elsewhere = await link(cleo, ben, { participantId: word('03') })
    const lots = [lot(cleo)]
    const not = but([untied(cleo)])
    expect(await verify({ subject, lots, ties: [ofBen, elsewhere] })).toEqual(not)
    expect(await verify({ subject: { ...subject, participantId: word('03') }, lots, ties: [ofBen, elsewhere] })).toEqual(not)
    // Once the two are merged she is.
    const ids = { from: word('03'), into: word('01') }
    expect(await verify({ subject, lots, ties: [ofBen, elsewhere, await merge(ben, anna, ids)] })).toEqual(tied)
    const forged = await merge(ben, anna, { ...ids, signers: [stranger, anna] })
    const backwards = await merge(ben, anna, { from: word('01'), into: word('03') })
    for (const tie of [forged, backwards]) expect(await verify({ subject, lots, ties: [ofBen, elsewhere, tie] })).toEqual(not)
  })

  test('worked example: whom a participant that was merged had merged before', async () => {
    const [first, second] = [
      await merge(cleo, ben, { from: word('05'), into: word('04') }),
      await merge(ben, anna, { from: word('04'), into: word('01') }),
    ]
    expect(await verify({ subject, lots: [lot(cleo), lot(ben)], ties: [first, second] })).toEqual(tied)
    expect(await verify({ subject, lots: [lot(cleo)], ties: [first] })).toEqual(but([untied(cleo)]))
  })

  test('edge: no more than 32 contract accounts are asked for one certificate; what is beyond is unread', async () => {
    const asked = new Set<number>()
    const chains = Array.from({ length: 33 }, (_, i) => i + 1)
    const counting = new Map(chains.map((chainId) => [chainId, new Proxy({}, { get: () => asked.add(chainId) })])) as unknown as Readers
    const ties = await Promise.all(chains.map((chainId) => link(ben, anna, { account: Caip10.format({ chainId, address: ben.address }) })))
    const { verify } = open(counting)
    expect(await verify({ subject, lots: [lot(ben, 33)], ties })).toEqual(but([unread(ben, 33)]))
    expect([...asked].sort((a, b) => a - b)).toEqual(chains.slice(0, 32))
  })

  test('edge: an id that is none is nobody’s', async () => {
    const tie = await link(ben, anna, { account: low(ben) })
    expect(await verify({ subject, lots: [lot(ben)], ties: [tie] })).toEqual(but([untied(ben)]))
  })

  test('edge: what was believed once is believed for those very bytes alone', async () => {
    const { verify } = open()
    const lots = [lot(ben)]
    expect(await verify({ subject, lots, ties: [ofBen] })).toEqual(tied)
    expect(await verify({ subject, lots, ties: [ofBen] })).toEqual(tied)
    const other = { ...ofBen, primarySignature: '0x' } as Tie.Tie
    expect(await verify({ subject, lots, ties: [other] })).toEqual(but([untied(ben)]))
    expect(Tie.isLasting(ofBen)).toBe(true)
  })
})

describe('verify, of the account’s own on other chains', () => {
  const [here, there] = [3, 1].map((chainId) => Caip10.format({ chainId, address: anna.address })) as [string, string]
  const lots = [lot(anna), lot(anna, 3)]

  test('bug: nothing that was signed says that it is a key, and all of it counted', async () => {
    expect(await verify({ subject, lots, ties: [] })).toEqual(but([], [untied(anna)]))
    expect(await verify({ subject, lots: [...lots, lot(anna, 2)], ties: [] })).toEqual(but([], [untied(anna), untied(anna, 2)]))
  })

  test('worked example: who signed a tie with it has shown that it is one', async () => {
    for (const tie of [await link(ben, anna), await link(anna, ben)]) expect(await verify({ subject, lots, ties: [tie] })).toEqual(tied)
    for (const signers of [
      [ben, ben],
      [ben, stranger],
    ])
      expect(await verify({ subject, lots, ties: [await link(ben, anna, { signers })] })).toEqual(but([], [untied(anna)]))
    // As a contract of its venue it signed nothing with a key.
    expect(await verify({ subject, lots, ties: [await link(ben, anna, { primary: here })] })).toEqual(but([], [untied(anna)]))
  })

  test('edge: a consent of its own for that chain; one that cannot be asked is unread', async () => {
    const own = await link(anna, anna, { account: there, primary: here })
    expect(await verify({ subject, lots, ties: [own] })).toEqual(but([], [unread(anna)]))
    expect(await verify({ subject, lots: [lot(anna, 2)], ties: [own] })).toEqual(but([], [untied(anna, 2)]))
  })

  test('edge: contracts are not asked for what only a key would say', async () => {
    let asked = 0
    const counting = new Map([[1, new Proxy({}, { get: () => (asked += 1) })]]) as unknown as Readers
    const tie = await link(cleo, anna, { account: Caip10.format({ chainId: 1, address: cleo.address }) })
    expect(await open(counting).verify({ subject, lots, ties: [tie] })).toEqual(but([], [untied(anna)]))
    expect(asked).toBe(0)
  })
})

describe('settle', () => {
  const venue = { chainId: 3 }
  const verdict = but([untied(ben)], [untied(anna), unread(anna, 2)])
  const lots = [lot(anna), lot(anna, 2), lot(anna, 3)]
  const settle = (codes: Readonly<Record<number, Code.Code>>, read: Consents.Asked['lots'] = lots) =>
    Consents.settle(verdict, { venue, lots: read, codes: new Map(Object.entries(codes).map(([id, code]) => [Number(id), code])) })

  test('worked example: a key counts everywhere, whatever it delegates to; a contract nowhere but at home', () => {
    expect(settle({ 1: 'none', 2: 'delegated', 3: 'delegated' })).toEqual([untied(ben)])
    expect(settle({ 1: 'none', 2: 'none', 3: 'contract' })).toEqual([untied(ben), untied(anna), unread(anna, 2)])
    expect(settle({ 1: 'contract', 2: 'none', 3: 'none' })).toEqual([untied(ben), untied(anna)])
    expect(settle({ 1: 'none', 2: 'contract', 3: 'delegated' })).toEqual([untied(ben), unread(anna, 2)])
  })

  test('edge: where a chain does not say, nothing is counted, and nothing is said of her', () => {
    expect(settle({ 1: 'unread', 2: 'none', 3: 'none' })).toEqual([untied(ben), unread(anna)])
    expect(settle({ 1: 'none', 3: 'none' })).toEqual([untied(ben), unread(anna, 2)])
    expect(settle({ 1: 'none', 2: 'none' })).toEqual([untied(ben), unread(anna), unread(anna, 2)])
    expect(settle({ 1: 'contract', 2: 'none', 3: 'unread' })).toEqual([untied(ben), untied(anna), unread(anna, 2)])
  })

  test('edge: of a chain on which nothing of hers was read nothing is asked', () => {
    expect(settle({ 1: 'contract', 3: 'none' }, [lot(anna, 3), lot(ben), lot(ben, 2)])).toEqual([untied(ben)])
    expect(settle({ 1: 'contract', 3: 'none' }, [lot(anna)])).toEqual([untied(ben), untied(anna)])
  })
})

describe('verify, of what was ended', () => {
  const [at, lots] = [1_800_000_000, [lot(ben), lot(cleo)]]
  /** What counts once these have been told. */
  const after = async (told: readonly Endings.Ended[], ties: readonly Tie.Tie[], asked = lots) => {
    const memory = Memory.open()
    for (const one of told) memory.keepEnded(one, { from: '' })
    return open(new Map(), memory).verify({ subject, lots: asked, ties })
  }
  const end = (account: Account, other: Account | null = null, issuedAt = at): Endings.Ended => ({
    ...{ account: Caip10.eoa(account.address), other: other === null ? null : Caip10.eoa(other.address), issuedAt },
  })

  test('bug: who had unlinked an account was counted for ever, by what he once signed', async () => {
    const ties = [await link(ben, anna), await link(cleo, anna)]
    expect(await after([], ties)).toEqual(tied)
    // To take it back is for either side, and parts nobody else.
    for (const told of [end(ben), end(ben, anna), end(anna, ben)]) expect(await after([told], ties)).toEqual(but([untied(ben)]))
    expect(await after([end(anna)], ties)).toEqual(but([untied(ben), untied(cleo)]))
    for (const told of [end(ben, cleo), end(cleo, ben), end(stranger), end(stranger, ben), end(ben, null, at - 1)])
      expect(await after([told], ties)).toEqual(tied)
  })

  test('edge: whom he had brought is not reached through him any more; what was signed anew since counts', async () => {
    const ties = [await link(ben, anna), await link(cleo, ben)]
    expect(await after([end(ben, anna)], ties)).toEqual(but([untied(ben), untied(cleo)]))
    const anew = { ...times, issuedAt: at + 1 }
    expect(await after([end(ben, anna)], [...ties, await link(ben, anna, {}, anew)])).toEqual(tied)
    expect(await after([end(ben, anna, at + 1)], [...ties, await link(ben, anna, {}, anew)])).toEqual(but([untied(ben), untied(cleo)]))
  })

  test('edge: a merge is ended like a link, and with it what was signed for whoever was merged', async () => {
    const ties = [await merge(ben, anna, { from: word('03'), into: word('01') }), await link(cleo, ben, { participantId: word('03') })]
    expect(await after([], ties)).toEqual(tied)
    for (const told of [end(ben, anna), end(anna, ben)]) expect(await after([told], ties)).toEqual(but([untied(ben), untied(cleo)]))
  })

  test('edge: what shows that the account is a key does so no more, and what stands at its address does', async () => {
    const ties = [await link(ben, anna)]
    expect(await after([end(anna)], ties, [lot(anna)])).toEqual(but([], [untied(anna)]))
  })

  test('edge: what is signed for a time to come, so that nobody could end it before, counts when that has come', async () => {
    const ties = [await link(ben, anna, {}, { ...times, issuedAt: at + 16 })]
    const verifyAt = (now: number) => open(new Map(), Memory.open(), () => now).verify({ subject, lots: [lot(ben)], ties })
    expect(await verifyAt(at)).toEqual(but([untied(ben)]))
    expect(await verifyAt(at + 1)).toEqual(tied)
  })
})
