/** Three signers, each a process of its own behind a front door that can be told to misbehave, and the gateway that asks two of them. */
import { fileURLToPath } from 'node:url'
import { type House, Service, Wallet } from '@plimsoll/localnet'
import * as Front from './Front.ts'

const entry = fileURLToPath(new URL('../../signer/src/main.ts', import.meta.url))
export const names = ['signer one', 'signer two', 'signer three'] as const

export type Signers = {
  readonly signers: readonly Service.Service[]
  readonly fronts: readonly Front.Front[]
  readonly gateway: Service.Service
  readonly stop: () => Promise<void>
}

/** @param envOf - what one of them has besides. */
export async function start(house: House.House, envOf: (at: number) => Readonly<Record<string, string>> = () => ({})): Promise<Signers> {
  const signers = await Promise.all(names.map((name, at) => one(house, { name, env: envOf(at) })))
  const fronts = await Promise.all(signers.map(({ url }) => Front.start(url)))
  const members = fronts.map(({ url }, at) => `${Wallet.of(names[at] ?? '').address}@${url}`).join()
  const gateway = await house.openGateway({
    name: 'quorum',
    env: {
      ...{ SIGNER: 'quorum', SIGNER_MEMBERS: members, SIGNER_THRESHOLD: '2', SIGNER_TIMEOUT_MS: '2500' },
      RELAY_KEY: Wallet.privateKeyOf('relay'),
    },
  })
  const stop = async () => {
    await Promise.all(fronts.map((front) => front.stop()))
    await Promise.all(signers.map((signer) => signer.stop()))
  }
  return { signers, fronts, gateway, stop }
}

/** One that has signed nothing yet. */
export function one(
  house: House.House,
  { name = 'signer one', env = {} }: { readonly name?: (typeof names)[number]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Service.Service> {
  return Service.start({
    ...{ name, entry, log: `${house.home}/logs/${name}.log` },
    env: { PORT: '0', PLIMSOLL_CONFIG: `${house.home}/deployment.json`, SIGNER_KEY: Wallet.privateKeyOf(name), ...env },
  })
}
