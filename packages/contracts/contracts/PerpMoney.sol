// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title PerpMoney
/// @notice The money of a venue: what accounts have here, and the pool that pays winners and takes what losers pay.
///         Every token here is somebody's collateral or the pool's.
/// @dev Token amounts in the token's own units, events in USD × 1e18. The token counts one dollar.
abstract contract PerpMoney is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev In the token's own units. At most one of loss and gain is not zero.
    struct Balance {
        uint256 collateral;
        uint256 unsettledLoss;
        uint256 unpaidGain;
    }

    /// @notice What accounts deposit.
    IERC20 public immutable collateralToken;
    uint256 internal immutable _tokenScale;
    uint8 private immutable _decimals;

    /// @notice What winners are paid from, in the token's own units.
    uint256 public pool;

    mapping(address account => Balance) internal _balances;

    /// @notice `amount` arrived, in the token's own units.
    event Deposited(address indexed account, uint256 amount, address payer);
    event Withdrawn(address indexed account, uint256 amount, address to);
    event PoolFunded(address indexed payer, uint256 amount);
    /// @notice Somebody paid an unsettled loss. `amount` in the token's own units.
    event LossCovered(address indexed account, uint256 amount, address payer, bytes32 indexed source);
    /// @notice A loss or fee was not covered by the collateral here. USD × 1e18.
    event LossRecorded(address indexed account, uint256 amount, uint256 total);
    /// @notice An unsettled loss was paid, or set off against a gain. USD × 1e18.
    event LossSettled(address indexed account, uint256 amount, uint256 total);
    /// @notice A gain is owed because the pool is short. USD × 1e18.
    event GainDeferred(address indexed account, uint256 amount, uint256 total);
    /// @notice A gain that was owed is paid, or set off against a loss. USD × 1e18.
    event GainSettled(address indexed account, uint256 amount, uint256 total);

    /// @notice Nothing to do with an amount or size of zero.
    error ZeroAmount();
    /// @notice Nobody can be paid at the zero address.
    error ZeroAddress();
    /// @notice More than the account's collateral here.
    error NotCovered(uint256 amount, uint256 collateral);
    /// @notice The collateral token has more digits than a dollar is counted in.
    error TooManyDecimals(uint8 decimals);
    /// @notice The collateral token counts in other digits than when the venue was made.
    error DecimalsChanged(uint8 decimals, uint8 pinned);

    constructor(IERC20 collateralToken_) {
        uint8 decimals = IERC20Metadata(address(collateralToken_)).decimals();
        if (decimals > 18) revert TooManyDecimals(decimals);
        collateralToken = collateralToken_;
        _tokenScale = 10 ** (18 - decimals);
        _decimals = decimals;
    }

    /// @notice Gives the pool tokens, for good.
    function fundPool(uint256 amount) external nonReentrant {
        uint256 received = _receive(amount);
        pool += received;
        emit PoolFunded(msg.sender, received);
    }

    /// @notice Adds the caller's tokens to the caller's collateral.
    function deposit(uint256 amount) external {
        depositFor(msg.sender, amount);
    }

    /// @notice Adds the caller's tokens to `account`'s collateral. An unsettled loss is paid first.
    function depositFor(address account, uint256 amount) public nonReentrant {
        uint256 received = _receive(amount);
        _keep(account, received, msg.sender);
    }

    /// @notice Pays losses of the account that its collateral did not cover, with the caller's tokens: what a settlement,
    ///         an insurance fund or a backstop brings. Never more than is owed.
    /// @param amount At most, in the token's own units.
    /// @param source What it is paid by: a settlement's id, or the name of a fund.
    function coverLoss(address account, uint256 amount, bytes32 source) external nonReentrant {
        Balance storage balance = _balances[account];
        uint256 received = _receive(Math.min(amount, balance.unsettledLoss));
        pool += received;
        emit LossCovered(account, received, msg.sender, source);
        _settled(account, balance, received);
    }

    /// @notice Pays what the pool owes the account, as far as it can. Anyone may call it.
    function settleGain(address account) external nonReentrant {
        Balance storage balance = _balances[account];
        uint256 paid = Math.min(balance.unpaidGain, pool);
        if (paid == 0) revert ZeroAmount();
        pool -= paid;
        balance.collateral += paid;
        _paidGain(account, balance, paid);
    }

    /// @dev Moves a realised result, less what it costs, between the account and the pool.
    function _book(address account, int256 realised, uint256 cost) internal {
        Balance storage balance = _balances[account];
        uint256 gain = realised > 0 ? _toTokens(uint256(realised), Math.Rounding.Floor) : 0;
        uint256 loss = (realised < 0 ? _toTokens(uint256(-realised), Math.Rounding.Ceil) : 0) + cost;
        if (gain >= loss) _credit(account, balance, gain - loss);
        else _debit(account, balance, loss - gain);
    }

    /// @dev A gain pays an unsettled loss first, then comes from the pool, then is owed.
    function _credit(address account, Balance storage balance, uint256 gain) internal {
        uint256 set = Math.min(gain, balance.unsettledLoss);
        if (set != 0) _settled(account, balance, set);
        uint256 paid = Math.min(gain - set, pool);
        pool -= paid;
        balance.collateral += paid;
        uint256 owed = gain - set - paid;
        if (owed != 0) {
            balance.unpaidGain += owed;
            emit GainDeferred(account, _usd(owed), _usd(balance.unpaidGain));
        }
    }

    /// @dev A loss is set off against a gain still owed, then paid to the pool, then recorded.
    function _debit(address account, Balance storage balance, uint256 loss) internal {
        uint256 set = Math.min(loss, balance.unpaidGain);
        if (set != 0) _paidGain(account, balance, set);
        uint256 paid = Math.min(loss - set, balance.collateral);
        balance.collateral -= paid;
        pool += paid;
        uint256 unsettled = loss - set - paid;
        if (unsettled != 0) {
            balance.unsettledLoss += unsettled;
            emit LossRecorded(account, _usd(unsettled), _usd(balance.unsettledLoss));
        }
    }

    function _settleLoss(address account, Balance storage balance) internal {
        uint256 paid = Math.min(balance.collateral, balance.unsettledLoss);
        if (paid == 0) return;
        balance.collateral -= paid;
        pool += paid;
        _settled(account, balance, paid);
    }

    /// @dev So much of a loss is no longer owed.
    function _settled(address account, Balance storage balance, uint256 amount) internal {
        balance.unsettledLoss -= amount;
        emit LossSettled(account, _usd(amount), _usd(balance.unsettledLoss));
    }

    /// @dev So much of a gain is no longer owed.
    function _paidGain(address account, Balance storage balance, uint256 amount) private {
        balance.unpaidGain -= amount;
        emit GainSettled(account, _usd(amount), _usd(balance.unpaidGain));
    }

    function _transfer(address to, uint256 amount) internal {
        collateralToken.safeTransfer(to, amount);
    }

    /// @dev What a token refuses to pay becomes collateral here, so that no account on its list stands in anybody's way.
    function _payOrKeep(address to, uint256 amount) internal {
        if (collateralToken.trySafeTransfer(to, amount)) return;
        _keep(to, amount, address(this));
    }

    /// @dev So much is the account's collateral here now; a loss that it owes is paid of it first.
    function _keep(address account, uint256 amount, address payer) internal {
        emit Deposited(account, amount, payer);
        Balance storage balance = _balances[account];
        balance.collateral += amount;
        _settleLoss(account, balance);
    }

    function _receive(uint256 amount) internal returns (uint256 received) {
        uint8 decimals = IERC20Metadata(address(collateralToken)).decimals();
        if (decimals != _decimals) revert DecimalsChanged(decimals, _decimals);
        uint256 before = collateralToken.balanceOf(address(this));
        collateralToken.safeTransferFrom(msg.sender, address(this), amount);
        received = collateralToken.balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();
    }

    /// @dev What neither collateral nor credit covers, in USD × 1e18.
    function _badDebt(Balance storage balance, uint256 credit) internal view returns (uint256) {
        return Math.saturatingSub(_usd(balance.unsettledLoss), credit);
    }

    function _usd(uint256 tokens) internal view returns (uint256) {
        return tokens * _tokenScale;
    }

    function _toTokens(uint256 usd, Math.Rounding rounding) internal view returns (uint256) {
        return Math.mulDiv(usd, 1, _tokenScale, rounding);
    }
}
