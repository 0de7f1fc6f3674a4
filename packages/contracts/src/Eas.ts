import { parseAbi } from 'viem'

/** What is read and called of the Ethereum Attestation Service. The names are its own. */
export const easAbi = parseAbi([
  'struct Attestation { bytes32 uid; bytes32 schema; uint64 time; uint64 expirationTime; uint64 revocationTime; bytes32 refUID; address recipient; address attester; bool revocable; bytes data; }',
  'struct AttestationRequestData { address recipient; uint64 expirationTime; bool revocable; bytes32 refUID; bytes data; uint256 value; }',
  'struct AttestationRequest { bytes32 schema; AttestationRequestData data; }',
  'struct Signature { uint8 v; bytes32 r; bytes32 s; }',
  'struct DelegatedAttestationRequest { bytes32 schema; AttestationRequestData data; Signature signature; address attester; uint64 deadline; }',
  'struct RevocationRequestData { bytes32 uid; uint256 value; }',
  'struct RevocationRequest { bytes32 schema; RevocationRequestData data; }',
  'function attest(AttestationRequest request) payable returns (bytes32)',
  'function attestByDelegation(DelegatedAttestationRequest request) payable returns (bytes32)',
  'function revoke(RevocationRequest request) payable',
  'function revokeOffchain(bytes32 data) returns (uint64)',
  'function timestamp(bytes32 data) returns (uint64)',
  'function getAttestation(bytes32 uid) view returns (Attestation)',
  'function isAttestationValid(bytes32 uid) view returns (bool)',
  'function getTimestamp(bytes32 data) view returns (uint64)',
  'function getRevokeOffchain(address revoker, bytes32 data) view returns (uint64)',
  'function getDomainSeparator() view returns (bytes32)',
  'function getNonce(address account) view returns (uint256)',
  'function version() view returns (string)',
  'error InvalidSignature()',
  'error NotFound()',
  'error InvalidSchema()',
  'event Attested(address indexed recipient, address indexed attester, bytes32 uid, bytes32 indexed schemaUID)',
])

/** Where schemas are registered. */
export const schemaRegistryAbi = parseAbi([
  'struct SchemaRecord { bytes32 uid; address resolver; bool revocable; string schema; }',
  'function register(string schema, address resolver, bool revocable) returns (bytes32)',
  'function getSchema(bytes32 uid) view returns (SchemaRecord)',
])
