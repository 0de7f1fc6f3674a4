import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as Hpke from './Hpke.ts'
import * as NodeEnvelope from './testing/NodeEnvelope.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const info = bytes('a purpose')
const message = bytes('what is said')

/** Little-endian u of every point of low order there is on the curve and its twist, canonical or not. */
const lowOrder: readonly Hex[] = [
  `0x${'00'.repeat(32)}`,
  `0x01${'00'.repeat(31)}`,
  '0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '0x5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `0xec${'ff'.repeat(30)}7f`,
  `0xed${'ff'.repeat(30)}7f`,
  `0xee${'ff'.repeat(30)}7f`,
]

describe('keyPair and publicKeyOf', () => {
  test('worked example: the public half follows from the private one, as node:crypto has it', async () => {
    const { publicKey, privateKey } = await Hpke.keyPair()
    expect(await Hpke.publicKeyOf(privateKey)).toBe(publicKey)
    const judge = NodeEnvelope.pair(Buffer.from(privateKey.slice(2), 'hex'))
    expect(publicKey).toBe(`0x${judge.publicKey.toString('hex')}`)
    expect((await Hpke.keyPair()).privateKey).not.toBe(privateKey)
  })

  test.each<[string, string]>([
    ['too short', `0x${'07'.repeat(31)}`],
    ['too long', `0x${'07'.repeat(33)}`],
    ['upper case', `0x${'AB'.repeat(32)}`],
    ['without 0x', '07'.repeat(32)],
    ['empty', ''],
  ])('error: a private key %s is none, and is not repeated', async (_, key) => {
    const error = await Hpke.publicKeyOf(key as Hex).catch((it: unknown) => it)
    expect(error).toBeInstanceOf(Hpke.InvalidKeyError)
    expect(error).toMatchObject({ code: 'KEY_INVALID', half: 'private' })
    if (key !== '') expect(JSON.stringify(error) + (error as Error).message).not.toContain(key)
  })
})

describe('seal and open', () => {
  test('worked example: who holds the key reads it, and nobody else; no two are alike', async () => {
    const [ann, ben] = [await Hpke.keyPair(), await Hpke.keyPair()]
    const [one, two] = [await Hpke.seal({ ...ann, info, message }), await Hpke.seal({ ...ann, info, message })]
    expect(await Hpke.open({ ...ann, info, sealed: one })).toEqual(message)
    expect(await Hpke.open({ ...ben, info, sealed: one })).toBeNull()
    expect([...one.enc]).not.toEqual([...two.enc])
    expect([...one.ciphertext]).not.toEqual([...two.ciphertext])
    expect(one.ciphertext.length).toBe(message.length + 16)
  })

  test('vector: node:crypto reads, by RFC 9180 step by step, what was sealed here', async () => {
    const { publicKey, privateKey } = await Hpke.keyPair()
    const { enc, ciphertext } = await Hpke.seal({ publicKey, info, message })
    const judge = { secret: Buffer.from(privateKey.slice(2), 'hex'), enc: Buffer.from(enc), sealed: Buffer.from(ciphertext) }
    expect(NodeEnvelope.read({ ...judge, info: 'a purpose' }).toString()).toBe('what is said')
    expect(() => NodeEnvelope.read({ ...judge, info: 'another' })).toThrow()
  })

  test('edge: for another purpose, or with any byte changed, it does not open', async () => {
    const ann = await Hpke.keyPair()
    const sealed = await Hpke.seal({ ...ann, info, message })
    expect(await Hpke.open({ ...ann, info: bytes('another'), sealed })).toBeNull()
    for (const part of ['enc', 'ciphertext'] as const)
      for (const [at, byte] of sealed[part].entries()) {
        const changed = new Uint8Array(sealed[part])
        changed[at] = byte ^ (1 << (at % 8))
        expect(await Hpke.open({ ...ann, info, sealed: { ...sealed, [part]: changed } })).toBeNull()
      }
    expect(await Hpke.open({ ...ann, info, sealed: { ...sealed, ciphertext: new Uint8Array() } })).toBeNull()
    expect(await Hpke.open({ ...ann, info, sealed: { ...sealed, enc: sealed.enc.slice(1) } })).toBeNull()
  })

  test.each(lowOrder)('edge: %s is nobody’s key: nothing is sealed to it, and nothing opens that was sealed from it', async (publicKey) => {
    await expect(Hpke.seal({ publicKey, info, message })).rejects.toMatchObject({ code: 'KEY_INVALID', half: 'public' })
    const enc = Uint8Array.from(Buffer.from(publicKey.slice(2), 'hex'))
    expect(await Hpke.open({ ...(await Hpke.keyPair()), info, sealed: { enc, ciphertext: new Uint8Array(28) } })).toBeNull()
  })

  test('error: a point written a second way is no public key', async () => {
    const { publicKey } = await Hpke.keyPair()
    const high = (Number.parseInt(publicKey.slice(-2), 16) | 0x80).toString(16)
    for (const other of [`${publicKey.slice(0, -2)}${high}`, `0xf6${'ff'.repeat(30)}7f`, `${publicKey}00`])
      await expect(Hpke.seal({ publicKey: other as Hex, info, message })).rejects.toThrow(Hpke.InvalidKeyError)
  })
})
