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
      told.push(JSON.parse(body).message.other)
      response.end('{"status":"kept"}')
    })
  })
  await new Promise<void>((resolve) => signer.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(signer.address() as AddressInfo).port}`
    const other = `eip155:7:0x${'0b'.repeat(20)}`
    expect(await run(['account', 'end', '--signers', url, '--with', other], env)).toMatchObject({ code: 0, stdout: `${url}  kept\n` })
    const both = await run(['account', 'end', '--signers', `${url},http://127.0.0.1:9`, '--json'], env)
    expect(both.code).toBe(1)
    expect(JSON.parse(both.stdout).answers).toMatchObject([{ status: 'kept' }, { url: 'http://127.0.0.1:9', status: 'unreachable' }])
    expect(told).toEqual([other, null])
    const none = await run(['account', 'end', '--signers', url, '--with', 'ben'], env)
    expect([none.code, none.stderr.split(':')[0]]).toEqual([1, 'ACCOUNT_INVALID'])
    expect(told).toHaveLength(2)
  } finally {
    signer.close()
  }
})
