import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Registry } from '@plimsoll/volatility-model'
import { afterEach, describe, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('./main.ts', import.meta.url))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

type Run = {
  readonly child: ChildProcess
  readonly line: Promise<string>
  readonly exited: Promise<number | null>
  readonly said: () => string
}

/** The service as a process of its own, started elsewhere: nothing may depend on where. */
function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [entry], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [out, err] = ['', '']
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      out += chunk
      if (out.includes('\n')) resolve(out)
    })
    void exited.then(() => reject(new Error(`It ended before it listened. ${err}`)))
  })
  line.catch(() => {})
  return { child, line, exited, said: () => err }
}

describe('main', () => {
  test('prints one line, answers, and ends cleanly on SIGTERM', async () => {
    const { child, line, exited } = run({ PORT: '0' })
    const ready = JSON.parse(await line)
    const { champion } = await Registry.read(Registry.defaultDirectory)
    expect(ready).toEqual({
      service: 'forecaster',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      backend: expect.stringMatching(/^(tensorflow|wasm)$/),
      model: { ...champion, network: 'loaded' },
    })
    const health = await (await fetch(`${ready.url}/health`)).json()
    expect(health).toMatchObject({ status: 'ok', backend: ready.backend, model: { modelHash: champion?.modelHash } })
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })

  test('a port in use is an error that names it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { exited, said } = run({ PORT: `${port}` })
    expect(await exited).toBe(1)
    expect(said()).toMatch(new RegExp(`PORT_IN_USE: Port ${port} on 127\\.0\\.0\\.1 is in use\\..*PORT`))
    server.close()
  })

  test('a wrong environment and absent models end it with one sentence', async () => {
    const wrong = run({ PORT: 'x', MARKET_DATA: 'maybe' })
    const absent = run({ PORT: '0', PLIMSOLL_MODELS: join(tmpdir(), 'no-models-here') })
    expect([await wrong.exited, await absent.exited]).toEqual([1, 1])
    expect(wrong.said()).toMatch(/^ENVIRONMENT_INVALID: .*PORT.*MARKET_DATA.*\n$/)
    expect(absent.said()).toMatch(/^REGISTRY_UNREADABLE: .*PLIMSOLL_MODELS.*\n$/)
  })

  test('serves the models of PLIMSOLL_MODELS; a flipped bit in the weights leaves the baseline, and it says so', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll models '))
    try {
      for (const name of ['registry.json', 'artifacts'])
        await cp(join(Registry.defaultDirectory, name), join(directory, name), { recursive: true })
      const { champion } = await Registry.read(directory)
      const weights = join(directory, 'artifacts', champion?.version ?? '', 'weights-1h.bin')
      const bytes = await readFile(weights)
      bytes[100] = (bytes[100] ?? 0) ^ 4
      await writeFile(weights, bytes)
      const { line } = run({ PORT: '0', PLIMSOLL_MODELS: directory })
      const ready = JSON.parse(await line)
      expect(ready.model.network).toBe('refused')
      expect(await (await fetch(`${ready.url}/health`)).json()).toMatchObject({
        status: 'degraded',
        model: { fault: { code: 'ARTIFACT_CORRUPT' } },
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
