// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title ReserveToken
/// @notice What a reserve owes its lenders, or its borrowers owe it: a balance that grows with an index, as Aave's tokens have it.
contract ReserveToken {
    address public immutable reserve;
    /// @notice The token that a balance is counted in, one for one.
    address public immutable UNDERLYING_ASSET_ADDRESS;
    mapping(address account => uint256) private _scaled;

    constructor(address underlying) {
        reserve = msg.sender;
        UNDERLYING_ASSET_ADDRESS = underlying;
    }

    /// @notice What the account has or owes now, in the underlying's own units.
    function balanceOf(address account) public view returns (uint256) {
        return (_scaled[account] * LendingReserve(reserve).index()) / 1e27;
    }

    /// @notice Adds to an account. The reserve alone may.
    function add(address account, uint256 amount) external {
        require(msg.sender == reserve, "not the reserve");
        _scaled[account] += (amount * 1e27) / LendingReserve(reserve).index();
    }
}

/// @title LendingReserve
/// @notice One token lent and borrowed, with a receipt and a debt token of Aave v3's shape and no interest model of its own. For local chains.
contract LendingReserve {
    using SafeERC20 for IERC20;

    IERC20 public immutable underlying;
    ReserveToken public immutable aToken;
    ReserveToken public immutable variableDebt;
    /// @notice What a unit supplied or owed at the start is now, × 1e27.
    uint256 public index = 1e27;

    constructor(IERC20 underlying_) {
        underlying = underlying_;
        aToken = new ReserveToken(address(underlying_));
        variableDebt = new ReserveToken(address(underlying_));
    }

    /// @notice Lends the caller's tokens.
    function supply(uint256 amount) external {
        underlying.safeTransferFrom(msg.sender, address(this), amount);
        aToken.add(msg.sender, amount);
    }

    /// @notice Borrows, for as long as there is something.
    function borrow(uint256 amount) external {
        variableDebt.add(msg.sender, amount);
        underlying.safeTransfer(msg.sender, amount);
    }

    /// @notice Lets interest accrue, in parts of a million.
    function accrue(uint256 ppm) external {
        index += (index * ppm) / 1_000_000;
    }
}
