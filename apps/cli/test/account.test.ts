/** What an account signs to part, taken to signers from the command line. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Wallet } from '@plimsoll/localnet'
import { expect, test } from 'vitest'
import { run } from './Cli.ts'

const env = { PLIMSOLL_KEY: Wallet.privateKeyOf('who parts') }

test('end: each signer is told, and who could not be told is named; what is no account is said before anything is signed', async () => {
  const told: string[] = []
  const signer = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      // Asked for the time alone, it is told nothing.
      if (body !== '{}') told.push(JSON.parse(body).message.other)
      response.end(request.url === '/lasting/end' ? '{"status":"kept","lasting":true}' : '{"status":"kept","lasting":false}')
    })
  })
  await new Promise<void>((resolve) => signer.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(signer.address() as AddressInfo).port}`
    const other = `eip155:7:0x${'0b'.repeat(20)}`
    const lasting = `${url}/lasting`
    const kept = await run(['account', 'end', '--signers', lasting, '--with', other], env)
    expect(kept).toMatchObject({ code: 0, stdout: `${lasting}  kept  for good\n` })
    const roomy = await run(['account', 'end', '--signers', `${lasting},${url}`, '--with', other], env)
    expect(roomy).toMatchObject({
      code: 0,
      stdout: `${lasting}  kept  for good
${url}  kept  as long as there is room
Where it is kept as long as there is room, nothing of the account’s was seen yet: tell it again in a minute, or once a deposit is final.\n`,
    })
    const both = await run(['account', 'end', '--signers', `${url},http://127.0.0.1:9`, '--json'], env)
    expect(both.code).toBe(1)
    expect(JSON.parse(both.stdout).answers).toMatchObject([
      { status: 'kept', lasting: false },
      { url: 'http://127.0.0.1:9', status: 'unreachable' },
    ])
    expect(told).toEqual([other, other, other, null])
    const none = await run(['account', 'end', '--signers', url, '--with', 'ben'], env)
    expect([none.code, none.stderr.split(':')[0]]).toEqual([1, 'ACCOUNT_INVALID'])
    const nowhere = await run(['account', 'end', '--signers', `${url},signer.example`], env)
    expect([nowhere.code, nowhere.stderr.split('\n')[0]]).toEqual([1, 'SIGNER_INVALID: "signer.example" is no URL of a signer.'])
    expect(told).toHaveLength(4)
    const left = await run(['account', 'end', '--signers', 'http://127.0.0.1:9'], env)
    expect(left.stdout).toContain('1 of 1 did not keep it, and may go on counting what was signed: tell them again.')
  } finally {
    signer.close()
  }
})

test('bug: whoever lacked the key of the other account was told to give the key that was there', async () => {
  const { code, stderr } = await run(['account', 'link', '--gateway', 'http://127.0.0.1:9'], env)
  expect([code, stderr.split('\n')[0]]).toEqual([1, 'KEY_MISSING: There is no key to sign with in PLIMSOLL_OTHER_KEY.'])
  expect(stderr).toContain('Set PLIMSOLL_OTHER_KEY')
})

test('bug: an account that is none was signed over, and a field named that nobody typed; what `list` shows can be typed', async () => {
  const unlink = (...args: readonly string[]) => run(['account', 'unlink', ...args, '--gateway', 'http://127.0.0.1:9'], env)
  for (const args of [['ben'], [`0x${'0b'.repeat(20)}`, '--chain', 'x'], [`eip155:x:0x${'0b'.repeat(20)}`]])
    expect((await unlink(...args)).stderr.split(':')[0]).toBe('ACCOUNT_INVALID')
  for (const args of [[`0x${'0b'.repeat(20)}`], [`eip155:7:0x${'0b'.repeat(20)}`]])
    expect((await unlink(...args)).stderr.split(':')[0]).toBe('GATEWAY_UNREACHABLE')
})

test('bug: an option left out was said, and not where to read of the others', async () => {
  const { code, stderr } = await run(['account', 'list'], env)
  expect(code).toBe(1)
  expect(stderr).toContain("required option '--gateway <url>' not specified")
  expect(stderr).toContain('Add --help for every option')
})
