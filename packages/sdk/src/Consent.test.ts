import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EndConsent } from '@plimsoll/contracts'
import { recoverTypedDataAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, test } from 'vitest'
import { type Ending, endConsent } from './Consent.ts'

const [anna, ben] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())]
const idOf = ({ address }: { readonly address: string }, chainId = 0) => `eip155:${chainId}:${address.toLowerCase()}`

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A signer that answers so, and what it was brought. */
async function signer(answer: string, at?: number | string) {
  const brought: { readonly path: string | undefined; readonly ending: Ending }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      // Asked for the time alone, it is brought nothing.
      if (body !== '{}') brought.push({ path: request.url, ending: JSON.parse(body) })
      if (at !== undefined) response.setHeader('date', typeof at === 'string' ? at : new Date(at * 1000).toUTCString())
      response.end(answer)
    })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, brought }
}

describe('endConsent', () => {
  test('worked example: each signer is brought what the account signed, and says what it made of it', async () => {
    const [first, second] = [
      await signer('{"status":"kept","lasting":true}'),
      await signer('{"status":"unable","code":"MEMORY_FULL","message":"No more."}'),
    ]
    const before = Math.floor(Date.now() / 1000)
    const { ending, answers } = await endConsent({ account: anna, signers: [`${first.url}/`, second.url] })
    expect(answers).toEqual([
      { url: `${first.url}/`, status: 'kept', lasting: true, message: null },
      { url: second.url, status: 'unable', message: 'MEMORY_FULL: No more.' },
    ])
    expect(ending.message).toMatchObject({ account: idOf(anna), other: null })
    expect(ending.message.issuedAt).toBeGreaterThanOrEqual(before)
    for (const { brought } of [first, second]) expect(brought).toEqual([{ path: '/end', ending }])
    const { account, issuedAt } = ending.message
    const typed = EndConsent.typedData({ account, other: '', issuedAt: BigInt(issuedAt) })
    expect(await recoverTypedDataAddress({ ...typed, signature: ending.signature })).toBe(anna.address)
  })

  test('edge: for good is what a signer says is; where it says something else, or nothing, it is as long as there is room', async () => {
    const of = async (answer: string) =>
      (await endConsent({ account: anna, signers: [(await signer(answer)).url] })).answers.map((it) => it.status === 'kept' && it.lasting)
    expect(await of('{"status":"kept","lasting":true}')).toEqual([true])
    for (const said of ['', ',"lasting":false', ',"lasting":"true"', ',"lasting":1'])
      expect(await of(`{"status":"kept"${said}}`)).toEqual([false])
  })

  const dated = async (...clocks: readonly (number | string)[]) => {
    const asked = await Promise.all(clocks.map((at) => signer('{"status":"kept"}', at)))
    const { ending } = await endConsent({ account: anna, signers: [...asked.map(({ url }) => url), 'http://127.0.0.1:9'] })
    return ending.message.issuedAt
  }

  test('bug: a fast clock was refused, and a slow one ended less than had been signed since: the time is that of the signers', async () => {
    for (const off of [-7_200, 7_200]) {
      const now = Math.floor(Date.now() / 1000) + off
      expect(await dated(now, now)).toBe(now)
      // One that is wrong by far, either way, is outvoted by two.
      expect(await dated(now + 86_400_000, now, now + 1)).toBe(now + 1)
      expect(await dated(now, now - 86_400_000, now + 1)).toBe(now)
      // Of two the later: the other says so, where it is a time to come for it.
      expect(await dated(now, now + 60)).toBe(now + 60)
    }
  })

  test('error: who says another day than it is here has nothing signed: it would be good only later, or for less', async () => {
    const now = Math.floor(Date.now() / 1000)
    for (const off of [-90_000, 90_000]) await expect(dated(now + off, now + off)).rejects.toMatchObject({ code: 'CLOCKS_APART' })
    for (const off of [-80_000, 80_000]) expect(await dated(now + off, now + off)).toBe(now + off)
  })

  test('bug: one of several that alone said what time it is was believed for a day, and could have less ended than was meant', async () => {
    const now = Math.floor(Date.now() / 1000)
    for (const off of [-360, 360]) await expect(dated(now + off, 'yesterday')).rejects.toMatchObject({ code: 'CLOCKS_APART' })
    for (const off of [-240, 240]) expect(await dated(now + off, 'yesterday')).toBe(now + off)
    // The other of two that say it is enough against one that is late.
    expect(await dated(now - 80_000, now)).toBe(now)
  })

  test('edge: who says no time, or none that is one, is not counted; where nobody does, the own clock is', async () => {
    const now = Math.floor(Date.now() / 1000)
    expect(await dated(now - 7_200, 'yesterday', '', now - 7_200)).toBe(now - 7_200)
    const own = await dated('yesterday')
    expect(own).toBeGreaterThanOrEqual(now)
    expect(own).toBeLessThanOrEqual(Math.floor(Date.now() / 1000))
  })

  test('edge: with one other alone, which may be a contract; with itself is with everybody', async () => {
    const of = async (other: { readonly address: `0x${string}`; readonly chainId?: number }) =>
      (await endConsent({ account: anna, other, signers: [] })).ending.message.other
    expect(await of(ben)).toBe(idOf(ben))
    expect(await of({ address: anna.address, chainId: 7 })).toBe(idOf(anna, 7))
    expect(await of(anna)).toBe(null)
  })

  test('error: who cannot be reached, or answers something else, is named, and the others are asked all the same', async () => {
    const [kept, other, page] = [await signer('{"status":"kept"}'), await signer('{"status":"signed"}'), await signer('<html></html>')]
    const { answers } = await endConsent({ account: anna, signers: ['http://127.0.0.1:9', other.url, page.url, kept.url] })
    expect(answers.map(({ status }) => status)).toEqual(['unreachable', 'unreachable', 'unreachable', 'kept'])
    const silent = { ...anna, signTypedData: () => Promise.reject(new Error('not today')) }
    await expect(endConsent({ account: silent, signers: [kept.url] })).rejects.toMatchObject({ code: 'SIGNATURE_REFUSED' })
    expect(kept.brought).toHaveLength(1)
  })
})
