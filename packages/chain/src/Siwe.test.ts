import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createSiweMessage } from 'viem/siwe'
import { describe, expect, test } from 'vitest'
import * as Siwe from './Siwe.ts'

const account = privateKeyToAccount(generatePrivateKey())
const stranger = privateKeyToAccount(generatePrivateKey())
const now = 1_800_000_000
const nonce = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6'
const policy = { domain: 'app.example.com', uri: 'https://app.example.com', chainIds: [31_337_003] }

type Fields = Parameters<typeof createSiweMessage>[0]
const good: Fields = {
  address: account.address,
  chainId: 31_337_003,
  domain: 'app.example.com',
  nonce,
  uri: 'https://app.example.com',
  version: '1',
  statement: 'Sign in to Plimsoll.',
  issuedAt: new Date(now * 1000),
  expirationTime: new Date((now + 300) * 1000),
}

async function verify(message: string, options: Partial<Siwe.verify.Args> = {}): Promise<Siwe.SignIn> {
  const signature = await account.signMessage({ message })
  return Siwe.verify({ message, signature, policy, nonce, now, ...options })
}

const code = (fields: Partial<Fields>, options: Partial<Siwe.verify.Args> = {}) =>
  verify(createSiweMessage({ ...good, ...fields }), options).then(
    () => 'signed in',
    (error) => (error instanceof Siwe.RefusedError ? error.code : error),
  )

const at = (seconds: number) => new Date((now + seconds) * 1000)

describe('verify', () => {
  test('worked example: the account, where and for how long', async () => {
    expect(await verify(createSiweMessage(good))).toEqual({
      account: account.address.toLowerCase(),
      chainId: 31_337_003,
      issuedAt: now,
      expiresAt: now + 300,
    })
  })

  test('edge: the bounds themselves still pass, one beyond does not', async () => {
    expect(await code({ issuedAt: at(-60), expirationTime: at(540) })).toBe('signed in')
    expect(await code({ issuedAt: at(60), expirationTime: at(660) })).toBe('signed in')
    expect(await code({ issuedAt: at(-61) })).toBe('SIWE_ISSUED_AT')
    expect(await code({ issuedAt: at(61) })).toBe('SIWE_ISSUED_AT')
    expect(await code({ expirationTime: at(1) })).toBe('signed in')
    expect(await code({ expirationTime: at(0) })).toBe('SIWE_EXPIRED')
    expect(await code({ expirationTime: at(600) })).toBe('signed in')
    expect(await code({ expirationTime: at(601) })).toBe('SIWE_EXPIRY_TOO_FAR')
    expect(await code({ notBefore: at(0) })).toBe('signed in')
    expect(await code({ notBefore: at(1) })).toBe('SIWE_NOT_YET_VALID')
  })

  test('edge: times without milliseconds, and a message without a statement', async () => {
    const plain = createSiweMessage(good).replaceAll('.000Z', 'Z')
    expect((await verify(plain)).expiresAt).toBe(now + 300)
    const { statement: _, ...silent } = good
    expect((await verify(createSiweMessage(silent))).issuedAt).toBe(now)
  })

  test('edge: four thousand characters and some', async () => {
    const room = 4_096 - createSiweMessage({ ...good, statement: 'x' }).length + 1
    expect(await code({ statement: 'x'.repeat(room) })).toBe('signed in')
    expect(await code({ statement: 'x'.repeat(room + 1) })).toBe('SIWE_MALFORMED')
  })

  test('error: each check that viem leaves out, by its own code', async () => {
    expect(await code({ nonce: 'ffffffffffffffffffffffffffffffff' })).toBe('SIWE_NONCE_MISMATCH')
    expect(await code({}, { nonce: null })).toBe('SIWE_NONCE_UNKNOWN')
    expect(await code({ domain: 'evil.example.com' })).toBe('SIWE_DOMAIN_MISMATCH')
    expect(await code({ scheme: 'http' })).toBe('SIWE_DOMAIN_MISMATCH')
    expect(await code({ scheme: 'https' })).toBe('signed in')
    expect(await code({ uri: 'https://app.example.com/other' })).toBe('SIWE_URI_MISMATCH')
    expect(await code({ uri: 'https://app.example.com.evil.org' })).toBe('SIWE_URI_MISMATCH')
    expect(await code({ chainId: 1 })).toBe('SIWE_CHAIN_NOT_ALLOWED')
    const { expirationTime: _, ...endless } = good
    await expect(verify(createSiweMessage(endless))).rejects.toMatchObject({ code: 'SIWE_EXPIRY_MISSING' })
    await expect(verify(createSiweMessage(good).replace('Version: 1', 'Version: 2'))).rejects.toMatchObject({ code: 'SIWE_VERSION' })
  })

  test.each([
    ['empty', () => ''],
    ['prose', () => 'let me in'],
    ['no domain', (message: string) => message.replace('app.example.com', '')],
    ['half of it', (message: string) => message.slice(0, message.indexOf('URI'))],
    ['something before', (message: string) => `x ${message}`],
    ['something after', (message: string) => `${message}\nand more`],
    ['a line twice', (message: string) => message.replace(/^(Nonce: .*)$/m, '$1\n$1')],
    ['a day that is none', (message: string) => message.replace(/^Issued At: .*$/m, 'Issued At: 2027-13-45T00:00:00Z')],
    ['an address in another case', (message: string) => message.replace(account.address, account.address.toLowerCase())],
    ['too long', (message: string) => message + ' '.repeat(5_000)],
  ])('error: malformed, %s', async (_, change) => {
    const message = change(createSiweMessage(good))
    await expect(verify(message)).rejects.toMatchObject({ name: 'Siwe.RefusedError', code: 'SIWE_MALFORMED' })
  })

  test("error: somebody else's signature, another message's, a twin's, and bytes that are none", async () => {
    const message = createSiweMessage(good)
    const own = await account.signMessage({ message })
    const bad = [
      await stranger.signMessage({ message }),
      await account.signMessage({ message: `${message} ` }),
      twin(own),
      own.slice(0, -2),
      own.slice(0, -2) + (own.endsWith('1b') ? '00' : '01'),
      '0x',
      'garbage',
    ]
    for (const signature of bad) await expect(verify(message, { signature })).rejects.toMatchObject({ code: 'SIWE_SIGNATURE_INVALID' })
  })
})

describe('nonceOf', () => {
  test('worked example: what the caller burns before verifying', () => {
    expect(Siwe.nonceOf(createSiweMessage(good))).toBe(nonce)
    expect(() => Siwe.nonceOf('let me in')).toThrow(Siwe.RefusedError)
  })
})

/** The other signature of the same digest by the same key: n − s, and the other v. */
function twin(signature: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = order - BigInt(`0x${signature.slice(66, 130)}`)
  const v = signature.endsWith('1b') ? '1c' : '1b'
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}`
}
