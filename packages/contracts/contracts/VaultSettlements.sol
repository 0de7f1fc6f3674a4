// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {SignerSet} from "./SignerSet.sol";
import {VaultFunds} from "./VaultFunds.sol";

/// @title VaultSettlements
/// @notice How a loss at a venue on another chain is paid from collateral here: only to the escrow that the depositor
///         enabled for that venue, within the cap, within what the venue has bound, once per id, and only after a
///         window in which the guardian may veto it.
/// @dev Settlement keys are a set of their own; no key may be a release key and a settlement key.
abstract contract VaultSettlements is VaultFunds, SignerSet, EIP712 {
    /// @notice An order to pay a venue's claim.
    /// @param account Whose collateral.
    /// @param amount In the token's own units.
    /// @param venueChainId Where the venue is.
    /// @param escrow Who is paid, on this chain.
    /// @param encumbrance What that venue has bound of the account's collateral, in the token's own units, as the
    ///        settlement signers attest it.
    /// @param deadline Last second at which the order is taken.
    struct Settlement {
        bytes32 id;
        address account;
        address token;
        uint128 amount;
        uint64 venueChainId;
        address venue;
        address escrow;
        uint128 encumbrance;
        uint64 deadline;
        uint32 epoch;
    }

    /// @notice A depositor's word that a venue may claim.
    /// @param escrow Who is paid.
    /// @param cap What may be paid in all, ever, in the token's own units.
    /// @param used What was paid or is queued of it.
    /// @param queued What is queued.
    /// @param nextCap What the cap falls to at `lowersAt`, if that is not 0.
    struct Escrow {
        address escrow;
        uint64 lowersAt;
        uint128 cap;
        uint128 used;
        uint128 queued;
        uint128 nextCap;
    }

    enum Status {
        Unknown,
        Queued,
        Paid,
        Vetoed,
        Lapsed
    }

    /// @notice An order as the vault keeps it.
    /// @param readyAt From when on it may be paid, unix seconds.
    /// @param lapsesAt From when on it may no longer.
    struct Claim {
        Status status;
        address account;
        uint32 epoch;
        address token;
        uint64 readyAt;
        address escrow;
        uint64 lapsesAt;
        bytes32 venueId;
        uint128 amount;
    }

    bytes32 public constant SETTLEMENT_TYPEHASH = keccak256(
        "Settlement(bytes32 id,address account,address token,uint128 amount,uint64 venueChainId,address venue,address escrow,uint128 encumbrance,uint64 deadline,uint32 epoch)"
    );

    /// @notice How long an order stays payable after its challenge window, so that one that cannot be paid traps nobody.
    uint64 public constant PAYABLE_SECONDS = 3 days;

    /// @notice Time between an order's arrival and its payment, seconds.
    uint64 public immutable challengeSeconds;

    KeySet private _settlers;
    mapping(address account => mapping(address token => mapping(bytes32 venueId => Escrow))) private _escrows;
    mapping(bytes32 id => Claim) private _claims;

    event SettlersChanged(address[] added, address[] removed, uint256 threshold);
    /// @param cap What holds now; `nextCap` what it falls to at `lowersAt`, if that is not 0.
    event EscrowEnabled(
        address indexed account,
        address indexed token,
        bytes32 indexed venueId,
        address escrow,
        uint128 cap,
        uint128 nextCap,
        uint64 lowersAt
    );
    event SettlementQueued(
        bytes32 indexed id,
        address indexed account,
        address indexed token,
        uint256 amount,
        bytes32 venueId,
        address escrow,
        uint64 readyAt
    );
    event SettlementPaid(
        bytes32 indexed id, address indexed account, address indexed token, uint256 amount, address escrow
    );
    event SettlementVetoed(
        bytes32 indexed id, address indexed account, address indexed token, uint256 amount, address by
    );
    event SettlementLapsed(bytes32 indexed id, address indexed account, address indexed token, uint256 amount);

    /// @notice The order's deadline is over.
    error DeadlineOver(uint64 deadline, uint256 time);
    /// @notice An order with this id was taken before, whatever became of it.
    error AlreadyOrdered(bytes32 id);
    /// @notice The depositor did not enable this escrow for this venue, or enabled another one.
    error EscrowNotEnabled(address escrow, address enabled);
    /// @notice An enabled escrow stays until its cap has fallen to what was used.
    error EscrowFixed(address escrow);
    /// @notice The order exceeds what the depositor allowed the venue.
    error AboveCap(uint256 claimed, uint256 cap);
    /// @notice The order, with those queued, exceeds what the venue has bound.
    error AboveEncumbrance(uint256 claimed, uint256 encumbrance);
    /// @notice There is no order of this id waiting.
    error NotQueued(bytes32 id, Status status);
    /// @notice The challenge window is not over.
    error Challengeable(uint64 readyAt, uint256 time);
    /// @notice The order waited too long, or its epoch was revoked.
    error ClaimLapsed(bytes32 id);
    /// @notice The order may still be paid.
    error ClaimAlive(bytes32 id, uint64 lapsesAt);
    /// @notice The challenge window must be at least five minutes and shorter than the escape delay.
    error BadChallenge(uint64 seconds_);

    constructor(uint64 challengeSeconds_, address[] memory settlers_, uint256 threshold_) {
        if (challengeSeconds_ < 5 minutes || challengeSeconds_ >= escapeDelaySeconds) {
            revert BadChallenge(challengeSeconds_);
        }
        challengeSeconds = challengeSeconds_;
        _changeKeys(_settlers, settlers_, new address[](0), threshold_);
        emit SettlersChanged(settlers_, new address[](0), threshold_);
    }

    /// @notice Adds and removes settlement keys and sets their threshold, in one step.
    function changeSettlers(address[] calldata added, address[] calldata removed, uint256 threshold_)
        external
        onlyOwner
    {
        _changeKeys(_settlers, added, removed, threshold_);
        emit SettlersChanged(added, removed, threshold_);
    }

    /// @notice Lets a venue claim the caller's collateral, up to `cap` in all, to be paid to `escrow`. A higher cap holds
    ///         at once; a lower one after the escape delay, so that nobody can withdraw his word from under a loss.
    function enableEscrow(address token, uint64 venueChainId, address venue, address escrow, uint128 cap) external {
        if (escrow == address(0) || venue == address(0)) revert ZeroAddress();
        bytes32 venueId = venueIdOf(venueChainId, venue);
        Escrow storage held = _escrows[msg.sender][token][venueId];
        held.cap = _capOf(held);
        (held.nextCap, held.lowersAt) = (0, 0);
        if (held.escrow != escrow) {
            if (held.queued != 0 || held.cap > held.used) revert EscrowFixed(held.escrow);
            held.escrow = escrow;
        }
        if (cap >= held.cap) held.cap = cap;
        else (held.nextCap, held.lowersAt) = (cap, uint64(block.timestamp) + escapeDelaySeconds);
        emit EscrowEnabled(msg.sender, token, venueId, escrow, held.cap, held.nextCap, held.lowersAt);
    }

    /// @notice Takes a claim and reserves what it asks for. Anyone may post it.
    /// @param order What to pay.
    /// @param signatures By the settlement keys, ordered by signer address.
    function queueSettlement(Settlement calldata order, bytes[] calldata signatures) external whenNotPaused {
        if (order.amount == 0) revert ZeroAmount();
        if (block.timestamp > order.deadline) revert DeadlineOver(order.deadline, block.timestamp);
        if (_claims[order.id].status != Status.Unknown) revert AlreadyOrdered(order.id);
        _requireEpoch(order.epoch);
        _requireSignedBy(_settlers, settlementDigestOf(order), signatures);

        bytes32 venueId = venueIdOf(order.venueChainId, order.venue);
        Escrow storage held = _escrows[order.account][order.token][venueId];
        if (held.escrow != order.escrow || order.escrow == address(0)) {
            revert EscrowNotEnabled(order.escrow, held.escrow);
        }
        uint256 used = uint256(held.used) + order.amount;
        if (used > _capOf(held)) revert AboveCap(used, _capOf(held));
        uint256 queued = uint256(held.queued) + order.amount;
        if (queued > order.encumbrance) revert AboveEncumbrance(queued, order.encumbrance);
        uint256 claimable = _claimable(order.account, order.token);
        if (order.amount > claimable) revert NotLocked(order.amount, claimable);

        held.used = uint128(used);
        held.queued = uint128(queued);
        reserved[order.account][order.token] += order.amount;
        uint64 readyAt = uint64(block.timestamp) + challengeSeconds;
        _claims[order.id] = Claim({
            status: Status.Queued,
            account: order.account,
            token: order.token,
            venueId: venueId,
            escrow: order.escrow,
            amount: order.amount,
            readyAt: readyAt,
            lapsesAt: readyAt + PAYABLE_SECONDS,
            epoch: order.epoch
        });
        emit SettlementQueued(order.id, order.account, order.token, order.amount, venueId, order.escrow, readyAt);
    }

    /// @notice Pays a claim whose challenge window is over. Anyone may call it, in a pause too: the guardian has the veto.
    function paySettlement(bytes32 id) external nonReentrant {
        Claim storage claim = _queued(id);
        if (block.timestamp < claim.readyAt) revert Challengeable(claim.readyAt, block.timestamp);
        if (_isOver(claim)) revert ClaimLapsed(id);
        claim.status = Status.Paid;
        _escrows[claim.account][claim.token][claim.venueId].queued -= claim.amount;
        reserved[claim.account][claim.token] -= claim.amount;
        emit SettlementPaid(id, claim.account, claim.token, claim.amount, claim.escrow);
        _pay(claim.account, claim.token, claim.amount, claim.escrow);
    }

    /// @notice Stops a claim that was not paid yet, for good.
    function vetoSettlement(bytes32 id) external onlyGuardian {
        Claim storage claim = _queued(id);
        _drop(claim, Status.Vetoed);
        emit SettlementVetoed(id, claim.account, claim.token, claim.amount, msg.sender);
    }

    /// @notice Frees what a claim reserved that can no longer be paid. Anyone may call it.
    function lapseSettlement(bytes32 id) external {
        Claim storage claim = _queued(id);
        if (!_isOver(claim)) revert ClaimAlive(id, claim.lapsesAt);
        _drop(claim, Status.Lapsed);
        emit SettlementLapsed(id, claim.account, claim.token, claim.amount);
    }

    /// @notice What became of an order.
    function claimOf(bytes32 id) external view returns (Claim memory) {
        return _claims[id];
    }

    /// @notice What the account allows a venue; `cap` as it holds now.
    function escrowOf(address account, address token, uint64 venueChainId, address venue)
        external
        view
        returns (Escrow memory held)
    {
        Escrow storage stored = _escrows[account][token][venueIdOf(venueChainId, venue)];
        held = stored;
        held.cap = _capOf(stored);
    }

    /// @notice How many settlement signatures an order needs.
    function settlementThreshold() external view returns (uint256) {
        return _settlers.threshold;
    }

    /// @notice Every settlement key.
    function settlers() external view returns (address[] memory) {
        return _keysOf(_settlers);
    }

    /// @notice What a venue is kept under.
    function venueIdOf(uint64 chainId, address venue) public pure returns (bytes32) {
        return keccak256(abi.encode(chainId, venue));
    }

    /// @notice What a settlement key signs.
    function settlementDigestOf(Settlement calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SETTLEMENT_TYPEHASH, order)));
    }

    /// @dev What a claim that arrives now may take: not what is reserved, nor an escape whose delay is over.
    function _claimable(address account, address token) private view returns (uint256 free) {
        free = _free(account, token);
        Escape storage escape = _escapes[account][token];
        if (escape.amount == 0 || block.timestamp < escape.unlocksAt) return free;
        return escape.amount >= free ? 0 : free - escape.amount;
    }

    function _capOf(Escrow storage held) private view returns (uint128) {
        bool isLowered = held.lowersAt != 0 && block.timestamp >= held.lowersAt;
        return isLowered ? held.nextCap : held.cap;
    }

    function _queued(bytes32 id) private view returns (Claim storage claim) {
        claim = _claims[id];
        if (claim.status != Status.Queued) revert NotQueued(id, claim.status);
    }

    /// @dev A change of the epoch revokes what is queued, too.
    function _isOver(Claim storage claim) private view returns (bool) {
        return block.timestamp >= claim.lapsesAt || claim.epoch != epoch;
    }

    function _drop(Claim storage claim, Status status) private {
        claim.status = status;
        Escrow storage held = _escrows[claim.account][claim.token][claim.venueId];
        held.used -= claim.amount;
        held.queued -= claim.amount;
        reserved[claim.account][claim.token] -= claim.amount;
    }

    /// @inheritdoc SignerSet
    function _isTaken(address key) internal view override returns (bool) {
        return isSigner(key) || _has(_settlers, key);
    }
}
