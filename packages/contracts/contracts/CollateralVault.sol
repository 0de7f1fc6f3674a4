// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Guarded} from "./Guarded.sol";
import {SignerSet} from "./SignerSet.sol";

/// @title CollateralVault
/// @notice Collateral locked on this chain, so that limits on another may stand on it. It leaves in two ways: by a
///         release that the signers signed, or by an escape that needs nobody and takes its time.
/// @dev Amounts in the token's own units. The release keys are not the keys that sign limits.
contract CollateralVault is SignerSet, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;

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

    /// @notice A withdrawal nobody has to agree to.
    /// @param amount In the token's own units; 0 if there is none.
    /// @param unlocksAt From when on it may be executed, unix seconds.
    struct Escape {
        uint128 amount;
        uint64 unlocksAt;
    }

    bytes32 public constant RELEASE_TYPEHASH = keccak256(
        "Release(bytes32 id,address account,address token,uint128 amount,address to,uint64 deadline,uint32 epoch)"
    );

    /// @notice Time between an escape's request and its execution, seconds.
    uint64 public immutable escapeDelaySeconds;

    /// @notice Collateral of an account, in the token's own units, whatever is about to escape included.
    mapping(address account => mapping(address token => uint256)) public locked;
    /// @notice Whether a release with this id was paid.
    mapping(bytes32 id => bool) public released;
    /// @notice Whether deposits of this token are taken. Disallowing one stops deposits, nothing else.
    mapping(address token => bool) public allowed;
    /// @notice Collateral of everybody, in the token's own units.
    mapping(address token => uint256) public totalLocked;

    mapping(address account => mapping(address token => Escape)) private _escapes;

    event TokenAllowed(address indexed token, bool allowed, uint8 decimals);
    /// @notice `amount` is what arrived, not what was sent.
    event Deposited(address indexed account, address indexed token, uint256 amount, address payer);
    event Released(bytes32 indexed id, address indexed account, address indexed token, uint256 amount, address to);
    event EscapeRequested(address indexed account, address indexed token, uint256 amount, uint64 unlocksAt);
    event EscapeCancelled(address indexed account, address indexed token, uint256 amount);
    /// @notice A release took collateral that was about to escape; `amount` is what may still escape.
    event EscapeReduced(address indexed account, address indexed token, uint256 amount);
    event Escaped(address indexed account, address indexed token, uint256 amount, address to);

    /// @notice Deposits of this token are not taken.
    error TokenNotAllowed(address token);
    /// @notice Nothing to do with an amount of zero.
    error ZeroAmount();
    /// @notice Nobody can be paid at the zero address.
    error ZeroAddress();
    /// @notice More than the account has locked.
    error NotLocked(uint256 amount, uint256 locked);
    /// @notice The order's deadline is over.
    error DeadlineOver(uint64 deadline, uint256 time);
    /// @notice A release with this id was paid before.
    error AlreadyReleased(bytes32 id);
    /// @notice One escape at a time: cancel the one under way first.
    error EscapePending(uint256 amount, uint64 unlocksAt);
    /// @notice There is no escape under way.
    error NoEscape();
    /// @notice The escape's delay is not over.
    error EscapeLocked(uint64 unlocksAt, uint256 time);
    /// @notice The escape delay must lie between an hour and thirty days.
    error BadEscapeDelay(uint64 seconds_);

    constructor(
        uint64 escapeDelaySeconds_,
        address owner_,
        address guardian_,
        address[] memory signers_,
        uint256 threshold_
    ) Guarded(owner_, guardian_) SignerSet(signers_, threshold_) EIP712("Plimsoll CollateralVault", "1") {
        if (escapeDelaySeconds_ < 1 hours || escapeDelaySeconds_ > 30 days) revert BadEscapeDelay(escapeDelaySeconds_);
        escapeDelaySeconds = escapeDelaySeconds_;
    }

    /// @notice Takes deposits of this token from now on, or no longer.
    function allowToken(address token, bool allowed_) external onlyOwner {
        allowed[token] = allowed_;
        emit TokenAllowed(token, allowed_, IERC20Metadata(token).decimals());
    }

    /// @notice Locks the caller's tokens for the caller.
    function deposit(address token, uint256 amount) external {
        depositFor(msg.sender, token, amount);
    }

    /// @notice Locks the caller's tokens for `account`. What counts is what arrives.
    function depositFor(address account, address token, uint256 amount) public nonReentrant whenNotPaused {
        if (!allowed[token]) revert TokenNotAllowed(token);
        if (account == address(0)) revert ZeroAddress();
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();
        locked[account][token] += received;
        totalLocked[token] += received;
        emit Deposited(account, token, received, msg.sender);
    }

    /// @notice Pays out what the signers released. Anyone may post it.
    /// @param order What to pay to whom.
    /// @param signatures By the release keys, ordered by signer address.
    function release(Release calldata order, bytes[] calldata signatures) external nonReentrant whenNotPaused {
        if (order.amount == 0) revert ZeroAmount();
        if (order.to == address(0)) revert ZeroAddress();
        if (block.timestamp > order.deadline) revert DeadlineOver(order.deadline, block.timestamp);
        if (released[order.id]) revert AlreadyReleased(order.id);
        _requireEpoch(order.epoch);
        requireSigned(digestOf(order), signatures);

        released[order.id] = true;
        uint256 left = _unlock(order.account, order.token, order.amount);
        Escape storage escape = _escapes[order.account][order.token];
        if (escape.amount > left) {
            escape.amount = uint128(left);
            emit EscapeReduced(order.account, order.token, left);
        }
        emit Released(order.id, order.account, order.token, order.amount, order.to);
        IERC20(order.token).safeTransfer(order.to, order.amount);
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

    /// @notice Pays the caller's escape, once its delay is over. No pause and no signer stands in its way.
    function executeEscape(address token, address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        Escape memory escape = _escapes[msg.sender][token];
        if (escape.amount == 0) revert NoEscape();
        if (block.timestamp < escape.unlocksAt) revert EscapeLocked(escape.unlocksAt, block.timestamp);
        delete _escapes[msg.sender][token];
        _unlock(msg.sender, token, escape.amount);
        emit Escaped(msg.sender, token, escape.amount, to);
        IERC20(token).safeTransfer(to, escape.amount);
    }

    /// @notice The account's escape under way.
    function escapeOf(address account, address token) external view returns (Escape memory) {
        return _escapes[account][token];
    }

    /// @notice What everybody has locked and what of it is about to escape, in one call.
    /// @return locked_ Row by row, a row an account, a column a token; in the token's own units.
    /// @return escaping Likewise.
    function positions(address[] calldata accounts, address[] calldata tokens)
        external
        view
        returns (uint256[] memory locked_, uint256[] memory escaping)
    {
        uint256 columns = tokens.length;
        locked_ = new uint256[](accounts.length * columns);
        escaping = new uint256[](accounts.length * columns);
        for (uint256 row = 0; row < accounts.length; ++row) {
            for (uint256 column = 0; column < columns; ++column) {
                uint256 i = row * columns + column;
                locked_[i] = locked[accounts[row]][tokens[column]];
                escaping[i] = _escapes[accounts[row]][tokens[column]].amount;
            }
        }
    }

    /// @notice What a release key signs.
    function digestOf(Release calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RELEASE_TYPEHASH, order)));
    }

    /// @return left What the account still has locked.
    function _unlock(address account, address token, uint256 amount) private returns (uint256 left) {
        uint256 held = locked[account][token];
        if (amount > held) revert NotLocked(amount, held);
        left = held - amount;
        locked[account][token] = left;
        totalLocked[token] -= amount;
    }
}
