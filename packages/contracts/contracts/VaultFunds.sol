// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Guarded} from "./Guarded.sol";

/// @title VaultFunds
/// @notice The money of a vault: what each account has locked, what of it is reserved for settlements, and the escape
///         that needs nobody's signature.
/// @dev Amounts in the token's own units. A token that loses balance by itself pays everybody in proportion.
abstract contract VaultFunds is Guarded, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @notice A withdrawal nobody has to agree to.
    /// @param amount In the token's own units; 0 if there is none.
    /// @param unlocksAt From when on it may be executed, unix seconds.
    struct Escape {
        uint128 amount;
        uint64 unlocksAt;
    }

    /// @notice Time between an escape's request and its execution, seconds.
    uint64 public immutable escapeDelaySeconds;

    /// @notice Collateral of an account, in the token's own units, whatever is about to leave included.
    mapping(address account => mapping(address token => uint256)) public locked;
    /// @notice What of it settlements under way have reserved.
    mapping(address account => mapping(address token => uint256)) public reserved;
    /// @notice Whether deposits of this token are taken. Disallowing one stops deposits, nothing else.
    mapping(address token => bool) public allowed;
    /// @notice Digits after the point, as they were when deposits were last allowed.
    mapping(address token => uint8) public pinnedDecimals;
    /// @notice Collateral of everybody, in the token's own units.
    mapping(address token => uint256) public totalLocked;

    mapping(address account => mapping(address token => Escape)) internal _escapes;

    event TokenAllowed(address indexed token, bool allowed, uint8 decimals);
    /// @notice `amount` is what arrived, not what was sent.
    event Deposited(address indexed account, address indexed token, uint256 amount, address payer);
    event EscapeRequested(address indexed account, address indexed token, uint256 amount, uint64 unlocksAt);
    event EscapeCancelled(address indexed account, address indexed token, uint256 amount);
    /// @notice A release or settlement took collateral that was about to escape; `amount` is what may still escape.
    event EscapeReduced(address indexed account, address indexed token, uint256 amount);
    event Escaped(address indexed account, address indexed token, uint256 amount, address to);

    /// @notice Deposits of this token are not taken.
    error TokenNotAllowed(address token);
    /// @notice The token counts in other digits than when it was allowed.
    error DecimalsChanged(uint8 decimals, uint8 pinned);
    /// @notice The vault holds less of the token than is locked: a deposit would pay for the hole.
    error TokenShort(uint256 held, uint256 locked);
    /// @notice Nothing to do with an amount of zero.
    error ZeroAmount();
    /// @notice Nobody can be paid at the zero address.
    error ZeroAddress();
    /// @notice More than the account has locked and not reserved.
    error NotLocked(uint256 amount, uint256 locked);
    /// @notice One escape at a time: cancel the one under way first.
    error EscapePending(uint256 amount, uint64 unlocksAt);
    /// @notice There is no escape under way.
    error NoEscape();
    /// @notice The escape's delay is not over.
    error EscapeLocked(uint64 unlocksAt, uint256 time);
    /// @notice Settlements received in time are paid first; nothing is left for the escape before they are over.
    error EscapeReserved(uint256 amount, uint256 reserved);
    /// @notice The escape delay must lie between an hour and thirty days.
    error BadEscapeDelay(uint64 seconds_);

    constructor(uint64 escapeDelaySeconds_) {
        if (escapeDelaySeconds_ < 1 hours || escapeDelaySeconds_ > 30 days) revert BadEscapeDelay(escapeDelaySeconds_);
        escapeDelaySeconds = escapeDelaySeconds_;
    }

    /// @notice Takes deposits of this token from now on, or no longer.
    function allowToken(address token, bool allowed_) external onlyOwner {
        uint8 decimals = IERC20Metadata(token).decimals();
        if (totalLocked[token] != 0 && decimals != pinnedDecimals[token]) {
            if (allowed_) revert DecimalsChanged(decimals, pinnedDecimals[token]);
            decimals = pinnedDecimals[token];
        }
        allowed[token] = allowed_;
        pinnedDecimals[token] = decimals;
        emit TokenAllowed(token, allowed_, decimals);
    }

    /// @notice Locks the caller's tokens for the caller.
    function deposit(address token, uint256 amount) external {
        depositFor(msg.sender, token, amount);
    }

    /// @notice Locks the caller's tokens for `account`. What counts is what arrives.
    function depositFor(address account, address token, uint256 amount) public nonReentrant whenNotPaused {
        if (!allowed[token]) revert TokenNotAllowed(token);
        if (account == address(0)) revert ZeroAddress();
        uint8 decimals = IERC20Metadata(token).decimals();
        if (decimals != pinnedDecimals[token]) revert DecimalsChanged(decimals, pinnedDecimals[token]);
        uint256 before = IERC20(token).balanceOf(address(this));
        if (before < totalLocked[token]) revert TokenShort(before, totalLocked[token]);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();
        locked[account][token] += received;
        totalLocked[token] += received;
        emit Deposited(account, token, received, msg.sender);
    }

    /// @notice Starts an escape of the caller's collateral. It stops counting as credit at once.
    function requestEscape(address token, uint128 amount) external {
        if (amount == 0) revert ZeroAmount();
        Escape storage escape = _escapes[msg.sender][token];
        if (escape.amount != 0) revert EscapePending(escape.amount, escape.unlocksAt);
        if (amount > locked[msg.sender][token]) revert NotLocked(amount, locked[msg.sender][token]);
        escape.amount = amount;
        escape.unlocksAt = uint64(block.timestamp) + escapeDelaySeconds;
        emit EscapeRequested(msg.sender, token, amount, escape.unlocksAt);
    }

    /// @notice Takes the caller's escape back.
    function cancelEscape(address token) external {
        uint128 amount = _escapes[msg.sender][token].amount;
        if (amount == 0) revert NoEscape();
        delete _escapes[msg.sender][token];
        emit EscapeCancelled(msg.sender, token, amount);
    }

    /// @notice Pays the caller's escape, once its delay is over: what settlements received in time have not reserved
    ///         at once, the rest when they are over. No pause and no signer stands in its way.
    function executeEscape(address token, address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        Escape storage escape = _escapes[msg.sender][token];
        uint128 asked = escape.amount;
        if (asked == 0) revert NoEscape();
        if (block.timestamp < escape.unlocksAt) revert EscapeLocked(escape.unlocksAt, block.timestamp);
        uint256 amount = Math.min(asked, _free(msg.sender, token));
        if (amount == 0) revert EscapeReserved(asked, reserved[msg.sender][token]);
        if (amount == asked) delete _escapes[msg.sender][token];
        else escape.amount = uint128(asked - amount);
        emit Escaped(msg.sender, token, amount, to);
        _pay(msg.sender, token, amount, to);
    }

    /// @notice The account's escape under way.
    function escapeOf(address account, address token) external view returns (Escape memory) {
        return _escapes[account][token];
    }

    /// @notice What everybody has locked and what of it is about to leave, in one call.
    /// @return locked_ Row by row, a row an account, a column a token; in the token's own units. Where the token lost
    ///         balance, what would be paid.
    /// @return leaving Escapes requested and amounts reserved for settlements, likewise.
    function positions(address[] calldata accounts, address[] calldata tokens)
        external
        view
        returns (uint256[] memory locked_, uint256[] memory leaving)
    {
        uint256 columns = tokens.length;
        locked_ = new uint256[](accounts.length * columns);
        leaving = new uint256[](accounts.length * columns);
        for (uint256 i = 0; i < locked_.length; ++i) {
            (locked_[i], leaving[i]) = _positionOf(accounts[i / columns], tokens[i % columns]);
        }
    }

    function _positionOf(address account, address token) private view returns (uint256 held, uint256 leaving) {
        held = locked[account][token];
        if (held == 0) return (0, 0);
        held = _payable(token, held);
        leaving = Math.min(held, _escapes[account][token].amount + reserved[account][token]);
    }

    /// @dev What is locked and not reserved.
    function _free(address account, address token) internal view returns (uint256) {
        return locked[account][token] - reserved[account][token];
    }

    /// @dev Takes collateral out and pays it. An escape under way is reduced to what is left.
    function _pay(address account, address token, uint256 amount, address to) internal {
        uint256 left = locked[account][token] - amount;
        uint256 paid = _payable(token, amount);
        locked[account][token] = left;
        totalLocked[token] -= amount;
        Escape storage escape = _escapes[account][token];
        if (escape.amount > left) {
            escape.amount = uint128(left);
            emit EscapeReduced(account, token, left);
        }
        IERC20(token).safeTransfer(to, paid);
    }

    /// @dev What `amount` locked is worth in tokens: itself, or its share of what is there if that is less.
    function _payable(address token, uint256 amount) private view returns (uint256) {
        uint256 total = totalLocked[token];
        uint256 held = IERC20(token).balanceOf(address(this));
        return held < total ? Math.mulDiv(amount, held, total) : amount;
    }
}
