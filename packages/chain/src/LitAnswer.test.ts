import { Wallet } from '@plimsoll/localnet'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as LitAnswer from './LitAnswer.ts'
import * as Secp256k1 from './Secp256k1.ts'
import * as Signer from './Signer.ts'

const digest: Hex = `0x${'5a'.repeat(32)}`
const key = Secp256k1.of(Wallet.privateKeyOf('an action'))
const { address } = key
const nothing = { why: 'false', detail: 'what came back is no signature over the digest' } as const

let signature: Hex
beforeAll(async () => {
  signature = await key.sign(digest)
})

describe('assess', () => {
  const assess = (args: Partial<LitAnswer.assess.Args>) => LitAnswer.assess({ digest, address, signature: null, response: null, ...args })

  test('worked example: a signature of the key over the digest, in whatever case it is written', async () => {
    expect(await assess({ signature })).toBe(signature)
    expect(await assess({ signature: signature.toUpperCase().replace('X', 'x') })).toBe(signature)
  })

  test('edge: what signed is not asked for a reason, and what refused is not asked for a signature', async () => {
    const response = { status: 'refused', code: 'NO', message: 'Never.' }
    expect(await assess({ signature, response })).toBe(signature)
    expect(await assess({ response })).toEqual({ why: 'refused', detail: 'NO: Never.' })
    expect(await assess({ response: JSON.stringify(response) })).toEqual({ why: 'refused', detail: 'NO: Never.' })
  })

  test('error: a signature of another key, over another digest, or none', async () => {
    for (const none of [`0x${signature}`, `${signature}00`, `${signature.slice(0, -2)}1d`, '0x', [signature], 7, null])
      expect(await assess({ signature: none })).toEqual(nothing)
    const other = Secp256k1.of(Wallet.privateKeyOf('another'))
    const detail = `what came back is a signature of ${other.address}`
    expect(await assess({ signature: await other.sign(digest) })).toEqual({ why: 'false', detail })
    expect(await assess({ signature: await key.sign(`0x${'5b'.repeat(32)}`) })).toMatchObject({ why: 'false' })
  })

  test('error: a response that is no refusal', async () => {
    for (const response of [{ status: 'signed' }, { code: 'NO' }, '{', 'null', '7', 7, undefined, []])
      expect(await assess({ response })).toEqual(nothing)
  })

  test('error: a refusal is one line, and no longer than a person reads', async () => {
    const { detail } = (await assess({
      response: { status: 'refused', code: `A\nB${'c'.repeat(500)}`, message: `d\r\n\u001b[2J${'e'.repeat(500)}` },
    })) as LitAnswer.Lack
    expect(detail).toBe(`A B${'c'.repeat(97)}: d [2J${'e'.repeat(293)}`)
    // What has no text of its own was thrown, past whoever waits for a lack.
    for (const code of [undefined, 7, ['NO'], { toString: 1, valueOf: 1 }])
      expect(await assess({ response: { status: 'refused', code, message: code } })).toEqual({ why: 'refused', detail: '?: ?' })
  })
})

describe('fail', () => {
  const failed = (...whys: readonly Signer.Failure['why'][]) => LitAnswer.fail(whys.map((why) => ({ signer: address, why, detail: why })))

  test('worked example: a refusal is one when everybody who answered refused', () => {
    for (const whys of [['refused'], ['refused', 'timeout'], ['unable', 'refused', 'refused']] as const)
      expect(failed(...whys)).toBeInstanceOf(Signer.DisagreeError)
    for (const whys of [['refused', 'false'], ['false'], ['timeout'], ['unable', 'unreachable'], []] as const)
      expect(failed(...whys)).toBeInstanceOf(Signer.UnavailableError)
  })

  test('edge: every failure is told, and that one signature was missing', () => {
    expect(failed('refused').message).toContain('and 1 must')
    expect(failed('timeout').message).toContain('Fewer than 1 signers')
    expect(failed('timeout', 'false').failures.map(({ why }) => why)).toEqual(['timeout', 'false'])
    expect(failed('refused').failures).toEqual([{ signer: address, why: 'refused', detail: 'refused' }])
  })
})

describe('quote', () => {
  test('edge: the length is one of what is quoted, and what cannot be read is a space', () => {
    expect(LitAnswer.quote('abcdef', 6)).toBe('abcdef')
    expect(LitAnswer.quote('abcdefg', 6)).toBe('abcdef')
    expect(LitAnswer.quote('a\u0000\u0007b\u007fcé~ ', 20)).toBe('a b c ~ ')
  })
})
