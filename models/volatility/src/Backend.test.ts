import { describe, expect, test } from 'vitest'
import { Backend } from './index.ts'

describe('load', () => {
  test('takes the native library where it loads, else WASM, and says why', async () => {
    const backend = await Backend.load()
    expect(backend.tf.getBackend()).toBe(backend.name)
    if (backend.name === 'tensorflow') expect(backend.passedOver).toEqual([])
    else {
      expect(backend.name).toBe('wasm')
      expect(backend.passedOver).toEqual([{ name: 'tensorflow', reason: expect.stringMatching(/native addon/) }])
    }
    expect(backend.version).toMatch(/^4\./)
  })
  test('takes the one asked for, or fails', async () => {
    const { name, tf } = await Backend.load('cpu')
    expect([name, tf.getBackend()]).toEqual(['cpu', 'cpu'])
    await expect(Backend.load('abacus' as Backend.Name)).rejects.toThrow(
      expect.objectContaining({ name: 'Backend.NoBackendError', code: 'BACKEND_UNAVAILABLE' }),
    )
  })
})
