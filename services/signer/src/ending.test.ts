import { Client } from '@plimsoll/api'
import type { LinkProof, Ending as Word } from '@plimsoll/chain'
import { EndConsent } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import * as Ending from './ending.ts'
import * as Memory from './Memory.ts'
import type { Signer } from './review.ts'
import type { Look } from './stakes.ts'
import type { Watch } from './watch.ts'
import * as Weighing from './weighing.ts'

type Account = ReturnType<typeof privateKeyToAccount>

const [anna, ben] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())] as [Account, Account]
const now = 1_800_000_000

async function word(by: Account, change: Partial<Word.Message> = {}): Promise<Word.Ending> {
  const message = { account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address), issuedAt: now, ...change }
  const typed = EndConsent.typedData({ ...message, other: message.other ?? '', issuedAt: BigInt(message.issuedAt) })
  return { message, signature: await by.signTypedData(typed) }
}

/** @param look - who has something; nobody unless it is given. */
function signer(memory = Memory.open(), readers: LinkProof.verify.Args['readers'] = new Map(), look: Look = has()): Signer {
  return { readers, memory, weighing: Weighing.open({ memory, look }), nowMs: () => now * 1000 + 999 } as Signer
}

/** These have something, and what they were asked for. */
function has(...staked: readonly string[]): Look & { readonly asked: string[][] } {
  const asked: string[][] = []
  const look: Look = async (accounts) => {
    asked.push([...accounts])
    return new Map(accounts.map((account) => [account, staked.includes(account)]))
  }
  return Object.assign(look, { asked })
}

const kept = { status: 'kept', lasting: false }
/** Room for so little that a test can fill it. */
const small = { lasting: 2, others: 4, named: 2 }
const idOf = (index: number) => Caip10.eoa(`0x${`${index}`.padStart(40, '0')}`)
/** Full of what strangers said, each of a network of his own or all of one. */
function crowd(memory: Memory.Memory, from: (index: number) => string | null = (index) => `${index}`): Memory.Memory {
  for (let i = 0; i < 4; i += 1) memory.keepEnded({ account: idOf(i), other: null, issuedAt: 1 }, { from: from(i) })
  return memory
}

describe('answer', () => {
  test('worked example: what she signed is kept, of one or of everybody', async () => {
    const memory = Memory.open()
    const toAll = await word(anna, { other: null })
    expect(await Ending.answer(signer(memory), await word(anna), 'south')).toEqual(kept)
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address) })).toBe(now)
    expect(memory.endedAt(toAll.message)).toBe(null)
    expect(await Ending.answer(signer(memory), toAll, 'south')).toEqual(kept)
    expect(memory.endedAt(toAll.message)).toBe(now)
    // Whatever she said of one of them before is said of everybody by now.
    expect(await Ending.answer(signer(memory), await word(anna, { issuedAt: now - 5 }), 'south')).toEqual(kept)
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address) })).toBe(null)
  })

  test('edge: what is said later stands instead', async () => {
    const memory = Memory.open()
    for (const issuedAt of [now - 5, now - 3])
      expect(await Ending.answer(signer(memory), await word(anna, { issuedAt }), 'south')).toEqual(kept)
    expect(memory.endedAt((await word(anna)).message)).toBe(now - 3)
  })

  test('bug: who deposited after it was looked brought the same again, as told, and it was never kept for good', async () => {
    const memory = Memory.open()
    const [before, after] = [signer(memory), signer(memory, new Map(), has((await word(anna)).message.account))]
    expect(await Ending.answer(before, await word(anna), 'south')).toEqual(kept)
    await before.weighing.round()
    // She deposits. A stranger who only knows of it has nothing looked at.
    expect(await Ending.answer(after, { ...(await word(anna)), signature: '0x' }, 'west')).toMatchObject({ code: 'NOT_SIGNED' })
    await after.weighing.round()
    expect(await Ending.answer(after, await word(anna), 'south')).toEqual(kept)
    await after.weighing.round()
    expect(await Ending.answer(after, await word(anna), 'south')).toEqual({ status: 'kept', lasting: true })
  })

  test('bug: a stranger was told who had parted: what was known was answered as kept, whoever had signed it', async () => {
    const memory = Memory.open()
    const [own, contract] = [await word(anna), await word(anna, { account: Caip10.format({ chainId: 7, address: anna.address }) })]
    for (const { message } of [own, contract]) memory.keepEnded(message, { from: 'south' })
    const guess = { ...own, message: { ...own.message, issuedAt: 0 } }
    expect(await Ending.answer(signer(memory), guess, 'west')).toMatchObject({ status: 'refused', code: 'NOT_SIGNED' })
    // Hers lies there; and so does that of a contract account that cannot be asked now.
    for (const ending of [own, contract]) expect(await Ending.answer(signer(memory), ending, 'south')).toEqual(kept)
  })

  test('edge: nobody says it for her, and nothing that she signed says something else', async () => {
    const memory = Memory.open()
    const code = async (ending: Word.Ending, of = signer(memory)) => {
      const answered = await Ending.answer(of, ending, 'south')
      return answered.status === 'kept' ? answered.status : `${answered.status} ${answered.code}`
    }
    expect(await code(await word(ben))).toBe('refused NOT_SIGNED')
    const signed = await word(anna)
    for (const change of [{ other: null }, { other: Caip10.eoa(anna.address) }, { issuedAt: now + 1 }, { account: 'anna' }])
      expect(await code({ ...signed, message: { ...signed.message, ...change } })).toBe('refused NOT_SIGNED')
    expect(await code({ ...signed, signature: '0x' })).toBe('refused NOT_SIGNED')
    expect(await code(await word(anna, { account: Caip10.format({ chainId: 1, address: anna.address }) }))).toBe('unable ACCOUNT_UNREAD')
    expect(await code(await word(anna, { issuedAt: now + 16 }))).toBe('refused CLOCKS_APART')
    expect(memory.endedAt(signed.message)).toBe(null)
    expect(await code(await word(anna, { issuedAt: now + 15 }))).toBe('kept')
  })

  test('bug: a stranger with a hundred thousand keys filled it, and nobody could part any more', async () => {
    const memory = crowd(Memory.open(small), () => 'north')
    const look = has()
    expect(await Ending.answer(signer(memory, new Map(), look), await word(anna), 'south')).toEqual(kept)
    // What was asked of chains for it is one look, and what was forgotten had nothing.
    expect(look.asked).toEqual([[(await word(anna)).message.account, idOf(0), idOf(1), idOf(2)]])
    expect([0, 1, 2, 3].map((i) => memory.endedAt({ account: idOf(i), other: null }))).toEqual([null, null, null, 1])
    expect(
      await Ending.answer(signer(memory, new Map(), look), await word(ben, { account: Caip10.eoa(ben.address), other: null }), 'south'),
    ).toEqual(kept)
    expect(look.asked).toHaveLength(1)
  })

  test('bug: who has something parts, though strangers of as many networks as there is room for have filled it', async () => {
    const memory = crowd(Memory.open(small))
    const { account } = (await word(anna)).message
    const of = (look: Look) => signer(memory, new Map(), look)
    expect(await Ending.answer(of(has()), await word(anna), 'south')).toMatchObject({ status: 'unable', code: 'MEMORY_FULL' })
    expect(memory.endedAt((await word(anna)).message)).toBe(null)
    expect(await Ending.answer(of(has(account)), await word(anna), 'south')).toEqual({ status: 'kept', lasting: true })
    expect([0, 1, 2, 3].map((i) => memory.endedAt({ account: idOf(i), other: null }))).toEqual([1, 1, 1, 1])
    // And is not forgotten, though strangers go on and she has withdrawn.
    const [cleo, dora] = [ben, privateKeyToAccount(generatePrivateKey())]
    for (const by of [cleo, dora]) await Ending.answer(of(has()), await word(by, { account: Caip10.eoa(by.address), other: null }), 'south')
    memory.forgetEnded([account])
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
  })

  test('edge: who has something is kept for good, and nobody makes room for him', async () => {
    const memory = crowd(Memory.open(small), () => 'north')
    const { account } = (await word(anna)).message
    expect(await Ending.answer(signer(memory, new Map(), has(account)), await word(anna), 'south')).toEqual({
      status: 'kept',
      lasting: true,
    })
    expect(memory.counts()).toEqual({ lasting: 1, brought: 4, carried: 0 })
  })

  test('edge: nobody who has something is forgotten for another, whether or not it was known before', async () => {
    const memory = crowd(Memory.open(small), () => 'north')
    const look = has(idOf(0), idOf(1))
    expect(await Ending.answer(signer(memory, new Map(), look), await word(anna), 'south')).toEqual(kept)
    // There is room once they are kept for good, and who is there as well is not forgotten either.
    expect([0, 1, 2, 3].map((i) => memory.endedAt({ account: idOf(i), other: null }))).toEqual([1, 1, 1, 1])
    expect([memory.lasts(idOf(0)), memory.lasts(idOf(1)), memory.counts()]).toEqual([true, true, { lasting: 2, brought: 3, carried: 0 }])
  })

  test('error: where it cannot be read who has something, nobody is forgotten, and it is brought again', async () => {
    const memory = crowd(Memory.open(small), () => 'north')
    const unread: Look = async (accounts) => new Map(accounts.map((account) => [account, null]))
    for (const look of [unread, () => Promise.reject(new Error('no chain answers'))])
      expect(await Ending.answer(signer(memory, new Map(), look), await word(anna), 'south')).toMatchObject({
        ...{ status: 'unable', code: 'STAKE_UNREAD' },
      })
    expect(memory.counts().brought).toBe(4)
    expect(await Ending.answer(signer(memory), await word(anna), 'south')).toEqual(kept)
  })

  test('edge: where no more is kept for good, who has something is kept as others are, and not forgotten while he has it', async () => {
    const memory = crowd(Memory.open({ ...small, lasting: 0 }), () => 'north')
    const { account } = (await word(anna)).message
    const look = has(account, idOf(0))
    expect(await Ending.answer(signer(memory, new Map(), look), await word(anna), 'south')).toEqual(kept)
    expect([0, 1, 2, 3].map((i) => memory.endedAt({ account: idOf(i), other: null }))).toEqual([1, null, null, 1])
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
  })

  test('error: beyond what is kept for good who has something is told that no more is kept', async () => {
    const memory = crowd(Memory.open({ ...small, lasting: 0 }))
    const { account } = (await word(anna)).message
    expect(await Ending.answer(signer(memory, new Map(), has(account)), await word(anna), 'south')).toEqual({
      ...{ status: 'unable', code: 'MEMORY_FULL', message: 'No more of it is kept here.' },
    })
  })

  test('error: who has parted with as many by name as are kept is told to end all in one word', async () => {
    const memory = Memory.open(small)
    const answers: string[] = []
    for (const other of [idOf(1), idOf(2), idOf(3), null]) {
      const answered = await Ending.answer(signer(memory), await word(anna, { other }), 'south')
      answers.push(answered.status === 'kept' ? 'kept' : answered.code)
    }
    expect(answers).toEqual(['kept', 'kept', 'ENDINGS_MANY', 'kept'])
  })

  test('edge: of those that come at once no more is kept than there is room for', async () => {
    const memory = Memory.open(small)
    const keys = Array.from({ length: 8 }, () => privateKeyToAccount(generatePrivateKey()))
    const words = await Promise.all(keys.map((by) => word(by, { account: Caip10.eoa(by.address), other: null })))
    const of = signer(memory)
    await Promise.all(words.map((one, i) => Ending.answer(of, one, `${i}`)))
    expect(memory.counts().brought).toBe(4)
  })
})

describe('hear', () => {
  test('worked example: what holds is kept, whatever else was sent', async () => {
    const memory = Memory.open()
    await Ending.hear(signer(memory), [await word(ben), await word(anna), { ...(await word(anna, { other: null })), signature: '0x' }])
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: null })).toBe(null)
  })

  test('edge: no certificate waits for room; what there was none for is kept the next time', async () => {
    const memory = Memory.open(small)
    for (let i = 0; i < 4; i += 1) memory.keepEnded({ account: idOf(i), other: null, issuedAt: 1 }, { from: null })
    const gate = Promise.withResolvers<ReadonlyMap<string, boolean>>()
    const asked: string[][] = []
    const of = signer(memory, new Map(), (accounts) => {
      asked.push([...accounts])
      return gate.promise
    })
    const words = [await word(anna), await word(ben, { account: Caip10.eoa(ben.address), other: null })]
    await Ending.hear(of, words)
    expect(memory.counts().carried).toBe(4)
    gate.resolve(new Map([0, 1, 2, 3].map((i) => [idOf(i), false])))
    await of.weighing.round()
    await Ending.hear(of, words)
    expect([asked.length > 0, memory.endedAt((await word(anna)).message)]).toEqual([true, now])
    expect(memory.counts().carried).toBe(2)
  })

  /** Full of what strangers had carried. */
  const carried = () => crowd(Memory.open(small), () => null)

  test('bug: who has something was not kept for good where strangers took all room that was made for him before the next certificate', async () => {
    const memory = carried()
    const { account } = (await word(anna)).message
    const of = signer(memory, new Map(), has(account))
    await Ending.hear(of, [await word(anna)])
    await of.weighing.round()
    expect([memory.endedAt((await word(anna)).message), memory.lasts(account)]).toEqual([now, true])
  })

  test('bug: each certificate that found no room left a look of its own waiting, and nothing else was looked at until all were done', async () => {
    const memory = carried()
    const gate = Promise.withResolvers<null>()
    let looks = 0
    const of = signer(memory, new Map(), async (accounts) => {
      looks += 1
      await gate.promise
      return new Map(accounts.map((account) => [account, null]))
    })
    for (let i = 0; i < 5; i += 1) await Ending.hear(of, [await word(anna)])
    gate.resolve(null)
    await of.weighing.round()
    // One for them, and the round's own.
    expect(looks).toBe(2)
    expect(memory.counts().carried).toBe(4)
    // What could not be read is looked at again with the next.
    await Ending.hear(of, [await word(anna)])
    await of.weighing.round()
    expect(looks).toBe(4)
  })

  test('edge: no more than 32 contract accounts are asked, and none for what is known', async () => {
    const asked = new Set<number>()
    const chains = Array.from({ length: 40 }, (_, i) => i + 1)
    const readers = new Map(chains.map((chainId) => [chainId, new Proxy({}, { get: () => asked.add(chainId) })]))
    const accountOn = (chainId: number) => Caip10.format({ chainId, address: anna.address })
    const endings = await Promise.all(chains.map((chainId) => word(anna, { account: accountOn(chainId) })))
    const memory = Memory.open()
    for (const { message } of endings.slice(0, 5)) memory.keepEnded(message, { from: 'south' })
    const some = signer(memory, readers as unknown as Signer['readers'])
    await Ending.hear(some, [...endings, await word(anna)])
    expect([...asked].sort((a, b) => a - b)).toEqual(chains.slice(5, 37))
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
  })
})

describe('over HTTP', () => {
  test('worked example: anybody may bring it, and nothing else is taken', async () => {
    const memory = Memory.open()
    const watch = {} as Watch
    const app = createApp({
      signer: signer(memory),
      watch,
      proxies: Client.proxies(''),
      nameOf: (it) => it,
      registry: new Registry(),
      log: pino({ level: 'silent' }),
    })
    const post = async (body: unknown) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await app.request('/end', init)
      return [response.status, ((await response.json()) as { readonly status: string }).status]
    }
    const ending = await word(anna, { other: null })
    expect(await post(ending)).toEqual([200, 'kept'])
    expect(await post(await word(ben, { issuedAt: now + 1 }))).toEqual([200, 'refused'])
    expect(await post({ ...ending, more: 1 })).toEqual([400, 'refused'])
    expect(await post({ ...ending, message: { ...ending.message, issuedAt: -1 } })).toEqual([400, 'refused'])
    expect(memory.endedAt(ending.message)).toBe(now)
  })
})
