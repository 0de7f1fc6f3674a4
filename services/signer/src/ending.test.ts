import type { LinkProof, Ending as Word } from '@plimsoll/chain'
import { EndConsent } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { pino } from 'pino'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import * as Ending from './ending.ts'
import * as Memory from './Memory.ts'
import type { Signer } from './review.ts'

type Account = ReturnType<typeof privateKeyToAccount>

const [anna, ben] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())] as [Account, Account]
const now = 1_800_000_000

async function word(by: Account, change: Partial<Word.Message> = {}): Promise<Word.Ending> {
  const message = { account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address), issuedAt: now, ...change }
  const typed = EndConsent.typedData({ ...message, other: message.other ?? '', issuedAt: BigInt(message.issuedAt) })
  return { message, signature: await by.signTypedData(typed) }
}

function signer(memory = Memory.open(), readers: LinkProof.verify.Args['readers'] = new Map()): Signer {
  return { readers, memory, nowMs: () => now * 1000 + 999 } as Signer
}

describe('answer', () => {
  test('worked example: what she signed is kept, of one or of everybody', async () => {
    const memory = Memory.open()
    const toAll = await word(anna, { other: null })
    expect(await Ending.answer(signer(memory), await word(anna))).toEqual({ status: 'kept' })
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address) })).toBe(now)
    expect(memory.endedAt(toAll.message)).toBe(null)
    expect(await Ending.answer(signer(memory), toAll)).toEqual({ status: 'kept' })
    expect(memory.endedAt(toAll.message)).toBe(now)
    expect(await Ending.answer(signer(memory), await word(anna, { issuedAt: now - 5 }))).toEqual({ status: 'kept' })
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: Caip10.eoa(ben.address) })).toBe(now)
  })

  test('edge: what is said later stands instead', async () => {
    const memory = Memory.open()
    for (const issuedAt of [now - 5, now - 3])
      expect(await Ending.answer(signer(memory), await word(anna, { issuedAt }))).toEqual({ status: 'kept' })
    expect(memory.endedAt((await word(anna)).message)).toBe(now - 3)
  })

  test('edge: nobody says it for her, and nothing that she signed says something else', async () => {
    const memory = Memory.open()
    const code = async (ending: Word.Ending, of = signer(memory)) => {
      const answered = await Ending.answer(of, ending)
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

  test('error: where no more is kept it is said so', async () => {
    const memory = { ...Memory.open(), hasRoom: () => false }
    expect(await Ending.answer(signer(memory), await word(anna))).toMatchObject({ status: 'unable', code: 'MEMORY_FULL' })
    expect(memory.endedAt((await word(anna)).message)).toBe(null)
  })
})

describe('hear', () => {
  test('worked example: what holds is kept, whatever else was sent', async () => {
    const memory = Memory.open()
    await Ending.hear(signer(memory), [await word(ben), await word(anna), { ...(await word(anna, { other: null })), signature: '0x' }])
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
    expect(memory.endedAt({ account: Caip10.eoa(anna.address), other: null })).toBe(null)
  })

  test('edge: no more than 32 contract accounts are asked, and none for what is known', async () => {
    const asked = new Set<number>()
    const chains = Array.from({ length: 40 }, (_, i) => i + 1)
    const readers = new Map(chains.map((chainId) => [chainId, new Proxy({}, { get: () => asked.add(chainId) })]))
    const accountOn = (chainId: number) => Caip10.format({ chainId, address: anna.address })
    const endings = await Promise.all(chains.map((chainId) => word(anna, { account: accountOn(chainId) })))
    const memory = Memory.open()
    for (const { message } of endings.slice(0, 5)) memory.keepEnded(message)
    const some = signer(memory, readers as unknown as Signer['readers'])
    await Ending.hear(some, [...endings, await word(anna)])
    expect([...asked].sort((a, b) => a - b)).toEqual(chains.slice(5, 37))
    expect(memory.endedAt((await word(anna)).message)).toBe(now)
  })
})

describe('over HTTP', () => {
  test('worked example: anybody may bring it, and nothing else is taken', async () => {
    const memory = Memory.open()
    const app = createApp({ signer: signer(memory), log: pino({ level: 'silent' }) })
    const post = async (body: unknown) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await app.request('/end', init)
      return [response.status, ((await response.json()) as { readonly status: string }).status]
    }
    const ending = await word(anna, { other: null })
    expect(await post(ending)).toEqual([200, 'kept'])
    expect(await post(await word(ben))).toEqual([200, 'refused'])
    expect(await post({ ...ending, more: 1 })).toEqual([400, 'refused'])
    expect(await post({ ...ending, message: { ...ending.message, issuedAt: -1 } })).toEqual([400, 'refused'])
    expect(memory.endedAt(ending.message)).toBe(now)
  })
})
