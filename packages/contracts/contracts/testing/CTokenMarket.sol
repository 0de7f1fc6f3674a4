// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title CTokenMarket
/// @notice One token lent for shares with an exchange rate, and borrowed, of Compound v2's shape: what is stored is as old as the last
///         that somebody did, and what is current is written down before it is said. Its rate is set. For local chains.
contract CTokenMarket is ERC20 {
    using SafeERC20 for IERC20;

    struct Debt {
        uint256 amount;
        uint256 index;
    }

    address public immutable underlying;
    /// @notice Interest of a block, × 1e18.
    uint256 public borrowRatePerBlock;
    uint256 public borrowIndex = 1e18;
    uint256 public totalBorrows;
    uint256 public accrualBlockNumber = block.number;
    uint256 private immutable _firstRate;
    mapping(address account => Debt) private _debts;

    /// @param firstRate What a share is worth while there is none, × 1e18.
    constructor(address underlying_, uint256 firstRate) ERC20("Lent", "cLENT") {
        underlying = underlying_;
        _firstRate = firstRate;
    }

    /// @notice Writes down the interest of the blocks since it was last done.
    modifier accrued() {
        uint256 factor = borrowRatePerBlock * (block.number - accrualBlockNumber);
        totalBorrows += totalBorrows * factor / 1e18;
        borrowIndex += borrowIndex * factor / 1e18;
        accrualBlockNumber = block.number;
        _;
    }

    /// @notice Interest of a block from now on, × 1e18.
    function setRate(uint256 ratePerBlock) external accrued {
        borrowRatePerBlock = ratePerBlock;
    }

    /// @notice Lends the caller's tokens for shares.
    function mint(uint256 amount) external accrued {
        uint256 shares = amount * 1e18 / exchangeRateStored();
        IERC20(underlying).safeTransferFrom(msg.sender, address(this), amount);
        _mint(msg.sender, shares);
    }

    /// @notice Gives shares back for what they are worth now.
    function redeem(uint256 shares) external accrued {
        uint256 amount = shares * exchangeRateStored() / 1e18;
        _burn(msg.sender, shares);
        IERC20(underlying).safeTransfer(msg.sender, amount);
    }

    /// @notice Borrows, for as long as there is something.
    function borrow(uint256 amount) external accrued {
        _debts[msg.sender] = Debt(borrowBalanceStored(msg.sender) + amount, borrowIndex);
        totalBorrows += amount;
        IERC20(underlying).safeTransfer(msg.sender, amount);
    }

    /// @notice Pays a debt, or a part of it.
    function repayBorrow(uint256 amount) external accrued {
        IERC20(underlying).safeTransferFrom(msg.sender, address(this), amount);
        _lower(msg.sender, amount);
    }

    /// @notice Gives a debt up: who lent here loses it.
    function forgive(address account) external accrued {
        _lower(account, borrowBalanceStored(account));
    }

    /// @notice What a share is worth now, × 1e18.
    function exchangeRateCurrent() external accrued returns (uint256) {
        return exchangeRateStored();
    }

    /// @notice What is owed now, rounded down: paying so much pays it all.
    function borrowBalanceCurrent(address account) external accrued returns (uint256) {
        return borrowBalanceStored(account);
    }

    /// @notice What a share was worth when interest was last written down, × 1e18.
    function exchangeRateStored() public view returns (uint256) {
        uint256 shares = totalSupply();
        if (shares == 0) return _firstRate;
        return (IERC20(underlying).balanceOf(address(this)) + totalBorrows) * 1e18 / shares;
    }

    /// @notice What was owed when interest was last written down.
    function borrowBalanceStored(address account) public view returns (uint256) {
        Debt memory debt = _debts[account];
        return debt.index == 0 ? 0 : debt.amount * borrowIndex / debt.index;
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 8;
    }

    function _lower(address account, uint256 amount) private {
        _debts[account] = Debt(borrowBalanceStored(account) - amount, borrowIndex);
        totalBorrows = totalBorrows > amount ? totalBorrows - amount : 0;
    }
}
