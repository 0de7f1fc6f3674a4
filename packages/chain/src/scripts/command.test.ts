/** The scripts as an operator runs them, with the paths and the environment that a package manager gives them. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hash } from '@plimsoll/contracts'
import { LitService } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const apiKey = 'an-api-key-of-this-test'
const policy = {
  books: [{ chainId: 1, limitBook: `0x${'a'.repeat(40)}`, venue: `0x${'b'.repeat(40)}` }],
  paramsHash: `0x${'c'.repeat(64)}`,
}
let folder: string
let service: LitService.LitService

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-command-'))
  service = await LitService.start({ root: `0x${'55'.repeat(32)}`, apiKey })
  await writeFile(join(folder, 'policy.json'), JSON.stringify({ ...policy, models: null, most: '1' }))
})

afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true })
})

type Ended = { readonly code: number; readonly out: string; readonly said: string }

/** In the package's folder, started from the temporary one. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const path = fileURLToPath(new URL(`./${script}.ts`, import.meta.url))
  const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), env: { PATH: process.env['PATH'], INIT_CWD: folder, ...env } }
  return new Promise((resolve) =>
    execFile(process.execPath, [path, ...args], options, (error, out, said) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    ),
  )
}

describe('action and address', () => {
  test('bug: files were looked for in the folder of the package, wherever the command was given', async () => {
    const built = await run('action', ['policy.json', 'action.js', 'lit-rest'])
    expect(built).toMatchObject({ code: 0, said: '' })
    const source = await readFile(join(folder, 'action.js'), 'utf8')
    expect(JSON.parse(built.out)).toEqual({
      ...{ action: 'action.js', runtime: 'lit-rest', bytes: Buffer.byteLength(source), hash: Hash.ofText(source) },
    })
    const told = await run('address', [service.url, 'action.js'], { LIT_API_KEY: apiKey })
    expect(told).toMatchObject({ code: 0, said: '' })
    expect(JSON.parse(told.out)).toEqual({ action: 'action.js', address: service.addressOf(source).toLowerCase() })
  })

  test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['action', [], {}, 'USAGE: '],
    ['action', ['policy.json'], {}, 'USAGE: '],
    ['action', ['policy.json', 'other.js', 'somewhere'], {}, 'lit or lit-rest.'],
    ['action', ['absent.json', 'other.js'], {}, 'FILE: absent.json cannot be read.'],
    ['action', ['policy.json', 'absent/other.js'], {}, 'FILE: absent/other.js cannot be written.'],
    ['address', ['https://lit.example', 'policy.json'], {}, 'USAGE: '],
    ['address', ['http://lit.example', 'policy.json'], { LIT_API_KEY: apiKey }, 'LIT_SERVICE_INVALID: '],
    ['address', ['http://127.0.0.1:1', 'policy.json'], { LIT_API_KEY: apiKey }, 'LIT_NOT_RUN: '],
  ])('error: %s %j says what is wrong, without a trace and without the key', async (script, args, env, said) => {
    const ended = await run(script, args, env)
    expect(ended).toMatchObject({ code: 1, out: '' })
    expect(ended.said).toContain(said)
    expect(ended.said.split('\n')).toHaveLength(2)
    expect(ended.said).not.toContain(apiKey)
  })
})
