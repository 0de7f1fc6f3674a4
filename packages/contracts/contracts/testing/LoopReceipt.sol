// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title LoopReceipt
/// @notice A receipt that says of any token that it stands on it, itself included: collateral made of itself. For local chains.
contract LoopReceipt is ERC20 {
    address public asset;

    constructor(string memory name_) ERC20(name_, name_) {}

    /// @notice Stands on `asset_` from now on.
    function standOn(address asset_) external {
        asset = asset_;
    }

    /// @notice Makes shares out of nothing.
    function mint(address account, uint256 shares) external {
        _mint(account, shares);
    }

    /// @notice One for one.
    function convertToAssets(uint256 shares) external pure returns (uint256) {
        return shares;
    }
}
