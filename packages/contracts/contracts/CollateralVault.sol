// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Guarded} from "./Guarded.sol";
import {SignerSet} from "./SignerSet.sol";
import {VaultFunds} from "./VaultFunds.sol";
import {VaultSettlements} from "./VaultSettlements.sol";

/// @title CollateralVault
/// @notice Collateral locked on this chain, so that limits on another may stand on it. It leaves in three ways: by a
///         release that the release keys signed, by a settlement of a venue's claim that the depositor enabled, or by
///         an escape that needs nobody and takes its time.
/// @dev Amounts in the token's own units. Release keys, settlement keys and the keys that sign limits are different ones.
contract CollateralVault is VaultSettlements {
    /// @notice An order to pay out locked collateral, once per `id`.
    /// @param account Whose collateral.
    /// @param amount In the token's own units.
    /// @param to Who is paid.
    /// @param deadline Last second at which the order holds.
    /// @param epoch The signers' epoch.
    struct Release {
        bytes32 id;
        address account;
        address token;
        uint128 amount;
        address to;
        uint64 deadline;
        uint32 epoch;
    }

    /// @notice Keys, and how many of them must sign.
    struct Signers {
        address[] keys;
        uint256 threshold;
    }

    bytes32 public constant RELEASE_TYPEHASH = keccak256(
        "Release(bytes32 id,address account,address token,uint128 amount,address to,uint64 deadline,uint32 epoch)"
    );

    /// @notice Whether a release with this id was paid.
    mapping(bytes32 id => bool) public released;

    event Released(bytes32 indexed id, address indexed account, address indexed token, uint256 amount, address to);

    /// @notice A release with this id was paid before.
    error AlreadyReleased(bytes32 id);

    constructor(
        uint64 escapeDelaySeconds_,
        uint64 challengeSeconds_,
        address owner_,
        address guardian_,
        Signers memory release_,
        Signers memory settlement_
    )
        Guarded(owner_, guardian_)
        VaultFunds(escapeDelaySeconds_)
        SignerSet(release_.keys, release_.threshold)
        VaultSettlements(challengeSeconds_, settlement_.keys, settlement_.threshold)
        EIP712("Plimsoll CollateralVault", "1")
    {}

    /// @notice Pays out what the signers released. Anyone may post it. What settlements have reserved stays.
    /// @param order What to pay to whom.
    /// @param signatures By the release keys, ordered by signer address.
    function release(Release calldata order, bytes[] calldata signatures) external nonReentrant whenNotPaused {
        if (order.amount == 0) revert ZeroAmount();
        if (order.to == address(0)) revert ZeroAddress();
        if (block.timestamp > order.deadline) revert DeadlineOver(order.deadline, block.timestamp);
        if (released[order.id]) revert AlreadyReleased(order.id);
        _requireEpoch(order.epoch);
        requireSigned(digestOf(order), signatures);
        uint256 free = _free(order.account, order.token);
        if (order.amount > free) revert NotLocked(order.amount, free);

        released[order.id] = true;
        emit Released(order.id, order.account, order.token, order.amount, order.to);
        _pay(order.account, order.token, order.amount, order.to);
    }

    /// @notice What a release key signs.
    function digestOf(Release calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RELEASE_TYPEHASH, order)));
    }
}
