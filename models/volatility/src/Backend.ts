import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import util from 'node:util'
import type * as tfjs from '@tensorflow/tfjs'
import { BaseError } from './BaseError.ts'

/** `tensorflow` is the native library of tfjs-node; `cpu` is plain JavaScript, for comparison. */
export type Name = 'tensorflow' | 'wasm' | 'cpu'

export type Tf = (typeof tfjs)['default']

/** Where the network runs. One a process: tfjs keeps its active backend in a global. */
export type Backend = {
  readonly name: Name
  readonly tf: Tf
  /** Version of tfjs. */
  readonly version: string
  /** Why the ones before it in the order native, WASM were not taken. */
  readonly passedOver: readonly { readonly name: Name; readonly reason: string }[]
}

/**
 * The fastest backend that loads here: the native library, else WebAssembly.
 *
 * @param only - take this one or fail: for tests and for comparing backends.
 * @throws {NoBackendError}
 */
export async function load(only?: Name): Promise<Backend> {
  const passedOver: { name: Name; reason: string }[] = []
  for (const name of only === undefined ? (['tensorflow', 'wasm'] as const) : [only]) {
    try {
      const tf = await starters[name]()
      await tf.ready()
      return { name, tf, version: tf.version_core, passedOver }
    } catch (cause) {
      passedOver.push({ name, reason: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause) })
    }
  }
  throw new NoBackendError({ passedOver })
}

const starters: Record<Name, () => Promise<Tf>> = {
  async tensorflow() {
    // tfjs-node 4.22.0 calls a function that Node 23 removed.
    const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean }
    legacy.isNullOrUndefined ??= (value) => value === null || value === undefined
    await import('@tensorflow/tfjs-node')
    return activate('tensorflow')
  },
  async wasm() {
    const wasm = await import('@tensorflow/tfjs-backend-wasm')
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'))
    wasm.setWasmPaths(join(folder, 'dist') + sep)
    return activate('wasm')
  },
  cpu: () => activate('cpu'),
}

async function activate(name: Name): Promise<Tf> {
  const { default: tf } = await import('@tensorflow/tfjs')
  if (!(await tf.setBackend(name))) throw new Error(`The backend ${name} does not start.`)
  return tf
}

/** Thrown when neither the native library nor WebAssembly loads. */
export class NoBackendError extends BaseError {
  override readonly name = 'Backend.NoBackendError'
  readonly passedOver: Backend['passedOver']
  constructor(args: { readonly passedOver: Backend['passedOver'] }) {
    super({
      code: 'BACKEND_UNAVAILABLE',
      message: `No tfjs backend loads: ${args.passedOver.map(({ name, reason }) => `${name} (${reason})`).join(', ')}.`,
      hint: 'Install the dependencies of @plimsoll/volatility-model again; the WASM backend needs no download beyond its package.',
    })
    this.passedOver = args.passedOver
  }
}
