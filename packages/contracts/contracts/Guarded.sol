// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title Guarded
/// @notice An owner who configures, and a guardian who can only stop. The guardian pauses; only the owner resumes.
abstract contract Guarded is Ownable2Step, Pausable {
    /// @notice Who may pause, besides the owner.
    address public guardian;

    event GuardianChanged(address indexed guardian);

    /// @notice The caller is neither owner nor guardian.
    error NotGuardian(address caller);

    constructor(address owner_, address guardian_) Ownable(owner_) {
        _setGuardian(guardian_);
    }

    modifier onlyGuardian() {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender);
        _;
    }

    /// @notice Names the guardian; the zero address leaves the pause to the owner alone.
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @notice Stops what adds risk. What takes risk away goes on.
    function pause() external onlyGuardian {
        _pause();
    }

    /// @notice Resumes. The owner's alone, so that a stolen guardian key can stop things and no more.
    function unpause() external onlyOwner {
        _unpause();
    }

    function _setGuardian(address guardian_) private {
        guardian = guardian_;
        emit GuardianChanged(guardian_);
    }
}
