// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @title Receipt
/// @notice Shares of a pot of another token, as ERC-4626 has them. For local chains.
contract Receipt is ERC4626 {
    constructor(string memory name_, IERC20 asset_) ERC20(name_, name_) ERC4626(asset_) {}
}
