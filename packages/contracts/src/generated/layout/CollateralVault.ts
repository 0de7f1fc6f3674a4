// Written by scripts/build.ts from contracts/. Do not edit.
export const collateralVaultLayout = {
  _owner: { slot: 0n, offset: 0, type: 't_address' },
  _pendingOwner: { slot: 1n, offset: 0, type: 't_address' },
  _paused: { slot: 1n, offset: 20, type: 't_bool' },
  guardian: { slot: 2n, offset: 0, type: 't_address' },
  threshold: { slot: 3n, offset: 0, type: 't_uint256' },
  epoch: { slot: 4n, offset: 0, type: 't_uint32' },
  _signers: { slot: 5n, offset: 0, type: 't_struct(AddressSet)' },
  _nameFallback: { slot: 7n, offset: 0, type: 't_string_storage' },
  _versionFallback: { slot: 8n, offset: 0, type: 't_string_storage' },
  locked: { slot: 9n, offset: 0, type: 't_mapping(t_address,t_mapping(t_address,t_uint256))' },
  released: { slot: 10n, offset: 0, type: 't_mapping(t_bytes32,t_bool)' },
  allowed: { slot: 11n, offset: 0, type: 't_mapping(t_address,t_bool)' },
  totalLocked: { slot: 12n, offset: 0, type: 't_mapping(t_address,t_uint256)' },
  _escapes: { slot: 13n, offset: 0, type: 't_mapping(t_address,t_mapping(t_address,t_struct(Escape)))' },
} as const
