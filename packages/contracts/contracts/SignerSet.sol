// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Guarded} from "./Guarded.sol";

/// @title SignerSet
/// @notice m of n keys that must sign a digest, and an epoch whose change revokes everything signed before.
/// @dev Rotation has an overlap: one change adds the new key, both are valid, a later change removes the old one.
abstract contract SignerSet is Guarded {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @dev Keys, and how many of them must sign.
    struct KeySet {
        EnumerableSet.AddressSet keys;
        uint256 threshold;
    }

    /// @notice What a signed message must name. Raising it revokes every message signed before.
    uint32 public epoch = 1;

    KeySet private _signers;

    event SignersChanged(address[] added, address[] removed, uint256 threshold);
    event EpochBumped(uint32 epoch);

    /// @notice Fewer signatures than the threshold.
    error NotEnoughSigners(uint256 given, uint256 needed);
    /// @notice Signers must rise strictly by address, so that each counts once.
    error SignersNotSorted(address previous, address signer);
    /// @notice The signature is not by a signer. Zero: malformed, or the high-s twin of another one.
    error BadSigner(address signer);
    /// @notice The message names another epoch than the current one.
    error WrongEpoch(uint32 given, uint32 current);
    /// @notice The threshold must lie between 1 and the number of signers.
    error BadThreshold(uint256 threshold, uint256 signers);
    /// @notice Zero, already a signer, or not one.
    error BadSignerChange(address signer);

    constructor(address[] memory signers_, uint256 threshold_) {
        _changeKeys(_signers, signers_, new address[](0), threshold_);
        emit SignersChanged(signers_, new address[](0), threshold_);
    }

    /// @notice Adds and removes keys and sets the threshold, in one step.
    function changeSigners(address[] calldata added, address[] calldata removed, uint256 threshold_)
        external
        onlyOwner
    {
        _changeKeys(_signers, added, removed, threshold_);
        emit SignersChanged(added, removed, threshold_);
    }

    /// @notice Revokes everything signed so far, at once.
    function bumpEpoch() external onlyGuardian {
        emit EpochBumped(++epoch);
    }

    /// @notice How many signatures a digest needs.
    function threshold() external view returns (uint256) {
        return _signers.threshold;
    }

    /// @notice Every key that may sign now.
    function signers() external view returns (address[] memory) {
        return _keysOf(_signers);
    }

    /// @notice Whether this key may sign now.
    function isSigner(address signer) public view returns (bool) {
        return _has(_signers, signer);
    }

    /// @notice Reverts unless `digest` is signed by enough different signers.
    /// @param signatures 65 bytes each, low-s, ordered by signer address, strictly rising.
    function requireSigned(bytes32 digest, bytes[] calldata signatures) public view {
        _requireSignedBy(_signers, digest, signatures);
    }

    function _requireSignedBy(KeySet storage set, bytes32 digest, bytes[] calldata signatures) internal view {
        uint256 needed = set.threshold;
        if (signatures.length < needed) revert NotEnoughSigners(signatures.length, needed);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError fault,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (fault != ECDSA.RecoverError.NoError) revert BadSigner(address(0));
            if (signer <= previous) revert SignersNotSorted(previous, signer);
            if (!_has(set, signer)) revert BadSigner(signer);
            previous = signer;
        }
    }

    function _requireEpoch(uint32 given) internal view {
        if (given != epoch) revert WrongEpoch(given, epoch);
    }

    function _changeKeys(KeySet storage set, address[] memory added, address[] memory removed, uint256 threshold_)
        internal
    {
        for (uint256 i = 0; i < added.length; ++i) {
            if (added[i] == address(0) || _isTaken(added[i]) || !set.keys.add(added[i])) {
                revert BadSignerChange(added[i]);
            }
        }
        for (uint256 i = 0; i < removed.length; ++i) {
            if (!set.keys.remove(removed[i])) revert BadSignerChange(removed[i]);
        }
        uint256 count = set.keys.length();
        if (threshold_ == 0 || threshold_ > count) revert BadThreshold(threshold_, count);
        set.threshold = threshold_;
    }

    function _keysOf(KeySet storage set) internal view returns (address[] memory) {
        return set.keys.values();
    }

    function _has(KeySet storage set, address key) internal view returns (bool) {
        return set.keys.contains(key);
    }

    /// @dev Whether a key has a task already, in this set or another of the contract: no key has two.
    function _isTaken(address key) internal view virtual returns (bool) {
        return isSigner(key);
    }
}
