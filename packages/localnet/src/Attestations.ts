/** The Ethereum Attestation Service on a local chain, from its published artifacts, with our schemas registered. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Attestation, easAbi, schemaRegistryAbi } from '@plimsoll/contracts'
import { type Abi, type Address, type Hex, zeroAddress } from 'viem'
import type { Anvil } from './Anvil.ts'
import * as Deployment from './Deployment.ts'
import * as Wallet from './Wallet.ts'

export type Attestations = {
  readonly schemas: Address
  /** What the digests are over: its address, and what its `version()` says. */
  readonly registry: Attestation.Registry
  readonly tierSchema: Hex
  readonly claimSchema: Hex
}

const deployer = Wallet.of('attestation service')

/** Deploys the schema registry and the service, and registers the schemas of the contracts package. */
export async function deploy(chain: Anvil): Promise<Attestations> {
  await chain.fund([deployer.address])
  const schemas = await create(chain, 'SchemaRegistry', [])
  const address = await create(chain, 'EAS', [schemas])
  const version = await chain.publicClient.readContract({ address, abi: easAbi, functionName: 'version' })
  const register = async (schema: string): Promise<Hex> => {
    await Deployment.write(chain, deployer, {
      address: schemas,
      abi: schemaRegistryAbi,
      functionName: 'register',
      args: [schema, zeroAddress, true],
    })
    return Attestation.schemaUid({ schema, resolver: zeroAddress, revocable: true })
  }
  const tierSchema = await register(Attestation.tierSchema)
  const claimSchema = await register(Attestation.claimSchema)
  return { schemas, registry: { chainId: chain.chainId, address, version }, tierSchema, claimSchema }
}

async function create(chain: Anvil, name: 'EAS' | 'SchemaRegistry', args: readonly unknown[]): Promise<Address> {
  const require = createRequire(import.meta.url)
  const path = require.resolve(`@ethereum-attestation-service/eas-contracts/artifacts/contracts/${name}.sol/${name}.json`)
  const { abi, bytecode } = JSON.parse(readFileSync(path, 'utf8')) as { readonly abi: Abi; readonly bytecode: Hex }
  const hash = await chain.wallet(deployer).deployContract({ abi, bytecode, args })
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Deployment.NotDeployedError({ chainId: chain.chainId, what: `the contract ${name}` })
  return contractAddress.toLowerCase() as Address
}
